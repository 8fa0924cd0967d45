"""A bicycle on its stand: a road, mountain or town bicycle with spoked wheels, frame, fork, bars, saddle, cranks and chain."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.patterns import pick, vary
from foveate.rendering.modelling.profiles import box, join, lathe, smooth, tube
from foveate.rendering.modelling.solids import blend, limb
from foveate.rendering.scene import Asset, Colour, Kind, Mesh, Part

PAINTS = [
    (0.70, 0.05, 0.06), (0.05, 0.20, 0.45), (0.05, 0.05, 0.055), (0.90, 0.90, 0.88), (0.10, 0.36, 0.24),
    (0.88, 0.45, 0.05), (0.20, 0.60, 0.62), (0.62, 0.64, 0.66),
]  # fmt: skip
BLACK, CHROME = (0.035, 0.035, 0.038), (0.75, 0.76, 0.77)
Point = tuple[float, float, float]


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
    for side in (-1, 1):
        hub = (side * 0.062, rear, r)
        frame.append(tube([(side * 0.03, crank[1] + 0.03, crank[2]), (side * 0.045, 0.22, 0.30), hub], 0.0095, 10))
        frame.append(
            tube([(side * 0.018, seat[1] + 0.005, seat[2] - 0.03), (side * 0.045, 0.28, 0.66), hub], 0.0085, 10)
        )
    fork = [tube(smooth([
        (side * 0.03, -0.368, 0.635), (side * 0.048, -0.40, 0.56), (side * 0.055, -0.47, 0.42),
        (side * 0.055, front, r),
    ], 16), np.linspace(0.014, 0.009, 16), 10) for side in (-1, 1)]  # fmt: skip
    fork.append(tube([(-0.036, -0.368, 0.636), (0.036, -0.368, 0.636)], 0.017, 10))
    steer = rng.uniform(-14, 14)
    wall: Colour = (0.62, 0.45, 0.26) if kind == "town" and rng.random() < 0.5 else BLACK
    dark_rim = kind == "mountain" or rng.random() < 0.3
    wheel = _wheel(r, fat, kind == "mountain", wall, dark_rim)
    bars, grips, extras = _bars(kind, high, rng)
    turning: list[tuple[Mesh, Colour, str]] = [
        (join(*fork), paint if kind != "mountain" else BLACK, "paint"),
        (bars, BLACK if kind != "town" else CHROME, "plastic"),
        (grips, BLACK if kind != "town" else (0.30, 0.16, 0.08), "rubber"),
        (extras, BLACK, "plastic"),
    ]
    turning += [(m.moved((0, front, r)), c, name) for m, c, name in wheel]
    fixed: list[tuple[Mesh, Colour, str]] = [(join(*frame), paint, "paint")]
    fixed += [(m.moved((0, rear, r)), c, name) for m, c, name in wheel]
    fixed.append((tube(np.array([seat, saddle - [0, 0, 0.02]]), 0.0125, 10), CHROME, "steel"))
    fixed += _saddle(saddle, kind)
    fixed += _drive(crank, rear, r, rng)
    if kind == "town":
        guards = [_guard(r, 5, 150, fat), _guard(r, 20, 190, fat)]
        turning.append((guards[0].moved((0, front, r)), paint, "paint"))
        fixed.append((guards[1].moved((0, rear, r)), paint, "paint"))
        rack = [tube([(s * 0.06, 0.27, 0.735), (s * 0.06, 0.62, 0.735)], 0.006, 8) for s in (-1, 0, 1)] + [
            tube([(s * 0.07, rear, r), (s * 0.06, 0.55, 0.735)], 0.005, 8) for s in (-1, 1)
        ]
        fixed.append((join(*rack), BLACK, "plastic"))
        turning.append((blend(limb((0, -0.46, 0.66), (0, -0.50, 0.66), 0.03, 0.036), detail=0.007)[0], CHROME, "steel"))
    fixed.append((box((0.04, 0.012, 0.03), (0, 0.27, 0.70), 0.004), (0.65, 0.03, 0.03), "eye"))
    fixed.append((tube([(-0.04, 0.16, 0.29), (-0.16, 0.22, 0.012)], 0.009, 8), BLACK, "plastic"))
    if kind != "town":
        fixed.append((lathe([
            (0, 0), (0.034, 0.0), (0.036, 0.02), (0.036, 0.13), (0.028, 0.155), (0.016, 0.165), (0.016, 0.185),
            (0, 0.187),
        ], 20) .turned(-36, "x") .moved((0, -0.09, 0.455)), vary((0.8, 0.8, 0.78), rng, 0.3), "plastic"))  # fmt: skip
    pivot = np.array([0.0, -0.46, 0.0])
    parts = [Part(mesh=m.moved(-pivot).turned(steer).moved(pivot), colour=c, material=name) for m, c, name in turning]
    parts += [Part(mesh=m, colour=c, material=name) for m, c, name in fixed]
    lean = -rng.uniform(3, 6)
    return Asset(
        parts=tuple(Part(mesh=one.mesh.turned(lean, "y"), colour=one.colour, material=one.material) for one in parts)
    )


def _wheel(r: float, fat: float, knobbed: bool, wall: Colour, dark_rim: bool) -> list[tuple[Mesh, Colour, str]]:
    """About the x axis at the origin."""
    turn = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    circle = np.stack([np.zeros(72), np.cos(turn), np.sin(turn)], -1)
    tyre = tube(circle * (r - fat), fat, 14, closed=True)
    rim_r = r - 2 * fat - 0.006
    rim = lathe([
        (rim_r + 0.012, -0.011), (rim_r + 0.012, 0.011), (rim_r - 0.008, 0.009), (rim_r - 0.011, 0.0),
        (rim_r - 0.008, -0.009), (rim_r + 0.012, -0.011),
    ], 72).turned(90, "y")  # fmt: skip
    spokes, count = [], 28
    for k in range(count):
        a, b = 2 * np.pi * k / count, 2 * np.pi * (k + (3 if k % 4 < 2 else -3)) / count
        side = 1 if k % 2 else -1
        spokes.append(
            tube(
                [(side * 0.028, 0.022 * np.cos(b), 0.022 * np.sin(b)), (0, rim_r * np.cos(a), rim_r * np.sin(a))],
                0.0017,
                4,
            )
        )
    hub = lathe([
        (0.006, -0.075), (0.006, -0.045), (0.024, -0.032), (0.024, -0.027), (0.013, -0.022), (0.013, 0.022),
        (0.024, 0.027), (0.024, 0.032), (0.006, 0.045), (0.006, 0.075),
    ], 18).turned(90, "y")  # fmt: skip
    made: list[tuple[Mesh, Colour, str]] = [
        (tyre, wall, "rubber"),
        (rim, BLACK if dark_rim else CHROME, "plastic" if dark_rim else "steel"),
        (join(hub, *spokes), (0.62, 0.63, 0.64), "steel"),
    ]
    if knobbed:  # knobs and a brake disc
        knobs = [
            box((0.018, 0.012, 0.010), (x, 0, r + 0.001)).turned(360 * (k + 0.5 * (x > 0)) / 60, "x")
            for k in range(60)
            for x in (-0.011, 0.011)
        ]
        disc = (
            lathe([(0.078, 0.0), (0.056, 0.0), (0.056, 0.002), (0.078, 0.002), (0.078, 0.0)], 36)
            .turned(90, "y")
            .moved((-0.04, 0, 0))
        )
        made += [(join(*knobs), BLACK, "rubber"), (disc, CHROME, "steel")]
    return made


def _bars(kind: str, high: Point, rng: np.random.Generator) -> tuple[Mesh, Mesh, Mesh]:
    """Handlebar with its stem, grips, and brake levers with cables."""
    _, y, z = high
    bars, grips, extras = [], [], []
    for side in (-1, 1):
        if kind == "road":
            path: list[Point] = [
                (0, y - 0.09, z + 0.05), (side * 0.16, y - 0.09, z + 0.05), (side * 0.205, y - 0.11, z + 0.05),
                (side * 0.21, y - 0.17, z + 0.045), (side * 0.21, y - 0.195, z - 0.01),
                (side * 0.21, y - 0.165, z - 0.065), (side * 0.21, y - 0.11, z - 0.08),
                (side * 0.21, y - 0.05, z - 0.08),
            ]  # fmt: skip
            grip = path[1:]
            lever: list[Point] = [
                (side * 0.21, y - 0.17, z + 0.06), (side * 0.21, y - 0.215, z + 0.09),
                (side * 0.21, y - 0.235, z + 0.03), (side * 0.21, y - 0.22, z - 0.06),
            ]  # fmt: skip
        elif kind == "mountain":
            path = [
                (0, y - 0.07, z + 0.05), (side * 0.08, y - 0.07, z + 0.055), (side * 0.16, y - 0.06, z + 0.075),
                (side * 0.34, y - 0.035, z + 0.08),
            ]  # fmt: skip
            grip = [(side * 0.22, y - 0.05, z + 0.077), (side * 0.34, y - 0.035, z + 0.08)]
            lever = [
                (side * 0.19, y - 0.06, z + 0.075),
                (side * 0.22, y - 0.105, z + 0.065),
                (side * 0.31, y - 0.10, z + 0.06),
            ]
        else:
            path = [
                (0, y - 0.06, z + 0.08), (side * 0.08, y - 0.07, z + 0.11), (side * 0.20, y - 0.05, z + 0.14),
                (side * 0.28, y + 0.04, z + 0.13), (side * 0.29, y + 0.17, z + 0.11),
            ]  # fmt: skip
            grip = [(side * 0.285, y + 0.06, z + 0.128), (side * 0.29, y + 0.18, z + 0.11)]
            lever = [
                (side * 0.27, y + 0.02, z + 0.13),
                (side * 0.275, y + 0.02, z + 0.095),
                (side * 0.285, y + 0.13, z + 0.075),
            ]
        bars.append(tube(smooth(path, 26), 0.0125, 10))
        grips.append(tube(smooth(grip, 22), 0.0175, 10))
        extras.append(tube(smooth(lever, 12), 0.008, 8))
        cable: list[Point] = [
            lever[0],
            (side * 0.10, y - 0.17, z + 0.10),
            (side * 0.01, y - 0.06, z - 0.05),
            (0, y + 0.10, z - 0.06),
        ]
        extras.append(tube(smooth(cable, 22), 0.0032, 6))
    middle = (0, y - {"road": 0.09, "mountain": 0.07, "town": 0.06}[kind], z + (0.08 if kind == "town" else 0.05))
    bars += [tube([high, (0, y - 0.008, z + 0.045), middle], 0.016, 12)]
    return join(*bars), join(*grips), join(*extras)


def _saddle(at: np.ndarray, kind: str) -> list[tuple[Mesh, Colour, str]]:
    x, y, z = (float(v) for v in at)
    wide = 0.055 if kind != "town" else 0.085
    seat, _ = blend(
        limb((x, y - 0.16, z + 0.02), (x, y, z + 0.025), 0.02, 0.03),
        [limb((x, y, z + 0.024), (s * wide, y + 0.11, z + 0.03), 0.03, 0.034) for s in (-1, 1)],
        melt=0.05,
        detail=0.008,
    )
    seat = seat.moved((0, 0, -z)).scaled((1, 1, 0.75)).moved((0, 0, z))
    rails = join(*(tube([
        (s * 0.02, y - 0.13, z + 0.01), (s * 0.025, y - 0.04, z - 0.015), (s * 0.025, y + 0.04, z - 0.015),
        (s * 0.035, y + 0.11, z + 0.015),
    ], 0.0045, 6) for s in (-1, 1)))  # fmt: skip
    return [(seat, (0.24, 0.12, 0.06) if kind == "town" else BLACK, "leather"), (rails, CHROME, "steel")]


def _drive(crank: Point, rear: float, r: float, rng: np.random.Generator) -> list[tuple[Mesh, Colour, str]]:
    """Chainring, cranks, pedals, chain and sprockets, on the right-hand side as one rides towards −y: at −x."""
    _, y, z = crank
    x, ring, cog, turn = -0.048, 0.088, 0.042, rng.uniform(0, 360)

    def cogwheel(radius: float, inner: float) -> Mesh:
        return lathe([(radius, -0.003), (radius, 0.003), (inner, 0.003), (inner, -0.003), (radius, -0.003)], 40).turned(
            90, "y"
        )

    metal = [
        cogwheel(ring, ring - 0.018).moved((x, y, z)),
        *(cogwheel(cog - 0.004 * k, 0.012).moved((x + 0.006 * k, rear, r)) for k in range(4)),
    ]
    metal += [
        box((0.005, 0.014, ring - 0.01), (x, 0, (ring - 0.01) / 2)).turned(72 * k + turn, "x").moved((0, y, z))
        for k in range(5)
    ]
    arms = [
        box((0.014, 0.022, 0.165), (-0.062, 0, 0.075), 0.005).turned(turn, "x"),
        box((0.014, 0.022, 0.165), (0.062, 0, 0.075), 0.005).turned(turn + 180, "x"),
    ]
    metal += [arm.moved((0, y, z)) for arm in arms] + [
        tube([(-0.068, y, z), (0.068, y, z)], 0.016, 12),
        tube([(-0.034, y, z), (0.034, y, z)], 0.024, 14),
    ]
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
