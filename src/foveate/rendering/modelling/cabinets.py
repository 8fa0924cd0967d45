"""Fitted kitchens: base and wall cabinets with worktops, ovens, fridges; along a wall whose foot is y = ``BACK``, facing −y."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from foveate.rendering.modelling.assembling import boxed
from foveate.rendering.modelling.profiles import Bounds, join, lathe
from foveate.rendering.scene import Colour, Part

BACK, FRONT = 5.7, 5.08  # y of the cabinets' backs and fronts
TOP = 0.92  # of the worktop
GRIP: Colour = (0.70, 0.69, 0.66)


def base_cabinets(
    x0: float, x1: float, fronts: Colour, top: tuple[Colour, str], drawers: Sequence[int] = (), oven_at: int = -1
) -> list[Part]:
    """Base cabinets from x0 to x1: a plinth set back, doors or drawers with handles, perhaps an oven, and the worktop."""
    edges = np.linspace(x0, x1, max(round((x1 - x0) / 0.6), 1) + 1)
    doors: list[Bounds] = []
    bars: list[Bounds] = []
    for k, (a, b) in enumerate(itertools.pairwise(edges)):
        if k == oven_at:
            continue
        for low, high in ((0.12, 0.36), (0.375, 0.61), (0.625, 0.86)) if k in drawers else ((0.12, 0.86),):
            doors.append((a + 0.006, b - 0.006, FRONT, FRONT + 0.03, low, high))
            middle, edge = (a + b) / 2, b - 0.066 if k % 2 == 0 else a + 0.046
            across, up = (middle - 0.12, middle + 0.12), (high - 0.08, high - 0.06)
            if k not in drawers:
                across, up = (edge, edge + 0.02), (high - 0.30, high - 0.06)
            bars.append((*across, FRONT - 0.035, FRONT - 0.015, *up))
    carcass: list[Bounds] = [(x0, x1, FRONT + 0.025, BACK, 0.10, 0.88), (x0, x1, FRONT + 0.07, BACK, 0, 0.1)]
    found = [
        boxed(carcass, tuple(0.45 * c for c in fronts)),
        boxed(doors, fronts, "plastic"),
        boxed(bars, GRIP, "steel"),
        boxed([(x0 - 0.01, x1 + 0.01, FRONT - 0.025, BACK, 0.88, TOP)], *top),
    ]
    return [*found, *oven(float(edges[oven_at : oven_at + 2].mean()), 0.12, 0.86)] if oven_at >= 0 else found


def oven(x: float, low: float, high: float) -> list[Part]:
    """A built-in oven between two heights: steel with a dark pane, a bar and knobs."""
    knob = lathe([(0, 0), (0.022, 0), (0.02, 0.03), (0, 0.03)], 16).turned(90, "x")
    knobs = [knob.moved((x + d, FRONT, high - 0.06)) for d in (-0.2, -0.1, 0.1, 0.2)]
    metal: list[Bounds] = [
        (x - 0.29, x + 0.29, FRONT, FRONT + 0.03, high - 0.12, high),
        (x - 0.29, x + 0.29, FRONT, FRONT + 0.03, low, low + 0.05),
        (x - 0.24, x + 0.24, FRONT - 0.06, FRONT - 0.035, high - 0.19, high - 0.165),
    ]
    pane: Bounds = (x - 0.29, x + 0.29, FRONT + 0.002, FRONT + 0.03, low + 0.05, high - 0.12)
    return [
        boxed(metal, (0.72, 0.72, 0.73), "steel"),
        boxed([pane], (0.03, 0.03, 0.035), "ceramic"),
        Part(mesh=join(*knobs), colour=(0.1, 0.1, 0.1), material="plastic"),
    ]


def wall_cabinets(x0: float, x1: float, fronts: Colour, low: float = 1.5, high: float = 2.35) -> list[Part]:
    """Cupboards on the wall over a worktop."""
    edges = np.linspace(x0, x1, max(round((x1 - x0) / 0.5), 1) + 1)
    doors = [(a + 0.006, b - 0.006, BACK - 0.38, BACK - 0.35, low, high) for a, b in itertools.pairwise(edges)]
    grips = [e + 0.04 * side for e in edges[1:-1:2] for side in (-1, 1)]
    bars = [(x - 0.01, x + 0.01, BACK - 0.41, BACK - 0.39, low + 0.05, low + 0.25) for x in grips]
    return [
        boxed([(x0, x1, BACK - 0.352, BACK, low, high)], tuple(0.6 * c for c in fronts)),
        boxed(doors, fronts, "plastic"),
        boxed(bars, GRIP, "steel"),
    ]


def tall_cabinets(fronts: Colour, x0: float = -0.5) -> list[Part]:
    """Four cupboards from floor to top, with an oven at the height of the hands in the first."""
    edges = x0 + 0.6 * np.arange(5)
    doors: list[Bounds] = [(x0 + 0.006, x0 + 0.594, FRONT, FRONT + 0.03, 0.12, 0.5)]
    for a, b in itertools.pairwise(edges):
        for low, high in ((0.12, 1.42), (1.44, 2.35))[1 if a == x0 else 0 :]:
            doors.append((a + 0.006, b - 0.006, FRONT, FRONT + 0.03, low, high))
    grips = [(x, x + 0.02, FRONT - 0.035, FRONT - 0.015, 0.85, 1.3) for x in x0 + np.array([1.13, 1.25, 2.33])]
    return [
        boxed([(x0, x0 + 2.4, FRONT + 0.025, BACK, 0.0, 2.35)], tuple(0.45 * c for c in fronts)),
        boxed(doors, fronts, "plastic"),
        boxed(grips, GRIP, "steel"),
        *oven(x0 + 0.3, 0.52, 1.4),
    ]


def fridge(x: float) -> list[Part]:
    """Two steel doors over a freezer drawer, with long handles."""
    doors: list[Bounds] = [
        (x - 0.48, x - 0.005, 4.9, 4.95, 0.75, 2.0),
        (x + 0.005, x + 0.48, 4.9, 4.95, 0.75, 2.0),
        (x - 0.48, x + 0.48, 4.9, 4.95, 0.05, 0.735),
    ]
    grips: list[Bounds] = [(x + s - 0.015, x + s + 0.015, 4.83, 4.86, 0.95, 1.75) for s in (-0.06, 0.06)]
    return [
        boxed([(x - 0.48, x + 0.48, 4.95, BACK, 0.03, 2.0)], (0.2, 0.2, 0.21)),
        boxed(doors, (0.74, 0.75, 0.76), "steel"),
        boxed([*grips, (x - 0.35, x + 0.35, 4.83, 4.86, 0.62, 0.65)], (0.4, 0.4, 0.41), "steel"),
    ]
