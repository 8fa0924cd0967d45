"""What stands along a street: parked cars, lamp posts, benches."""

from __future__ import annotations

from typing import Literal

import numpy as np

from foveate.rendering.modelling.assembling import Pile
from foveate.rendering.modelling.patterns import pick, vary
from foveate.rendering.modelling.profiles import crate, extrude, lathe, tube
from foveate.rendering.scene import Colour

PAINTS: tuple[Colour, ...] = (
    (0.75, 0.76, 0.78), (0.10, 0.10, 0.12), (0.45, 0.08, 0.08), (0.12, 0.22, 0.40), (0.85, 0.85, 0.84), (0.35, 0.37, 0.40),
    (0.22, 0.34, 0.28),
)  # fmt: skip


def car(rng: np.random.Generator) -> Pile:
    """A parked car, 4.2 m long along x, its wheels on z = 0: a light one, since a dozen stand at the kerbs; one to look at is
    ``objects/car.py``."""
    pile = Pile()
    paint = vary(pick(PAINTS, rng), rng, 0.04)
    boxy = rng.uniform(0, 0.35)  # how steep its tail is
    tail = -1.75 - 0.2 * boxy
    body = [
        (-2.08, 0.30), (2.05, 0.28), (2.12, 0.50), (2.05, 0.72), (1.75, 0.82), (0.95, 0.93), (-1.95, 0.99),
        (-2.10, 0.78),
    ]  # fmt: skip
    cabin = [(tail - 0.15, 0.95), (1.02, 0.91), (0.32, 1.36), (-0.3, 1.43), (tail + 0.75 - boxy, 1.41)]
    roof = [(tail + 0.66 - boxy, 1.36), (0.36, 1.33), (0.22, 1.40), (-0.3, 1.47), (tail + 0.8 - boxy, 1.45)]
    shapes = ((body, 1.74, paint, "paint"), (cabin, 1.56, (0.05, 0.06, 0.07), "ceramic"), (roof, 1.60, paint, "paint"))
    for outline, thick, colour, material in shapes:
        mesh = extrude(outline, thick)
        z = mesh.vertices[:, 2:]  # narrower at the roof and at the sills
        narrow = 1 - 0.42 * np.clip(z - 0.85, 0, 1) - 0.25 * np.clip(0.5 - z, 0, 1)
        pile.add(
            mesh.reshaped(mesh.vertices * np.concatenate([np.ones_like(z), narrow, np.ones_like(z)], 1)),
            colour,
            material,
        )
    tyre = lathe([(0, -0.11), (0.26, -0.11), (0.32, -0.07), (0.32, 0.07), (0.26, 0.11), (0, 0.11)], 22).turned(90, "x")
    rim = lathe([(0, -0.12), (0.19, -0.12), (0.19, 0.12), (0, 0.12)], 14).turned(90, "x")
    for side in (-1, 1):
        for low, high in (
            ((0.98, 0.92), (0.30, 1.38)),
            ((-0.35, 0.95), (-0.38, 1.43)),
            ((tail + 0.1, 0.96), (tail + 0.75 - boxy, 1.43)),
        ):
            y = [side * 0.79 * (1 - 0.42 * max(z - 0.85, 0)) for z in (low[1], high[1])]
            pile.add(tube([(low[0], y[0], low[1]), (high[0], y[1], high[1])], 0.04, 5), paint, "paint")
        for x in (-1.28, 1.30):
            pile.add(tyre.moved((x, side * 0.80, 0.32)), (0.06, 0.06, 0.06), "rubber", smooth=True)
            pile.add(rim.moved((x, side * 0.81, 0.32)), (0.6, 0.6, 0.62), "plastic")
        pile.add(crate((0.06, 0.34, 0.14), (2.07, side * 0.6, 0.64)), (0.92, 0.92, 0.88), "ceramic")
        pile.add(crate((0.06, 0.26, 0.2), (-2.08, side * 0.66, 0.80)), (0.55, 0.04, 0.03), "ceramic")
        pile.add(crate((0.16, 0.2, 0.12), (0.62, side * 0.93, 0.98)), paint, "paint")
    for x in (2.11, -2.11):
        pile.add(crate((0.02, 0.5, 0.11), (x, 0, 0.47)), (0.88, 0.88, 0.82))
    return pile


def lamp_post(tall: float = 4.6, kind: Literal["old", "new"] = "old") -> Pile:
    """A street lamp on the origin."""
    pile, iron = Pile(), (0.12, 0.14, 0.13)
    if kind == "new":
        arm = [(0, 0, 0), (0, 0, tall), (0, -0.3, tall + 0.35), (0, -1.3, tall + 0.45)]
        pile.add(tube(arm, [0.08, 0.055, 0.05, 0.04], 9), (0.45, 0.46, 0.47), "plastic", smooth=True)
        pile.add(crate((0.26, 0.7, 0.1), (0, -1.5, tall + 0.43)), (0.5, 0.5, 0.5))
        return pile
    post = [
        (0.17, 0), (0.17, 0.12), (0.11, 0.2), (0.10, 0.9), (0.06, 1.0), (0.045, tall - 0.8), (0.09, tall - 0.7), (0, tall - 0.65),
    ]  # fmt: skip
    glass = [(0, tall - 0.66), (0.12, tall - 0.64), (0.22, tall - 0.12), (0, tall - 0.10)]
    cap = [(0, tall - 0.13), (0.27, tall - 0.12), (0.08, tall + 0.08), (0.02, tall + 0.22), (0, tall + 0.22)]
    pile.add(lathe(post, 12), iron, "plastic")
    pile.add(lathe(glass, 6), (0.90, 0.86, 0.70), "ceramic")
    pile.add(lathe(cap, 6), iron, "plastic")
    return pile


def bench() -> Pile:
    """A park bench along x, its back towards +y."""
    pile = Pile()
    for y in (-0.18, -0.04, 0.10):
        pile.add(crate((1.6, 0.11, 0.04), (0, y, 0.45)), (0.45, 0.28, 0.15), "wood")
    for z in (0.62, 0.78):
        pile.add(crate((1.6, 0.04, 0.11), (0, 0.22, z)), (0.45, 0.28, 0.15), "wood")
    for x in (-0.65, 0.65):
        pile.add(crate((0.06, 0.45, 0.43), (x, -0.02, 0.215)), (0.13, 0.14, 0.14))
        pile.add(crate((0.06, 0.06, 0.45), (x, 0.26, 0.63)), (0.13, 0.14, 0.14))
    return pile
