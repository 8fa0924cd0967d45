"""A rock crab: a broad shell with a toothed brim, two heavy claws, four pairs of jointed legs, eyes on stalks."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.patterns import flat, mix, noise, smoothstep, spots, vary
from foveate.rendering.modelling.solids import Solid, ball, blend, chain, limb
from foveate.rendering.scene import Array, Asset, Kind, Mesh, Part


def build(rng: np.random.Generator) -> Asset:
    seed = int(rng.integers(1 << 30))
    tones = ((0.66, 0.20, 0.11), (0.74, 0.33, 0.14), (0.52, 0.17, 0.14), (0.60, 0.38, 0.22))
    red = vary(tones[int(rng.choice(4, p=[0.4, 0.3, 0.15, 0.15]))], rng, 0.05)
    high = rng.uniform(0.15, 0.19)
    shell, shell_colour = _shell(red, high, rng, seed)
    limbs = [_claw(side, high, rng) for side in (-1, 1)] + [
        _leg(side, k, high, rng) for side in (-1, 1) for k in range(4)
    ]
    mesh, part = blend([s for one in limbs for s in one], melt=0.012, detail=0.0085)
    p = mesh.vertices.astype(float)
    grain = noise(0.03, seed + 5)(p)
    colour = mix(flat(red, len(p)), tuple(np.asarray(red) * 0.6), smoothstep(0.4, 0.65, grain) * 0.7)
    colour = mix(colour, (0.86, 0.66, 0.46), part["joint"] * 0.75)
    colour = mix(
        colour,
        (0.90, 0.76, 0.58),
        0.75 * part["palm"] * (1 - smoothstep(0.35, 0.5, grain + 2.2 * (p[:, 2] - high + 0.02))),
    )
    colour = mix(colour, (0.09, 0.06, 0.055), smoothstep(0.4, 0.7, part["finger"]))
    colour = mix(colour, tuple(np.asarray(red) * 0.35), smoothstep(0.4, 0.8, part["tip"]))
    face, _ = blend(
        ball((0, -0.150, high - 0.035), (0.12, 0.045, 0.05)),
        *limb((0.025, -0.193, high - 0.025), (0.030, -0.195, high - 0.085), 0.024, 0.018).mirrored(),
        melt=0.012,
        detail=0.007,
    )
    stalks, _ = blend(
        *limb((0.055, -0.180, high + 0.02), (0.062, -0.208, high + 0.052), 0.013, 0.012).mirrored(),
        melt=0,
        detail=0.005,
    )
    eyes, _ = blend(*ball((0.063, -0.211, high + 0.060), (0.0165, 0.0165, 0.019)).mirrored(), melt=0, detail=0.004)
    return Asset(
        parts=(
            Part(mesh=shell, colour=shell_colour, material="plastic"),
            Part(mesh=mesh, colour=colour, material="plastic"),
            Part(mesh=face, colour=(0.84, 0.66, 0.46), material="plastic"),
            Part(mesh=stalks, colour=red, material="plastic", keep=True),
            Part(mesh=eyes, colour=(0.02, 0.02, 0.02), material="eye", keep=True),
        )
    )


def _shell(red: tuple[float, ...], high: float, rng: np.random.Generator, seed: int) -> tuple[Mesh, Array]:
    """A fan-shaped dome: wide before the middle, narrow behind, with blunt teeth on the front brim and humps above."""
    teeth: list[Solid] = []
    for side in (-1, 1):
        for a in np.radians(np.linspace(8, 74, 8)):
            at = np.array([side * 0.300 * np.cos(a) ** 0.8, -0.035 - 0.155 * np.sin(a), high])
            teeth.append(limb(at * (0.9, 0.9, 1), at * (1.06, 1.10, 1) + [0, 0, 0.006], 0.030, 0.010))
    dome = [
        ball((0, -0.02, high), (0.305, 0.175, 0.090)),
        ball((0, 0.08, high - 0.005), (0.195, 0.125, 0.075)),
        *ball((0.085, -0.03, high + 0.048), (0.08, 0.08, 0.045)).mirrored(),
        ball((0, 0.045, high + 0.045), (0.085, 0.065, 0.035)),
    ]
    mesh, _ = blend(dome, teeth, melt=0.025, detail=0.0075)
    p = mesh.vertices.astype(float)
    grain = noise(0.012, seed, 2)(p)
    p[:, 2] += 0.003 * (grain - 0.5) * smoothstep(0, 0.03, p[:, 2] - high)
    groove = np.abs(np.hypot((np.abs(p[:, 0]) - 0.0) / 0.9, (p[:, 1] + 0.035)) - 0.088)
    line = (1 - smoothstep(0.004, 0.012, groove)) * (p[:, 1] > -0.03) * (p[:, 2] > high + 0.02)
    p[:, 2] -= 0.007 * line
    dark = tuple(np.asarray(red) * 0.48)
    colour = mix(flat(red, len(p)), dark, smoothstep(0.42, 0.62, noise(0.09, seed + 1)(p)) * 0.75)
    colour = mix(
        colour,
        (0.92, 0.72, 0.48),
        0.75 * spots(p, 0.026, 0.22, seed + 2, 0.1) * smoothstep(0.4, 0.55, noise(0.08, seed + 3)(p)),
    )
    colour = mix(colour, dark, 0.6 * line)
    colour = mix(colour, (0.90, 0.74, 0.55), 0.85 * (1 - smoothstep(-0.03, -0.008, p[:, 2] - high)))
    return mesh.reshaped(p), np.clip(colour * (0.85 + 0.3 * grain[:, None]), 0, 1)


def _claw(side: int, high: float, rng: np.random.Generator) -> list[Solid]:
    """An arm that comes round to the front, a swollen hand, a fixed finger and one that opens."""
    size, gape, lift, inward = rng.uniform(1.3, 1.6), rng.uniform(8, 32), rng.uniform(0.0, 0.08), rng.uniform(-10, 18)
    shoulder = np.array([0.185 * side, -0.12, high - 0.03])
    elbow = np.array([0.345 * side, -0.195, high + 0.005 + lift * 0.5])
    wrist = np.array([0.330 * side, -0.305, high - 0.02 + lift])
    palm = wrist + [-0.045 * side, -0.075, -0.01]
    tip = palm + [-0.050 * side, -0.155 * size, -0.025]
    upper = palm + [-0.035 * side, -0.155 * size, 0.030]
    hand = [
        limb(wrist + [-0.01 * side, -0.025, 0], palm + [-0.012 * side, -0.015, 0], 0.046 * size, 0.066 * size, "palm"),
        ball(palm + [-0.02 * side, -0.02, -0.005], (0.045 * size, 0.075 * size, 0.068 * size), "palm"),
        *chain(
            [palm + [-0.03 * side, -0.080, -0.030], (palm + tip) / 2 + [-0.01 * side, -0.045, -0.025], tip],
            [0.036 * size, 0.032, 0.010],
            "finger",
        ),
    ]
    thumb = chain(
        [palm + [-0.03 * side, -0.065, 0.030], (palm + upper) / 2 + [-0.01 * side, -0.055, 0.035], upper],
        [0.034 * size, 0.030, 0.010],
        "finger",
    )
    hand += [t.turned(-gape * 0.5, "x", palm) for t in thumb]
    return [
        limb(shoulder, elbow, 0.036, 0.044, "leg"),
        ball(elbow, 0.042, "joint"),
        limb(elbow, wrist, 0.046, 0.048, "leg"),
        ball(wrist, 0.040, "joint"),
        *(h.turned(-side * inward, "z", wrist) for h in hand),
    ]


def _leg(side: int, k: int, high: float, rng: np.random.Generator) -> list[Solid]:
    """Flat thigh up and out, shin, a pointed toe on the ground."""
    way = np.radians([-20, 3, 26, 50][k] + rng.normal(scale=5))
    reach = [0.36, 0.40, 0.39, 0.33][k] * rng.uniform(0.93, 1.05)
    out = np.array([side * np.cos(way), np.sin(way), 0])
    hip = np.array([0.185 * side, -0.045 + 0.052 * k, high - 0.035])
    knee = hip + out * reach * 0.44 + [0, 0, rng.uniform(0.055, 0.10)]
    ankle = hip + out * reach * 0.74 + [0, 0, rng.uniform(-0.01, 0.03)]
    toe = hip + out * reach
    toe[2] = 0.006
    return [
        limb(hip, knee, 0.037, 0.033, "leg"),
        ball(knee, 0.032, "joint"),
        limb(knee + (ankle - knee) * 0.1, ankle, 0.031, 0.024, "leg"),
        ball(ankle, 0.022, "joint"),
        limb(ankle, ankle * 0.35 + toe * 0.65, 0.022, 0.015, "leg"),
        limb(ankle * 0.35 + toe * 0.65, toe, 0.013, 0.006, "tip"),
    ]


OBJECT = Kind(build=build, phrase="a crab", group="animal", imagenet=(118, 119, 120, 121), stylised=True)
