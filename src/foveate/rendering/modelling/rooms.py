"""What rooms are made of: walls with openings, skirting, windows, curtains, and the garden that one sees through them.

A side of a room is built as a camera at yaw 0 sees it: the wall at y = ``half``, x to the right; ``turn`` brings it to another yaw.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from foveate.rendering.modelling.assembling import boxed
from foveate.rendering.modelling.patterns import vary
from foveate.rendering.modelling.profiles import Bounds, sheet, slabs
from foveate.rendering.modelling.scattering import around, planted
from foveate.rendering.modelling.trees import broadleaf
from foveate.rendering.scene import Array, Colour, Mesh, Part, Scatter

Hole = tuple[float, float, float, float]  # x from, x to, z from, z to


def wall(half: float, height: float, holes: Sequence[Hole] = (), thick: float = 0.3) -> Mesh:
    """A wall at y = half with holes (x from, x to, z from, z to) through it."""
    xs = sorted({-half - thick, half + thick, *(v for hole in holes for v in hole[:2])})
    zs = sorted({-0.3, height, *(v for hole in holes for v in hole[2:])})
    solid: list[Bounds] = []
    for x0, x1 in itertools.pairwise(xs):
        for z0, z1 in itertools.pairwise(zs):
            x, z = (x0 + x1) / 2, (z0 + z1) / 2
            if not any(a < x < b and c < z < d for a, b, c, d in holes):
                solid.append((x0, x1, half, half + thick, z0, z1))
    return slabs(*solid)


def skirting(half: float, colour: Colour, height: float = 0.14, gaps: Sequence[tuple[float, float]] = ()) -> Part:
    """A board along the foot of the wall, left out in gaps such as doors."""
    edges = sorted({-half, half, *(v for gap in gaps for v in gap)})
    runs = [
        (a, b, half - 0.02, half + 0.01, -0.02, height)
        for a, b in itertools.pairwise(edges)
        if not any(c < (a + b) / 2 < d for c, d in gaps)
    ]
    return boxed(runs, colour, "plastic")


def window(hole: Hole, half: float, colour: Colour = (0.92, 0.92, 0.90), across: int = 2, up: int = 3) -> list[Part]:
    """The frame, bars and sill of a window in a hole; no pane, so that light comes in without noise."""
    x0, x1, z0, z1 = hole
    near, far = half + 0.05, half + 0.13
    bars: list[Bounds] = []
    for k in range(across + 1):
        x, w = x0 + (x1 - x0) * k / across, 0.07 if k in (0, across) else 0.03
        bars.append((x - w, x + w, near, far, z0, z1))
    for k in range(up + 1):
        z, w = z0 + (z1 - z0) * k / up, 0.07 if k in (0, up) else 0.025
        bars.append((x0, x1, near + 0.01, far - 0.01, z - w, z + w))
    trim: list[Bounds] = [
        (x0 - 0.1, x0, half - 0.025, half + 0.02, z0, z1 + 0.1),
        (x1, x1 + 0.1, half - 0.025, half + 0.02, z0, z1 + 0.1),
        (x0, x1, half - 0.025, half + 0.02, z1, z1 + 0.1),
        (x0 - 0.14, x1 + 0.14, half - 0.1, half + 0.05, z0 - 0.05, z0),
    ]
    return [boxed(bars + trim, colour, "plastic")]


def curtain(x0: float, x1: float, y: float, z0: float, z1: float, colour: Colour, rng: np.random.Generator) -> Part:
    """Cloth hanging in folds across x0 … x1."""
    phase = rng.uniform(0, 6)

    def folds(x: Array, v: Array) -> Array:
        return 0.06 * np.sin(34 * x + phase + 0.5 * np.sin(9 * x)) * (1.1 - 0.4 * (v / (z1 - z0) + 0.5))

    mesh = sheet(x1 - x0, z1 - z0, max(int((x1 - x0) * 40), 8), 8, folds).turned(90, "x")
    return Part(mesh=mesh.moved(((x0 + x1) / 2, y, (z0 + z1) / 2)), colour=colour, material="fabric", scale=0.6)


def garden(rng: np.random.Generator, half: float, level: float = -0.5) -> tuple[list[Part], Scatter]:
    """What one sees through windows: lawn below, trees and bushes at some distance on every side."""
    hole = [
        (-90.0, 90.0, half + 0.4, 90.0), (-90.0, 90.0, -90.0, -half - 0.4),
        (half + 0.4, 90.0, -half - 0.4, half + 0.4), (-90.0, -half - 0.4, -half - 0.4, half + 0.4),
    ]  # fmt: skip
    lawn = boxed([(a, b, c, d, level - 0.1, level) for a, b, c, d in hole], (0.40, 0.50, 0.22), "turf", 2.0)
    spots = around(60, half + 11, half + 48, rng) + (0, 0, level)
    tree = broadleaf(rng, tall=5.0, bare=0.16, green=vary((0.37, 0.47, 0.24), rng), leaves=1200)
    return [lawn], planted(tree, spots, rng, (0.5, 1.5))
