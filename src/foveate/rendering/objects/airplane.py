"""An airliner on its wheels: swept wings with winglets, two or four jet engines, rows of windows and a coloured tail."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from foveate.rendering.modelling.patterns import flat, mix, smoothstep, vary
from foveate.rendering.modelling.profiles import box, hull, join, lathe, smooth, tube
from foveate.rendering.scene import Array, Asset, Colour, Kind, Mesh, Part

ACCENTS = [
    (0.05, 0.15, 0.42),
    (0.68, 0.05, 0.08),
    (0.90, 0.45, 0.05),
    (0.05, 0.36, 0.34),
    (0.30, 0.10, 0.36),
    (0.08, 0.40, 0.70),
    (0.85, 0.68, 0.08),
]
WHITE, GREY, DARK = (0.92, 0.92, 0.93), (0.62, 0.64, 0.67), (0.04, 0.045, 0.05)
RADIUS, STEPS = 2.0, 120


def build(rng: np.random.Generator) -> Asset:
    length, four = rng.uniform(34, 42), rng.random() < 0.25
    accent = vary(ACCENTS[int(rng.integers(len(ACCENTS)))], rng, 0.04)
    wing_y = -length * 0.02
    body, colour = _fuselage(length, accent, int(rng.integers(3)))
    wing, fin_y, tail_y = _wing(wing_y, rng.uniform(15.5, 18)), length / 2 - 6.6, length / 2 - 5.0
    fin = _loft(
        [
            (0, fin_y - 1.5, 1.3, 6.6, 0.10),
            (0, fin_y, 2.2, 5.3, 0.10),
            (0, fin_y + 3.9, 7.4, 2.2, 0.09),
            (0, fin_y + 4.05, 7.5, 1.8, 0.02),
        ],
        upright=True,
    )
    stabiliser = _loft(
        [
            (0.3, tail_y - 0.6, 0.75, 3.9, 0.10),
            (6.0, tail_y + 2.5, 1.25, 1.5, 0.09),
            (6.1, tail_y + 2.7, 1.26, 1.2, 0.02),
        ]
    )
    p = fin.vertices
    fin_colour = mix(
        flat(accent, len(p)),
        WHITE,
        (np.sin(p[:, 2] * 1.3 + p[:, 1] * 0.7) > 0.75).astype(float) * float(rng.random() < 0.4),
    )
    nacelle = accent if rng.random() < 0.4 else WHITE
    parts = [
        Part(mesh=body, colour=colour, material="plastic"),
        Part(mesh=join(*_pairs(wing, stabiliser)), colour=GREY, material="plastic"),
        Part(mesh=fin, colour=fin_colour, material="plastic"),
    ]
    panes = [
        _pane(0.13, 0.20, y, 0.45)
        for y in np.arange(-length / 2 + 6.2, length / 2 - 8.2, 0.56)
        if abs(y - wing_y - 1) > 0.35
    ]
    parts.append(Part(mesh=join(*_pairs(*panes)), colour=DARK, material="eye", keep=True))
    doors = [_frame(y, 0.30) for y in (-length / 2 + 5.2, length / 2 - 7.2)]
    parts.append(Part(mesh=join(*_pairs(*doors)), colour=(0.45, 0.47, 0.50), material="matte"))
    for x in (5.7, 10.2)[: 2 if four else 1]:
        parts += _engine(x, wing_y + 0.75 + 0.46 * x - 3.4, -1.85 + 0.085 * x, 0.78 if four else 1.0, nacelle)
    parts += _gear(length, wing_y)
    return Asset(parts=tuple(parts))


def _fuselage(length: float, accent: Colour, livery: int) -> tuple[Mesh, Array]:
    """Nose at −y. The tube is a lathe's whose rings are lifted behind and dropped in front."""
    s = np.concatenate([np.linspace(0, 6, 110, endpoint=False), np.linspace(6, length, 150)])  # metres from the nose
    r = RADIUS * np.interp(
        s,
        *np.asarray(
            smooth(
                [
                    (0, 0),
                    (0.12, 0.20),
                    (0.6, 0.45),
                    (1.6, 0.70),
                    (3.2, 0.92),
                    (5.2, 1.0),
                    (length - 12, 1.0),
                    (length - 6, 0.72),
                    (length - 1.2, 0.26),
                    (length, 0.10),
                ],
                300,
            )
        ).T,
    )
    z = np.interp(
        s,
        *np.asarray(
            smooth(
                [
                    (0, -0.62),
                    (1.6, -0.40),
                    (3.6, -0.10),
                    (5.4, 0),
                    (length - 12, 0),
                    (length - 6, 0.44),
                    (length, 1.15),
                ],
                300,
            )
        ).T,
    )
    r[0] = 0.0
    turn = np.linspace(0, 2 * np.pi, STEPS, endpoint=False)
    tall = 1.03
    p = np.stack(
        [
            r[:, None] * np.cos(turn),
            np.broadcast_to(-length / 2 + s[:, None], (len(s), STEPS)),
            z[:, None] + tall * r[:, None] * np.sin(turn),
        ],
        -1,
    )
    mesh = lathe([(1, k) for k in range(len(s))], STEPS)
    q = p.reshape(-1, 3)
    along, x, up = np.repeat(s, STEPS), np.abs(q[:, 0]), q[:, 2]
    colour = mix(flat(WHITE, len(q)), GREY, 1 - smoothstep(-0.95, -0.9, up))
    if livery == 0:  # a line below the windows
        colour = mix(colour, accent, smoothstep(-0.62, -0.58, up) - smoothstep(-0.08, -0.04, up))
    elif livery == 1:  # the tail's colour runs down the rear
        colour = mix(colour, accent, smoothstep(-0.1, 0.1, along - length + 8.2 + 1.3 * up))
    screen = (up > 0.30) & (up < 0.86) & (along > 1.55) & (along < 3.25 - 0.25 * up) & (x > 0.05)
    posts = (np.abs(along - 2.25 - 0.1 * x) < 0.05) | (np.abs(along - 2.8) < 0.05)
    colour = mix(colour, DARK, (screen & ~posts).astype(float))
    end = np.array([[0, length / 2, z[-1]]])
    last = (len(s) - 1) * STEPS + np.arange(STEPS)
    cap = np.stack([last, np.full(STEPS, len(q)), np.roll(last, -1)], -1)
    faces = np.concatenate([mesh.faces[:, ::-1], cap[:, ::-1]])
    return Mesh(vertices=np.concatenate([q, end]).astype(np.float32), faces=faces.astype(np.int32)), np.concatenate(
        [colour, [DARK]]
    )


def _wing(y: float, half: float) -> Mesh:
    root, kink = 6.6, half * 0.36
    stations = [(0.5, y - 3.2, -1.15, root, 0.14), (kink, y - 3.2 + 0.46 * kink, -1.15 + 0.085 * kink, 4.1, 0.12)]
    stations += [
        (half, y - 3.2 + 0.46 * half, -1.15 + 0.085 * half, 1.7, 0.10),
        (half + 0.35, y - 2.75 + 0.46 * half, -0.9 + 0.085 * half, 1.45, 0.09),
    ]
    stations += [
        (half + 0.62, y - 1.9 + 0.46 * half, 0.75 + 0.085 * half, 0.75, 0.08),
        (half + 0.64, y - 1.75 + 0.46 * half, 0.8 + 0.085 * half, 0.5, 0.02),
    ]
    return _loft(stations)


def _loft(stations: Sequence[tuple[float, float, float, float, float]], *, upright: bool = False) -> Mesh:
    """Wing sections (x, leading edge's y, z, chord, thickness over chord) joined; a fin is thick along x instead of z."""
    t = np.concatenate([np.linspace(1, 0, 22) ** 1.6, np.linspace(0, 1, 22)[1:-1] ** 1.6])
    side = np.concatenate([np.ones(22), -np.ones(20)])
    foil = side * 5 * (0.2969 * np.sqrt(t) - 0.126 * t - 0.3516 * t**2 + 0.2843 * t**3 - 0.1015 * t**4)
    rings = []
    for x, y, z, chord, thick in stations:
        lift = foil * thick * chord * (1.0 if upright else np.where(side > 0, 1.15, 0.85))
        ring = np.stack([np.full(len(t), x), y + t * chord, np.full(len(t), z)], -1)
        ring[:, 0 if upright else 2] += lift
        rings.append(ring)
    mesh = lathe([(1, k) for k in range(len(rings))], len(t))
    middle = rings[-1].mean(0)
    last = (len(rings) - 1) * len(t) + np.arange(len(t))
    cap = np.stack([last, np.roll(last, -1), np.full(len(t), len(rings) * len(t))], -1)
    faces = np.concatenate([mesh.faces, cap])
    vertices = np.concatenate([*rings, middle[None]])
    return Mesh(vertices=vertices.astype(np.float32), faces=(faces[:, ::-1] if upright else faces).astype(np.int32))


def _engine(x: float, y: float, z: float, size: float, colour: Colour) -> list[Part]:
    """A nacelle with its lip, fan, spinner and core, hung by a pylon under the wing on either side."""
    cowl = lathe(smooth([(0.74, -3.3), (0.98, -2.4), (1.12, -1.2), (1.10, -0.4), (1.02, -0.06)], 30), 48)
    lip = lathe(smooth([(1.02, -0.06), (0.98, 0.02), (0.92, 0.0), (0.86, -0.14), (0.86, -0.5)], 20), 48)
    duct = lathe([(0.86, -0.9), (0.86, -0.5)][::-1], 48)
    fan = lathe([(0.88, -0.62), (0.30, -0.55)], 48)
    blades = [box((0.055, 0.54, 0.05), (0, 0.58, -0.52)).turned(360 * k / 18) for k in range(18)]
    spinner = lathe([(0.30, -0.55), (0.22, -0.28), (0.10, -0.12), (0.0, -0.06)], 24)
    core = lathe(smooth([(0.0, -5.0), (0.18, -4.6), (0.42, -3.9), (0.55, -3.2), (0.70, -3.1)], 24), 32)
    pylon = hull(
        np.array(
            [(a * 0.16, 1.0, b) for a in (-1, 1) for b in (-0.7, -4.4)]
            + [(a * 0.16, 1.55, b) for a in (-1, 1) for b in (-2.0, -5.6)]
            + [(a * 0.16, 0.5, -3.6) for a in (-1, 1)]
        )
    )
    made = [(cowl, colour, "plastic"), (join(lip, spinner), (0.80, 0.81, 0.82), "steel"), (join(duct, fan), (0.06, 0.06, 0.065), "matte"),
            (join(*blades), (0.32, 0.33, 0.35), "steel"), (core, (0.30, 0.28, 0.27), "steel"), (pylon, GREY, "plastic")]  # fmt: skip
    return [
        Part(
            mesh=join(
                *_pairs(mesh.scaled(size).turned(90, "x").moved((x, y - 1.4, z - 0.35 * (size - 1)))),
            ),
            colour=tint,
            material=name,
            scale=8,
            smooth=mesh is not pylon,
        )
        for mesh, tint, name in made
    ]


def _gear(length: float, wing_y: float) -> list[Part]:
    nose, ground = -length / 2 + 5.0, -4.0
    tyre = lathe(
        [
            (0.0, -0.16),
            (0.28, -0.17),
            (0.34, -0.20),
            (0.50, -0.20),
            (0.57, -0.13),
            (0.57, 0.13),
            (0.50, 0.20),
            (0.34, 0.20),
            (0.28, 0.17),
            (0.0, 0.16),
        ],
        30,
    ).turned(90, "y")
    rim = lathe([(0.27, -0.205), (0.0, -0.22)][::-1], 20).turned(90, "y")
    legs, wheels, rims = [tube([(0, nose - 0.2, -1.6), (0, nose, ground + 0.45)], 0.11, 10)], [], []
    for x, y, size in ((0.28, nose, 0.78), (3.3, wing_y + 2.6, 1.05), (4.15, wing_y + 2.6, 1.05)):
        for side in (-1, 1):
            wheels.append(tyre.scaled(size).moved((side * x, y, ground + 0.57 * size)))
            rims += [one.scaled(size).moved((side * x, y, ground + 0.57 * size)) for one in (rim, rim.turned(180))]
    for side in (-1, 1):
        legs += [tube([(side * 3.72, wing_y + 2.6, -0.9), (side * 3.72, wing_y + 2.6, ground + 0.6)], 0.16, 10)]
        legs += [
            tube([(side * 3.2, wing_y + 2.6, ground + 0.6), (side * 4.2, wing_y + 2.6, ground + 0.6)], 0.09, 8),
            tube([(side * 2.0, wing_y + 2.6, -1.2), (side * 3.7, wing_y + 2.6, -2.6)], 0.09, 8),
        ]
    flaps = [box((0.05, 1.5, 0.7), (side * 0.55, nose - 0.2, -2.15)) for side in (-1, 1)]
    return [
        Part(mesh=join(*legs, *rims), colour=(0.70, 0.71, 0.72), material="plastic"),
        Part(mesh=join(*flaps), colour=WHITE, material="plastic", smooth=False),
        Part(mesh=join(*wheels), colour=(0.04, 0.04, 0.042), material="rubber"),
    ]


def _pane(wide: float, tall: float, y: float, z: float) -> Mesh:
    """A cabin window, a shallow lens on the flank."""
    lens = lathe([(1.0, 0.0), (0.0, 0.03)], 10).scaled((tall, wide, 1)).turned(90, "y")
    tilt = np.degrees(np.arcsin(z / RADIUS / 1.03))
    return lens.moved((RADIUS + 0.004, 0, 0)).turned(-tilt, "y").moved((0, y, 0))


def _frame(y: float, z: float) -> Mesh:
    """The outline of a door on the flank."""
    corners = [(y + a * 0.42, z + b * 0.92) for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    path = [
        (RADIUS * np.sqrt(1 - (min(abs(c), 1.9) / RADIUS / 1.03) ** 2), a, c)
        for (a0, c0), (a1, c1) in zip(corners, corners[1:] + corners[:1], strict=True)
        for t in np.linspace(0, 0.9, 8)
        for a, c in ((a0 + t * (a1 - a0), c0 + t * (c1 - c0)),)
    ]
    return tube(path, 0.035, 6, closed=True)


def _pairs(*meshes: Mesh) -> list[Mesh]:
    return [one for mesh in meshes for one in (mesh, mesh.mirrored())]


OBJECT = Kind(build=build, phrase="an airplane", group="vehicle", imagenet=(404, 895))
