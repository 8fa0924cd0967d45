"""What studies and libraries hold beside their shelves: reading tables with lamps, books and chairs, a globe."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.assembling import boxed, put
from foveate.rendering.modelling.furniture import side_chair, table
from foveate.rendering.modelling.patterns import noise, pick, vary
from foveate.rendering.modelling.profiles import Bounds, join, lathe, loft, slabs, smooth, tube
from foveate.rendering.modelling.solids import ball, blend
from foveate.rendering.scene import Colour, Part

BINDINGS: tuple[Colour, ...] = ((0.45, 0.12, 0.10), (0.15, 0.25, 0.36), (0.70, 0.62, 0.46), (0.16, 0.28, 0.20))


def reading_lamp() -> list[Part]:
    """A brass foot under a green glass shade."""
    stand = lathe([(0, 0), (0.09, 0), (0.08, 0.025), (0.015, 0.04), (0.012, 0.36), (0, 0.36)], 20)
    t = np.linspace(0, np.pi, 12)
    arc = np.stack([0 * t, -0.10 * np.cos(t), 0.34 + 0.09 * np.sin(t)], -1)
    cover = loft(np.stack([arc - (0.19, 0, 0), arc + (0.19, 0, 0)], 1))
    bulb = slabs((-0.16, 0.16, -0.03, 0.03, 0.33, 0.36))
    return [
        Part(mesh=stand, colour=(0.66, 0.50, 0.22), material="gold"),
        Part(mesh=cover, colour=(0.06, 0.42, 0.22), material="glow"),
        Part(mesh=bulb, colour=(0.95, 0.80, 0.50), material="glow", smooth=False),
    ]


def reading_table(rng: np.random.Generator, wood: Colour, width: float = 1.9) -> list[Part]:
    """A table about the origin with lamps, open and piled books, and two chairs in front."""
    w = width / 2
    apron: Bounds = (0.06 - w, w - 0.06, -0.36, 0.36, 0.62, 0.72)
    found = [boxed([*table(width, 0.84, 0.77, 0.05, 0.04, 0.09), apron], wood, "wood")]
    for side in (-0.5, 0.5):
        found += put(reading_lamp(), side * width * 0.55, 0.1, 0.77)
        at = side * width * 0.55 + rng.uniform(-0.35, -0.2) * np.sign(side)
        pile: list[Bounds] = []
        tints = []
        for k in range(int(rng.integers(2, 6))):
            d = rng.uniform(0, 0.03)
            pile.append((at - 0.12 + d, at + 0.12 + d, -0.2, 0.0, 0.77 + 0.04 * k, 0.805 + 0.04 * k))
            tints.append(vary(pick(BINDINGS, rng), rng, 0.1))
        page: Bounds = (side * 0.5 - 0.17, side * 0.5 + 0.17, -0.34, -0.12, 0.77, 0.785)
        found += [boxed(pile, tints), boxed([page], (0.90, 0.87, 0.78))]
        chair = side_chair(wood, (0.24, 0.10, 0.07))
        found += put(chair, side * width * 0.5, -0.36, 0, 180 + rng.uniform(-15, 15))
    return found


def globe(rng: np.random.Generator, wood: Colour) -> list[Part]:
    """A globe in a wooden ring on four legs."""
    mesh, _ = blend(ball((0, 0, 0), 0.3), melt=0, detail=0.025)
    land = noise(0.28, int(rng.integers(1 << 30)), 4)(mesh.vertices) > 0.53
    colour = np.where(land[:, None], (0.66, 0.55, 0.33), (0.33, 0.45, 0.50))
    a = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    hoop = np.stack([0.35 * np.cos(a), 0.35 * np.sin(a), 0 * a], -1)
    legs = [
        tube(smooth([(0.35 * c, 0.35 * s, 0.8), (0.22 * c, 0.22 * s, 0.4), (0.3 * c, 0.3 * s, 0.0)], 12), 0.025, 8)
        for c, s in ((1, 0), (0, 1), (-1, 0), (0, -1))
    ]
    frame = join(tube(hoop, 0.03, 8, closed=True).moved((0, 0, 0.82)), *legs)
    return [
        Part(mesh=mesh.moved((0, 0, 0.84)), colour=colour, material="plastic"),
        Part(mesh=frame, colour=wood, material="wood"),
    ]
