"""A box turtle: a high dome of horny plates with yellow rays on brown, scaly legs, a blunt head with a beak."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.patterns import flat, mix, noise, smoothstep, spots, vary
from foveate.rendering.modelling.profiles import lathe, smooth
from foveate.rendering.modelling.solids import ball, blend, chain, limb
from foveate.rendering.scene import Array, Asset, Colour, Kind, Mesh, Part


def build(rng: np.random.Generator) -> Asset:
    seed = int(rng.integers(1 << 30))
    high, wide = rng.uniform(0.88, 1.1), rng.uniform(0.94, 1.06)
    yellow = vary((0.86, 0.63, 0.20), rng, 0.08)
    brown = vary((0.20, 0.135, 0.085), rng, 0.05)
    shell, shell_colour = _shell(high, wide, yellow, brown, rng, seed)
    plate, _ = blend(ball((0, 0.0, 0.095), (0.285 * wide, 0.375, 0.055)), melt=0, detail=0.014)
    plate_colour = mix(flat((0.70, 0.55, 0.28), len(plate.vertices)), brown, noise(0.12, seed + 4)(plate.vertices))
    body, part, crown, look = _body(rng, wide)
    p = body.vertices.astype(float)
    flecks = spots(p, 0.034, 0.30, seed + 7, 0.1) * smoothstep(0.35, 0.6, noise(0.09, seed + 8)(p))
    hide = vary((0.46, 0.38, 0.27), rng, 0.06)
    colour = mix(mix(flat(hide, len(p)), (0.24, 0.20, 0.15), noise(0.05, seed + 3)(p) * 0.8), yellow, flecks * 0.95)
    colour = mix(colour, (0.72, 0.50, 0.20), smoothstep(0.3, 0.8, part["beak"]) * 0.7)
    colour = mix(colour, (0.12, 0.10, 0.08), smoothstep(0.5, 0.8, part["claw"]))
    q = (body.vertices - crown).astype(float)
    q = np.stack(
        [q[:, 0] * np.cos(look) + q[:, 1] * np.sin(look), -q[:, 0] * np.sin(look) + q[:, 1] * np.cos(look), q[:, 2]], -1
    )
    mouth = (np.abs(q[:, 2] + 0.020 + 0.12 * q[:, 1]) < 0.004) & (q[:, 1] < -0.005) & (np.abs(q).max(1) < 0.12)
    colour = mix(colour, (0.08, 0.06, 0.05), mouth.astype(float))
    eye = [ball((0.052, -0.040, 0.020), 0.017).mirrored(), ball((0.060, -0.046, 0.020), 0.0115).mirrored()]
    iris, pupil = (blend(*pair, melt=0, detail=0.004)[0].turned(float(np.degrees(look))).moved(crown) for pair in eye)
    return Asset(
        parts=(
            Part(mesh=shell, colour=shell_colour, material="plastic"),
            Part(mesh=plate, colour=plate_colour, material="skin"),
            Part(mesh=body, colour=colour, material="scales", scale=0.55),
            Part(mesh=iris, colour=vary((0.75, 0.25, 0.08), rng), material="eye", keep=True),
            Part(mesh=pupil, colour=(0.01, 0.01, 0.01), material="eye", keep=True),
        )
    )


def _centres() -> Array:
    """Where the plates' middles lie, as (angle from the top across, place along) on the dome: 5 on the ridge, 4 on each flank,
    and a row around the rim."""
    ridge = [(0.0, y) for y in (-0.30, -0.165, 0.0, 0.165, 0.30)]
    flank = [(s * 0.86, y) for s in (-1, 1) for y in (-0.245, -0.085, 0.085, 0.245)]
    return np.array(ridge + flank)


def _shell(
    high: float, wide: float, yellow: Colour, brown: Colour, rng: np.random.Generator, seed: int
) -> tuple[Mesh, Array]:
    """The dome: furrows between the plates, growth rings on them, rays from their middles."""
    profile = smooth(
        [(1.03, 0.02), (1.06, 0.05), (0.98, 0.12), (0.88, 0.36), (0.70, 0.64), (0.42, 0.88), (0.16, 0.98), (0.0, 1.0)],
        150,
    )
    mesh = lathe([(r, h) for r, h in profile], 240)
    unit = mesh.vertices.astype(float)
    size = np.array([0.285 * wide, 0.38, 0.27 * high])
    p = unit * size
    p[:, 2] += 0.02 * (unit[:, 1] ** 2) * (unit[:, 2] < 0.2)
    across, along = np.arctan2(unit[:, 0], unit[:, 2] + 0.05), unit[:, 1] * size[1]
    centres = _centres() + rng.normal(scale=0.006, size=(13, 2))
    d = np.hypot((across[:, None] - centres[:, 0]) * 0.185, (along[:, None] - centres[:, 1]) * 0.95)
    d[:, 5:] -= 0.004
    order = np.argsort(d, axis=1)
    first, second = np.take_along_axis(d, order[:, :2], 1).T
    cell = order[:, 0]
    around = np.arctan2(unit[:, 0], -unit[:, 1])
    rim = unit[:, 2] < 0.27
    step = around / (2 * np.pi) * 24 + 0.5
    rim_seam = np.abs(step - np.round(step)) * 0.085
    border = np.where(
        rim,
        np.minimum(rim_seam, np.abs(unit[:, 2] - 0.27) * 0.23),
        np.minimum((second - first) / 2, np.abs(unit[:, 2] - 0.27) * 0.25),
    )
    furrow = 1 - smoothstep(0.0, 0.008, border)
    rings = (
        np.sin(border * 2 * np.pi / 0.013) * smoothstep(0.004, 0.012, border) * (1 - smoothstep(0.045, 0.07, border))
    )
    out = unit / np.array([1, 1, 1]) / size
    out /= np.linalg.norm(out, axis=1)[:, None]
    bulge = 0.010 * smoothstep(0, 0.05, border)
    p += out * (bulge - 0.007 * furrow + 0.0013 * rings)[:, None]
    middle = centres[cell]
    dx, dy = (across - middle[:, 0]) * 0.185 * np.sign(middle[:, 0] + 1e-9), along - middle[:, 1]
    dx = np.where(middle[:, 0] == 0, np.abs(dx), dx) + np.where(
        cell >= 5, 0.035, 0.0
    )  # rays start above the middle on the flanks
    angle, radius = np.arctan2(dy, dx), np.hypot(dx, dy)
    count, fill = rng.integers(5, 9), rng.uniform(-0.1, 0.5)  # more rays or fewer, broad or fine
    wobble = 1.2 * (noise(0.05, seed)(p) - 0.5) + 1.7 * np.sin(5.1 * cell)
    rays = (
        smoothstep(fill, fill + 0.4, np.sin(angle * count + wobble))
        * smoothstep(0.010, 0.022, radius)
        * smoothstep(0.25, 0.42, noise(0.035, seed + 1)(p))
    )
    blot = smoothstep(0.60, 0.66, noise(0.045, seed + 2)(p))
    dash = (1 - smoothstep(0.018, 0.026, np.abs(rim_seam - 0.028 + 0.01 * np.sin(9 * around)))) * smoothstep(
        0.3, 0.5, noise(0.04, seed + 5)(p)
    )
    pattern = np.where(rim, dash * 0.8, np.clip(np.maximum(rays, blot * 0.7), 0, 1))
    colour = mix(
        mix(flat(brown, len(p)), yellow, pattern * smoothstep(0.004, 0.010, border)), (0.07, 0.05, 0.035), furrow
    )
    return mesh.reshaped(p + [0, 0, 0.085]), colour * (1 + 0.10 * rings[:, None])


def _body(rng: np.random.Generator, wide: float) -> tuple[Mesh, dict[str, Array], Array, float]:
    """Head, legs and tail under the shell; also where the head is and how far it is turned, in radians."""
    look, rise, out = rng.uniform(-0.6, 0.6), rng.uniform(-0.02, 0.09), rng.uniform(-0.05, 0.03)
    crown = np.array([0.06 * np.sin(look), -0.46 - out, 0.185 + rise])
    turn = float(np.degrees(look))
    beak = limb(crown + [0, -0.055, -0.012], crown + [0, -0.075, -0.028], 0.028, 0.016, "beak").turned(turn, "z", crown)
    solids = [
        *chain([(0, -0.25, 0.125), (0, -0.36, 0.145 + rise / 2), crown], [0.075, 0.062, 0.052], "neck"),
        ball(crown, (0.062, 0.078, 0.054), "head").turned(turn, "z", crown),
        beak,
        *chain([(0, 0.33, 0.10), (0, 0.41, 0.06), (0.03, 0.46, 0.035)], [0.035, 0.022, 0.008], "neck"),
    ]
    for side in (-1, 1):
        for y, way, size in ((-0.24, -1, 1.0), (0.25, 1, 1.05)):
            stride = rng.uniform(-0.05, 0.05)
            hip, foot = (
                np.array([0.19 * wide * side, y, 0.105]),
                np.array([0.245 * wide * side, y + 0.05 * way + stride, 0.03]),
            )
            knee = (hip + foot) / 2 + [0.040 * side, 0, 0.015]
            solids += chain([hip, knee, foot], [0.070 * size, 0.062 * size, 0.050 * size], "leg")
            for toe in (-0.03, -0.01, 0.012, 0.034):
                start = foot + [toe * 0.9 + 0.012 * side, -0.035, -0.008]
                solids.append(limb(start, start + [toe * 0.3, -0.030, -0.014], 0.013, 0.005, "claw"))
    mesh, part = blend(solids, melt=0.03, detail=0.0095)
    folds = 0.004 * np.sin(mesh.vertices[:, 1] * 140)[:, None] * part["neck"][:, None] * [0, 0, 1.0]
    mesh = mesh.reshaped(mesh.vertices + folds)
    return mesh, part, crown, look


OBJECT = Kind(build=build, phrase="a turtle", group="animal", imagenet=(35, 36, 37))
