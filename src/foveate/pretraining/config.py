"""The flags of ``foveate pretrain``. Imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import tyro

from foveate.core.options import EngineName
from foveate.pretraining.registry import OBJECTIVES
from foveate.pretraining.selection.flags import Selection

_OBJECTIVE = f"What is minimised: {', '.join(OBJECTIVES.own)}, or another package's. Default: simclr."


@dataclass(frozen=True, kw_only=True)
class Pretrain(Selection):
    """Train an encoder on images without (or with) labels.

    What is left out is taken from --recipe, then from what the objective is known to work with.
    """

    engines: ClassVar[tuple[EngineName, ...]] = ("local", "torchrun")

    data: tyro.conf.Positional[str]
    """The images: folder:PATH, parquet:PATH, wds:SHARDS, hf:NAME, builtin:digits …"""
    objective: Annotated[str | None, tyro.conf.arg(help=_OBJECTIVE)] = None
    encoder: str | None = None
    """What is trained: foveate:resnet9, random:NAME (untrained), timm:NAME or run:PATH (go on from weights). Default: foveate:resnet9."""
    encoder_set: Annotated[tuple[str, ...], tyro.conf.arg(metavar="NAME=VALUE …")] = ()
    """Arguments of the encoder's builder, in timm's words, e.g. drop_path_rate=0.1 init_values=1e-5 patch_size=8 global_pool=avg."""
    epochs: int | None = None
    """Passes over the images. Default: 100, or what --minutes allows."""
    minutes: float | None = None
    """Instead of --epochs: as many as fit into so many minutes of training here. An estimate, from a few steps that are timed first: the run may take longer or less."""
    sweep: Annotated[tuple[str, ...], tyro.conf.arg(metavar="NAME=V1,V2 …")] = ()
    """Train every combination of these settings, e.g. temperature=0.1,0.2 lr=1e-3,4e-3, and choose on held-out rows; 'projector=512,128;256' parts with ;."""
    sweep_seeds: int = 1
    """Seeds of each setting of a sweep, for an interval."""
    halving: int = 3
    """Of a sweep: of each rung one in so many settings goes on, with so many times the epochs; 1 trains all to the end."""
    auto: tyro.conf.FlagCreatePairsOff[bool] = False
    """Look at the data and the machine, choose what the other flags leave open, say why, and run it."""
    recipe: str | None = None
    """A named set of flags that is known to work, e.g. laptop-32. Flags that are given go before it."""
    test: str | None = None
    """Test images, read once, at the end. Default: the data's own test split, where it has one."""
    resume: tyro.conf.FlagCreatePairsOff[bool] = False
    """Go on with the run in --out from its newest checkpoint."""
    set: Annotated[tuple[str, ...], tyro.conf.arg(metavar="NAME=VALUE …")] = ()
    """The objective's own knobs, e.g. temperature=0.1 projector=512,128 view.grayscale=0 view2.blur=0.5 (docs/objectives.md lists them); 'help' prints them and runs nothing."""
    batch: int | None = None
    """Images a step, over all processes. Default: 512, less where the data is small."""
    micro_batch: int | None = None
    """Images in memory at a time: the gradient stays that of the whole batch. Default: all."""
    checkpointing: bool = False
    """Keep what enters each of the encoder's blocks and run them again in the backward pass: less memory for one more forward pass."""
    lr: float | None = None
    """Learning rate at 256 images. Default: the objective's."""
    lr_rule: Literal["linear", "sqrt", "none"] | None = None
    """How it grows with the batch: lr·batch/256, lr·√(batch/256), or not. Default: the objective's."""
    optimizer: Literal["adamw", "lars", "sgd"] | None = None
    """Default: adamw."""
    weight_decay: float | None = None
    """Never applied to biases and norms. Default: the objective's."""
    weight_decay_end: float | None = None
    """Weight decay at the end, on half a cosine; ViTs often go from .04 to .4. Default: constant."""
    layer_decay: float | None = None
    """The learning rate shrinks by this factor from each block to the one before it; for weights that are trained already, .65 to .85. Default: 1."""
    freeze_patches: bool = False
    """Leave a ViT's patch projection as it was drawn: large ViTs train more stably (Chen et al. 2021)."""
    lr_end: float | None = None
    """Learning rate at the end of the cosine, as a share of the highest. Default: 0."""
    warmup: float | None = None
    """Epochs of warm-up. Default: a tenth of the run, at most 10."""
    clip: float | None = None
    """Largest norm of the whole gradient. Default: not clipped."""
    image_size: int | None = None
    """Side of a view in pixels. Default: the encoder's."""
    progressive: float | None = None
    """Views begin with this share of their side and grow to all of it over three quarters of the run, e.g. 0.5. Default: whole from the start."""
    canvas: int | None = None
    """Side in pixels at which images are kept decoded, to be cropped from. Default: from their own size."""
    precision: Literal["auto", "bf16", "fp32"] = "auto"
    """auto: bf16 where it is faster."""
    compile: tyro.conf.FlagCreatePairsOff[bool] = False
    """Compile the encoder's blocks: worth its start of a minute on a GPU, little on a CPU."""
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
