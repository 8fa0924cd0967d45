"""What lies on desks: a laptop, a screen with its keyboard, sheets of paper, books, a cup of pencils; on z = 0, facing −y."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from foveate.rendering.modelling.assembling import each
from foveate.rendering.modelling.patterns import pick, vary
from foveate.rendering.modelling.profiles import box, join, lathe, tube
from foveate.rendering.scene import Colour, Part

DARK: Colour = (0.05, 0.05, 0.06)
COVERS: tuple[Colour, ...] = ((0.50, 0.12, 0.10), (0.14, 0.24, 0.40), (0.20, 0.36, 0.24), (0.80, 0.74, 0.60))


def laptop() -> list[Part]:
    base, keys = box((0.34, 0.24, 0.016), (0, -0.08, 0.009), 0.004), box((0.29, 0.10, 0.002), (0, -0.055, 0.018))
    lid, panel = (
        mesh.turned(-16, "x").moved((0, 0.045, 0.015))
        for mesh in (box((0.34, 0.008, 0.23), (0, 0, 0.115), 0.003), box((0.32, 0.002, 0.20), (0, -0.0048, 0.115)))
    )
    return [
        Part(mesh=join(base, lid), colour=(0.72, 0.73, 0.75), material="plastic", smooth=False),
        Part(mesh=join(keys, panel), colour=DARK, material="plastic", smooth=False),
    ]


def screen(rng: np.random.Generator) -> list[Part]:
    """A screen on its stand, with a keyboard and a mouse."""
    back, board = box((0.56, 0.025, 0.34), (0, 0.12, 0.30), 0.006), box((0.40, 0.13, 0.016), (0, -0.13, 0.009), 0.004)
    stand = join(box((0.05, 0.02, 0.18), (0, 0.14, 0.10)), box((0.22, 0.16, 0.012), (0, 0.12, 0.006), 0.004))
    mouse = lathe([(0.001, 0.0), (0.030, 0.0), (0.032, 0.012), (0.02, 0.026), (0.001, 0.03)], 24).scaled((0.9, 1.6, 1))
    face = box((0.54, 0.002, 0.31), (0, 0.107, 0.303))
    return [
        Part(mesh=join(back, stand, board), colour=DARK, material="plastic", smooth=False),
        Part(mesh=mouse.moved((0.29, -0.13, 0)), colour=DARK, material="plastic"),
        Part(mesh=face, colour=vary((0.12, 0.20, 0.34), rng, 0.08), material="plastic", smooth=False),
    ]


def papers(rng: np.random.Generator) -> list[Part]:
    """A few sheets, each turned a little."""
    found = []
    for _ in range(int(rng.integers(2, 5))):
        turn = rng.uniform(-25, 25)
        at = (rng.uniform(-0.2, 0.2), -0.06 + rng.uniform(-0.06, 0.04), 0.002 + rng.uniform(0, 0.003))
        page = box((0.21, 0.297, 0.0015)).turned(turn).moved(at)
        found.append(Part(mesh=page, colour=(0.92, 0.91, 0.88), smooth=False))
    return found


def pile_of_books(rng: np.random.Generator) -> list[Part]:
    found, base = [], 0.0
    for _ in range(int(rng.integers(2, 5))):
        height = rng.uniform(0.02, 0.04)
        book = box((rng.uniform(0.15, 0.2), rng.uniform(0.21, 0.26), height), (0, 0, 0), 0.003)
        book = book.turned(rng.uniform(-14, 14)).moved((0, 0, base + height / 2))
        found.append(Part(mesh=book, colour=vary(pick(COVERS, rng), rng, 0.08), smooth=False))
        base += height
    return found


def cup_of_pencils(rng: np.random.Generator) -> list[Part]:
    cup = lathe([(0.001, 0.0), (0.038, 0.0), (0.042, 0.10), (0.037, 0.10), (0.034, 0.01), (0.001, 0.01)], 28)
    pens = [
        tube([(0, 0, 0.02), (0.045 * np.cos(a), 0.045 * np.sin(a), 0.19)], 0.004, 6) for a in rng.uniform(0, 6.28, 5)
    ]
    return [
        Part(mesh=cup, colour=vary((0.30, 0.42, 0.52), rng, 0.2), material="ceramic"),
        Part(mesh=join(*pens), colour=(0.80, 0.62, 0.15)),
    ]


def at_work(wide: float, rng: np.random.Generator) -> list[Part]:
    """What someone left on a desk ``wide`` metres wide; now and then a bare top."""
    x = rng.uniform(-0.10, 0.10)
    work = int(rng.choice(4, p=[0.12, 0.32, 0.32, 0.24]))
    makers: tuple[Callable[[], list[Part]], ...] = (list, laptop, lambda: screen(rng), lambda: papers(rng))
    found = each(makers[work](), lambda mesh: mesh.moved((x, 0, 0)))
    side = -1 if rng.random() < 0.5 else 1
    if rng.random() < 0.65:
        found += each(pile_of_books(rng), lambda mesh: mesh.moved((side * (wide / 2 - 0.2), 0.08, 0)))
    if rng.random() < 0.6:
        found += each(cup_of_pencils(rng), lambda mesh: mesh.moved((-side * (wide / 2 - 0.22), 0.16, 0)))
    return found
