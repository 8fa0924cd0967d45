"""A giraffe: a sloping back on stilts, a long neck with a brush of mane, brown patches on cream, two furry horns."""

from __future__ import annotations

from functools import partial

import numpy as np

from foveate.rendering.modelling.patterns import below, flat, mark, mix, noise, pick, smoothstep, spots, vary
from foveate.rendering.modelling.profiles import join, tube
from foveate.rendering.modelling.quadruped import clay, eyes, gait, legs
from foveate.rendering.modelling.solids import Solid, ball, blend, sweep
from foveate.rendering.modelling.surfaces import posed, turning
from foveate.rendering.scene import Array, Asset, Colour, Kind, Mesh, Part


def build(rng: np.random.Generator) -> Asset:
    seed, long = int(rng.integers(1 << 30)), rng.uniform(0.95, 1.06)
    cream = vary((0.83, 0.73, 0.55), rng, 0.04)
    brown = vary(pick(((0.50, 0.27, 0.12), (0.36, 0.20, 0.10), (0.60, 0.36, 0.17)), rng), rng, 0.03)
    mesh, part = clay(_body(rng), _head(), _legs(rng), melt=0.025, detail=0.0062)
    colour = _coat(mesh.vertices, part, cream, brown, seed, rng)
    mane, _ = blend(
        sweep(
            [(-0.09, 0.635), (-0.15, 0.70), (-0.205, 0.79), (-0.262, 0.90), (-0.285, 0.945)],
            [0.006, 0.016, 0.017, 0.016, 0.008],
            [0.006] * 5,
        ),
        melt=0,
        detail=0.0045,
    )
    ears = _ears()
    inner = mix(
        flat(cream, len(ears.vertices)), (0.32, 0.22, 0.17), mark(ears.vertices, (0.062, -0.312, 0.938), 0.02, 0.6)
    )
    knobs, _ = blend(*[ball((0.021 * s, -0.293, 0.997), 0.0095) for s in (-1, 1)], melt=0, detail=0.004)
    sway = rng.uniform(-0.02, 0.02)
    tail = tube(
        [(0, 0.185, 0.50), (0, 0.215, 0.45), (sway / 2, 0.218, 0.38), (sway, 0.212, 0.31)], [0.011, 0.007, 0.005, 0.005]
    )
    tuft, _ = blend(
        sweep([(sway, 0.212, 0.32), (sway, 0.211, 0.28), (sway * 1.2, 0.212, 0.23)], [0.006, 0.012, 0.004]),
        melt=0,
        detail=0.004,
    )
    whole = Asset(
        parts=(
            Part(mesh=mesh, colour=colour, material="skin"),
            Part(mesh=mane, colour=np.asarray(brown) * 0.8 + 0.05, material="fur", scale=0.5),
            Part(mesh=ears, colour=inner, material="skin"),
            Part(mesh=join(knobs, tuft), colour=(0.07, 0.05, 0.04), material="fur"),
            Part(mesh=tail, colour=cream, material="skin"),
            eyes((0.0285, -0.352, 0.927), 0.0075),
        )
    )
    neck, nape = ((0, -0.13, 0.58), (0, -0.24, 0.78)), ((0, -0.285, 0.86), (0, -0.325, 0.93))
    return posed(
        whole,
        partial(_stretched, long=long),
        turning(*nape, rng.uniform(-22, 22), "z"),
        turning(*nape, rng.uniform(-10, 14), "x"),
        turning(*neck, rng.uniform(-14, 14), "y"),
        turning(*neck, rng.uniform(-6, 16), "x"),
    )


def _stretched(p: Array, long: float) -> Array:
    """A longer or shorter neck: all above the shoulders moves along it."""
    return p + (p - (0, -0.16, 0.6)) * (long - 1) * smoothstep(0, 0.2, p[:, 2:] - 0.6)


def _body(rng: np.random.Generator) -> list[Solid]:
    fat = rng.uniform(0.94, 1.06)
    barrel = sweep(
        [(0.15, 0.455), (0.10, 0.46), (0.0, 0.475), (-0.09, 0.50), (-0.15, 0.52)],
        [0.075, 0.088, 0.098 * fat, 0.108, 0.08],
        [0.052, 0.068, 0.082 * fat, 0.072, 0.05],
        "body",
    )
    withers = sweep([(-0.02, 0.56), (-0.09, 0.60), (-0.13, 0.61)], [0.03, 0.035, 0.035], [0.03, 0.03, 0.03], "body")
    neck = sweep(
        [(-0.11, 0.53), (-0.165, 0.625), (-0.215, 0.72), (-0.265, 0.82), (-0.305, 0.905)],
        [0.10, 0.070, 0.050, 0.040, 0.034],
        [0.065, 0.046, 0.036, 0.030, 0.026],
        "neck",
    )
    muscles = [
        ball((0.04 * s, y, z), r, "body")
        for s in (-1, 1)
        for y, z, r in ((0.12, 0.45, (0.045, 0.075, 0.10)), (-0.12, 0.49, (0.045, 0.05, 0.105)))
    ]
    return [barrel, withers, neck, *muscles]


def _head() -> list[Solid]:
    skull = sweep(
        [(-0.305, 0.925), (-0.345, 0.918), (-0.395, 0.888), (-0.44, 0.862)],
        [0.036, 0.031, 0.021, 0.0175],
        [0.027, 0.028, 0.018, 0.0175],
        "head",
    )
    lips = ball((0, -0.447, 0.853), (0.017, 0.015, 0.013), "head")
    brows = [ball((0.02 * s, -0.348, 0.932), (0.012, 0.018, 0.010), "head") for s in (-1, 1)]
    horns = [
        sweep([(0.012 * s, -0.312, 0.945), (0.021 * s, -0.294, 0.992)], [0.0115, 0.0075], part="head") for s in (-1, 1)
    ]
    return [skull, lips, *brows, *horns]


def _ears() -> Mesh:
    """Pointed leaves held out sideways."""
    one, _ = blend(
        sweep(
            [(0.022, -0.296, 0.932), (0.045, -0.296, 0.944), (0.078, -0.292, 0.952)],
            [0.005, 0.005, 0.003],
            [0.006, 0.016, 0.003],
            side=(0, 0.2, 1),
        ),
        melt=0,
        detail=0.0035,
    )
    return join(one, one.mirrored())


def _legs(rng: np.random.Generator) -> list[Solid]:
    front, hind = gait(rng, 0.05)
    x = 0.048
    fore = [
        (x, -0.115, 0.44), (x, -0.118, 0.335), (x, -0.128, 0.225), (x, -0.122, 0.185), (x, -0.120, 0.10),
        (x, -0.122, 0.05), (x, -0.132, 0.015),
    ]  # fmt: skip
    back = [
        (x, 0.115, 0.44), (x, 0.10, 0.33), (x, 0.15, 0.235), (x, 0.152, 0.20), (x, 0.142, 0.10), (x, 0.142, 0.05),
        (x, 0.130, 0.015),
    ]  # fmt: skip
    return [
        *legs(
            fore,
            [0.055, 0.032, 0.0215, 0.018, 0.0135, 0.017, 0.021],
            [0.035, 0.026, 0.020, 0.016, 0.0125, 0.0155, 0.019],
            front,
        ),
        *legs(
            back,
            [0.075, 0.045, 0.0235, 0.020, 0.0140, 0.017, 0.021],
            [0.038, 0.032, 0.018, 0.016, 0.0125, 0.0155, 0.019],
            hind,
        ),
    ]


def _coat(p: Array, part: dict[str, Array], cream: Colour, brown: Colour, seed: int, rng: np.random.Generator) -> Array:
    """Patches, smaller on the neck and the legs, none on the shins, the belly and the muzzle."""
    torn = noise(0.03, seed + 3, 2)(p)[:, None] * rng.uniform(0.004, 0.022)
    share = rng.uniform(0.84, 0.93)
    large, small = (
        spots(p * (1.3, 1, 1) + torn, 0.068, share, seed, 0.12),
        spots(p * (1.3, 1, 1) + torn, 0.044, share - 0.03, seed + 1, 0.14),
    )
    fine = np.clip(part["leg"] * below(0.34, 0.40, p[:, 2]) + part["head"] + smoothstep(0.74, 0.80, p[:, 2]), 0, 1)
    amount = large * (1 - fine) + small * fine
    belly = below(0.375, 0.40, p[:, 2]) * below(0.03, 0.06, np.abs(p[:, 0])) * part["body"]
    bare = np.clip(belly + below(0.12, 0.22, p[:, 2]) + part["head"] * below(-0.37, -0.33, p[:, 1]), 0, 1)
    shade = np.asarray(brown) * (0.75 + 0.5 * noise(0.12, seed + 2)(p))[:, None]
    colour = mix(flat(cream, len(p)), shade, amount * (1 - bare))
    colour = mix(colour, np.asarray(cream) * 0.8, 0.6 * part["head"])
    colour = mix(colour, (0.36, 0.27, 0.21), 0.8 * below(-0.445, -0.415, p[:, 1]))
    colour = mix(
        colour,
        (0.16, 0.11, 0.08),
        np.clip(mark(p, (0.0285, -0.352, 0.927), 0.012) + mark(p, (0.012, -0.456, 0.866), 0.006), 0, 1),
    )
    return mix(colour, (0.17, 0.13, 0.10), below(0.022, 0.032, p[:, 2]))


OBJECT = Kind(build=build, phrase="a giraffe", group="animal")
