"""A big kitchen: a tiled floor, fitted cabinets with worktops, a hob under its hood, ovens, a fridge, a sink at the window."""

from __future__ import annotations

import itertools

import numpy as np

from foveate.rendering.modelling.patterns import vary
from foveate.rendering.modelling.profiles import join, lathe, smooth, tube
from foveate.rendering.modelling.rooms import (
    Bounds,
    boxed,
    garden,
    picture,
    plant,
    put,
    skirting,
    slabs,
    turn,
    wall,
    window,
)
from foveate.rendering.scene import Colour, Lamp, Part, Place, Sky, World

HALF, HEIGHT = 5.7, 4.8
BACK, FRONT = HALF, HALF - 0.62  # of the cabinets
TOP = 0.92  # of the worktop
GAP = 0.3  # what stands along the walls is built for HALF and moved out by this, off the camera's way


def build(rng: np.random.Generator) -> World:
    fronts = vary(
        ((0.42, 0.50, 0.43), (0.20, 0.27, 0.36), (0.88, 0.87, 0.83), (0.64, 0.52, 0.38), (0.76, 0.71, 0.60))[
            rng.integers(5)
        ],
        rng,
        0.04,
    )
    stuff: Colour = ((0.62, 0.44, 0.27), (0.88, 0.87, 0.85), (0.16, 0.16, 0.17))[rng.integers(3)]
    top = (stuff, "wood" if stuff[0] == 0.62 else "marble" if stuff[0] > 0.8 else "stone")
    tile: Colour = ((0.93, 0.93, 0.90), (0.60, 0.70, 0.70), (0.86, 0.80, 0.68))[rng.integers(3)]
    paint = vary((0.90, 0.88, 0.83), rng, 0.04)
    holes = {0: [], 90: [], 180: [(-4.6, -2.4, 0.0, 3.4)], 270: [(-3.0, -0.9, 1.12, 3.6), (0.9, 3.0, 1.12, 3.6)]}
    parts = [_floor(rng), boxed([(-6.4, 6.4, -6.4, 6.4, HEIGHT, HEIGHT + 0.2)], (0.92, 0.92, 0.90))]
    for yaw, build_side in ((0, _hob_side), (90, _tall_side), (180, _table_side), (270, _sink_side)):
        side = [Part(mesh=wall(HALF + GAP, HEIGHT, holes[yaw]), colour=paint, material="plaster", smooth=False)]
        parts += turn(side + put(build_side(rng, fronts, top, tile), 0, GAP), yaw)
    outside, trees = garden(rng, HALF + GAP)
    return World(
        phrase="a kitchen",
        parts=(*parts, *outside),
        scatters=(trees,),
        sky=Sky(strength=1.3),
        lamps=(
            Lamp(place=(0, 0, 4.6), target=(0, 0, 0), watts=230, size=3.6, kelvin=5000),
            Lamp(place=(5.3, 0, 2.6), target=(0, 0, 2.2), watts=215, size=3.6, kelvin=6800),
        ),
        indoor=True,
        exposure=0.65,
    )


def _floor(rng: np.random.Generator) -> Part:
    """Tiles of 0.4 m: a chequerboard, or one colour that varies from tile to tile."""
    pairs = (
        ((0.88, 0.87, 0.83), (0.17, 0.17, 0.18)),
        ((0.58, 0.42, 0.33), (0.50, 0.36, 0.28)),
        ((0.70, 0.68, 0.64), (0.56, 0.55, 0.53)),
    )
    pair, tiles, tints = pairs[rng.integers(3)], [], []
    for i in range(-15, 15):
        for j in range(-15, 15):
            tiles.append((0.4 * i, 0.4 * (i + 1), 0.4 * j, 0.4 * (j + 1), -0.2, 0.0))
            tints.append(vary(pair[(i + j) % 2], rng, 0.035))
    return boxed(tiles, tints, "floor_tiles", 2 / 3)


def _run(
    x0: float, x1: float, fronts: Colour, top: tuple[Colour, str], drawers: tuple[int, ...] = (), oven: int = -1
) -> list[Part]:
    """Base cabinets from x0 to x1: a plinth set back, doors or drawers with handles, and the worktop."""
    count = max(round((x1 - x0) / 0.6), 1)
    doors: list[Bounds] = []
    bars: list[Bounds] = []
    for k in range(count):
        a, b = x0 + (x1 - x0) * k / count + 0.006, x0 + (x1 - x0) * (k + 1) / count - 0.006
        if k == oven:
            continue
        for low, high in ((0.12, 0.36), (0.375, 0.61), (0.625, 0.86)) if k in drawers else ((0.12, 0.86),):
            doors.append((a, b, FRONT, FRONT + 0.03, low, high))
            middle = (a + b) / 2
            bar = (middle - 0.12, middle + 0.12, high - 0.08, high - 0.06)
            if k not in drawers:
                edge = b - 0.06 if k % 2 == 0 else a + 0.04
                bar = (edge, edge + 0.02, high - 0.30, high - 0.06)
            bars.append((bar[0], bar[1], FRONT - 0.035, FRONT - 0.015, bar[2], bar[3]))
    found = [
        boxed(
            [(x0, x1, FRONT + 0.025, BACK, 0.10, 0.88), (x0, x1, FRONT + 0.07, BACK, 0, 0.1)],
            tuple(0.45 * c for c in fronts),
        ),
        boxed(doors, fronts, "plastic"),
        boxed(bars, (0.70, 0.69, 0.66), "steel"),
        boxed([(x0 - 0.01, x1 + 0.01, FRONT - 0.025, BACK, 0.88, TOP)], *top),
    ]
    if oven >= 0:
        found += _oven(x0 + (x1 - x0) * (oven + 0.5) / count, 0.12, 0.86)
    return found


def _oven(x: float, low: float, high: float) -> list[Part]:
    knobs = [
        lathe([(0, 0), (0.022, 0), (0.02, 0.03), (0, 0.03)], 16).turned(90, "x").moved((x + d, FRONT, high - 0.06))
        for d in (-0.2, -0.1, 0.1, 0.2)
    ]
    metal: list[Bounds] = [
        (x - 0.29, x + 0.29, FRONT, FRONT + 0.03, high - 0.12, high),
        (x - 0.29, x + 0.29, FRONT, FRONT + 0.03, low, low + 0.05),
    ]
    metal += [(x - 0.24, x + 0.24, FRONT - 0.06, FRONT - 0.035, high - 0.19, high - 0.165)]
    return [
        boxed(metal, (0.72, 0.72, 0.73), "steel"),
        boxed(
            [(x - 0.29, x + 0.29, FRONT + 0.002, FRONT + 0.03, low + 0.05, high - 0.12)], (0.03, 0.03, 0.035), "ceramic"
        ),
        Part(mesh=join(*knobs), colour=(0.1, 0.1, 0.1), material="plastic"),
    ]


def _mat(rng: np.random.Generator, x: float) -> Part:
    """A striped runner on the floor in front of the cabinets."""
    tints = [
        vary(((0.80, 0.75, 0.66), (0.30, 0.36, 0.42), (0.60, 0.30, 0.22))[k], rng, 0.1)
        for k in rng.choice(3, 2, replace=False)
    ]
    bands: list[Bounds] = [(x - 0.8 + 0.1 * k, x - 0.7 + 0.1 * k, 4.1, 4.8, -0.01, 0.008) for k in range(16)]
    return boxed(bands, [tints[k in (0, 2, 13, 15) or 5 < k < 10] for k in range(16)], "carpet")


def _wall_units(x0: float, x1: float, fronts: Colour, low: float = 1.5, high: float = 2.35) -> list[Part]:
    count = max(round((x1 - x0) / 0.5), 1)
    edges = np.linspace(x0, x1, count + 1)
    doors = [(a + 0.006, b - 0.006, BACK - 0.38, BACK - 0.35, low, high) for a, b in itertools.pairwise(edges)]
    bars = [
        (e + 0.04 * s - 0.01, e + 0.04 * s + 0.01, BACK - 0.41, BACK - 0.39, low + 0.05, low + 0.25)
        for e in edges[1:-1:2]
        for s in (-1, 1)
    ]
    return [
        boxed([(x0, x1, BACK - 0.352, BACK, low, high)], tuple(0.6 * c for c in fronts)),
        boxed(doors, fronts, "plastic"),
        boxed(bars, (0.7, 0.69, 0.66), "steel"),
    ]


def _pot(rng: np.random.Generator, x: float, y: float, z: float, radius: float = 0.13) -> list[Part]:
    """A pot with its lid and handles."""
    h = radius * rng.uniform(1.0, 1.5)
    body = lathe(
        [
            (0, 0),
            (radius, 0),
            (radius, h),
            (1.05 * radius, h),
            (0.5 * radius, h + 0.04),
            (0.03, h + 0.05),
            (0.03, h + 0.09),
            (0, h + 0.09),
        ],
        32,
    )
    grip = tube(
        [(s * radius * v, 0, 0.75 * h + w) for s, v, w in ((-1, 1.0, 0), (-1, 1.35, 0.01), (-1, 1.0, 0.02))], 0.012, 6
    )
    mesh = join(body, grip, grip.turned(180)).moved((x, y, z))
    tint = ((0.75, 0.75, 0.76), (0.62, 0.12, 0.10), (0.15, 0.25, 0.40))[rng.integers(3)]
    return [Part(mesh=mesh, colour=tint, material="steel" if tint[0] == 0.75 else "ceramic", smooth=False)]


def _clutter(rng: np.random.Generator, x0: float, x1: float) -> list[Part]:
    """What stands about on a worktop: jars, a kettle, boards, a bowl of fruit, a toaster."""
    found: list[Part] = []
    x = x0 + rng.uniform(0.1, 0.3)
    while x < x1 - 0.2:
        y, kind = FRONT + rng.uniform(0.28, 0.42), rng.integers(6)
        if kind == 0:
            jars = [
                lathe([(0, 0), (0.06, 0), (0.06, h), (0.05, h + 0.01), (0.055, h + 0.04), (0, h + 0.04)], 20).moved(
                    (x + 0.14 * k, y, TOP)
                )
                for k, h in enumerate((0.24, 0.19, 0.15))
            ]
            found.append(
                Part(mesh=join(*jars), colour=vary((0.83, 0.76, 0.62), rng, 0.1), material="ceramic", smooth=False)
            )
            x += 0.3
        elif kind == 1:
            body = lathe(smooth([(0, 0), (0.1, 0), (0.11, 0.05), (0.075, 0.2), (0.03, 0.24), (0, 0.25)], 24), 28)
            grip = tube([(0.075, 0, 0.2), (0.16, 0, 0.22), (0.17, 0, 0.1), (0.11, 0, 0.05)], 0.013, 8)
            found.append(
                Part(
                    mesh=join(body, grip).moved((x, y, TOP)), colour=vary((0.7, 0.7, 0.72), rng, 0.2), material="steel"
                )
            )
        elif kind == 2:
            board = slabs((-0.15, 0.15, -0.012, 0.012, 0, 0.42)).turned(-12, "x").moved((x + 0.05, BACK - 0.12, TOP))
            found.append(Part(mesh=board, colour=(0.66, 0.46, 0.27), material="wood", smooth=False))
        elif kind == 3:
            bowl = lathe(
                smooth([(0, 0), (0.07, 0), (0.17, 0.09), (0.16, 0.09), (0.06, 0.02), (0, 0.02)], 24), 32
            ).moved((x + 0.1, y - 0.05, TOP))
            fruit = [
                lathe(smooth([(0, 0), (0.045, 0.02), (0.047, 0.06), (0, 0.09)], 14), 16).moved(
                    (x + 0.1 + 0.085 * np.cos(a), y - 0.05 + 0.085 * np.sin(a), TOP + 0.05)
                )
                for a in np.arange(5) * 1.257
            ]
            found += [Part(mesh=bowl, colour=(0.9, 0.9, 0.88), material="ceramic")]
            found += [
                Part(
                    mesh=join(*fruit),
                    colour=((0.85, 0.45, 0.08), (0.72, 0.14, 0.10), (0.75, 0.72, 0.15))[rng.integers(3)],
                    material="plastic",
                )
            ]
        elif kind == 4:
            found.append(
                boxed(
                    [
                        (x, x + 0.3, y - 0.1, y + 0.08, TOP, TOP + 0.2),
                        (x + 0.12, x + 0.18, y - 0.13, y - 0.1, TOP + 0.11, TOP + 0.13),
                    ],
                    vary((0.66, 0.64, 0.60), rng, 0.2),
                    "steel",
                )
            )
            x += 0.2
        else:
            found += put(plant(rng, 0.4), x + 0.1, y, TOP)
        x += rng.uniform(0.3, 0.6)
    return found


def _hob_side(rng: np.random.Generator, fronts: Colour, top: tuple[Colour, str], tile: Colour) -> list[Part]:
    found = _run(-4.2, 4.2, fronts, top, (0, 4, 9, 13), 6 + int(rng.integers(2)))
    found += [boxed([(-4.2, 4.2, BACK - 0.012, BACK + 0.01, TOP, 2.3)], tile, "wall_tiles"), _mat(rng, 0.0)]
    found += _wall_units(-4.2, -0.75, fronts) + _wall_units(0.75, 4.2, fronts)
    hood = (
        lathe([(0.52, 0), (0.52, 0.06), (0.19, 0.36), (0.19, 2.5), (0, 2.5)], 4)
        .turned(45)
        .scaled((1.1, 0.75, 1))
        .moved((0, BACK - 0.3, 1.6))
    )
    found += [Part(mesh=hood, colour=(0.72, 0.72, 0.73), material="steel", smooth=False)]
    found += [boxed([(-0.40, 0.40, FRONT + 0.06, BACK - 0.08, TOP, TOP + 0.012)], (0.03, 0.03, 0.03), "ceramic")]
    found += _pot(rng, -0.2, FRONT + 0.38, TOP + 0.012, 0.14) + _pot(rng, 0.2, FRONT + 0.22, TOP + 0.012, 0.11)
    return found + _clutter(rng, -4.1, -0.5) + _clutter(rng, 0.6, 4.0) + _fridge(4.85)


def _fridge(x: float) -> list[Part]:
    """Two steel doors over a freezer drawer, with long handles."""
    doors: list[Bounds] = [
        (x - 0.48, x - 0.005, 4.9, 4.95, 0.75, 2.0),
        (x + 0.005, x + 0.48, 4.9, 4.95, 0.75, 2.0),
        (x - 0.48, x + 0.48, 4.9, 4.95, 0.05, 0.735),
    ]
    grips: list[Bounds] = [(x + s - 0.015, x + s + 0.015, 4.83, 4.86, 0.95, 1.75) for s in (-0.06, 0.06)] + [
        (x - 0.35, x + 0.35, 4.83, 4.86, 0.62, 0.65)
    ]
    return [
        boxed([(x - 0.48, x + 0.48, 4.95, BACK, 0.03, 2.0)], (0.2, 0.2, 0.21)),
        boxed(doors, (0.74, 0.75, 0.76), "steel"),
        boxed(grips, (0.4, 0.4, 0.41), "steel"),
    ]


def _tall_side(rng: np.random.Generator, fronts: Colour, top: tuple[Colour, str], tile: Colour) -> list[Part]:
    found = _fridge(-1.0)
    edges = np.array([-0.5, 0.1, 0.7, 1.3, 1.9])
    doors = [
        (a + 0.006, b - 0.006, FRONT, FRONT + 0.03, low, high)
        for a, b in itertools.pairwise(edges)
        for low, high in ((0.12, 1.42), (1.44, 2.35))
    ]
    doors = [d for d in doors if not (d[0] < 0.0 and d[4] < 1)] + [(-0.494, 0.094, FRONT, FRONT + 0.03, 0.12, 0.5)]
    found += [
        boxed([(-0.5, 1.9, FRONT + 0.025, BACK, 0.0, 2.35)], tuple(0.45 * c for c in fronts)),
        boxed(doors, fronts, "plastic"),
    ]
    found += [
        boxed(
            [(x, x + 0.02, FRONT - 0.035, FRONT - 0.015, 0.85, 1.3) for x in (0.63, 0.75, 1.83)],
            (0.7, 0.69, 0.66),
            "steel",
        )
    ]
    found += _oven(-0.2, 0.52, 1.4) + _run(-4.2, -1.5, fronts, top, (1,)) + _run(1.9, 4.3, fronts, top, (0, 3))
    for a, b in ((-4.2, -1.5), (1.9, 4.3)):
        found += (
            [boxed([(a, b, BACK - 0.012, BACK + 0.01, TOP, 1.5)], tile, "wall_tiles")]
            + _clutter(rng, a, b)
            + _shelf(rng, a, b)
        )
    return found


def _shelf(rng: np.random.Generator, x0: float, x1: float) -> list[Part]:
    """Open shelves with plates on edge, bowls and cups."""
    found = [
        boxed([(x0 + 0.1, x1 - 0.1, BACK - 0.27, BACK, z, z + 0.035) for z in (1.5, 1.95)], (0.50, 0.34, 0.20), "wood")
    ]
    cups = []
    for z in (1.535, 1.985):
        for x in np.arange(x0 + 0.25, x1 - 0.2, 0.17):
            r, h = rng.uniform(0.05, 0.08), rng.uniform(0.08, 0.22)
            cups.append(
                lathe([(0, 0), (0.7 * r, 0), (r, h), (0.9 * r, h), (0.6 * r, 0.02), (0, 0.02)], 16).moved(
                    (x, BACK - 0.14, z)
                )
            )
    return [
        *found,
        Part(mesh=join(*cups), colour=vary((0.88, 0.87, 0.82), rng, 0.08), material="ceramic", smooth=False),
    ]


def _table_side(rng: np.random.Generator, fronts: Colour, top: tuple[Colour, str], tile: Colour) -> list[Part]:
    """A table with chairs, pictures, and a glazed door to the garden."""
    wood: Colour = vary((0.55, 0.37, 0.21), rng, 0.1)
    bars: list[Bounds] = [(-0.9, 0.9, 4.75, 5.6, 0.72, 0.76)] + [
        (x - 0.035, x + 0.035, y - 0.035, y + 0.035, 0, 0.72) for x in (-0.82, 0.82) for y in (4.83, 5.52)
    ]
    chair: list[Bounds] = [(-0.21, 0.21, -0.21, 0.21, 0.43, 0.46), (-0.2, 0.2, 0.18, 0.21, 0.62, 0.9)]
    chair += [
        (x - 0.02, x + 0.02, y - 0.02, y + 0.02, 0, 0.9 if y > 0 else 0.43)
        for x in (-0.19, 0.19)
        for y in (-0.19, 0.19)
    ]
    found = [boxed(bars, wood, "wood"), skirting(HALF, (0.9, 0.89, 0.86), gaps=((-4.6, -2.4),))]
    for x, yaw in ((-1.35, 90), (1.35, -90)):
        found += put([boxed(chair, vary(wood, rng, 0.15), "wood")], x, 5.2, 0, yaw)
    found += put(picture(rng, 0.9, 0.7), -0.6, HALF - 0.01, 1.6) + put(picture(rng, 0.7, 0.9), 0.6, HALF - 0.01, 1.65)
    found += put(plant(rng, 0.5), 0.1, 5.15, 0.76) + put(plant(rng, 1.7, "broad"), 4.9, 5.2)
    found += window((-4.6, -2.4, 0.0, 3.4), HALF, across=2, up=2)
    return found + _run(2.2, 4.4, fronts, top, (1,)) + _shelf(rng, 2.2, 4.4) + _clutter(rng, 2.2, 4.3)


def _sink_side(rng: np.random.Generator, fronts: Colour, top: tuple[Colour, str], tile: Colour) -> list[Part]:
    found = _run(-4.2, 4.2, fronts, top, (3, 8), 11)
    found += [boxed([(-4.2, 4.2, BACK - 0.012, BACK + 0.01, TOP, 1.07)], tile, "wall_tiles")]
    found += [
        boxed(
            [(a, b, BACK - 0.012, BACK + 0.01, 1.07, 2.3) for a, b in ((-4.2, -3.1), (-0.8, 0.8), (3.1, 4.2))],
            tile,
            "wall_tiles",
        )
    ]
    found += window((-3.0, -0.9, 1.12, 3.6), HALF) + window((0.9, 3.0, 1.12, 3.6), HALF)
    found += [
        boxed(
            [
                (-0.45, 0.45, FRONT - 0.04, FRONT + 0.02, 0.66, TOP + 0.01),
                (-0.45, 0.45, FRONT, BACK - 0.1, TOP, TOP + 0.01),
            ],
            (0.93, 0.93, 0.91),
            "ceramic",
        )
    ]
    tap = tube(
        [(0, 5.6, TOP), (0, 5.6, 1.28), (0, 5.55, 1.36), (0, 5.45, 1.38), (0, 5.37, 1.33), (0, 5.36, 1.25)], 0.018, 10
    )
    found += [Part(mesh=tap, colour=(0.8, 0.8, 0.8), material="steel")]
    found.append(_mat(rng, 0.1))
    for x in (-2.6, -1.3, 1.4, 2.5):
        found += put(plant(rng, 0.42), x + rng.uniform(-0.2, 0.2), HALF - 0.1, 1.12)
    return found + _clutter(rng, -4.1, -1.5) + _clutter(rng, 0.7, 4.1)


WORLD = Place(build=build, phrase="in a kitchen", indoor=True)
