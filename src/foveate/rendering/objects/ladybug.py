"""A ladybug: a red dome split down the middle with seven black spots, a black front with white cheeks, six short legs."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.patterns import flat, mix, noise, pick, smoothstep, vary
from foveate.rendering.modelling.profiles import join, smooth, tube
from foveate.rendering.modelling.solids import ball, blend, half_space, limb
from foveate.rendering.scene import Array, Asset, Colour, Kind, Mesh, Part

BLACK, WHITE = (0.035, 0.032, 0.03), (0.93, 0.90, 0.82)


def build(rng: np.random.Generator) -> Asset:
    seed = int(rng.integers(1 << 30))
    long, high = rng.uniform(0.95, 1.06), rng.uniform(0.92, 1.08)
    red = vary(pick(((0.80, 0.07, 0.04), (0.86, 0.20, 0.04), (0.92, 0.38, 0.06)), rng, [0.6, 0.3, 0.1]), rng, 0.04)
    middle = np.array([0, 0.08, 0.15])
    radii = np.array([0.345, 0.425 * long, 0.30 * high])
    dome, _ = blend(ball(middle, radii).within(half_space((0, 0, 0.125), (0, 0, -1))), melt=0, detail=0.0095)
    dome, colour = _elytra(dome, middle, radii, red, rng, seed)
    front = middle[1] - radii[1]
    under, _ = blend(
        ball((0, 0.08, 0.14), (0.30, 0.40 * long, 0.07)),
        ball((0, front + 0.08, 0.16), (0.16, 0.10, 0.07)),
        melt=0.04,
        detail=0.014,
    )
    neck, neck_colour = _pronotum(front)
    nod, look = rng.uniform(-6, 8), rng.uniform(-14, 14)
    head, head_colour, eyes = _head(rng)
    head, eyes = (m.turned(nod, "x").turned(look).moved((0, front - 0.035, 0.175)) for m in (head, eyes))
    return Asset(
        parts=(
            Part(mesh=dome, colour=colour, material="ceramic"),
            Part(mesh=neck, colour=neck_colour, material="plastic", keep=True),
            Part(mesh=head, colour=head_colour, material="plastic", keep=True),
            Part(mesh=eyes, colour=(0.02, 0.02, 0.02), material="eye", keep=True),
            Part(mesh=under, colour=BLACK, material="plastic"),
            Part(mesh=_legs(rng, long), colour=(0.06, 0.045, 0.04), material="plastic"),
        )
    )


def _elytra(
    dome: Mesh, middle: Array, radii: Array, red: Colour, rng: np.random.Generator, seed: int
) -> tuple[Mesh, Array]:
    """The two wing cases: a furrow where they meet, one spot across it in front and three on each, a raised brim."""
    p = dome.vertices.astype(float)
    q = (p - middle) / radii
    x = np.abs(p[:, 0])
    wide = rng.uniform(0.85, 1.2)
    places = [(0.0, -0.80, 0.062), (0.47, -0.46, 0.062), (0.42, 0.13, 0.078), (0.80, -0.02, 0.050), (0.44, 0.62, 0.058)]
    if rng.random() < 0.25:  # a two-spot or a many-spot kind now and then
        places = (
            places[:1] + [(0.40, 0.0, 0.085)]
            if rng.random() < 0.5
            else [*places, (0.20, -0.15, 0.045), (0.2, 0.42, 0.045), (0.74, 0.42, 0.045)]
        )
    spot = np.zeros(len(p))
    for k, (across, along, size) in enumerate(places):
        for side in (-1, 1):
            a, b = across + rng.normal(scale=0.02), along + rng.normal(scale=0.02)
            centre = middle + radii * np.array([side * a if k else 0.0, b, np.sqrt(max(1 - a * a - b * b, 0.02))])
            d = np.linalg.norm((p - centre) * [1, 0.92, 1], axis=1) + 0.012 * (noise(0.07, seed + k)(p) - 0.5)
            spot = np.maximum(spot, 1 - smoothstep(size * wide - 0.006, size * wide + 0.004, d))
    colour = mix(
        flat(red, len(p)), tuple(np.asarray(red) * 0.72), smoothstep(0.4, 0.6, noise(0.10, seed + 20)(p)) * 0.35
    )
    colour = mix(
        colour, tuple(np.clip(np.asarray(red) + (0.05, 0.08, 0.02), 0, 1)), 1 - smoothstep(0.125, 0.20, p[:, 2])
    )
    pale = np.hypot((x - 0.055) / 0.045, (q[:, 1] + 0.93) / 0.075)
    colour = mix(colour, WHITE, (1 - smoothstep(0.8, 1.0, pale)) * 0.9)
    colour = mix(colour, BLACK, spot)
    seam = 1 - smoothstep(0.003, 0.008, x)
    colour = mix(colour, (0.06, 0.02, 0.02), seam)
    p[:, 2] -= 0.012 * (1 - smoothstep(0.0, 0.014, x)) * smoothstep(-0.9, -0.6, q[:, 1])
    brim = 1 - smoothstep(0.125, 0.165, p[:, 2])
    p[:, :2] = (p[:, :2] - middle[:2]) * (1 + 0.025 * brim)[:, None] + middle[:2]
    notch = smoothstep(0.55, 1.0, q[:, 1]) * (1 - smoothstep(0.0, 0.05, x))
    p[:, 1] -= 0.02 * notch
    return dome.reshaped(p), colour


def _pronotum(front: float) -> tuple[Mesh, Array]:
    """The black collar shield, with a white patch on each of its front corners."""
    shield = ball((0, front + 0.10, 0.155), (0.225, 0.135, 0.115)).within(half_space((0, 0, 0.13), (0, 0, -1)))
    mesh, _ = blend(shield, melt=0.0, detail=0.0075)
    p = mesh.vertices
    patch = np.hypot((np.abs(p[:, 0]) - 0.160) / 0.052, (p[:, 1] - front - 0.050) / 0.056)
    edge = (1 - smoothstep(0.006, 0.012, np.abs(p[:, 1] - front + 0.012))) * (np.abs(p[:, 0]) < 0.1) * 0.6
    return mesh, mix(flat(BLACK, len(p)), WHITE, np.clip(1 - smoothstep(0.85, 1.0, patch) + edge, 0, 1))


def _head(rng: np.random.Generator) -> tuple[Mesh, Array, Mesh]:
    mesh, _ = blend(
        ball((0, 0, 0), (0.105, 0.075, 0.065)),
        limb((-0.03, -0.06, -0.03), (0.03, -0.06, -0.03), 0.030),
        melt=0.03,
        detail=0.0075,
    )
    p = mesh.vertices
    marks = np.hypot((np.abs(p[:, 0]) - 0.048) / 0.020, (p[:, 2] - 0.035) / 0.026)
    colour = mix(flat(BLACK, len(p)), WHITE, (1 - smoothstep(0.8, 1.0, marks)) * (p[:, 1] < 0.0))
    colour = mix(colour, (0.35, 0.20, 0.10), smoothstep(0.078, 0.086, -p[:, 1]) * 0.8)
    feelers, tips = [], []
    for side in (-1, 1):
        swing = rng.uniform(-0.03, 0.04)
        path = smooth([
            (0.06 * side, -0.055, 0.01), (0.10 * side, -0.10, 0.025), (0.145 * side, -0.125 + swing, 0.02),
            (0.17 * side, -0.14 + swing, 0.005),
        ], 14)  # fmt: skip
        feelers.append(tube(path, np.r_[np.full(10, 0.0085), 0.012, 0.0155, 0.016, 0.010], 10))
        tips.append(flat((0.30, 0.17, 0.08), len(feelers[-1].vertices)))
    eyes, _ = blend(*ball((0.088, -0.022, 0.012), (0.024, 0.03, 0.03)).mirrored(), melt=0, detail=0.006)
    return join(mesh, *feelers), np.concatenate([colour, *tips]), eyes


def _legs(rng: np.random.Generator, long: float) -> Mesh:
    """Three on each side: thigh out and up, shin down, a foot of small joints with claws."""
    made = []
    for side in (-1, 1):
        for y, ahead in ((-0.20, -0.13), (0.05 * long, 0.02), (0.25 * long, 0.15)):
            swing = rng.uniform(-0.05, 0.05)
            hip, knee = np.array([0.18 * side, y, 0.11]), np.array([0.375 * side, y + ahead * 0.6 + swing * 0.5, 0.135])
            ankle, toe = (
                np.array([0.435 * side, y + ahead + swing, 0.035]),
                np.array([0.495 * side, y + ahead * 1.25 + swing, 0.012]),
            )
            made.append(tube([hip, hip * 0.5 + knee * 0.5, knee], [0.028, 0.034, 0.020], 12))
            made.append(tube([knee, knee * 0.4 + ankle * 0.6, ankle], [0.017, 0.022, 0.016], 12))
            made.append(tube([ankle, ankle * 0.5 + toe * 0.5, toe], [0.013, 0.016, 0.008], 10))
    return join(*made)


OBJECT = Kind(build=build, phrase="a ladybug", group="animal", imagenet=(301,), stylised=True)
