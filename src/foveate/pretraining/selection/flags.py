"""The flags of ``foveate pretrain`` that say which images are trained on, and how often. Imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass

from foveate.core.options import Options


@dataclass(frozen=True, kw_only=True)
class Selection(Options):
    """What is made of the training rows before anything is trained; rows that are held out or tested are never touched."""

    class_skew: float | None = None
    """Draw the largest class so many times as often as the smallest, the others between on an exponential (CIFAR-LT); 1: all alike. Default: images as they come."""
