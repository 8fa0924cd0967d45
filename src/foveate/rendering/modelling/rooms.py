"""Rooms and what stands in them: walls with openings, windows, curtains, shelves, sofas, pictures, plants.

A side of a room is built as a camera at yaw 0 sees it: the wall at y = ``half``, x to the right; ``turn`` brings it to another yaw.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from foveate.rendering.modelling.growing import around
from foveate.rendering.modelling.patterns import noise, vary
from foveate.rendering.modelling.plants import broadleaf
from foveate.rendering.modelling.profiles import join, lathe, sheet, smooth, tube
from foveate.rendering.modelling.solids import ball, blend, block
from foveate.rendering.scene import Array, Colour, Mesh, Part, Scatter

Bounds = tuple[float, float, float, float, float, float]
Hole = tuple[float, float, float, float]
SPINES: tuple[Colour, ...] = (
    (0.45, 0.10, 0.09),
    (0.12, 0.20, 0.34),
    (0.13, 0.28, 0.20),
    (0.72, 0.64, 0.48),
    (0.35, 0.22, 0.13),
    (0.80, 0.78, 0.72),
    (0.10, 0.10, 0.11),
    (0.60, 0.35, 0.14),
    (0.30, 0.38, 0.44),
    (0.52, 0.20, 0.28),
)


def turn(parts: Iterable[Part], yaw: float) -> list[Part]:
    """Parts turned about the room's middle."""
    return [replace(part, mesh=part.mesh.turned(yaw)) for part in parts]


def put(parts: Iterable[Part], x: float, y: float, z: float = 0.0, yaw: float = 0.0) -> list[Part]:
    """Parts turned on the spot and moved to a place."""
    return [replace(part, mesh=part.mesh.turned(yaw).moved((x, y, z))) for part in parts]


def slabs(*bounds: Bounds) -> Mesh:
    """Boxes with sharp edges as one mesh, each (x from, x to, y from, y to, z from, z to); 8 vertices per box, in order."""
    b = np.asarray(bounds, float).reshape(-1, 3, 2)
    corners = np.array(list(np.ndindex(2, 2, 2)))
    vertices = np.stack([b[:, k, :][:, corners[:, k]] for k in range(3)], -1)
    one = [[0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1]]
    one += [[2, 3, 7], [2, 7, 6], [1, 5, 7], [1, 7, 3], [0, 2, 6], [0, 6, 4]]
    faces = np.array(one)[None] + 8 * np.arange(len(b))[:, None, None]
    return Mesh(vertices=vertices.reshape(-1, 3).astype(np.float32), faces=faces.reshape(-1, 3).astype(np.int32))


def boxed(
    bounds: Sequence[Bounds], colour: Colour | Sequence[Colour], material: str = "matte", scale: float = 1.0
) -> Part:
    """Boxes as a part, in one colour or one each."""
    paint = np.repeat(np.atleast_2d(np.asarray(colour, float)), 8, axis=0)
    tint = colour if len(paint) == 8 else paint
    return Part(mesh=slabs(*bounds), colour=tint, material=material, smooth=False, scale=scale)


def wall(half: float, height: float, holes: Sequence[Hole] = (), thick: float = 0.3) -> Mesh:
    """A wall at y = half with holes (x from, x to, z from, z to) through it."""
    xs = sorted({-half - thick, half + thick, *(v for hole in holes for v in hole[:2])})
    zs = sorted({-0.3, height, *(v for hole in holes for v in hole[2:])})
    solid: list[Bounds] = []
    for x0, x1 in itertools.pairwise(xs):
        for z0, z1 in itertools.pairwise(zs):
            x, z = (x0 + x1) / 2, (z0 + z1) / 2
            if not any(a < x < b and c < z < d for a, b, c, d in holes):
                solid.append((x0, x1, half, half + thick, z0, z1))
    return slabs(*solid)


def skirting(half: float, colour: Colour, height: float = 0.14, gaps: Sequence[tuple[float, float]] = ()) -> Part:
    """A board along the foot of the wall, left out in gaps such as doors."""
    edges = sorted({-half, half, *(v for gap in gaps for v in gap)})
    runs = [
        (a, b, half - 0.02, half + 0.01, -0.02, height)
        for a, b in itertools.pairwise(edges)
        if not any(c < (a + b) / 2 < d for c, d in gaps)
    ]
    return boxed(runs, colour, "plastic")


def window(hole: Hole, half: float, colour: Colour = (0.92, 0.92, 0.90), across: int = 2, up: int = 3) -> list[Part]:
    """The frame, bars and sill of a window in a hole; no pane, so that light comes in without noise."""
    x0, x1, z0, z1 = hole
    near, far = half + 0.05, half + 0.13
    bars: list[Bounds] = []
    for k in range(across + 1):
        x, w = x0 + (x1 - x0) * k / across, 0.07 if k in (0, across) else 0.03
        bars.append((x - w, x + w, near, far, z0, z1))
    for k in range(up + 1):
        z, w = z0 + (z1 - z0) * k / up, 0.07 if k in (0, up) else 0.025
        bars.append((x0, x1, near + 0.01, far - 0.01, z - w, z + w))
    trim: list[Bounds] = [
        (x0 - 0.1, x0, half - 0.025, half + 0.02, z0, z1 + 0.1),
        (x1, x1 + 0.1, half - 0.025, half + 0.02, z0, z1 + 0.1),
        (x0, x1, half - 0.025, half + 0.02, z1, z1 + 0.1),
        (x0 - 0.14, x1 + 0.14, half - 0.1, half + 0.05, z0 - 0.05, z0),
    ]
    return [boxed(bars + trim, colour, "plastic")]


def curtain(x0: float, x1: float, y: float, z0: float, z1: float, colour: Colour, rng: np.random.Generator) -> Part:
    """Cloth hanging in folds across x0 … x1."""
    phase = rng.uniform(0, 6)

    def folds(x: Array, v: Array) -> Array:
        return 0.06 * np.sin(34 * x + phase + 0.5 * np.sin(9 * x)) * (1.1 - 0.4 * (v / (z1 - z0) + 0.5))

    mesh = sheet(x1 - x0, z1 - z0, max(int((x1 - x0) * 40), 8), 8, folds).turned(90, "x")
    return Part(mesh=mesh.moved(((x0 + x1) / 2, y, (z0 + z1) / 2)), colour=colour, material="fabric", scale=0.6)


def books(
    rng: np.random.Generator, x0: float, x1: float, y0: float, z: float, room: float
) -> list[tuple[Bounds, Colour]]:
    """A row of books with their spines at y0, in a compartment ``room`` high: runs of a series, single ones, a few gaps."""
    found: list[tuple[Bounds, Colour]] = []
    x = x0 + rng.uniform(0, 0.03)
    while x < x1 - 0.05:
        if rng.random() < 0.06:
            x += rng.uniform(0.08, 0.25)
            continue
        colour = SPINES[rng.integers(len(SPINES))]
        thick, tall, deep = rng.uniform(0.022, 0.06), room * rng.uniform(0.58, 0.92), rng.uniform(0.0, 0.05)
        for _ in range(int(rng.choice([1, 1, 2, 3, 5, 8]))):
            t = thick * rng.uniform(0.85, 1.15)
            if x + t > x1 - 0.01:
                return found
            high = tall * rng.uniform(0.97, 1.0)
            found.append(((x, x + t - 0.003, y0 + deep, y0 + 0.2, z, z + high), vary(colour, rng, 0.10)))
            x += t
    return found


def bookcase(
    rng: np.random.Generator, width: float, height: float, rows: int = 6, bays: int = 2,
    colour: Colour = (0.34, 0.22, 0.13), depth: float = 0.34, foot: float = 0.1, full: float = 0.93,
) -> list[Part]:  # fmt: skip
    """Shelves full of books, the back at y = 0, open towards −y; a share ``full`` of the compartments holds books."""
    w, step = width / 2, (height - foot) / rows
    xs = np.linspace(-w, w, bays + 1)
    frame: list[Bounds] = [(-w, w, -0.02, 0, 0, height), (-w, w, -depth + 0.03, 0, 0, foot)]
    frame += [(x - 0.02, x + 0.02, -depth, 0, 0, height) for x in xs]
    frame += [(-w, w, -depth + 0.005, 0, foot + k * step - 0.015, foot + k * step + 0.015) for k in range(rows + 1)]
    frame += [(-w - 0.05, w + 0.05, -depth - 0.04, 0, height, height + 0.07)]
    rowsfull: list[tuple[Bounds, Colour]] = []
    for a, b in itertools.pairwise(xs):
        for k in range(rows):
            z = foot + k * step + 0.015
            if rng.random() < full:
                rowsfull += books(rng, a + 0.02, b - 0.02, -depth + 0.03, z, step - 0.03)
            else:  # a box or a basket instead
                mid, size = (a + b) / 2, min(0.4, (b - a) * 0.35)
                box = (mid - size, mid + size, -depth + 0.05, -0.05, z, z + (step - 0.03) * 0.6)
                rowsfull.append((box, vary((0.62, 0.50, 0.36), rng, 0.1)))
    return [boxed(frame, colour, "wood"), boxed([b for b, _ in rowsfull], [c for _, c in rowsfull], "matte")]


def sofa(
    rng: np.random.Generator, seats: int = 3, colour: Colour = (0.42, 0.45, 0.48), material: str = "fabric"
) -> list[Part]:
    """A sofa (or with one seat an armchair) with cushions, the back towards +y, centred on the origin."""
    w = seats * 0.68 / 2
    body, _ = blend(
        block((0, 0.02, 0.24), (2 * w + 0.36, 0.86, 0.24), 0.05),
        block((0, 0.34, 0.46), (2 * w + 0.30, 0.22, 0.66), 0.09),
        *block((w + 0.11, 0, 0.38), (0.22, 0.88, 0.50), 0.08).mirrored(),
        melt=0.02,
        detail=0.028,
    )
    soft = []
    for k in range(seats):
        x = -w + 0.68 * (k + 0.5)
        soft.append(
            blend(block((x, -0.06, 0.43), (0.665, 0.74, 0.17), 0.07).rough(0.008, 0.3, k), melt=0, detail=0.028)[0]
        )
        back = block((x, 0.19, 0.66), (0.65, 0.22, 0.46), 0.1).turned(-12, "x", (x, 0.19, 0.5))
        soft.append(blend(back.rough(0.012, 0.3, k + 9), melt=0, detail=0.028)[0])
    feet = [(x - 0.03, x + 0.03, y - 0.03, y + 0.03, 0, 0.13) for x in (-w - 0.1, w + 0.1) for y in (-0.36, 0.36)]
    parts = [
        Part(mesh=body, colour=tuple(0.93 * c for c in colour), material=material),
        Part(mesh=join(*soft), colour=colour, material=material),
        boxed(feet, (0.25, 0.16, 0.09), "wood"),
    ]
    for side in (-1, 1)[: 2 if seats > 1 else 1]:
        pillow = ball((side * (w - 0.26), -0.02, 0.69), (0.24, 0.10, 0.22)).turned(-22, "x", (0, 0, 0.6))
        pillow = pillow.turned(float(rng.uniform(-12, 12)), "y", (side * (w - 0.26), 0, 0.69))
        cloth = vary(
            ((0.75, 0.45, 0.15), (0.20, 0.34, 0.42), (0.80, 0.76, 0.68), (0.55, 0.18, 0.15))[rng.integers(4)], rng
        )
        parts.append(Part(mesh=blend(pillow, melt=0, detail=0.025)[0], colour=cloth, material="fabric"))
    return parts


def picture(rng: np.random.Generator, width: float, height: float) -> list[Part]:
    """A framed picture on a wall at y = 0, centred on the origin: a landscape, or shapes with a mount."""
    dark = bool(rng.random() < 0.5)
    wood: Colour = (0.10, 0.09, 0.08) if dark else (0.62, 0.46, 0.26)
    w, h, m = width / 2, height / 2, 0.035
    frame = boxed(
        [
            (-w, w, -0.04, 0, h - m, h),
            (-w, w, -0.04, 0, -h, m - h),
            (-w, m - w, -0.04, 0, -h, h),
            (w - m, w, -0.04, 0, -h, h),
        ],
        wood,
        "wood",
    )
    mesh = sheet(width - m, height - m, 30, 30).turned(90, "x").moved((0, -0.015, 0))
    p, seed = mesh.vertices, int(rng.integers(1 << 30))
    u, v = p[:, 0] / w, p[:, 2] / h
    rough = noise(0.35 * width, seed)(p)
    low, mid, high = (np.array(vary(SPINES[i], rng, 0.15)) for i in rng.choice(len(SPINES), 3, replace=False))
    if rng.random() < 0.5:  # hills under a sky
        colour = np.where((v < 0.7 * rough - 0.6)[:, None], low, np.where((v < 0.9 * rough - 0.15)[:, None], mid, 0))
        sky = np.array((0.85, 0.82, 0.74)) - 0.25 * v[:, None] * (0.5, 0.3, 0.0)
        colour = np.where(colour.sum(1, keepdims=True) == 0, sky, colour)
    else:
        ring = np.hypot(u - 0.4 * rough, v - 0.3)
        colour = np.where(
            (ring < 0.5)[:, None], low, np.where((v + 0.4 * u < rough - 0.8)[:, None], mid, (0.90, 0.88, 0.82))
        )
        colour = np.where((np.abs(u + 0.2 - rough) < 0.06)[:, None], high, colour)
    mount = (np.abs(u) > 0.78) | (np.abs(v) > 0.78)
    colour = np.where(mount[:, None] & dark, (0.93, 0.92, 0.89), colour)
    return [frame, Part(mesh=mesh, colour=np.clip(colour, 0, 1), material="matte", smooth=False)]


def plant(rng: np.random.Generator, height: float = 1.5, kind: str = "broad") -> list[Part]:
    """A house plant in a pot: ``broad`` leaves on stems, an arching ``palm``, or upright ``swords``."""
    r = 0.11 + 0.06 * height
    pot = lathe(
        smooth(
            [
                (0.0, 0.0),
                (0.7 * r, 0.0),
                (0.8 * r, 0.1),
                (r, 1.7 * r),
                (0.93 * r, 1.75 * r),
                (0.9 * r, 1.6 * r),
                (0, 1.5 * r),
            ],
            30,
        ),
        32,
    )
    base = np.array([0, 0, 1.5 * r])
    leaves, tints, stems = [], [], []
    count = {"broad": 40, "palm": 12, "swords": 13}[kind]
    for k in range(count):
        a, green = k * 2.4 + rng.uniform(-0.3, 0.3), np.array(vary((0.13, 0.30, 0.10), rng, 0.12))
        out = np.array([np.cos(a), np.sin(a), 0.0])
        if kind == "swords":
            blade = _leaf(
                base + 0.3 * r * out,
                out * rng.uniform(0.05, 0.25) + (0, 0, 1),
                height * rng.uniform(0.5, 0.85),
                0.09,
                -0.05,
            )
            found = [blade]
        elif kind == "broad":
            at = base + np.array([0, 0, (height - base[2]) * (0.25 + 0.75 * k / count)]) + 0.06 * out
            lift = rng.uniform(-0.2, 0.7)
            found = [_leaf(at, out + (0, 0, lift), height * rng.uniform(0.18, 0.27), 0.16 * height**0.5, 0.5)]
        else:
            t = np.linspace(0, 1, 16)[:, None]
            rise, reach = height * rng.uniform(0.5, 0.95), height * rng.uniform(0.3, 0.55)
            rib = base + out * reach * t**1.3 + np.array([0, 0, 1.0]) * (rise * (1.9 * t - 1.1 * t**2) * 1.1)
            stems.append(tube(rib, np.linspace(0.012, 0.004, 16), 5))
            across = np.array([-out[1], out[0], 0])
            found = [
                _leaf(
                    rib[i],
                    side * across + 0.5 * out + (0, 0, -0.15),
                    0.24 * height * np.sin(np.pi * min(0.25 + i / 18, 0.95)),
                    0.035,
                    0.3,
                )
                for i in range(4, 16)
                for side in (-1, 1)
            ]
        leaves += found
        tints += [np.tile(green, (len(leaf.vertices), 1)) for leaf in found]
    if kind == "broad":
        stems.append(tube(np.array([base, base + (0.02, 0, 0.5 * height), (0, 0, 0.97 * height)]), 0.02, 8))
    clay = vary(((0.62, 0.33, 0.20), (0.85, 0.84, 0.80), (0.20, 0.21, 0.22))[rng.integers(3)], rng)
    parts = [
        Part(mesh=pot, colour=clay, material="ceramic" if clay[0] > 0.7 else "matte"),
        Part(mesh=join(*leaves), colour=np.clip(np.concatenate(tints), 0, 1), material="leaf"),
    ]
    return [*parts, Part(mesh=join(*stems), colour=(0.30, 0.26, 0.14), material="bark")] if stems else parts


def _leaf(root: Array, direction: Array, length: float, width: float, droop: float) -> Mesh:
    """A blade folded along its midrib, bending down by ``droop`` of its length."""
    d = direction / np.linalg.norm(direction)
    side = np.cross(d, [0, 0, 1.0] if abs(d[2]) < 0.95 else [1.0, 0, 0])
    side /= np.linalg.norm(side)
    t = np.linspace(0, 1, 7)
    rib = root + length * (t[:, None] * d - np.array([0, 0, 1.0]) * (droop * t**2)[:, None])
    wide = width / 2 * np.sin(np.pi * np.clip(t, 0.04, 1.0) ** 0.75)
    fold = np.cross(side, d) * (0.35 * wide)[:, None]
    rows = np.stack([rib - side * wide[:, None] + fold, rib, rib + side * wide[:, None] + fold], 1)
    faces = sheet(1, 1, 3, 7).faces
    return Mesh(vertices=rows.reshape(-1, 3).astype(np.float32), faces=faces)


def floor_lamp(rng: np.random.Generator, height: float = 1.6, shade: Colour = (0.70, 0.55, 0.36)) -> list[Part]:
    """A standing lamp, its shade aglow."""
    r = rng.uniform(0.17, 0.22)
    cone = lathe([(1.15 * r, height - 0.34), (0.75 * r, height), (0.70 * r, height), (1.1 * r, height - 0.34)], 32)
    stand = join(
        lathe([(0, 0), (0.15, 0), (0.15, 0.02), (0.012, 0.04), (0.012, height - 0.05), (0, height - 0.05)], 20)
    )
    return [
        Part(mesh=cone, colour=shade, material="glow"),
        Part(mesh=stand, colour=(0.12, 0.11, 0.10), material="steel"),
    ]


def garden(rng: np.random.Generator, half: float, level: float = -0.5) -> tuple[list[Part], Scatter]:
    """What one sees through windows: lawn below, trees and bushes at some distance on every side."""
    hole = [
        (-90.0, 90.0, half + 0.4, 90.0),
        (-90.0, 90.0, -90.0, -half - 0.4),
        (half + 0.4, 90.0, -half - 0.4, half + 0.4),
        (-90.0, -half - 0.4, -half - 0.4, half + 0.4),
    ]
    lawn = boxed([(a, b, c, d, level - 0.1, level) for a, b, c, d in hole], (0.40, 0.50, 0.22), "turf", 2.0)
    spots = around(60, half + 11, half + 48, rng) + (0, 0, level)
    tree = broadleaf(rng, tall=5.0, bare=0.16, green=vary((0.37, 0.47, 0.24), rng), leaves=1200)
    return [lawn], Scatter(parts=tree, places=spots, yaws=rng.uniform(0, 360, 60), sizes=rng.uniform(0.5, 1.5, 60))
