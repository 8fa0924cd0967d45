"""A bicycle on its stand: a road, mountain or town bicycle with spoked wheels, frame, fork, bars, saddle, cranks and chain."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.patterns import pick, vary
from foveate.rendering.modelling.profiles import box, join, lathe, pairs, smooth, tube
from foveate.rendering.modelling.solids import blend, limb
from foveate.rendering.modelling.wheels import BLACK, CHROME, Piece, spoked_wheel
from foveate.rendering.scene import Asset, Colour, Kind, Mesh, Part

PAINTS = [
    (0.70, 0.05, 0.06), (0.05, 0.20, 0.45), (0.05, 0.05, 0.055), (0.90, 0.90, 0.88), (0.10, 0.36, 0.24),
    (0.88, 0.45, 0.05), (0.20, 0.60, 0.62), (0.62, 0.64, 0.66),
]  # fmt: skip
Point = tuple[float, float, float]
# Handlebar, grip and brake lever of one side, from the head of the frame: x outwards, y back, z up.
BARS: dict[str, tuple[list[Point], list[Point], list[Point]]] = {
    "road": (
        [(0, -0.09, 0.05), (0.16, -0.09, 0.05), (0.205, -0.11, 0.05), (0.21, -0.17, 0.045), (0.21, -0.195, -0.01),
         (0.21, -0.165, -0.065), (0.21, -0.11, -0.08), (0.21, -0.05, -0.08)],
        [(0.16, -0.09, 0.05), (0.205, -0.11, 0.05), (0.21, -0.17, 0.045), (0.21, -0.195, -0.01),
         (0.21, -0.165, -0.065), (0.21, -0.11, -0.08), (0.21, -0.05, -0.08)],
        [(0.21, -0.17, 0.06), (0.21, -0.215, 0.09), (0.21, -0.235, 0.03), (0.21, -0.22, -0.06)],
    ),
    "mountain": (
        [(0, -0.07, 0.05), (0.08, -0.07, 0.055), (0.16, -0.06, 0.075), (0.34, -0.035, 0.08)],
        [(0.22, -0.05, 0.077), (0.34, -0.035, 0.08)],
        [(0.19, -0.06, 0.075), (0.22, -0.105, 0.065), (0.31, -0.10, 0.06)],
    ),
    "town": (
        [(0, -0.06, 0.08), (0.08, -0.07, 0.11), (0.20, -0.05, 0.14), (0.28, 0.04, 0.13), (0.29, 0.17, 0.11)],
        [(0.285, 0.06, 0.128), (0.29, 0.18, 0.11)],
        [(0.27, 0.02, 0.13), (0.275, 0.02, 0.095), (0.285, 0.13, 0.075)],
    ),
}  # fmt: skip


def build(rng: np.random.Generator) -> Asset:
    kind = pick(("road", "mountain", "town"), rng)
    paint = vary(pick(PAINTS, rng), rng, 0.04)
    fat = {"road": 0.015, "mountain": 0.027, "town": 0.020}[kind]
    r, front, rear = 0.345, -0.53, 0.49
    crank, seat = (0.0, 0.06, 0.285), (0.0, 0.205, 0.76 + rng.uniform(-0.03, 0.03))
    low, high = (0.0, -0.375, 0.65), (0.0, -0.42, 0.79 if kind != "town" else 0.84)
    saddle = np.array([0.0, seat[1] + 0.03, seat[2] + rng.uniform(0.12, 0.20)])
    thick = 0.019 if kind == "mountain" else 0.0155
    frame = [tube([crank, seat], 0.015, 14), tube([low, high], 0.021, 14), tube([crank, low], thick * 1.12, 14)]
    if kind == "town" and rng.random() < 0.7:  # a low step-through frame
        frame.append(tube(smooth([(0, -0.385, 0.70), (0, -0.16, 0.50), (0, 0.115, 0.43)], 20), thick, 14))
    else:
        frame.append(tube([(0, -0.41, 0.755), (0, seat[1] - 0.01, seat[2] - 0.02)], thick, 14))
    stay = [(0.03, crank[1] + 0.03, crank[2]), (0.045, 0.22, 0.30), (0.062, rear, r)]
    strut = [(0.018, seat[1] + 0.005, seat[2] - 0.03), (0.045, 0.28, 0.66), (0.062, rear, r)]
    frame += pairs(tube(stay, 0.0095, 10), tube(strut, 0.0085, 10))
    blade = smooth([(0.03, -0.368, 0.635), (0.048, -0.40, 0.56), (0.055, -0.47, 0.42), (0.055, front, r)], 16)
    fork = pairs(tube(blade, np.linspace(0.014, 0.009, 16), 10))
    fork.append(tube([(-0.036, -0.368, 0.636), (0.036, -0.368, 0.636)], 0.017, 10))
    steer = rng.uniform(-14, 14)
    wall: Colour = (0.62, 0.45, 0.26) if kind == "town" and rng.random() < 0.5 else BLACK
    dark_rim = kind == "mountain" or rng.random() < 0.3
    wheel = spoked_wheel(r, fat, wall, knobbed=kind == "mountain", dark_rim=dark_rim)
    bars, grips, extras = _bars(kind, high)
    turning: list[Piece] = [
        (join(*fork), paint if kind != "mountain" else BLACK, "paint"),
        (bars, BLACK if kind != "town" else CHROME, "plastic"),
        (grips, BLACK if kind != "town" else (0.30, 0.16, 0.08), "rubber"),
        (extras, BLACK, "plastic"),
    ]
    turning += [(m.moved((0, front, r)), c, name) for m, c, name in wheel]
    fixed: list[Piece] = [(join(*frame), paint, "paint")]
    fixed += [(m.moved((0, rear, r)), c, name) for m, c, name in wheel]
    fixed.append((tube(np.array([seat, saddle - [0, 0, 0.02]]), 0.0125, 10), CHROME, "steel"))
    fixed += _saddle(saddle, kind)
    fixed += _drive(crank, rear, r, rng)
    if kind == "town":
        guards = [_guard(r, 5, 150, fat), _guard(r, 20, 190, fat)]
        turning.append((guards[0].moved((0, front, r)), paint, "paint"))
        fixed.append((guards[1].moved((0, rear, r)), paint, "paint"))
        rack = [tube([(x, 0.27, 0.735), (x, 0.62, 0.735)], 0.006, 8) for x in (-0.06, 0, 0.06)]
        rack += pairs(tube([(0.07, rear, r), (0.06, 0.55, 0.735)], 0.005, 8))
        fixed.append((join(*rack), BLACK, "plastic"))
        turning.append((blend(limb((0, -0.46, 0.66), (0, -0.50, 0.66), 0.03, 0.036), detail=0.007)[0], CHROME, "steel"))
    fixed.append((box((0.04, 0.012, 0.03), (0, 0.27, 0.70), 0.004), (0.65, 0.03, 0.03), "eye"))
    fixed.append((tube([(-0.04, 0.16, 0.29), (-0.16, 0.22, 0.012)], 0.009, 8), BLACK, "plastic"))
    if kind != "town":
        bottle = lathe([
            (0, 0), (0.034, 0.0), (0.036, 0.02), (0.036, 0.13), (0.028, 0.155), (0.016, 0.165), (0.016, 0.185), (0, 0.187),
        ], 20).turned(-36, "x")  # fmt: skip
        fixed.append((bottle.moved((0, -0.09, 0.455)), vary((0.8, 0.8, 0.78), rng, 0.3), "plastic"))
    pivot = np.array([0.0, -0.46, 0.0])
    turned = [(m.moved(-pivot).turned(steer).moved(pivot), colour, name) for m, colour, name in turning]
    lean = -rng.uniform(3, 6)
    pieces = [Part(mesh=m.turned(lean, "y"), colour=colour, material=name) for m, colour, name in turned + fixed]
    return Asset(parts=tuple(pieces))


def _bars(kind: str, high: Point) -> tuple[Mesh, Mesh, Mesh]:
    """Handlebar with its stem, grips, and brake levers with cables."""
    path, grip, lever = (np.array(points) + high for points in BARS[kind])
    cable = np.array([lever[0], *(np.array([(0.10, -0.17, 0.10), (0.01, -0.06, -0.05), (0, 0.10, -0.06)]) + high)])
    levers = [tube(smooth(lever, 12), 0.008, 8), tube(smooth(cable, 22), 0.0032, 6)]
    stem = tube([high, np.add(high, (0, -0.008, 0.045)), path[0]], 0.016, 12)
    bar, hold = tube(smooth(path, 26), 0.0125, 10), tube(smooth(grip, 22), 0.0175, 10)
    return join(*pairs(bar), stem), join(*pairs(hold)), join(*pairs(*levers))


def _saddle(at: np.ndarray, kind: str) -> list[Piece]:
    x, y, z = (float(v) for v in at)
    wide = 0.055 if kind != "town" else 0.085
    seat, _ = blend(
        limb((x, y - 0.16, z + 0.02), (x, y, z + 0.025), 0.02, 0.03),
        [limb((x, y, z + 0.024), (s * wide, y + 0.11, z + 0.03), 0.03, 0.034) for s in (-1, 1)],
        melt=0.05,
        detail=0.008,
    )
    seat = seat.moved((0, 0, -z)).scaled((1, 1, 0.75)).moved((0, 0, z))
    rail = [
        (0.02, y - 0.13, z + 0.01),
        (0.025, y - 0.04, z - 0.015),
        (0.025, y + 0.04, z - 0.015),
        (0.035, y + 0.11, z + 0.015),
    ]
    rails = join(*pairs(tube(rail, 0.0045, 6)))
    return [(seat, (0.24, 0.12, 0.06) if kind == "town" else BLACK, "leather"), (rails, CHROME, "steel")]


def _drive(crank: Point, rear: float, r: float, rng: np.random.Generator) -> list[Piece]:
    """Chainring, cranks, pedals, chain and sprockets, on the right-hand side as one rides towards −y: at −x."""
    _, y, z = crank
    x, ring, cog, turn = -0.048, 0.088, 0.042, rng.uniform(0, 360)

    def cogwheel(radius: float, inner: float) -> Mesh:
        rows = [(radius, -0.003), (radius, 0.003), (inner, 0.003), (inner, -0.003), (radius, -0.003)]
        return lathe(rows, 40).turned(90, "y")

    arm = box((0.005, 0.014, ring - 0.01), (x, 0, (ring - 0.01) / 2))
    cranks = [box((0.014, 0.022, 0.165), (side * 0.062, 0, 0.075), 0.005) for side in (-1, 1)]
    turned = [arm.turned(72 * k + turn, "x") for k in range(5)]
    turned += [one.turned(turn + 180 * k, "x") for k, one in enumerate(cranks)]
    metal = [mesh.moved((0, y, z)) for mesh in (cogwheel(ring, ring - 0.018).moved((x, 0, 0)), *turned)]
    metal += [cogwheel(cog - 0.004 * k, 0.012).moved((x + 0.006 * k, rear, r)) for k in range(4)]
    metal += [tube([(-0.068, y, z), (0.068, y, z)], 0.016, 12), tube([(-0.034, y, z), (0.034, y, z)], 0.024, 14)]
    pedals = []
    for side, angle in ((-1, turn), (1, turn + 180)):
        a = np.radians(angle)
        pedals.append(box((0.085, 0.075, 0.022), (side * 0.118, y - 0.155 * np.sin(a), z + 0.155 * np.cos(a)), 0.005))
    chain = [tube([(x, y + 0.005, z + s * ring), (x, rear, r + s * cog)], 0.005, 6) for s in (-1, 1)]
    mech = [box((0.012, 0.03, 0.09), (x, rear + 0.02, r - 0.085), 0.004)]
    return [
        (join(*metal), (0.60, 0.61, 0.62), "steel"),
        (join(*pedals), BLACK, "plastic"),
        (join(*chain, *mech), (0.16, 0.15, 0.14), "steel"),
    ]


def _guard(r: float, start: float, end: float, fat: float) -> Mesh:
    """A mudguard over the wheel from one angle to another, 0 straight behind and 90 above."""
    a = np.radians(np.linspace(start, end, 40))
    path = np.stack([np.zeros(40), np.cos(a) * (r + 0.022), np.sin(a) * (r + 0.022)], -1)
    return tube(path, 0.010, 10).scaled((fat / 0.010 * 1.5, 1, 1))


OBJECT = Kind(build=build, phrase="a bicycle", group="vehicle", imagenet=(671, 444))
