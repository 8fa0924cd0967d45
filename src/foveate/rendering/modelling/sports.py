"""What school gyms hold: balls, a basketball stand, wall bars with ropes, padding, benches, a vaulting box, cones, rows of seats.

Things along a wall are built for a wall at y = ``half``, facing −y.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from foveate.rendering.modelling.assembling import boxed, put
from foveate.rendering.modelling.patterns import vary
from foveate.rendering.modelling.profiles import Bounds, hull, join, lathe, slabs, tube
from foveate.rendering.scene import Colour, Part


def game_ball(at: Sequence[float], kind: int) -> Part:
    """A basketball, or a white or blue ball."""
    mesh = lathe([(0.119 * np.sin(t), -0.119 * np.cos(t)) for t in np.linspace(0, np.pi, 22)], 40)
    p = mesh.vertices / 0.119
    seam = (np.abs(p[:, 0]) < 0.07) | (np.abs(p[:, 2]) < 0.07) | (np.abs(np.abs(p[:, 1]) - 0.62) < 0.06)
    base = ((0.78, 0.36, 0.12), (0.92, 0.91, 0.88), (0.15, 0.32, 0.60))[kind]
    colour = np.where(seam[:, None], (0.06, 0.05, 0.05) if kind == 0 else tuple(0.75 * c for c in base), base)
    return Part(mesh=mesh.turned(40, "x").turned(67 * at[0]).moved(at), colour=colour, material="rubber")


def pads(x0: float, x1: float, half: float, colour: Colour, top: float = 1.8) -> Part:
    """Padding on the wall, in upright cushions."""
    edges = itertools.pairwise(np.linspace(x0, x1, max(round((x1 - x0) / 0.6), 1) + 1))
    return boxed([(a + 0.012, b - 0.012, half - 0.07, half, 0.2, top) for a, b in edges], colour, "leather")


def low_bench(rng: np.random.Generator, x: float, y: float, width: float = 3.0) -> Part:
    """A long low bench."""
    w = width / 2
    bars: list[Bounds] = [(-w, w, -0.13, 0.13, 0.32, 0.36), (-w * 0.8, w * 0.8, -0.02, 0.02, 0.06, 0.14)]
    bars += [(s * w * 0.8 - 0.03, s * w * 0.8 + 0.03, -0.14, 0.14, 0, 0.32) for s in (-1, 0, 1)]
    return put([boxed(bars, vary((0.68, 0.50, 0.31), rng, 0.06), "wood")], x, y)[0]


def basketball_stand(x: float, y: float, rim: float, paint: Colour) -> list[Part]:
    """A backboard on its arm, its hoop ``rim`` metres high, with a net."""
    board: Bounds = (x - 0.75, x + 0.75, y - 0.02, y + 0.02, rim - 0.12, rim + 0.85)
    marks: list[Bounds] = [(x - 0.75, x + 0.75, y - 0.025, y, z, z + 0.05) for z in (rim - 0.12, rim + 0.8)]
    marks += [(s - 0.025, s + 0.025, y - 0.025, y, rim - 0.12, rim + 0.85) for s in (x - 0.725, x + 0.725)]
    marks += [(x - 0.28, x + 0.28, y - 0.026, y, z, z + 0.05) for z in (rim + 0.08, rim + 0.46)]
    marks += [(s - 0.025, s + 0.025, y - 0.026, y, rim + 0.08, rim + 0.5) for s in (x - 0.28, x + 0.28)]
    a = np.linspace(0, 2 * np.pi, 32, endpoint=False)

    def circle(radius: float, z: float, turn: float = 0.0) -> np.ndarray:
        return np.stack([x + radius * np.cos(a + turn), y - 0.29 + radius * np.sin(a + turn), 0 * a + z], -1)

    upper = circle(0.22, rim)
    strings = [
        tube([upper[k], lower[k]], 0.008, 4)
        for k in range(0, 32, 2)
        for lower in (circle(0.12, rim - 0.42, 0.4), circle(0.12, rim - 0.42, -0.4))
    ]
    arm = tube([(x, 7.0, 0.3), (x, 6.9, rim + 0.2), (x, y + 0.02, rim + 0.35)], 0.07, 8)
    foot = slabs((x - 0.5, x + 0.5, 6.5, 7.3, 0.05, 0.35))
    return [
        boxed([board], (0.92, 0.92, 0.91), "plastic"),
        boxed(marks, (0.75, 0.12, 0.08), "plastic"),
        Part(mesh=tube(circle(0.225, rim), 0.016, 8, closed=True), colour=(0.85, 0.28, 0.06), material="paint"),
        Part(mesh=join(*strings), colour=(0.92, 0.92, 0.90)),
        Part(mesh=join(arm, foot), colour=tuple(0.8 * c for c in paint), material="paint", smooth=False),
    ]


def wall_bars(rng: np.random.Generator, half: float) -> list[Part]:
    """Bars from end to end of a wall."""
    wood = vary((0.70, 0.50, 0.30), rng, 0.06)
    rungs = [tube([(-5.4, half - 0.14, z), (5.4, half - 0.14, z)], 0.032, 6) for z in np.arange(0.25, 2.9, 0.165)]
    uprights = [(x - 0.03, x + 0.03, half - 0.19, half, 0, 2.95) for x in np.arange(-5.4, 5.5, 0.9)]
    return [
        Part(mesh=join(*rungs), colour=wood, material="wood"),
        boxed(uprights, tuple(0.9 * c for c in wood), "wood"),
    ]


def ropes(xs: Sequence[float], y: float, height: float) -> Part:
    """Climbing ropes with knots at their ends."""
    hanging = [tube([(x, y, 0.35), (x + 0.02, y, 3), (x, y, height)], 0.024, 8) for x in xs]
    knot = lathe([(0, 0), (0.05, 0.02), (0.05, 0.16), (0, 0.18)], 12)
    knots = [knot.moved((x, y, 0.25)) for x in xs]
    return Part(mesh=join(*hanging, *knots), colour=(0.72, 0.60, 0.42), material="fabric")


def bleachers(half: float, colour: Colour) -> list[Part]:
    """Rows of seats in steps, with an aisle and rails."""
    rows: list[Bounds] = []
    seats: list[Bounds] = []
    for k in range(4):
        y, z = 5.3 + 0.55 * k, 0.3 * k
        for a, b in ((-6.0, -0.5), (0.5, 6.0)):
            rows.append((a, b, y, half, z, z + 0.28))
            for x in np.arange(a + 0.05, b - 0.4, 0.5):
                seats.append((x, x + 0.42, y + 0.08, y + 0.42, z + 0.28, z + 0.36))
                seats.append((x, x + 0.42, y + 0.42, y + 0.47, z + 0.28, z + 0.62))
        rows.append((-0.5, 0.5, y + 0.2, half, z, z + 0.15))
    rails = [tube([(x, 5.35, 0.3), (x, 5.35, 1.1), (x, 7.2, 2.2)], 0.02, 8) for x in (-0.55, 0.55)]
    return [
        boxed(rows, (0.60, 0.59, 0.57), "concrete"),
        boxed(seats, colour, "plastic"),
        Part(mesh=join(*rails), colour=(0.80, 0.80, 0.79), material="steel"),
    ]


def vaulting_box(rng: np.random.Generator) -> list[Part]:
    """Four wooden layers, each smaller than the one below, under a leather top."""
    layers = []
    for k in range(4):
        low, high = np.array([0.85 - 0.06 * k, 0.46 - 0.05 * k]), np.array([0.80 - 0.06 * k, 0.42 - 0.05 * k])
        rings = ((low, 0.05 + 0.25 * k), (high, 0.285 + 0.25 * k))
        layers.append(hull(np.array([(sx * w[0], sy * w[1], z) for w, z in rings for sx in (-1, 1) for sy in (-1, 1)])))
    wood = vary((0.72, 0.54, 0.34), rng, 0.06)
    top = boxed([(-0.64, 0.64, -0.29, 0.29, 1.05, 1.22)], vary((0.45, 0.24, 0.13), rng), "leather")
    return [Part(mesh=join(*layers), colour=wood, material="wood", smooth=False), top]


def cones(count: int = 4) -> list[Part]:
    """Orange cones in a row."""
    cone = join(lathe([(0.11, 0.02), (0.02, 0.36), (0, 0.36)], 20), slabs((-0.15, 0.15, -0.15, 0.15, 0, 0.025)))
    row = join(*(cone.moved((0.4 * k, 0.1 * (k % 2), 0)) for k in range(count)))
    return [Part(mesh=row, colour=(0.88, 0.36, 0.08), material="plastic", smooth=False)]
