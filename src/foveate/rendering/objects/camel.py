"""A dromedary: one shaggy hump, a neck slung low and raised again, a haughty split-lipped head, knobbly legs on broad pads."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.growing import fur
from foveate.rendering.modelling.patterns import below, flat, mark, mix, noise, pick, smoothstep, vary
from foveate.rendering.modelling.profiles import join, tube
from foveate.rendering.modelling.quadruped import clay, eyes, gait, legs
from foveate.rendering.modelling.solids import Solid, ball, blend, sweep
from foveate.rendering.modelling.surfaces import nearest, posed, swollen, turning
from foveate.rendering.scene import Array, Asset, Colour, Kind, Mesh, Part


def build(rng: np.random.Generator) -> Asset:
    seed = int(rng.integers(1 << 30))
    tan = vary(pick(((0.70, 0.54, 0.36), (0.62, 0.44, 0.28), (0.78, 0.66, 0.48)), rng), rng, 0.03)
    mesh, part = clay(_body(rng), _head(), _legs(rng), melt=0.035, detail=0.0078)
    shag = (
        mark(mesh.vertices, (0, 0.06, 0.74), (0.08, 0.12, 0.07))
        + mark(mesh.vertices, (0, -0.36, 0.40), (0.05, 0.11, 0.045))
        + mark(mesh.vertices, (0, -0.45, 0.79), (0.03, 0.04, 0.03))
    )
    shag += 0.35 * mark(mesh.vertices, (0.09, -0.19, 0.50), (0.05, 0.06, 0.08))
    shag = np.clip(shag, 0, 1)
    mesh = swollen(mesh, 0.016 * shag * noise(0.028, seed + 3)(mesh.vertices * (1, 1, 0.4)))
    p, eye = mesh.vertices, nearest(mesh, (0.045, -0.525, 0.748), 0.002)
    colour = _coat(p, part, tan, seed, eye)
    sway = rng.uniform(-0.03, 0.03)
    tail = tube(
        [(0, 0.315, 0.545), (0, 0.355, 0.50), (sway / 2, 0.36, 0.42), (sway, 0.352, 0.34)], [0.016, 0.011, 0.008, 0.007]
    )
    tuft, _ = blend(
        sweep([(sway, 0.352, 0.345), (sway, 0.35, 0.31), (sway, 0.35, 0.265)], [0.008, 0.015, 0.004]),
        melt=0,
        detail=0.005,
    )
    dark = np.asarray(tan) * 0.5
    parts = (
        Part(mesh=mesh, colour=colour, material="skin"),
        Part(mesh=_ears(), colour=np.asarray(tan) * 0.85, material="skin"),
        Part(mesh=tail, colour=tan, material="skin"),
        Part(mesh=tuft, colour=dark, material="matte"),
        eyes(eye, 0.0095),
    )
    hair = (
        fur(
            mesh,
            colour * 0.95,
            rng,
            length=0.024,
            count=4500,
            comb=(0, 0.5, -0.7),
            tousle=0.5,
            radius=0.0018,
            weight=shag + 1e-4,
        ),
        fur(
            mesh,
            colour,
            rng,
            length=0.009,
            count=6000,
            comb=(0, 0.6, -0.6),
            radius=0.0015,
            weight=smoothstep(0.3, 0.4, p[:, 2]) * (1 - part["head"]),
        ),
    )
    bend, nape = ((0, -0.24, 0.48), (0, -0.42, 0.55)), ((0, -0.46, 0.62), (0, -0.49, 0.74))
    return posed(
        Asset(parts=parts, hair=hair),
        turning(*nape, rng.uniform(-25, 25), "z"),
        turning(*nape, rng.uniform(-8, 12), "x"),
        turning(*bend, rng.uniform(-12, 12), "z"),
        turning(*bend, rng.uniform(-8, 16), "x"),
    )


def _body(rng: np.random.Generator) -> list[Solid]:
    fat, tall, lean = rng.uniform(0.94, 1.06), rng.uniform(0.06, 0.125), rng.uniform(-0.01, 0.05)
    trunk = sweep(
        [(0.245, 0.50), (0.17, 0.525), (0.04, 0.525), (-0.09, 0.51), (-0.18, 0.51)],
        [0.085, 0.100, 0.118 * fat, 0.132, 0.105],
        [0.068, 0.085, 0.112 * fat, 0.108 * fat, 0.080],
        "body",
    )
    hump = sweep(
        [(0.06, 0.58), (0.06 + lean / 2, 0.60 + tall / 2), (0.07 + lean, 0.62 + tall)],
        [0.165, 0.125, 0.062],
        [0.10, 0.075, 0.042],
        "hump",
    )
    neck = sweep(
        [(-0.17, 0.49), (-0.28, 0.455), (-0.375, 0.475), (-0.435, 0.55), (-0.46, 0.64), (-0.475, 0.72)],
        [0.12, 0.080, 0.064, 0.054, 0.048, 0.046],
        [0.075, 0.052, 0.043, 0.039, 0.036, 0.036],
        "neck",
    )
    muscles = [ball((0.055 * s, 0.20, 0.47), (0.05, 0.09, 0.10), "body") for s in (-1, 1)]
    muscles += [ball((0.065 * s, -0.16, 0.47), (0.045, 0.06, 0.11), "body") for s in (-1, 1)]
    pad = ball((0, -0.15, 0.385), (0.045, 0.05, 0.03), "body")
    return [trunk, hump, neck, pad, *muscles]


def _head() -> list[Solid]:
    """Long and flat, with heavy brows, flaring nostrils and a hanging lower lip."""
    skull = sweep(
        [(-0.475, 0.735), (-0.52, 0.738), (-0.575, 0.712), (-0.625, 0.695)],
        [0.050, 0.046, 0.034, 0.028],
        [0.040, 0.042, 0.028, 0.027],
        "head",
    )
    lips = [ball((0.011 * s, -0.643, 0.686), (0.015, 0.018, 0.022), "head") for s in (-1, 1)]
    lower = sweep(
        [(-0.55, 0.675), (-0.61, 0.660), (-0.632, 0.653)], [0.026, 0.016, 0.013], [0.026, 0.018, 0.016], "head"
    )
    brows = [ball((0.034 * s, -0.518, 0.766), (0.014, 0.026, 0.012), "head") for s in (-1, 1)]
    return [skull, lower, *lips, *brows]


def _ears() -> Mesh:
    one, _ = blend(
        sweep(
            [(0.030, -0.458, 0.772), (0.044, -0.452, 0.795), (0.052, -0.444, 0.812)],
            [0.009, 0.008, 0.004],
            [0.012, 0.016, 0.005],
        ),
        melt=0,
        detail=0.004,
    )
    return join(one, one.mirrored())


def _legs(rng: np.random.Generator) -> list[Solid]:
    front, hind = gait(rng, 0.075)
    x = 0.068
    fore = [
        (x, -0.16, 0.47), (x, -0.16, 0.37), (x, -0.168, 0.255), (x, -0.165, 0.21), (x, -0.165, 0.12),
        (x, -0.165, 0.06), (x, -0.182, 0.022),
    ]  # fmt: skip
    back = [
        (x, 0.20, 0.48), (x + 0.004, 0.17, 0.37), (x, 0.235, 0.275), (x, 0.232, 0.24), (x, 0.225, 0.13),
        (x, 0.225, 0.06), (x, 0.207, 0.022),
    ]  # fmt: skip
    return [
        *legs(
            fore,
            [0.07, 0.040, 0.033, 0.025, 0.0195, 0.025, 0.040],
            [0.045, 0.034, 0.032, 0.024, 0.019, 0.024, 0.036],
            front,
        ),
        *legs(
            back,
            [0.11, 0.062, 0.031, 0.026, 0.0195, 0.024, 0.038],
            [0.05, 0.042, 0.025, 0.022, 0.018, 0.023, 0.034],
            hind,
        ),
    ]


def _coat(p: Array, part: dict[str, Array], tan: Colour, seed: int, eye: Colour) -> Array:
    """Sandy, paler below, browner and matted on the hump, the shoulders and the throat; bare calluses on knees and chest."""
    base, matted = np.asarray(tan), noise(0.05, seed, 3)(p * (1, 1, 0.5))
    colour = flat(tan, len(p)) * (0.82 + 0.32 * matted)[:, None]
    colour = mix(
        colour, np.clip(base * 1.15 + 0.05, 0, 1), 0.6 * below(0.38, 0.46, p[:, 2]) * part["body"] + 0.35 * part["leg"]
    )
    brown = 0.8 * smoothstep(0.66, 0.76, p[:, 2]) * np.clip(part["hump"] + part["body"], 0, 1)
    brown += 0.6 * mark(p, (0, -0.36, 0.40), (0.06, 0.13, 0.05), 0.6) + 0.5 * mark(p, (0, -0.45, 0.79), 0.04)
    colour = mix(colour, base * (0.66, 0.60, 0.54), np.clip(brown, 0, 1) * (0.6 + 0.6 * matted).clip(0, 1))
    callus = mark(p, (0.068, -0.195, 0.25), (0.02, 0.02, 0.026)) + mark(p, (0, -0.15, 0.36), (0.04, 0.04, 0.02))
    colour = mix(colour, (0.30, 0.23, 0.18), 0.6 * np.clip(callus, 0, 1))
    nostril = mark(p, (0.013, -0.650, 0.702), (0.008, 0.014, 0.006)) + mark(p, (0, -0.66, 0.683), (0.002, 0.02, 0.02))
    mouth = mark(p, (0.012, -0.62, 0.669), (0.02, 0.05, 0.003))
    colour = mix(
        colour,
        (0.16, 0.11, 0.08),
        np.clip(0.9 * nostril + 0.8 * mouth + 0.85 * mark(p, eye, (0.012, 0.018, 0.013)), 0, 1),
    )
    return mix(colour, base * 0.5, 0.7 * below(0.02, 0.035, p[:, 2]))


OBJECT = Kind(build=build, phrase="a camel", group="animal", imagenet=(354,), stylised=True)
