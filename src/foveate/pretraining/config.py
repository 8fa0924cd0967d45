"""The flags of ``foveate pretrain``. Imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import tyro

from foveate.core.options import EngineName, Options


@dataclass(frozen=True, kw_only=True)
class Pretrain(Options):
    """Train an encoder on images without (or with) labels.

    What is left out is taken from --recipe, then from what the objective is known to work with.
    """

    engines: ClassVar[tuple[EngineName, ...]] = ("local", "torchrun")

    data: tyro.conf.Positional[str]
    """The images: folder:PATH, parquet:PATH, wds:SHARDS, hf:NAME, builtin:digits …"""
    objective: str | None = None
    """What is minimised, e.g. simclr, vicreg or supervised. Default: simclr."""
    encoder: str | None = None
    """What is trained: foveate:resnet9, random:NAME (untrained), timm:NAME or run:PATH (go on from weights). Default: foveate:resnet9."""
    epochs: int | None = None
    """Passes over the images. Default: 100."""
    recipe: str | None = None
    """A named set of flags that is known to work, e.g. laptop-32. Flags that are given go before it."""
    test: str | None = None
    """Test images, read once, at the end. Default: the data's own test split, where it has one."""
    resume: tyro.conf.FlagCreatePairsOff[bool] = False
    """Go on with the run in --out from its newest checkpoint."""
    set: Annotated[tuple[str, ...], tyro.conf.arg(metavar="NAME=VALUE …")] = ()
    """The objective's own knobs, e.g. temperature=0.1 projector=512,128 view.grayscale=0 view2.blur=0.5 (docs/pretrain.md lists them)."""
    batch: int | None = None
    """Images a step, over all processes. Default: 512, less where the data is small."""
    micro_batch: int | None = None
    """Images in memory at a time: the gradient stays that of the whole batch. Default: all."""
    lr: float | None = None
    """Learning rate at 256 images. Default: the objective's."""
    lr_rule: Literal["linear", "sqrt", "none"] | None = None
    """How it grows with the batch: lr·batch/256, lr·√(batch/256), or not. Default: the objective's."""
    optimizer: Literal["adamw", "lars", "sgd"] | None = None
    """Default: adamw."""
    weight_decay: float | None = None
    """Never applied to biases and norms. Default: the objective's."""
    warmup: float | None = None
    """Epochs of warm-up. Default: a tenth of the run, at most 10."""
    clip: float | None = None
    """Largest norm of the whole gradient. Default: not clipped."""
    image_size: int | None = None
    """Side of a view in pixels. Default: the encoder's."""
    canvas: int | None = None
    """Side in pixels at which images are kept decoded, to be cropped from. Default: from their own size."""
    precision: Literal["auto", "bf16", "fp32"] = "auto"
    """auto: bf16 where it is faster."""
    keep: int = 0
    """Also keep the weights of every N-th epoch; the first and the last are always kept."""
    checkpoint_minutes: float = 10.0
    """Also save between epochs after so many minutes; 0: never."""
    parallel: Literal["ddp", "fsdp"] = "ddp"
    """Under --engine torchrun: whole copies (ddp), or shards of weights and optimiser (fsdp)."""
    sync_bn: bool = True
    """Under --engine torchrun: batch norm over all processes."""
    log_to: tuple[Literal["tensorboard", "trackio", "wandb"], ...] = ()
    """Also write curves for another tool."""
    watch: tyro.conf.FlagCreatePairsOff[bool] = False
    """Show the run as it goes on a page of this machine, whose address is printed."""
    port: int = 0
    """Of that page. Default: any free one."""
