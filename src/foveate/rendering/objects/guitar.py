"""An acoustic guitar that leans on a little stand: spruce top with soundhole and rosette, bridge, frets, pegs and six strings."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.patterns import flat, mix, noise, pick, smoothstep, vary
from foveate.rendering.modelling.profiles import box, extrude, join, lathe, loft, tube
from foveate.rendering.modelling.solids import ball, blend, limb
from foveate.rendering.scene import Array, Asset, Colour, Kind, Mesh, Part

TOPS = [(0.86, 0.66, 0.38), (0.80, 0.56, 0.28), (0.72, 0.40, 0.16), (0.45, 0.20, 0.10), (0.10, 0.09, 0.09)]
BURST = (0.16, 0.06, 0.03)
DEPTH, HOLE, BRIDGE, NUT = 0.105, 0.335, 0.165, 0.80


def build(rng: np.random.Generator) -> Asset:
    rim = _outline(rng)
    joint = 0.485
    top = vary(pick(TOPS, rng, [0.36, 0.26, 0.18, 0.12, 0.08]), rng, 0.05)
    wood = vary((0.34, 0.15, 0.07) if rng.random() < 0.6 else (0.52, 0.30, 0.14), rng, 0.06)
    sides = extrude(rim, DEPTH)
    face, face_colour = _face(rim, top, rng)
    edges = [tube([(x, y, z) for x, z in rim], 0.0042, 8, closed=True) for y in (-DEPTH / 2, DEPTH / 2)]
    y = -DEPTH / 2
    rosette = [_disc(r0, r1, HOLE, y - lift) for r0, r1, lift in ((0.062, 0.066, 0.0022), (0.055, 0.059, 0.0022))]
    hole = _disc(0.0, 0.050, HOLE, y - 0.0024)
    neck, _ = blend(
        limb((0, y + 0.012, joint - 0.02), (0, y + 0.010, NUT), 0.030, 0.024),
        limb((0, y + 0.02, joint + 0.03), (0, 0.03, joint - 0.01), 0.032, 0.04),
        melt=0.04,
        detail=0.007,
    )
    board = extrude([(-0.029, HOLE + 0.055), (0.029, HOLE + 0.055), (0.0225, NUT), (-0.0225, NUT)], 0.016).moved(
        (0, y - 0.008, 0)
    )
    scale = NUT - BRIDGE
    frets = [NUT - scale * (1 - 2 ** (-k / 12)) for k in range(1, 19)]
    wires = [box((0.046 + 0.013 * (NUT - z) / 0.4, 0.003, 0.0028), (0, y - 0.0165, z)) for z in frets]
    dots = [_disc(0, 0.0048, (frets[k - 1] + frets[k - 2]) / 2, y - 0.0165) for k in (3, 5, 7, 9, 12, 15)]
    head = extrude([
        (-0.024, NUT - 0.003), (0.024, NUT - 0.003), (0.036, NUT + 0.025), (0.040, 0.975), (0.02, 0.985),
        (0.0, 0.978), (-0.02, 0.985), (-0.040, 0.975), (-0.036, NUT + 0.025),
    ], 0.018)  # fmt: skip
    pegs, posts, strings = [], [], []
    for k in range(6):
        side, row = (-1, 1)[k // 3], k % 3
        z = NUT + 0.05 + 0.05 * (row if side < 0 else 2 - row)
        posts.append(
            lathe([(0.0, -0.012), (0.006, -0.012), (0.005, 0.0), (0.010, 0.002), (0.010, 0.004)][::-1], 12)
            .turned(90, "x")
            .moved((side * 0.024, y - 0.004, z))
        )
        pegs += [
            ball((side * 0.060, y + 0.006, z), (0.015, 0.008, 0.011)),
            limb((side * 0.03, y + 0.006, z), (side * 0.055, y + 0.006, z), 0.004),
        ]
        at = (k - 2.5) / 5
        path = [
            (at * 0.056, y - 0.016, BRIDGE), (at * 0.056, y - 0.024, BRIDGE + 0.006), (at * 0.038, y - 0.019, NUT),
            (side * 0.022, y - 0.008, z),
        ]  # fmt: skip
        strings.append(tube(path, 0.0014 - 0.0001 * k, 5))
    bridge = extrude([
        (-0.085, BRIDGE - 0.016), (-0.04, BRIDGE - 0.02), (0.04, BRIDGE - 0.02), (0.085, BRIDGE - 0.016),
        (0.085, BRIDGE + 0.002), (0.04, BRIDGE + 0.012), (-0.04, BRIDGE + 0.012), (-0.085, BRIDGE + 0.002),
    ], 0.018)  # fmt: skip
    ivory = [box((0.072, 0.006, 0.003), (0, y - 0.019, BRIDGE + 0.005)), box((0.046, 0.02, 0.006), (0, y - 0.009, NUT))]
    ivory += dots
    guard = extrude(
        [(0.052, 0.29), (0.075, 0.24), (0.115, 0.235), (0.12, 0.27), (0.085, 0.325), (0.065, 0.35), (0.058, 0.33)],
        0.003,
    )
    dark = (0.07, 0.045, 0.035)
    buttons, _ = blend(pegs, melt=0.006, detail=0.0035)
    wooden: list[tuple[Mesh, Colour | Array, str, bool]] = [
        (sides, wood, "wood", False), (neck, wood, "leaf", True), (head.moved((0, y + 0.008, 0)), vary(dark, rng, 0.3), "plastic", False),
        (face, face_colour, "ceramic", False), (join(*edges), (0.88, 0.80, 0.62) if rng.random() < 0.7 else dark, "plastic", True),
        (join(*rosette), (0.16, 0.08, 0.05), "matte", False), (hole, (0.02, 0.015, 0.012), "matte", False), (board, dark, "leaf", False),
        (join(*wires, *posts), (0.75, 0.74, 0.70), "steel", False), (join(*ivory), (0.90, 0.88, 0.80), "plastic", False),
        (join(*strings), (0.78, 0.70, 0.55), "steel", True), (bridge.moved((0, y - 0.008, 0)), dark, "leaf", False),
        (buttons, (0.80, 0.80, 0.78), "steel", True),
    ]  # fmt: skip
    if rng.random() < 0.65:
        wooden.append(
            (
                guard.moved((0, y - 0.002, 0)),
                (0.12, 0.05, 0.03) if rng.random() < 0.5 else (0.04, 0.04, 0.04),
                "ceramic",
                False,
            )
        )
    lean = rng.uniform(-16, -11)
    parts = [
        Part(mesh=m.turned(lean, "x").moved((0, 0, 0.10)), colour=c, material=name, smooth=soft)
        for m, c, name, soft in wooden
    ]
    return Asset(parts=(*parts, *_stand(lean)))


def _outline(rng: np.random.Generator) -> list[tuple[float, float]]:
    """The body seen from the front, counter-clockwise from the tail: lower bout, waist, upper bout; perhaps with a cutaway."""
    from scipy.interpolate import CubicSpline

    lower, waist, upper = rng.uniform(0.192, 0.210), rng.uniform(0.118, 0.138), rng.uniform(0.140, 0.155)
    right = [(0.0, 0.0), (0.085, 0.006), (0.155, 0.042), (lower, 0.125), (0.5 * (lower + waist) + 0.012, 0.225), (waist, 0.305),
             (0.5 * (waist + upper), 0.365), (upper, 0.415), (0.72 * upper, 0.472), (0.04, 0.489)]  # fmt: skip
    left = [(-x, z) for x, z in right[:0:-1]]
    if rng.random() < 0.25:  # a cutaway, so that the hand reaches the upper frets
        right[-3:] = [(upper * 0.92, 0.40), (0.085, 0.435), (0.034, 0.455)]
    p = np.asarray([*right, *left, right[0]])
    t = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(p, axis=0), axis=1) ** 0.5)])
    curve = CubicSpline(t, p, bc_type="periodic")(np.linspace(0, t[-1], 110, endpoint=False))
    return [(float(x), float(z)) for x, z in curve]


def _face(rim: list[tuple[float, float]], top: Colour, rng: np.random.Generator) -> tuple[Mesh, Array]:
    """The sound board in rings, so that it can be shaded towards its edge; straight grain along z."""
    edge, rings = np.asarray(rim), 40
    centre = np.array([0.0, 0.22])
    share = np.linspace(1, 0.0, rings)
    flat_rows = centre + (edge - centre)[None] * share[:, None, None]
    p = np.stack([flat_rows[..., 0], np.full(flat_rows.shape[:2], -DEPTH / 2 - 0.0016), flat_rows[..., 1]], -1)
    points = p.reshape(-1, 3)
    grain = noise(0.012, int(rng.integers(1 << 30)), 3)(points * (1, 1, 0.02))
    colour = mix(flat(top, len(points)), tuple(float(0.72 * c) for c in top), smoothstep(0.4, 0.75, grain))
    if rng.random() < 0.3:
        colour = mix(colour, BURST, np.repeat(smoothstep(0.62, 0.97, share), len(edge)))
    return loft(p, ring=True), colour


def _disc(inner: float, outer: float, z: float, y: float) -> Mesh:
    """A flat ring that faces −y."""
    return lathe([(outer, 0.0), (inner, 0.0)], 48).turned(90, "x").moved((0, y, z))


def _stand(lean: float) -> tuple[Part, ...]:
    """Two forked legs in front, one behind, a pair of cradle arms with foam."""
    bars = []
    for side in (-1, 1):
        bars.append([(0, 0.11, 0.42), (side * 0.10, 0.06, 0.16), (side * 0.19, 0.0, 0.012)])
        bars.append([(side * 0.10, 0.06, 0.155), (side * 0.105, -0.09, 0.125), (side * 0.105, -0.115, 0.165)])
    bars += [[(0, 0.11, 0.42), (0, 0.28, 0.012)], [(-0.10, 0.06, 0.16), (0.10, 0.06, 0.16)]]
    mesh = join(*(tube(bar, 0.009, 10) for bar in bars))
    feet, _ = blend([ball(bar[-1], 0.014) for bar in (bars[0], bars[2], bars[4])], melt=0, detail=0.005)
    return Part(mesh=mesh, colour=(0.05, 0.05, 0.055), material="plastic"), Part(
        mesh=feet, colour=(0.03, 0.03, 0.03), material="rubber"
    )


OBJECT = Kind(build=build, phrase="a guitar", group="other", imagenet=(402, 546))
