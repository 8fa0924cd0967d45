"""A school gym: a varnished floor with court lines, wall bars and ropes, a basketball stand, benches in steps, balls and mats."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from foveate.rendering.modelling.patterns import noise, vary
from foveate.rendering.modelling.profiles import hull, join, lathe, sheet, tube
from foveate.rendering.modelling.rooms import Bounds, boxed, garden, put, skirting, slabs, turn, wall, window
from foveate.rendering.scene import Array, Colour, Lamp, Mesh, Part, Place, Sky, World

HALF, HEIGHT = 7.4, 6.8


def build(rng: np.random.Generator) -> World:
    brick = vary(((0.86, 0.81, 0.71), (0.62, 0.47, 0.40), (0.76, 0.78, 0.78))[rng.integers(3)], rng, 0.04)
    stuff = "brick" if brick[2] < 0.55 else "plaster"
    pad = vary(((0.12, 0.26, 0.52), (0.55, 0.13, 0.13), (0.10, 0.36, 0.28))[rng.integers(3)], rng, 0.05)
    holes = [(x, x + 2.6, 3.3, 5.7) for x in (-6.4, -3.1, 0.4, 3.7)]
    parts = [*_floor(rng, pad), boxed([(-7.7, 7.7, -7.7, 7.7, HEIGHT, HEIGHT + 0.2)], (0.88, 0.88, 0.86))]
    for yaw, maker in zip((0, 90, 180, 270), (_hoop_side, _bars_side, _bleachers, _store_side), strict=True):
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
        phrase="a gym",
        parts=(*parts, *outside),
        scatters=(trees,),
        sky=Sky(strength=1.3),
        lamps=(
            Lamp(place=(-2.0, -1.5, 6.4), target=(0, 0, 0), watts=420, size=3.5, kelvin=5200),
            Lamp(place=(6.6, 0, 4.2), target=(0, 0, 0.5), watts=260, size=3.6, kelvin=6800),
        ),
        indoor=True,
        exposure=0.5,
    )


def _floor(rng: np.random.Generator, pad: Colour) -> list[Part]:
    """Boards with the lines of several courts over each other, and a painted middle."""
    wood = vary(((0.72, 0.55, 0.36), (0.66, 0.47, 0.29), (0.76, 0.62, 0.44))[rng.integers(3)], rng, 0.04)
    court: Colour = (0.94, 0.94, 0.92)
    other = vary(((0.75, 0.16, 0.12), (0.10, 0.10, 0.11), (0.85, 0.68, 0.12))[rng.integers(3)], rng, 0.05)
    z = 0.0012
    a = np.linspace(0, 2 * np.pi, 120)
    lines = [_line([(-6.4, y, z), (6.4, y, z)]) for y in (-6.2, 0, 6.2)] + [
        _line([(x, -6.2, z), (x, 6.2, z)]) for x in (-6.4, 6.4)
    ]
    lines += [_line(np.stack([1.8 * np.cos(a), 1.8 * np.sin(a), 0 * a + z], -1))]
    for s in (-1, 1):
        t = a[:61] + (np.pi if s > 0 else 0)
        lines += [_line(np.stack([4.6 * np.cos(t), s * 6.2 + 3.7 * np.sin(t), 0 * t + z], -1))]
        lines += [_line([(x, s * 6.2, z), (x, s * 2.9, z)]) for x in (-1.6, 1.6)] + [
            _line([(-1.6, s * 2.9, z), (1.6, s * 2.9, z)])
        ]
    more = [_line([(x, -6.6, 2 * z), (x, 6.6, 2 * z)], 0.04) for x in (-3.05, 3.05)] + [
        _line([(-3.05, y, 2 * z), (3.05, y, 2 * z)], 0.04) for y in (-4.6, -1.4, 1.4, 4.6)
    ]
    keys = join(*(sheet(3.2, 3.3, 2, 2).moved((0, s * 4.55, 0.0006)) for s in (-1, 1)))
    found = [boxed([(-HALF, HALF, -HALF, HALF, -0.2, 0.0)], wood, "planks", 0.55)]
    found += [Part(mesh=keys, colour=pad, material="plastic", smooth=False)]
    for meshes, colour in ((lines, court), (more, other)):
        mesh = join(*(one.moved((0, 0, 4e-5 * k)) for k, one in enumerate(meshes)))  # no two in one plane
        worn = 0.82 + 0.25 * noise(0.3, int(rng.integers(1 << 30)))(mesh.vertices)[:, None]
        found.append(Part(mesh=mesh, colour=np.clip(np.array(colour) * worn, 0, 1), material="plastic", smooth=False))
    return found


def _line(path: Sequence[Sequence[float]] | Array, width: float = 0.055) -> Mesh:
    """A painted line along a path on the floor."""
    p = np.asarray(path, float)
    if len(p) == 2:
        p = p[0] + np.linspace(0, 1, 40)[:, None] * (p[1] - p[0])
    d = np.gradient(p, axis=0)
    across = np.stack([-d[:, 1], d[:, 0], 0 * d[:, 0]], -1) / np.linalg.norm(d, axis=1, keepdims=True) * width / 2
    return Mesh(
        vertices=np.stack([p - across, p + across], 1).reshape(-1, 3).astype(np.float32),
        faces=sheet(1, 1, 2, len(p)).faces[:, ::-1],
    )


def _ball(at: Sequence[float], kind: int) -> Part:
    """A basketball, or a white or blue ball."""
    mesh = lathe([(0.119 * np.sin(t), -0.119 * np.cos(t)) for t in np.linspace(0, np.pi, 22)], 40)
    p = mesh.vertices / 0.119
    seam = (np.abs(p[:, 0]) < 0.07) | (np.abs(p[:, 2]) < 0.07) | (np.abs(np.abs(p[:, 1]) - 0.62) < 0.06)
    base = ((0.78, 0.36, 0.12), (0.92, 0.91, 0.88), (0.15, 0.32, 0.60))[kind]
    colour = np.where(seam[:, None], (0.06, 0.05, 0.05) if kind == 0 else tuple(0.75 * c for c in base), base)
    return Part(mesh=mesh.turned(40, "x").turned(67 * at[0]).moved(at), colour=colour, material="rubber")


def _pads(x0: float, x1: float, pad: Colour, top: float = 1.8) -> Part:
    """Padding on the wall, in upright cushions."""
    edges = np.linspace(x0, x1, max(round((x1 - x0) / 0.6), 1) + 1)
    return boxed(
        [(a + 0.012, b - 0.012, HALF - 0.07, HALF, 0.2, top) for a, b in itertools.pairwise(edges)],
        pad,
        "leather",
    )


def _bench(rng: np.random.Generator, x: float, y: float, width: float = 3.0) -> Part:
    """A long low bench."""
    w = width / 2
    bars: list[Bounds] = [(-w, w, -0.13, 0.13, 0.32, 0.36)] + [
        (s * w * 0.8 - 0.03, s * w * 0.8 + 0.03, -0.14, 0.14, 0, 0.32) for s in (-1, 0, 1)
    ]
    bars += [(-w * 0.8, w * 0.8, -0.02, 0.02, 0.06, 0.14)]
    return put([boxed(bars, vary((0.68, 0.50, 0.31), rng, 0.06), "wood")], x, y)[0]


def _hoop_side(rng: np.random.Generator, pad: Colour) -> list[Part]:
    """A basketball stand before padding, benches and a few balls."""
    x, y, rim = rng.uniform(-0.3, 0.3), 6.3, 2.15
    board: list[Bounds] = [(x - 0.75, x + 0.75, y - 0.02, y + 0.02, rim - 0.12, rim + 0.85)]
    marks: list[Bounds] = [(x - 0.75, x + 0.75, y - 0.025, y, z, z + 0.05) for z in (rim - 0.12, rim + 0.8)] + [
        (s - 0.025, s + 0.025, y - 0.025, y, rim - 0.12, rim + 0.85) for s in (x - 0.725, x + 0.725)
    ]
    marks += [(x - 0.28, x + 0.28, y - 0.026, y, z, z + 0.05) for z in (rim + 0.08, rim + 0.46)] + [
        (s - 0.025, s + 0.025, y - 0.026, y, rim + 0.08, rim + 0.5) for s in (x - 0.28, x + 0.28)
    ]
    a = np.linspace(0, 2 * np.pi, 32, endpoint=False)
    ring = tube(np.stack([x + 0.225 * np.cos(a), y - 0.29 + 0.225 * np.sin(a), 0 * a + rim], -1), 0.016, 8, closed=True)
    net = [
        tube(
            [
                (x + 0.22 * np.cos(t), y - 0.29 + 0.22 * np.sin(t), rim),
                (x + 0.12 * np.cos(t + s), y - 0.29 + 0.12 * np.sin(t + s), rim - 0.42),
            ],
            0.008,
            4,
        )
        for t in a[::2]
        for s in (0.4, -0.4)
    ]
    arm = join(
        tube([(x, 7.0, 0.3), (x, 6.9, rim + 0.2), (x, y + 0.02, rim + 0.35)], 0.07, 8),
        slabs((x - 0.5, x + 0.5, 6.5, 7.3, 0.05, 0.35)),
    )
    found = [
        _pads(-6.5, 6.5, pad),
        boxed(board, (0.92, 0.92, 0.91), "plastic"),
        boxed(marks, (0.75, 0.12, 0.08), "plastic"),
    ]
    found += [
        Part(mesh=ring, colour=(0.85, 0.28, 0.06), material="paint"),
        Part(mesh=join(*net), colour=(0.92, 0.92, 0.90)),
    ]
    found += [
        Part(mesh=arm, colour=tuple(0.8 * c for c in pad), material="paint", smooth=False),
        _bench(rng, -3.2, 6.7),
        _bench(rng, 3.3, 6.8),
    ]
    return found + [_ball((x + d, 5.6 + 0.3 * abs(d), 0.119), 0) for d in (-1.3, 0.9)]


def _bars_side(rng: np.random.Generator, pad: Colour) -> list[Part]:
    """Wall bars from end to end, ropes hanging before them, a stack of thick mats."""
    rungs = [tube([(-5.4, HALF - 0.14, z), (5.4, HALF - 0.14, z)], 0.032, 6) for z in np.arange(0.25, 2.9, 0.165)]
    posts: list[Bounds] = [(x - 0.03, x + 0.03, HALF - 0.19, HALF, 0, 2.95) for x in np.arange(-5.4, 5.5, 0.9)]
    wood = vary((0.70, 0.50, 0.30), rng, 0.06)
    ropes = [tube([(x, 6.5, 0.35), (x + 0.02, 6.5, 3), (x, 6.5, HEIGHT)], 0.024, 8) for x in (-1.7, -0.8, 0.9, 1.8)]
    knots = [
        lathe([(0, 0), (0.05, 0.02), (0.05, 0.16), (0, 0.18)], 12).moved((x, 6.5, 0.25)) for x in (-1.7, -0.8, 0.9, 1.8)
    ]
    mats: list[Bounds] = [(2.8, 5.0, 5.6, 6.8, 0.26 * k, 0.26 * k + 0.25) for k in range(int(rng.integers(2, 4)))] + [
        (-4.9, -3.0, 5.7, 6.8, 0, 0.08)
    ]
    return [
        Part(mesh=join(*rungs), colour=wood, material="wood"),
        boxed(posts, tuple(0.9 * c for c in wood), "wood"),
        Part(mesh=join(*ropes, *knots), colour=(0.72, 0.60, 0.42), material="fabric"),
        boxed(mats, [vary(pad, rng, 0.06) for _ in mats], "leather"),
        _ball((-1.2, 5.5, 0.119), 1),
    ]


def _bleachers(rng: np.random.Generator, pad: Colour) -> list[Part]:
    """Rows of seats in steps, with an aisle and a rail."""
    found: list[Part] = []
    rows, seats = [], []
    for k in range(4):
        y, z = 5.3 + 0.55 * k, 0.3 * k
        for a, b in ((-6.0, -0.5), (0.5, 6.0)):
            rows.append((a, b, y, HALF, z, z + 0.28))
            seats += [(x, x + 0.42, y + 0.08, y + 0.42, z + 0.28, z + 0.36) for x in np.arange(a + 0.05, b - 0.4, 0.5)]
            seats += [(x, x + 0.42, y + 0.42, y + 0.47, z + 0.28, z + 0.62) for x in np.arange(a + 0.05, b - 0.4, 0.5)]
        rows.append((-0.5, 0.5, y + 0.2, HALF, z, z + 0.15))
    rails = [tube([(x, 5.35, 0.3), (x, 5.35, 1.1), (x, 7.2, 2.2)], 0.02, 8) for x in (-0.55, 0.55)]
    found = [boxed(rows, (0.60, 0.59, 0.57), "concrete"), boxed(seats, pad, "plastic")]
    return [*found, Part(mesh=join(*rails), colour=(0.80, 0.80, 0.79), material="steel")]


def _store_side(rng: np.random.Generator, pad: Colour) -> list[Part]:
    """A rack of balls, a vaulting box, cones, a double door."""
    x = rng.uniform(-1.6, -1.0)
    bars: list[Bounds] = [(x - 0.9, x + 0.9, y, y + 0.03, z, z + 0.03) for z in (0.25, 0.65, 1.05) for y in (6.6, 6.85)]
    bars += [(x + s - 0.02, x + s + 0.02, 6.55, 6.92, 0.05, 1.35) for s in (-0.9, 0.9)]
    found = [boxed(bars, (0.30, 0.31, 0.32), "steel")]
    found += [
        _ball((x - 0.72 + 0.29 * k, 6.74, z + 0.13), int(rng.choice([0, 0, 0, 1, 2])))
        for z in (0.25, 0.65, 1.05)
        for k in range(6)
        if rng.random() < 0.9
    ]
    layers = []
    for k in range(4):
        low, high = np.array([0.85 - 0.06 * k, 0.46 - 0.05 * k]), np.array([0.80 - 0.06 * k, 0.42 - 0.05 * k])
        corners = [
            (sx * w[0], sy * w[1], 0.05 + 0.25 * k + z)
            for w, z in ((low, 0.0), (high, 0.235))
            for sx in (-1, 1)
            for sy in (-1, 1)
        ]
        layers.append(hull(np.array(corners)))
    vault = [Part(mesh=join(*layers), colour=vary((0.72, 0.54, 0.34), rng, 0.06), material="wood", smooth=False)]
    vault += [boxed([(-0.64, 0.64, -0.29, 0.29, 1.05, 1.22)], vary((0.45, 0.24, 0.13), rng), "leather")]
    found += put(vault, 1.5 + rng.uniform(-0.2, 0.3), 6.2, 0, rng.uniform(-20, 20))
    cone = join(lathe([(0.11, 0.02), (0.02, 0.36), (0, 0.36)], 20), slabs((-0.15, 0.15, -0.15, 0.15, 0, 0.025)))
    found += put(
        [
            Part(
                mesh=join(*(cone.moved((0.4 * k, 0.1 * (k % 2), 0)) for k in range(4))),
                colour=(0.88, 0.36, 0.08),
                material="plastic",
                smooth=False,
            )
        ],
        3.3,
        5.9,
    )
    doors: list[Bounds] = [(s, s + 0.93, HALF - 0.05, HALF, 0, 2.1) for s in (-5.4, -4.45)] + [
        (-5.5, -3.42, HALF - 0.08, HALF - 0.02, 2.1, 2.2)
    ]
    found += [
        boxed(doors, pad, "plastic"),
        boxed(
            [(s, s + 0.3, HALF - 0.07, HALF - 0.04, 1.3, 1.85) for s in (-5.1, -4.15)], (0.62, 0.70, 0.72), "ceramic"
        ),
    ]
    return [*found, _pads(3.0, 6.6, pad), _bench(rng, 4.8, 6.8)]


WORLD = Place(build=build, phrase="in a gym", indoor=True)
