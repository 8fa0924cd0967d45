"""What is stored and moved in warehouses: pallets, loads of cartons, drums and film-wrapped goods, a fork-lift truck."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.assembling import boxed, posts
from foveate.rendering.modelling.patterns import pick, vary
from foveate.rendering.modelling.profiles import Bounds, join, lathe, tube
from foveate.rendering.scene import Colour, Part

YELLOW: Colour = (0.86, 0.66, 0.10)
CARD: Colour = (0.66, 0.50, 0.34)
DRUM = [
    (0, 0), (0.27, 0), (0.285, 0.02), (0.27, 0.04), (0.27, 0.28), (0.28, 0.3), (0.27, 0.32), (0.27, 0.82), (0.285, 0.84),
    (0.26, 0.86), (0, 0.85),
]  # fmt: skip


def pallet() -> list[Bounds]:
    """A wooden pallet of 1.2 × 1 m: deck boards, bearers, blocks, skids."""
    bars: list[Bounds] = [(-0.6, 0.6, y, y + 0.1, 0.122, 0.144) for y in np.linspace(-0.5, 0.4, 7)]
    for low, high in ((0.1, 0.122), (0, 0.02)):
        bars += [(x - 0.05, x + 0.05, -0.5, 0.5, low, high) for x in (-0.55, 0, 0.55)]
    return bars + posts((-0.54, 0, 0.54), (-0.44, 0, 0.44), 0.06, 0.02, 0.1)


def load(rng: np.random.Generator, top: float = 1.15) -> list[Part]:
    """A pallet with cartons, with four drums or with something wrapped in white film."""
    base = boxed(pallet(), vary((0.60, 0.46, 0.30), rng, 0.1), "wood")
    kind = rng.random()
    if kind < 0.13:
        tint = vary(pick(((0.12, 0.28, 0.50), (0.60, 0.14, 0.10), (0.16, 0.38, 0.24)), rng), rng)
        drums = [lathe(DRUM, 24).moved((x, y, 0.144)) for x in (-0.29, 0.29) for y in (-0.24, 0.24)]
        return [base, Part(mesh=join(*drums), colour=tint, material="paint", smooth=False)]
    if kind < 0.25:
        bale: Bounds = (-0.57, 0.57, -0.48, 0.48, 0.144, top * rng.uniform(0.8, 1))
        return [base, boxed([bale], vary((0.80, 0.83, 0.84), rng, 0.05), "plastic")]
    return [base, *_cartons(rng, (top - 0.144) / 3)]


def _cartons(rng: np.random.Generator, height: float) -> list[Part]:
    """Rows and layers of taped boxes, a few missing on top."""
    nx, nz = int(rng.integers(2, 4)), int(rng.integers(2, 4))
    tint, w = vary(CARD, rng, 0.09), 1.16 / nx
    boxes: list[Bounds] = []
    tape: list[Bounds] = []
    tints = []
    for i, k in np.ndindex(nx, nz):
        if k == nz - 1 and rng.random() < 0.3:
            continue
        for y in (-0.24, 0.24):
            d = rng.uniform(-0.012, 0.012)
            x, z = -0.58 + w * i + d, 0.144 + height * k
            boxes.append((x + 0.006, x + w - 0.006, y - 0.235 + d, y + 0.235 + d, z, z + height - 0.008))
            tints.append(vary(tint, rng, 0.07))
            middle, side = x + w / 2, (y - 0.238 + d, y + 0.238 + d)
            tape.append((middle - 0.03, middle + 0.03, *side, z + 0.6 * height, z + height - 0.006))
    return [boxed(boxes, tints), boxed(tape, (0.74, 0.64, 0.46), "plastic")]


def fork_lift(rng: np.random.Generator) -> list[Part]:
    """A fork-lift truck, its forks towards −y."""
    tint = vary(pick(((0.88, 0.60, 0.08), (0.78, 0.24, 0.08), (0.80, 0.70, 0.12)), rng), rng)
    body: list[Bounds] = [(-0.55, 0.55, -0.4, 1.1, 0.25, 0.75), (-0.55, 0.55, 0.5, 1.2, 0.3, 1.05)]
    dark = posts((-0.5, 0.5), (-0.3, 0.9), 0.03, 0.7, 2.0)
    dark += [
        (-0.53, 0.53, -0.35, 0.95, 2.0, 2.05),
        (-0.3, 0.3, 0.1, 0.55, 0.75, 0.85),
        (-0.3, 0.3, 0.5, 0.6, 0.85, 1.35),
    ]
    dark += [(x - 0.05, x + 0.05, -0.6, -0.48, 0.05, 2.1) for x in (-0.32, 0.32)]
    dark += [(x - 0.05, x + 0.05, -1.6, -0.6, 0.08, 0.12) for x in (-0.25, 0.25)]
    dark += [(-0.45, 0.45, -0.64, -0.6, z, z + 0.08) for z in (0.1, 0.45, 1.95)]
    wheel = tube([(-0.1, 0, 0), (0.1, 0, 0)], 0.27, 20)
    wheels = join(*(wheel.moved((x, y, 0.27)) for x in (-0.5, 0.5) for y in (-0.2, 0.85)))
    return [
        boxed(body, tint, "paint"),
        boxed(dark, (0.06, 0.06, 0.065), "plastic"),
        Part(mesh=wheels, colour=(0.05, 0.05, 0.05), material="rubber", smooth=False),
    ]
