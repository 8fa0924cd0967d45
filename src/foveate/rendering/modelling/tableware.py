"""What stands about in a kitchen: pots, jars, a kettle, boards, bowls of fruit, a toaster, cups; each on z = 0."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from foveate.rendering.modelling.assembling import boxed
from foveate.rendering.modelling.patterns import pick, vary
from foveate.rendering.modelling.profiles import join, lathe, slabs, smooth, tube
from foveate.rendering.scene import Part


def pot(rng: np.random.Generator, radius: float = 0.13) -> list[Part]:
    """A pot with its lid and handles."""
    r, h = radius, radius * rng.uniform(1.0, 1.5)
    body = lathe([
        (0, 0), (r, 0), (r, h), (1.05 * r, h), (0.5 * r, h + 0.04), (0.03, h + 0.05), (0.03, h + 0.09), (0, h + 0.09),
    ], 32)  # fmt: skip
    grip = tube([(-r, 0, 0.75 * h), (-1.35 * r, 0, 0.75 * h + 0.01), (-r, 0, 0.75 * h + 0.02)], 0.012, 6)
    tint, stuff = pick(
        (((0.75, 0.75, 0.76), "steel"), ((0.62, 0.12, 0.10), "ceramic"), ((0.15, 0.25, 0.40), "ceramic")), rng
    )
    return [Part(mesh=join(body, grip, grip.turned(180)), colour=tint, material=stuff, smooth=False)]


def jars(rng: np.random.Generator) -> list[Part]:
    """Three lidded jars, each smaller than the one before."""
    row = [
        lathe([(0, 0), (0.06, 0), (0.06, h), (0.05, h + 0.01), (0.055, h + 0.04), (0, h + 0.04)], 20).moved((0.14 * k, 0, 0))
        for k, h in enumerate((0.24, 0.19, 0.15))
    ]  # fmt: skip
    return [Part(mesh=join(*row), colour=vary((0.83, 0.76, 0.62), rng, 0.1), material="ceramic", smooth=False)]


def kettle(rng: np.random.Generator) -> list[Part]:
    body = lathe(smooth([(0, 0), (0.1, 0), (0.11, 0.05), (0.075, 0.2), (0.03, 0.24), (0, 0.25)], 24), 28)
    grip = tube([(0.075, 0, 0.2), (0.16, 0, 0.22), (0.17, 0, 0.1), (0.11, 0, 0.05)], 0.013, 8)
    return [Part(mesh=join(body, grip), colour=vary((0.7, 0.7, 0.72), rng, 0.2), material="steel")]


def board() -> list[Part]:
    """A wooden board that leans back against the wall."""
    mesh = slabs((-0.15, 0.15, -0.012, 0.012, 0, 0.42)).turned(-12, "x")
    return [Part(mesh=mesh, colour=(0.66, 0.46, 0.27), material="wood", smooth=False)]


def bowl_of_fruit(rng: np.random.Generator) -> list[Part]:
    bowl = lathe(smooth([(0, 0), (0.07, 0), (0.17, 0.09), (0.16, 0.09), (0.06, 0.02), (0, 0.02)], 24), 32)
    fruit = lathe(smooth([(0, 0), (0.045, 0.02), (0.047, 0.06), (0, 0.09)], 14), 16)
    places = [(0.085 * np.cos(a), 0.085 * np.sin(a), 0.05) for a in np.arange(5) * 1.257]
    tint = pick(((0.85, 0.45, 0.08), (0.72, 0.14, 0.10), (0.75, 0.72, 0.15)), rng)
    return [
        Part(mesh=bowl, colour=(0.9, 0.9, 0.88), material="ceramic"),
        Part(mesh=join(*(fruit.moved(at) for at in places)), colour=tint, material="waxy"),
    ]


def toaster(rng: np.random.Generator) -> list[Part]:
    body = (0, 0.3, -0.1, 0.08, 0, 0.2), (0.12, 0.18, -0.13, -0.1, 0.11, 0.13)
    return [boxed(body, vary((0.66, 0.64, 0.60), rng, 0.2), "steel")]


def cups(rng: np.random.Generator, xs: Iterable[float]) -> list[Part]:
    """A row of cups and bowls, no two alike."""
    found = []
    for x in xs:
        r, h = rng.uniform(0.05, 0.08), rng.uniform(0.08, 0.22)
        cup = lathe([(0, 0), (0.7 * r, 0), (r, h), (0.9 * r, h), (0.6 * r, 0.02), (0, 0.02)], 16)
        found.append(cup.moved((x, 0, 0)))
    return [Part(mesh=join(*found), colour=vary((0.88, 0.87, 0.82), rng, 0.08), material="ceramic", smooth=False)]
