"""The flags of ``foveate embed``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import tyro

from foveate.core.options import Options


@dataclass(frozen=True, kw_only=True)
class Embed(Options):
    """Compute the features of every image once, and keep them.

    What is stored is reused by every verb: for a slice, for the same images in another format, for one more tap. Stopped
    at any moment, the same command goes on where it was.
    """

    encoder: tyro.conf.Positional[str]
    """The encoder, e.g. timm:resnet50.a1_in1k or run:runs/mine."""
    data: tyro.conf.Positional[str]
    """The images, e.g. folder:photos or parquet:rows.parquet[0:1000]."""
    taps: tuple[str, ...] = ("pooled",)
    """Places inside the encoder, e.g. pooled blocks.5:mean stages.2 blocks.11:tokens."""
    export: Annotated[str | None, tyro.conf.arg(metavar="FILE")] = None
    """Also write them to FILE.parquet (id, label, one list column a tap) or FILE.npz (one array a tap)."""
    batch_size: int | None = None
    """Images at a time; changes results by rounding only. Default: chosen for the device."""
    precision: Literal["fp32", "bf16"] = "fp32"
    """bf16 computes under autocast: faster where the hardware has it, and stored apart."""
    threads: int | None = None
    """Threads that read and decode. Default: one a processor."""
    image_size: int | None = None
    """Side of the encoder's input, px, where it is not to be its own."""
    max_unreadable: float = 0.02
    """The share of images that may be unreadable and left out."""
    stream: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Read the rows one after the other without indexing them first (wds:, hf:)."""
    trust_code: bool = False
    """Allow torchhub: encoders to run code of their repository."""
