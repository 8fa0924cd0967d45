"""A city street: asphalt or setts with markings and kerbs, town houses and shops on all sides, parked cars, lamp posts, trees."""

from __future__ import annotations

from typing import Literal

import numpy as np

from foveate.rendering.modelling.assembling import Pile
from foveate.rendering.modelling.buildings import house
from foveate.rendering.modelling.kerbside import bench, car, lamp_post
from foveate.rendering.modelling.patterns import vary
from foveate.rendering.modelling.profiles import crate, lathe, sheet, tube
from foveate.rendering.modelling.scattering import around
from foveate.rendering.modelling.trees import broadleaf
from foveate.rendering.modelling.undergrowth import fallen
from foveate.rendering.scene import Place, Scatter, Sky, World

KERB, FRONT, END = 7.3, 11.6, 36.0  # metres from the middle: kerbs, house fronts, and the houses that close the street


def build(rng: np.random.Generator) -> World:
    pile = Pile()
    setts = rng.random() < 0.35
    _ground(pile, rng, setts=setts)
    _houses(pile, rng)
    _furniture(pile, rng)
    trees = np.array(
        [[x, side * (KERB + 1.0), 0.1] for side in (-1, 1) for x in np.arange(-28, 29, 9.5) + rng.uniform(-1, 1)]
    )
    trees = trees[rng.random(len(trees)) < 0.7]
    green = vary((0.42, 0.54, 0.22), rng)
    kinds = [broadleaf(rng, tall=rng.uniform(4.5, 5.5), green=green, leaves=1300, bare=0.4) for _ in range(2)]
    litter = around(90, 0.6, 9, rng) + np.array([0, 0, 0.005])
    return World(
        parts=(*pile.parts(), fallen(litter, rng, [(0.55, 0.42, 0.18), (0.45, 0.35, 0.18)], size=0.06)),
        scatters=tuple(
            Scatter(
                parts=kind,
                places=trees[k::2],
                yaws=rng.uniform(0, 360, len(trees[k::2])),
                sizes=rng.uniform(0.85, 1.1, len(trees[k::2])),
            )
            for k, kind in enumerate(kinds)
        ),
        sky=Sky(haze=1.5),
        fill=0.14,
        exposure=0.2,
    )


def _ground(pile: Pile, rng: np.random.Generator, *, setts: bool) -> None:
    """The carriageway with what is painted on it and let into it, and the pavements."""
    if setts:
        pile.add(sheet(110, 2 * KERB), vary((0.52, 0.48, 0.42), rng), "paving", scale=0.85)
    else:
        pile.add(sheet(110, 2 * KERB), vary((0.385, 0.375, 0.36), rng, 0.03), "asphalt")
    pile.add(crate((300, 300, 0.1), (0, 0, -0.08)), (0.4, 0.4, 0.4))
    for side in (-1, 1):
        pile.add(crate((110, 0.2, 0.13), (0, side * KERB, 0.065)), (0.62, 0.61, 0.58), "concrete")
        pile.add(
            crate((110, 8.0, 0.12), (0, side * (KERB + 4.1), 0.06)),
            vary((0.58, 0.56, 0.53), rng, 0.03),
            "paving",
            scale=3.0,
        )
    paint = (0.82, 0.82, 0.79)
    lane = rng.uniform(-0.4, 0.4)
    for x in np.arange(-54, 55, 4.0) if not setts else ():
        pile.add(sheet(1.9, 0.13).moved((x, 1.15 + lane, 0.003)), paint, "matte")
    for side in (-1, 1) if not setts else ():
        pile.add(sheet(110, 0.1).moved((0, side * 4.9, 0.003)), paint, "matte")
    crossing = rng.uniform(3.0, 4.0) * rng.choice([-1, 1])
    for y in np.arange(-6.6, 6.7, 1.1):
        pile.add(sheet(2.6, 0.52).moved((crossing + 1.3 * np.sign(crossing), y, 0.004)), paint, "matte")
    for _ in range(4):  # covers and mended patches
        x, y = rng.uniform(0.9, 4.5) * rng.choice([-1, 1]), rng.uniform(-4, 4)
        pile.add(
            lathe([(0.0, 0.0), (0.34, 0.0), (0.33, 0.008), (0.29, 0.008), (0.285, 0.004), (0, 0.005)], 28).moved(
                (x, y, 0)
            ),
            (0.24, 0.23, 0.22),
            "matte",
            smooth=True,
        )
        if not setts:
            pile.add(
                sheet(rng.uniform(0.8, 3), rng.uniform(0.6, 1.4)).moved(
                    (rng.uniform(-7, 7), rng.uniform(-4, 4), 0.002)
                ),
                (0.27, 0.27, 0.28),
                "asphalt",
            )


def _houses(pile: Pile, rng: np.random.Generator) -> None:
    """Fronts along both sides and across both ends."""
    rows = ((0.0, (-END - 8, FRONT), (1, 0), 2 * END + 16), (180.0, (END + 8, -FRONT), (-1, 0), 2 * END + 16))
    ends = ((90.0, (-END, -FRONT - 1), (0, 1), 2 * FRONT + 2), (-90.0, (END, FRONT + 1), (0, -1), 2 * FRONT + 2))
    for turn, (x, y), (dx, dy), long in (*rows, *ends):
        at = 0.0
        while at < long - 3:
            wide = min(rng.uniform(6, 10.5), long - at)
            pile.put(house(rng, wide, floors=int(rng.choice([2, 3, 3]))), turn, (x + dx * at, y + dy * at, 0.1))
            at += wide


def _furniture(pile: Pile, rng: np.random.Generator) -> None:
    """Cars at the kerbs, and lamps, benches, bins, bollards and signs on the pavement."""
    kind: Literal["old", "new"] = "old" if rng.random() < 0.6 else "new"
    for side in (-1, 1):
        for x in np.arange(-32, 33, 5.4) + rng.uniform(-1, 1):
            if rng.random() < 0.62:
                pile.put(car(rng), 180.0 * (side > 0) + rng.uniform(-2, 2), (x, side * (KERB - 1.15), 0))
        for x in np.arange(-30, 31, 11.0) + rng.uniform(-2, 2):
            pile.put(lamp_post(rng.uniform(4.2, 5.0), kind), 180.0 * (side < 0), (x, side * (KERB + 0.5), 0.12))
        for x in rng.uniform(-24, 24, 3):
            pile.put(bench(), 180.0 * (side < 0), (x, side * (KERB + 3.3), 0.12))
        for x in rng.uniform(-24, 24, 4):
            bin_ = lathe([(0.2, 0), (0.25, 0.85), (0.27, 0.86), (0.2, 0.95), (0, 0.97)], 14).moved(
                (x, side * (KERB + 0.6), 0.12)
            )
            pile.add(bin_, vary((0.20, 0.32, 0.24), rng, 0.1), "plastic", smooth=True)
        for x in np.arange(-20, 21, 2.5) if rng.random() < 0.5 else ():
            pile.add(
                lathe([(0.07, 0), (0.07, 0.75), (0.09, 0.78), (0.06, 0.9), (0, 0.92)], 10).moved(
                    (x, side * (KERB + 0.35), 0.12)
                ),
                (0.16, 0.16, 0.17),
                "plastic",
                smooth=True,
            )
        for x in rng.uniform(-20, 20, 3):
            y = side * (KERB + 0.45)
            pile.add(tube([(x, y, 0.1), (x, y, 2.7)], 0.03, 6), (0.55, 0.55, 0.56), "plastic", smooth=True)
            for radius, tone in (
                (0.32, (0.72, 0.06, 0.06)),
                (0.25, (0.92, 0.92, 0.90) if rng.random() < 0.5 else (0.10, 0.25, 0.60)),
            ):
                disc = lathe([(0, -0.012), (radius, -0.012), (radius, 0.012), (0, 0.012)], 20).turned(90, "y")
                pile.add(disc.scaled((1.0 + 0.6 * (radius < 0.3), 1, 1)).moved((x, y, 2.4)), tone, "plastic")


WORLD = Place(build=build, phrase="on a street")
