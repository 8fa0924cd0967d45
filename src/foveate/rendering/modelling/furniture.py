"""What stands and hangs in rooms: shelves full of books, sofas, pictures, lamps, light enough to be there in numbers."""

from __future__ import annotations

import itertools

import numpy as np

from foveate.rendering.modelling.assembling import boxed, posts
from foveate.rendering.modelling.patterns import noise, pick, vary
from foveate.rendering.modelling.profiles import Bounds, join, lathe, sheet
from foveate.rendering.modelling.solids import ball, blend, block
from foveate.rendering.scene import Colour, Part

SPINES: tuple[Colour, ...] = (
    (0.50, 0.11, 0.10), (0.14, 0.22, 0.38), (0.16, 0.32, 0.22), (0.80, 0.74, 0.62), (0.34, 0.20, 0.12), (0.12, 0.12, 0.13),
    (0.72, 0.52, 0.18), (0.86, 0.85, 0.82), (0.28, 0.42, 0.52), (0.62, 0.34, 0.16), (0.42, 0.20, 0.34), (0.55, 0.58, 0.52),
)  # fmt: skip


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
        colour = pick(SPINES, rng)
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
    feet = posts((-w - 0.1, w + 0.1), (-0.36, 0.36), 0.03, 0, 0.13)
    parts = [
        Part(mesh=body, colour=tuple(0.93 * c for c in colour), material=material),
        Part(mesh=join(*soft), colour=colour, material=material),
        boxed(feet, (0.25, 0.16, 0.09), "wood"),
    ]
    for side in (-1, 1)[: 2 if seats > 1 else 1]:
        pillow = ball((side * (w - 0.26), -0.02, 0.69), (0.24, 0.10, 0.22)).turned(-22, "x", (0, 0, 0.6))
        pillow = pillow.turned(float(rng.uniform(-12, 12)), "y", (side * (w - 0.26), 0, 0.69))
        cloth = vary(pick(((0.75, 0.45, 0.15), (0.20, 0.34, 0.42), (0.80, 0.76, 0.68), (0.55, 0.18, 0.15)), rng), rng)
        parts.append(Part(mesh=blend(pillow, melt=0, detail=0.025)[0], colour=cloth, material="fabric"))
    return parts


def table(
    width: float, depth: float, height: float = 0.76, thick: float = 0.04, leg: float = 0.035, inset: float = 0.08
) -> list[Bounds]:
    """A table about the origin: its top and four legs, ``leg`` to each side of their middles."""
    x, y = width / 2, depth / 2
    top = (-x, x, -y, y, height - thick, height)
    return [top, *posts((inset - x, x - inset), (inset - y, y - inset), leg, 0, height - thick)]


def side_chair(wood: Colour, pad: Colour | None = None) -> list[Part]:
    """A wooden chair about the origin, its back of slats towards +y, the seat of wood or padded with leather."""
    bars = posts((-0.2, 0.2), (-0.19,), 0.022, 0, 0.45) + posts((-0.2, 0.2), (0.19,), 0.022, 0, 0.98)
    bars += [(x - 0.015, x + 0.015, 0.175, 0.2, 0.45, 0.92) for x in (-0.1, 0.0, 0.1)]
    bars += [(-0.22, 0.22, 0.165, 0.21, 0.88, 1.0)]
    seat: Bounds = (-0.23, 0.23, -0.23, 0.22, 0.42, 0.48)
    return [boxed(bars, wood, "wood"), boxed([seat], pad, "leather") if pad else boxed([seat], wood, "wood")]


def picture(rng: np.random.Generator, width: float, height: float) -> list[Part]:
    """A framed picture on a wall at y = 0, centred on the origin: a landscape, or shapes with a mount."""
    dark = bool(rng.random() < 0.5)
    wood: Colour = (0.10, 0.09, 0.08) if dark else (0.62, 0.46, 0.26)
    w, h, m = width / 2, height / 2, 0.035
    frame = boxed([
        (-w, w, -0.04, 0, h - m, h), (-w, w, -0.04, 0, -h, m - h), (-w, m - w, -0.04, 0, -h, h),
        (w - m, w, -0.04, 0, -h, h),
    ], wood, "wood")  # fmt: skip
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


def floor_lamp(rng: np.random.Generator, height: float = 1.6, shade: Colour = (0.70, 0.55, 0.36)) -> list[Part]:
    """A standing lamp, its shade aglow."""
    r = rng.uniform(0.17, 0.22)
    cone = lathe([(1.15 * r, height - 0.34), (0.75 * r, height), (0.70 * r, height), (1.1 * r, height - 0.34)], 32)
    stand = lathe([(0, 0), (0.15, 0), (0.15, 0.02), (0.012, 0.04), (0.012, height - 0.05), (0, height - 0.05)], 20)
    return [
        Part(mesh=cone, colour=shade, material="glow"),
        Part(mesh=stand, colour=(0.12, 0.11, 0.10), material="steel"),
    ]
