"""An airliner on its wheels: swept wings with winglets, two or four jet engines, rows of windows and a coloured tail."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from foveate.rendering.modelling.patterns import flat, mix, pick, smoothstep, vary
from foveate.rendering.modelling.profiles import box, hull, join, lathe, loft, pairs, smooth, tube
from foveate.rendering.scene import Array, Asset, Colour, Kind, Mesh, Part

ACCENTS = [
    (0.05, 0.15, 0.42), (0.68, 0.05, 0.08), (0.90, 0.45, 0.05), (0.05, 0.36, 0.34), (0.30, 0.10, 0.36),
    (0.08, 0.40, 0.70), (0.85, 0.68, 0.08),
]  # fmt: skip
WHITE, GREY, DARK = (0.92, 0.92, 0.93), (0.62, 0.64, 0.67), (0.04, 0.045, 0.05)
RADIUS, STEPS = 2.0, 120


def build(rng: np.random.Generator) -> Asset:
    length, four = rng.uniform(34, 42), rng.random() < 0.25
    accent = vary(pick(ACCENTS, rng), rng, 0.04)
    wing_y = -length * 0.02
    body, colour = _fuselage(length, accent, int(rng.integers(3)))
    wing, fin_y, tail_y = _wing(wing_y, rng.uniform(15.5, 18)), length / 2 - 6.6, length / 2 - 5.0
    fin = _foil([
        (0, fin_y - 1.5, 1.3, 6.6, 0.10), (0, fin_y, 2.2, 5.3, 0.10), (0, fin_y + 3.9, 7.4, 2.2, 0.09),
        (0, fin_y + 4.05, 7.5, 1.8, 0.02),
    ], upright=True)  # fmt: skip
    stabiliser = _foil([
        (0.3, tail_y - 0.6, 0.75, 3.9, 0.10), (6.0, tail_y + 2.5, 1.25, 1.5, 0.09),
        (6.1, tail_y + 2.7, 1.26, 1.2, 0.02),
    ])  # fmt: skip
    p = fin.vertices
    stripes = (np.sin(p[:, 2] * 1.3 + p[:, 1] * 0.7) > 0.75) * float(rng.random() < 0.4)
    fin_colour = mix(flat(accent, len(p)), WHITE, stripes)
    nacelle = accent if rng.random() < 0.4 else WHITE
    parts = [
        Part(mesh=body, colour=colour, material="plastic"),
        Part(mesh=join(*pairs(wing, stabiliser)), colour=GREY, material="plastic"),
        Part(mesh=fin, colour=fin_colour, material="plastic"),
    ]
    rows = np.arange(-length / 2 + 6.2, length / 2 - 8.2, 0.56)
    panes = [_pane(0.13, 0.20, y, 0.45) for y in rows if abs(y - wing_y - 1) > 0.35]
    parts.append(Part(mesh=join(*pairs(*panes)), colour=DARK, material="eye", keep=True))
    doors = [_frame(y, 0.30) for y in (-length / 2 + 5.2, length / 2 - 7.2)]
    parts.append(Part(mesh=join(*pairs(*doors)), colour=(0.45, 0.47, 0.50), material="matte"))
    for x in (5.7, 10.2)[: 2 if four else 1]:
        parts += _engine(x, wing_y + 0.75 + 0.46 * x - 3.4, -1.85 + 0.085 * x, 0.78 if four else 1.0, nacelle)
    parts += _gear(length, wing_y)
    return Asset(parts=tuple(parts))


def _fuselage(length: float, accent: Colour, livery: int) -> tuple[Mesh, Array]:
    """Nose at −y. The tube is a lathe's whose rings are lifted behind and dropped in front."""
    s = np.concatenate([np.linspace(0, 6, 110, endpoint=False), np.linspace(6, length, 150)])  # metres from the nose
    widths = [(0, 0), (0.12, 0.20), (0.6, 0.45), (1.6, 0.70), (3.2, 0.92), (5.2, 1.0)]
    widths += [(length - 12, 1.0), (length - 6, 0.72), (length - 1.2, 0.26), (length, 0.10)]
    heights = [(0, -0.62), (1.6, -0.40), (3.6, -0.10), (5.4, 0), (length - 12, 0), (length - 6, 0.44), (length, 1.15)]
    r, z = (np.interp(s, *np.asarray(smooth(knots, 300)).T)[:, None] for knots in (widths, heights))
    r = RADIUS * r
    r[0] = 0.0
    turn = np.linspace(2 * np.pi, 0, STEPS, endpoint=False)
    y = -length / 2 + s[:, None]
    rings = np.broadcast_arrays(r * np.cos(turn), y, z + 1.03 * r * np.sin(turn))
    mesh = loft(np.stack(rings, -1), ring=True, capped=True)
    q = mesh.vertices
    along, x, up = q[:, 1] + length / 2, np.abs(q[:, 0]), q[:, 2]
    colour = mix(flat(WHITE, len(q)), GREY, 1 - smoothstep(-0.95, -0.9, up))
    if livery == 0:  # a line below the windows
        colour = mix(colour, accent, smoothstep(-0.62, -0.58, up) - smoothstep(-0.08, -0.04, up))
    elif livery == 1:  # the tail's colour runs down the rear
        colour = mix(colour, accent, smoothstep(-0.1, 0.1, along - length + 8.2 + 1.3 * up))
    screen = (up > 0.30) & (up < 0.86) & (along > 1.55) & (along < 3.25 - 0.25 * up) & (x > 0.05)
    posts = (np.abs(along - 2.25 - 0.1 * x) < 0.05) | (np.abs(along - 2.8) < 0.05)
    colour = mix(colour, DARK, (screen & ~posts).astype(float))
    colour[-1] = DARK  # the outlet at the end
    return mesh, colour


def _wing(y: float, half: float) -> Mesh:
    root, kink = 6.6, half * 0.36
    edge, rise = y - 3.2, -1.15  # of the root's leading edge; the wing is swept back and rises outwards

    def out(x: float, back: float, up: float) -> tuple[float, float, float]:
        return x, edge + back + 0.46 * x, rise + up + 0.085 * x

    stations = [(0.5, edge, rise, root, 0.14), (*out(kink, 0, 0), 4.1, 0.12), (*out(half, 0, 0), 1.7, 0.10)]
    for further, back, up, chord, thick in (
        (0.35, 0.45, 0.25, 1.45, 0.09),
        (0.62, 1.3, 1.9, 0.75, 0.08),
        (0.64, 1.45, 1.95, 0.5, 0.02),
    ):
        x, y, z = out(half, back, up)
        stations.append((x + further, y, z, chord, thick))
    return _foil(stations)


def _foil(stations: Sequence[tuple[float, float, float, float, float]], *, upright: bool = False) -> Mesh:
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
    mesh = loft(rings, ring=True, capped=True)
    return mesh.flipped() if upright else mesh


def _engine(x: float, y: float, z: float, size: float, colour: Colour) -> list[Part]:
    """A nacelle with its lip, fan, spinner and core, hung by a pylon under the wing on either side."""
    cowl = lathe(smooth([(0.74, -3.3), (0.98, -2.4), (1.12, -1.2), (1.10, -0.4), (1.02, -0.06)], 30), 48)
    lip = lathe(smooth([(1.02, -0.06), (0.98, 0.02), (0.92, 0.0), (0.86, -0.14), (0.86, -0.5)], 20), 48)
    duct = lathe([(0.86, -0.9), (0.86, -0.5)][::-1], 48)
    fan = lathe([(0.88, -0.62), (0.30, -0.55)], 48)
    blades = [box((0.055, 0.54, 0.05), (0, 0.58, -0.52)).turned(360 * k / 18) for k in range(18)]
    spinner = lathe([(0.30, -0.55), (0.22, -0.28), (0.10, -0.12), (0.0, -0.06)], 24)
    core = lathe(smooth([(0.0, -5.0), (0.18, -4.6), (0.42, -3.9), (0.55, -3.2), (0.70, -3.1)], 24), 32)
    edges = [(1.0, -0.7), (1.0, -4.4), (1.55, -2.0), (1.55, -5.6), (0.5, -3.6)]
    pylon = hull(np.array([(side, b, c) for side in (-0.16, 0.16) for b, c in edges]))
    made = [(cowl, colour, "plastic"), (join(lip, spinner), (0.80, 0.81, 0.82), "steel"), (join(duct, fan), (0.06, 0.06, 0.065), "matte"),
            (join(*blades), (0.32, 0.33, 0.35), "steel"), (core, (0.30, 0.28, 0.27), "steel"), (pylon, GREY, "plastic")]  # fmt: skip
    at = (x, y - 1.4, z - 0.35 * (size - 1))
    return [
        Part(
            mesh=join(*pairs(mesh.scaled(size).turned(90, "x").moved(at))),
            colour=tint,
            material=name,
            scale=8,
            smooth=mesh is not pylon,
        )
        for mesh, tint, name in made
    ]


def _gear(length: float, wing_y: float) -> list[Part]:
    nose, ground = -length / 2 + 5.0, -4.0
    tyre = lathe([
        (0.0, -0.16), (0.28, -0.17), (0.34, -0.20), (0.50, -0.20), (0.57, -0.13), (0.57, 0.13), (0.50, 0.20),
        (0.34, 0.20), (0.28, 0.17), (0.0, 0.16),
    ], 30).turned(90, "y")  # fmt: skip
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
    corners = np.array([(a * 0.42, b * 0.92) for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]) + (y, z)
    t = np.linspace(0, 0.9, 8)[:, None]
    sides = np.concatenate([a + t * (b - a) for a, b in zip(corners, np.roll(corners, -1, 0), strict=True)])
    x = RADIUS * np.sqrt(1 - (np.minimum(np.abs(sides[:, 1]), 1.9) / RADIUS / 1.03) ** 2)
    return tube(np.column_stack([x, sides]), 0.035, 6, closed=True)


OBJECT = Kind(build=build, phrase="an airplane", group="vehicle", imagenet=(404, 895), stylised=True)
