"""The flags of ``foveate compare``."""

from __future__ import annotations

from dataclasses import dataclass

import tyro

from foveate.core.options import Options


@dataclass(frozen=True, kw_only=True)
class Compare(Options):
    """What encoders have in common, layer by layer: debiased linear CKA with intervals and controls.

    All encoders see the same images, each in its own preprocessing.
    """

    encoders: tyro.conf.Positional[tuple[str, ...]]
    """Two or more encoders, e.g. timm:resnet18.a1_in1k run:runs/mine."""
    data: str
    """The images (labels are not needed). Similarity depends on them: the report names the set."""
    taps: tuple[str, ...] = ("all",)
    """Places to compare, the same for every encoder. 'all': every block or stage, then pooled."""
    n: int = 2000
    """At most so many images, a fair sample."""
    k: int = 10
    """Neighbours of the second measure (mutual kNN)."""
    untrained: bool = True
    """Also compare the untrained twins. Use --no-untrained to skip them (and what they cost)."""
    batch_size: int | None = None
    """Images embedded at once. Default: chosen for the device."""
    trust_code: bool = False
    """Allow torchhub: encoders to run code of their repository."""
