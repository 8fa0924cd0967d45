"""A big kitchen: a tiled floor, fitted cabinets with worktops, a hob under its hood, ovens, a fridge, a sink at the window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foveate.rendering.modelling import tableware
from foveate.rendering.modelling.assembling import boxed, put, turn
from foveate.rendering.modelling.cabinets import BACK, FRONT, TOP, base_cabinets, fridge, tall_cabinets, wall_cabinets
from foveate.rendering.modelling.furniture import picture, side_chair, table
from foveate.rendering.modelling.houseplants import plant
from foveate.rendering.modelling.patterns import pick, vary
from foveate.rendering.modelling.profiles import Bounds, lathe, tube
from foveate.rendering.modelling.rooms import Hole, garden, skirting, wall, window
from foveate.rendering.scene import Colour, Lamp, Part, Place, Sky, World

HALF, HEIGHT = BACK, 4.8
GAP = 0.3  # what stands along the walls is built for HALF and moved out by this, off the camera's way
DOOR: Hole = (-4.6, -2.4, 0.0, 3.4)
WINDOWS: tuple[Hole, ...] = ((-3.0, -0.9, 1.12, 3.6), (0.9, 3.0, 1.12, 3.6))


@dataclass(frozen=True)
class Fitting:
    """What a kitchen is fitted with: the cabinets' colour, the worktop with its material, the tiles' colour."""

    fronts: Colour
    top: tuple[Colour, str]
    tile: Colour


def build(rng: np.random.Generator) -> World:
    fronts: Colour = pick(
        ((0.42, 0.50, 0.43), (0.20, 0.27, 0.36), (0.88, 0.87, 0.83), (0.64, 0.52, 0.38), (0.76, 0.71, 0.60)), rng
    )
    fronts = vary(fronts, rng, 0.04)
    top = pick((((0.62, 0.44, 0.27), "wood"), ((0.88, 0.87, 0.85), "marble"), ((0.16, 0.16, 0.17), "stone")), rng)
    fitting = Fitting(fronts, top, pick(((0.93, 0.93, 0.90), (0.60, 0.70, 0.70), (0.86, 0.80, 0.68)), rng))
    paint = vary((0.90, 0.88, 0.83), rng, 0.04)
    parts = [_floor(rng), boxed([(-6.4, 6.4, -6.4, 6.4, HEIGHT, HEIGHT + 0.2)], (0.92, 0.92, 0.90))]
    for yaw, maker, holes in (
        (0, _hob_side, ()),
        (90, _tall_side, ()),
        (180, _table_side, (DOOR,)),
        (270, _sink_side, WINDOWS),
    ):
        side = [Part(mesh=wall(HALF + GAP, HEIGHT, holes), colour=paint, material="plaster", smooth=False)]
        parts += turn(side + put(maker(rng, fitting), 0, GAP), yaw)
    outside, trees = garden(rng, HALF + GAP)
    return World(
        parts=(*parts, *outside),
        scatters=(trees,),
        sky=Sky(strength=1.3),
        lamps=(
            Lamp(place=(0, 0, 4.6), target=(0, 0, 0), watts=230, size=3.6, kelvin=5000),
            Lamp(place=(5.3, 0, 2.6), target=(0, 0, 2.2), watts=215, size=3.6, kelvin=6800),
        ),
        exposure=0.65,
    )


def _floor(rng: np.random.Generator) -> Part:
    """Flags of 0.4 m: a chequerboard, or one colour that varies from flag to flag."""
    pair = pick((
        ((0.88, 0.87, 0.83), (0.17, 0.17, 0.18)), ((0.58, 0.42, 0.33), (0.50, 0.36, 0.28)), ((0.70, 0.68, 0.64), (0.56, 0.55, 0.53)),
    ), rng)  # fmt: skip
    places = [(i, j) for i in range(-15, 15) for j in range(-15, 15)]
    slabs: list[Bounds] = [(0.4 * i, 0.4 * (i + 1), 0.4 * j, 0.4 * (j + 1), -0.2, 0.0) for i, j in places]
    return boxed(slabs, [vary(pair[(i + j) % 2], rng, 0.035) for i, j in places], "flagstones", 2 / 3)


def _mat(rng: np.random.Generator, x: float) -> Part:
    """A striped runner on the floor in front of the cabinets."""
    yarns = ((0.80, 0.75, 0.66), (0.30, 0.36, 0.42), (0.60, 0.30, 0.22))
    tints = [vary(yarns[k], rng, 0.1) for k in rng.choice(3, 2, replace=False)]
    bands: list[Bounds] = [(x - 0.8 + 0.1 * k, x - 0.7 + 0.1 * k, 4.1, 4.8, -0.01, 0.008) for k in range(16)]
    return boxed(bands, [tints[k in (0, 2, 13, 15) or 5 < k < 10] for k in range(16)], "carpet")


def _tiled(tile: Colour, *panels: tuple[float, float, float, float]) -> Part:
    """Tiles on the wall, each panel (x from, x to, z from, z to)."""
    return boxed([(a, b, BACK - 0.012, BACK + 0.01, low, high) for a, b, low, high in panels], tile, "tiles")


def _clutter(rng: np.random.Generator, x0: float, x1: float) -> list[Part]:
    """What stands about on a worktop."""
    found: list[Part] = []
    x = x0 + rng.uniform(0.1, 0.3)
    while x < x1 - 0.2:
        y, kind = FRONT + rng.uniform(0.28, 0.42), rng.integers(6)
        if kind == 0:
            found += put(tableware.jars(rng), x, y, TOP)
            x += 0.3
        elif kind == 1:
            found += put(tableware.kettle(rng), x, y, TOP)
        elif kind == 2:
            found += put(tableware.board(), x + 0.05, BACK - 0.12, TOP)
        elif kind == 3:
            found += put(tableware.bowl_of_fruit(rng), x + 0.1, y - 0.05, TOP)
        elif kind == 4:
            found += put(tableware.toaster(rng), x, y, TOP)
            x += 0.2
        else:
            found += put(plant(rng, 0.4), x + 0.1, y, TOP)
        x += rng.uniform(0.3, 0.6)
    return found


def _shelf(rng: np.random.Generator, x0: float, x1: float) -> list[Part]:
    """Open shelves with bowls and cups."""
    found = [
        boxed([(x0 + 0.1, x1 - 0.1, BACK - 0.27, BACK, z, z + 0.035) for z in (1.5, 1.95)], (0.50, 0.34, 0.20), "wood")
    ]
    for z in (1.535, 1.985):
        found += put(tableware.cups(rng, np.arange(x0 + 0.25, x1 - 0.2, 0.17)), 0, BACK - 0.14, z)
    return found


def _hob_side(rng: np.random.Generator, fitting: Fitting) -> list[Part]:
    found = base_cabinets(-4.2, 4.2, fitting.fronts, fitting.top, (0, 4, 9, 13), 6 + int(rng.integers(2)))
    found += [_tiled(fitting.tile, (-4.2, 4.2, TOP, 2.3)), _mat(rng, 0.0)]
    found += wall_cabinets(-4.2, -0.75, fitting.fronts) + wall_cabinets(0.75, 4.2, fitting.fronts)
    hood = lathe([(0.52, 0), (0.52, 0.06), (0.19, 0.36), (0.19, 2.5), (0, 2.5)], 4).turned(45).scaled((1.1, 0.75, 1))
    found += put([Part(mesh=hood, colour=(0.72, 0.72, 0.73), material="steel", smooth=False)], 0, BACK - 0.3, 1.6)
    found += [boxed([(-0.40, 0.40, FRONT + 0.06, BACK - 0.08, TOP, TOP + 0.012)], (0.03, 0.03, 0.03), "ceramic")]
    found += put(tableware.pot(rng, 0.14), -0.2, FRONT + 0.38, TOP + 0.012)
    found += put(tableware.pot(rng, 0.11), 0.2, FRONT + 0.22, TOP + 0.012)
    return found + _clutter(rng, -4.1, -0.5) + _clutter(rng, 0.6, 4.0) + fridge(4.85)


def _tall_side(rng: np.random.Generator, fitting: Fitting) -> list[Part]:
    found = fridge(-1.0) + tall_cabinets(fitting.fronts)
    for a, b, drawers in ((-4.2, -1.5, (1,)), (1.9, 4.3, (0, 3))):
        found += base_cabinets(a, b, fitting.fronts, fitting.top, drawers) + [_tiled(fitting.tile, (a, b, TOP, 1.5))]
        found += _clutter(rng, a, b) + _shelf(rng, a, b)
    return found


def _table_side(rng: np.random.Generator, fitting: Fitting) -> list[Part]:
    """A table with chairs, pictures, and a glazed door to the garden."""
    wood: Colour = vary((0.55, 0.37, 0.21), rng, 0.1)
    found = put([boxed(table(1.8, 0.85), wood, "wood")], 0, 5.175)
    found += [skirting(HALF, (0.9, 0.89, 0.86), gaps=(DOOR[:2],)), *window(DOOR, HALF, across=2, up=2)]
    for x, yaw in ((-1.35, 90), (1.35, -90)):
        found += put(side_chair(vary(wood, rng, 0.15)), x, 5.2, 0, yaw)
    found += put(picture(rng, 0.9, 0.7), -0.6, HALF - 0.01, 1.6) + put(picture(rng, 0.7, 0.9), 0.6, HALF - 0.01, 1.65)
    found += put(plant(rng, 0.5), 0.1, 5.15, 0.76) + put(plant(rng, 1.7, "broad"), 4.9, 5.2)
    found += base_cabinets(2.2, 4.4, fitting.fronts, fitting.top, (1,))
    return found + _shelf(rng, 2.2, 4.4) + _clutter(rng, 2.2, 4.3)


def _sink_side(rng: np.random.Generator, fitting: Fitting) -> list[Part]:
    found = base_cabinets(-4.2, 4.2, fitting.fronts, fitting.top, (3, 8), 11)
    beside = [(a, b, 1.07, 2.3) for a, b in ((-4.2, -3.1), (-0.8, 0.8), (3.1, 4.2))]
    found += [_tiled(fitting.tile, (-4.2, 4.2, TOP, 1.07), *beside), _mat(rng, 0.1)]
    for hole in WINDOWS:
        found += window(hole, HALF)
    sink: list[Bounds] = [
        (-0.45, 0.45, FRONT - 0.04, FRONT + 0.02, 0.66, TOP + 0.01),
        (-0.45, 0.45, FRONT, BACK - 0.1, TOP, TOP + 0.01),
    ]
    bend = [(0, 5.6, TOP), (0, 5.6, 1.28), (0, 5.55, 1.36), (0, 5.45, 1.38), (0, 5.37, 1.33), (0, 5.36, 1.25)]
    found += [boxed(sink, (0.93, 0.93, 0.91), "ceramic")]
    found += [Part(mesh=tube(bend, 0.018, 10), colour=(0.8, 0.8, 0.8), material="steel")]
    for x in (-2.6, -1.3, 1.4, 2.5):
        found += put(plant(rng, 0.42), x + rng.uniform(-0.2, 0.2), HALF - 0.1, 1.12)
    return found + _clutter(rng, -4.1, -1.5) + _clutter(rng, 0.7, 4.1)


WORLD = Place(build=build, phrase="in a kitchen", indoor=True)
