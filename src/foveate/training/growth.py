"""Views that grow: early steps see fewer pixels, which costs less, late ones the whole view (Howard 2018; Tan and Le 2021)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from foveate.data.views import View

GROWN = 0.75
"""Share of the run after which views are whole: weights and batch norms see the size that they will be used at."""


@dataclass(frozen=True, kw_only=True)
class Growth:
    """How large views are, by the steps that are done.

    Attributes:
        start: share of the side with which a run begins. unit: sides are multiples of it, px (a ViT's patch).
        steps: optimiser steps of the run; 0, while that is not known: views are whole.
    """

    start: float
    unit: int
    steps: int = 0

    def views(self, views: Sequence[View], done: int) -> tuple[View, ...]:
        """The views after ``done`` steps: the largest smaller, the others at most as large, blurred by as much of their side."""
        largest = max(view.size for view in views)
        side = self.side(largest, done)
        return tuple(_sized(view, min(view.size, side)) for view in views)

    def side(self, size: int, done: int) -> int:
        """Side of a view of ``size``, px."""
        grown = min(1.0, done / (GROWN * self.steps)) if self.steps else 1.0
        wanted = size * (self.start + (1 - self.start) * grown)
        return min(size, max(self.unit, round(wanted / self.unit) * self.unit))

    def sides(self, size: int) -> list[int]:
        """All that there will be, ascending."""
        first = replace(self, steps=1).side(size, 0)
        return sorted({*range(first, size, self.unit), size})


def _sized(view: View, size: int) -> View:
    if size == view.size:
        return view
    low, high = (sigma * size / view.size for sigma in view.blur_sigma)
    kernel = None if view.blur_kernel is None else max(3, 2 * (view.blur_kernel * size // view.size // 2) + 1)
    return replace(view, size=size, blur_sigma=(low, high), blur_kernel=kernel)
