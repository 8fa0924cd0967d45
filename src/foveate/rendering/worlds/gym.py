"""A school gym: a varnished floor with court lines, wall bars and ropes, a basketball stand, benches in steps, balls and mats."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.assembling import boxed, put, turn
from foveate.rendering.modelling.patterns import noise, pick, vary
from foveate.rendering.modelling.profiles import Bounds, join, loft, sheet
from foveate.rendering.modelling.rooms import garden, skirting, wall, window
from foveate.rendering.modelling.sports import (
    basketball_stand,
    bleachers,
    cones,
    game_ball,
    low_bench,
    pads,
    ropes,
    vaulting_box,
    wall_bars,
)
from foveate.rendering.scene import Array, Colour, Lamp, Mesh, Part, Place, Sky, World

HALF, HEIGHT = 7.4, 6.8


def build(rng: np.random.Generator) -> World:
    brick = vary(pick(((0.86, 0.81, 0.71), (0.62, 0.47, 0.40), (0.76, 0.78, 0.78)), rng), rng, 0.04)
    stuff = "brick" if brick[2] < 0.55 else "plaster"
    pad = vary(pick(((0.12, 0.26, 0.52), (0.55, 0.13, 0.13), (0.10, 0.36, 0.28)), rng), rng, 0.05)
    holes = [(x, x + 2.6, 3.3, 5.7) for x in (-6.4, -3.1, 0.4, 3.7)]
    parts = [*_floor(rng, pad), boxed([(-7.7, 7.7, -7.7, 7.7, HEIGHT, HEIGHT + 0.2)], (0.88, 0.88, 0.86))]
    for yaw, maker in zip((0, 90, 180, 270), (_hoop_side, _bars_side, _seats_side, _store_side), strict=True):
        here = holes if maker is _store_side else []
        side = [
            Part(mesh=wall(HALF, HEIGHT, here), colour=brick, material=stuff, smooth=False),
            skirting(HALF, (0.35, 0.24, 0.15), 0.18),
        ]
        for hole in here:
            side += window(hole, HALF, (0.75, 0.76, 0.77), 3, 2)
        parts += turn(side + maker(rng, pad), yaw)
    outside, trees = garden(rng, HALF)
    return World(
        parts=(*parts, *outside),
        scatters=(trees,),
        sky=Sky(strength=1.3),
        lamps=(
            Lamp(place=(-2.0, -1.5, 6.4), target=(0, 0, 0), watts=420, size=3.5, kelvin=5200),
            Lamp(place=(6.6, 0, 4.2), target=(0, 0, 0.5), watts=260, size=3.6, kelvin=6800),
        ),
        exposure=0.5,
    )


def _floor(rng: np.random.Generator, pad: Colour) -> list[Part]:
    """Boards with the lines of several courts over each other, and a painted middle."""
    wood = vary(pick(((0.72, 0.55, 0.36), (0.66, 0.47, 0.29), (0.76, 0.62, 0.44)), rng), rng, 0.04)
    other = vary(pick(((0.75, 0.16, 0.12), (0.10, 0.10, 0.11), (0.85, 0.68, 0.12)), rng), rng, 0.05)
    a = np.linspace(0, 2 * np.pi, 120)
    paths = [((-6.4, y), (6.4, y)) for y in (-6.2, 0, 6.2)] + [((x, -6.2), (x, 6.2)) for x in (-6.4, 6.4)]
    curves = [np.stack([1.8 * np.cos(a), 1.8 * np.sin(a)], -1)]
    for s in (-1, 1):
        t = a[:61] + (np.pi if s > 0 else 0)
        curves.append(np.stack([4.6 * np.cos(t), s * 6.2 + 3.7 * np.sin(t)], -1))
        paths += [((x, s * 6.2), (x, s * 2.9)) for x in (-1.6, 1.6)] + [((-1.6, s * 2.9), (1.6, s * 2.9))]
    court = [_line(np.linspace(*path, 40)) for path in paths] + [_line(curve) for curve in curves]
    paths = [((x, -6.6), (x, 6.6)) for x in (-3.05, 3.05)] + [((-3.05, y), (3.05, y)) for y in (-4.6, -1.4, 1.4, 4.6)]
    more = [_line(np.linspace(*path, 40), 0.04).moved((0, 0, 0.0012)) for path in paths]
    keys = join(*(sheet(3.2, 3.3, 2, 2).moved((0, s * 4.55, 0.0006)) for s in (-1, 1)))
    found = [boxed([(-HALF, HALF, -HALF, HALF, -0.2, 0.0)], wood, "planks", 0.55)]
    found += [Part(mesh=keys, colour=pad, material="plastic", smooth=False)]
    for meshes, colour in ((court, (0.94, 0.94, 0.92)), (more, other)):
        mesh = join(*(one.moved((0, 0, 4e-5 * k)) for k, one in enumerate(meshes)))  # no two in one plane
        worn = 0.82 + 0.25 * noise(0.3, int(rng.integers(1 << 30)))(mesh.vertices)[:, None]
        found.append(Part(mesh=mesh, colour=np.clip(np.array(colour) * worn, 0, 1), material="plastic", smooth=False))
    return found


def _line(path: Array, width: float = 0.055) -> Mesh:
    """A painted line along a path of (n, 2) points on the floor."""
    d = np.gradient(path, axis=0)
    across = np.stack([-d[:, 1], d[:, 0]], -1) / np.linalg.norm(d, axis=1, keepdims=True) * width / 2
    rows = np.stack([path + across, path - across], 1)
    return loft(np.concatenate([rows, np.full((*rows.shape[:2], 1), 0.0012)], -1))


def _hoop_side(rng: np.random.Generator, pad: Colour) -> list[Part]:
    """A basketball stand before padding, benches and a few balls."""
    x = rng.uniform(-0.3, 0.3)
    found = [pads(-6.5, 6.5, HALF, pad), *basketball_stand(x, 6.3, 2.15, pad)]
    found += [low_bench(rng, -3.2, 6.7), low_bench(rng, 3.3, 6.8)]
    return found + [game_ball((x + d, 5.6 + 0.3 * abs(d), 0.119), 0) for d in (-1.3, 0.9)]


def _bars_side(rng: np.random.Generator, pad: Colour) -> list[Part]:
    """Wall bars from end to end, ropes hanging before them, a stack of thick mats."""
    found = [*wall_bars(rng, HALF), ropes((-1.7, -0.8, 0.9, 1.8), 6.5, HEIGHT), game_ball((-1.2, 5.5, 0.119), 1)]
    mats: list[Bounds] = [(2.8, 5.0, 5.6, 6.8, 0.26 * k, 0.26 * k + 0.25) for k in range(int(rng.integers(2, 4)))]
    mats.append((-4.9, -3.0, 5.7, 6.8, 0, 0.08))
    return [*found, boxed(mats, [vary(pad, rng, 0.06) for _ in mats], "leather")]


def _seats_side(rng: np.random.Generator, pad: Colour) -> list[Part]:
    return bleachers(HALF, pad)


def _store_side(rng: np.random.Generator, pad: Colour) -> list[Part]:
    """A rack of balls, a vaulting box, cones, a double door."""
    x, shelves = rng.uniform(-1.6, -1.0), (0.25, 0.65, 1.05)
    bars: list[Bounds] = [(x - 0.9, x + 0.9, y, y + 0.03, z, z + 0.03) for z in shelves for y in (6.6, 6.85)]
    bars += [(x + s - 0.02, x + s + 0.02, 6.55, 6.92, 0.05, 1.35) for s in (-0.9, 0.9)]
    found = [boxed(bars, (0.30, 0.31, 0.32), "steel")]
    places = [(x - 0.72 + 0.29 * k, 6.74, z + 0.13) for z in shelves for k in range(6)]
    found += [game_ball(at, pick((0, 0, 0, 1, 2), rng)) for at in places if rng.random() < 0.9]
    found += put(vaulting_box(rng), 1.5 + rng.uniform(-0.2, 0.3), 6.2, 0, rng.uniform(-20, 20)) + put(cones(), 3.3, 5.9)
    doors: list[Bounds] = [(s, s + 0.93, HALF - 0.05, HALF, 0, 2.1) for s in (-5.4, -4.45)]
    doors.append((-5.5, -3.42, HALF - 0.08, HALF - 0.02, 2.1, 2.2))
    panes: list[Bounds] = [(s, s + 0.3, HALF - 0.07, HALF - 0.04, 1.3, 1.85) for s in (-5.1, -4.15)]
    found += [boxed(doors, pad, "plastic"), boxed(panes, (0.62, 0.70, 0.72), "ceramic")]
    return [*found, pads(3.0, 6.6, HALF, pad), low_bench(rng, 4.8, 6.8)]


WORLD = Place(build=build, phrase="in a gym", indoor=True)
