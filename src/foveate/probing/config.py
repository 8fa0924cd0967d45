"""The flags of ``foveate probe``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import tyro

from foveate.core.options import Options


@dataclass(frozen=True, kw_only=True)
class Probe(Options):
    """What an encoder is good for: kNN, linear and low-shot accuracy beside their controls, or an exam factor by factor.

    But for the task finetune the features stay as they are. Choices are made on held-out training rows; the test rows are read once.
    """

    encoder: tyro.conf.Positional[str]
    """The encoder, e.g. timm:resnet50.a1_in1k or run:runs/mine."""
    data: tyro.conf.Positional[str]
    """Labelled images, e.g. folder:photos."""
    test: str | None = None
    """Test images. Default: the set's own test split, else a fixed stratified fifth of it."""
    taps: tuple[str, ...] = ("pooled",)
    """Where features are read; the first is the headline. 'all': pooled, then every block or stage."""
    task: str = "classify"
    """What is asked of the features: classify; heads (many linear heads at once); finetune (the whole encoder); patches (what stands where, on data with masks); vos (objects followed through videos); decode (images painted back from features); rank (encoders by RankMe, without labels); factors (factor by factor, on data with a column 'factors')."""
    k: int = 20
    """Neighbours of the kNN probe (cosine, weighted by exp(similarity / 0.07))."""
    shots: tuple[int, ...] = (1, 5, 10)
    """Labelled images per class of the low-shot probe; 0 leaves it out."""
    shot_seeds: int = 5
    """Draws of the low-shot training images."""
    label_shares: Annotated[tuple[float, ...], tyro.conf.arg(metavar="SHARE")] = ()
    """Shares of the labels to probe with, e.g. 0.01 0.1: as much of every class, at least one image. Default: none."""
    mlp: int = 0
    """Hidden units of an MLP probe beside the linear one, e.g. 512; 0 leaves it out."""
    held_out: Annotated[str | None, tyro.conf.arg(metavar="FACTOR")] = None
    """Task factors: the factor of which some values are kept from training. Default: world, where there is one."""
    ignore: Annotated[tuple[str, ...], tyro.conf.arg(metavar="FACTOR")] = ()
    """Task factors: fields of 'factors' to leave aside, such as what follows from others."""
    epochs: int | None = None
    """Tasks heads, finetune and decode: passes over the training rows. Default: 100, 30, and 5 to 40, the more the fewer images."""
    set: Annotated[tuple[str, ...], tyro.conf.arg(metavar="NAME=VALUE …")] = ()
    """Task finetune: its knobs, e.g. lr=5e-4 layer_decay=0.65 mixup=0.2 view.flip=0 (docs/probe.md lists them)."""
    rates: Annotated[tuple[float, ...], tyro.conf.arg(metavar="RATE")] = (
        1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0,
    )  # fmt: skip
    """Task heads: learning rates of SGD, one head each."""
    last: Annotated[tuple[int, ...], tyro.conf.arg(metavar="N")] = (1, 4)
    """Task heads: how many of the last blocks (or stages) a head reads, side by side."""
    others: Annotated[tuple[str, ...], tyro.conf.arg(metavar="ENCODER")] = ()
    """Task rank: more encoders of the same method, to be ordered by RankMe."""
    masks: Literal["labels", "foreground"] = "labels"
    """Task patches: tell objects apart by their labels, or only from the background."""
    videos: Annotated[tuple[str, ...], tyro.conf.arg(metavar="VIDEO")] = ()
    """Task vos: only these videos."""
    frame_size: int = 480
    """Task vos: shorter side at which the encoder sees frames, px, cut down to a multiple of its patch."""
    context: int = 7
    """Task vos: how many of the last frames masks are taken over from, besides the first."""
    radius: int = 12
    """Task vos: how far away they may come from, in tokens along each axis; 0 is anywhere."""
    topk: int = 5
    """Task vos: from how many tokens, of all those frames together, a token takes its mask over."""
    temperature: float = 0.1
    """Task vos: these weigh exp(cosine / temperature)."""
    controls: bool = True
    """Also measure the untrained twin, pixels and shuffled labels. Use --no-controls to skip them (and what they cost)."""
    batch_size: int | None = None
    """Images embedded at once. Default: chosen for the device."""
    trust_code: bool = False
    """Allow torchhub: encoders to run code of their repository."""
