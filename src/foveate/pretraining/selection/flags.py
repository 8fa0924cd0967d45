"""The flags of ``foveate pretrain`` that say which images are trained on, and how often. Imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from foveate.core.options import Options

SubsetBy = Literal["uniform", "balanced", "curated"]


@dataclass(frozen=True, kw_only=True)
class Selection(Options):
    """What is made of the training rows before anything is trained; rows that are held out or tested are never touched."""

    dedup: float | None = None
    """Leave out images that show the picture of another, within so many grey levels (root mean square): 2.5 finds what was encoded again, 5 slight crops too."""
    subset: int | None = None
    """Train on so many of the images."""
    subset_by: SubsetBy | None = None
    """How they are drawn: evenly over images (uniform), over classes (balanced), or over clusters of features, without labels (curated). Default: uniform."""
    subset_encoder: str | None = None
    """Whose features are clustered, or pixels. Default: the weights that training goes on from, else pixels."""
    class_skew: float | None = None
    """Draw the largest class so many times as often as the smallest, the others between on an exponential (CIFAR-LT); 1: all alike. Default: images as they come."""
