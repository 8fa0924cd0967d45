"""Wheels: a bicycle's with its spokes, a car's with its rim. Their axles lie along x, their middles at the origin."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.patterns import pick
from foveate.rendering.modelling.profiles import box, join, lathe, tube
from foveate.rendering.scene import Colour, Mesh

Piece = tuple[Mesh, Colour, str]  # with its colour and its material
BLACK, CHROME = (0.035, 0.035, 0.038), (0.75, 0.76, 0.77)


def spoked_wheel(r: float, fat: float, wall: Colour, *, knobbed: bool, dark_rim: bool) -> list[Piece]:
    """A bicycle's wheel of radius ``r``: tyre, rim, hub and spokes; ``knobbed`` with a brake disc."""
    turn = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    circle = np.stack([np.zeros(72), np.cos(turn), np.sin(turn)], -1)
    tyre = tube(circle * (r - fat), fat, 14, closed=True)
    rim_r = r - 2 * fat - 0.006
    rim = [(0.012, -0.011), (0.012, 0.011), (-0.008, 0.009), (-0.011, 0.0), (-0.008, -0.009), (0.012, -0.011)]
    spokes, count = [], 28
    for k in range(count):
        a, b = 2 * np.pi * k / count, 2 * np.pi * (k + (3 if k % 4 < 2 else -3)) / count
        inner = (0.028 if k % 2 else -0.028, 0.022 * np.cos(b), 0.022 * np.sin(b))
        spokes.append(tube([inner, (0, rim_r * np.cos(a), rim_r * np.sin(a))], 0.0017, 4))
    hub = lathe([
        (0.006, -0.075), (0.006, -0.045), (0.024, -0.032), (0.024, -0.027), (0.013, -0.022), (0.013, 0.022),
        (0.024, 0.027), (0.024, 0.032), (0.006, 0.045), (0.006, 0.075),
    ], 18).turned(90, "y")  # fmt: skip
    rim_mesh = lathe(np.array(rim) + (rim_r, 0), 72).turned(90, "y")
    made: list[Piece] = [
        (tyre, wall, "rubber"),
        (rim_mesh, BLACK if dark_rim else CHROME, "plastic" if dark_rim else "steel"),
        (join(hub, *spokes), (0.62, 0.63, 0.64), "steel"),
    ]
    if knobbed:
        knobs = [
            box((0.018, 0.012, 0.010), (x, 0, r + 0.001)).turned(360 * (k + 0.5 * (x > 0)) / 60, "x")
            for k in range(60)
            for x in (-0.011, 0.011)
        ]
        disc = lathe([(0.056, 0.0), (0.078, 0.0), (0.078, 0.002), (0.056, 0.002), (0.056, 0.0)], 36).turned(90, "y")
        made += [(join(*knobs), BLACK, "rubber"), (disc.moved((-0.04, 0, 0)), CHROME, "steel")]
    return made


def car_wheel(radius: float, rng: np.random.Generator) -> tuple[Mesh, Mesh]:
    """A tyre and its rim with spokes, the outside at +x."""
    inner, half = radius * 0.68, 0.095
    tyre = lathe([
        (inner, -half), (radius * 0.93, -half - 0.005), (radius, -half + 0.03), (radius, half - 0.03),
        (radius * 0.93, half + 0.005), (inner, half - 0.01), (inner * 0.97, half - 0.05), (0.0, half - 0.06),
    ], 48)  # fmt: skip
    lip = lathe([
        (inner * 1.02, half - 0.005), (inner * 1.0, half + 0.008), (inner * 0.93, half), (inner * 0.92, half - 0.04),
        (inner * 1.0, half - 0.04),
    ], 48)  # fmt: skip
    count = pick((5, 6, 7, 10), rng)
    spoke = box((0.36 / count, inner * 0.95, 0.03), (0, inner * 0.5, half - 0.012), 0.008)
    spokes = [spoke.turned(360 * k / count) for k in range(count)]
    hub = lathe([(0.075, half - 0.03), (0.075, half + 0.004), (0.05, half + 0.012), (0.0, half + 0.012)], 24)
    return tyre.turned(90, "y"), join(lip, hub, *spokes).turned(90, "y")
