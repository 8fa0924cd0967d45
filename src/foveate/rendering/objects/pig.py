"""A pig: a pink barrel on short legs, a flat round snout, pricked or lopped ears and a curly tail."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.growing import fur
from foveate.rendering.modelling.patterns import below, flat, mark, mix, noise, smoothstep, vary
from foveate.rendering.modelling.profiles import join, tube
from foveate.rendering.modelling.quadruped import clay, eyes, gait, legs
from foveate.rendering.modelling.solids import Solid, ball, blend, limb, sweep
from foveate.rendering.modelling.surfaces import nearest, posed, turning
from foveate.rendering.scene import Array, Asset, Colour, Kind, Mesh, Part


def build(rng: np.random.Generator) -> Asset:
    seed, spotted = int(rng.integers(1 << 30)), rng.random() < 0.2
    pink = vary((0.82, 0.645, 0.56), rng, 0.03)
    mesh, part = clay(_body(rng), _head(), _legs(rng), melt=0.045, detail=0.0095)
    eye = nearest(mesh, (0.0885, -0.408, 0.413), 0.003)
    colour = _skin(mesh.vertices, part, pink, seed, spotted)
    colour = mix(colour, (0.33, 0.19, 0.16), 0.8 * mark(mesh.vertices, eye, 0.019))
    ears = _ears(rng)
    rosy = mix(flat(pink, len(ears.vertices)), (0.80, 0.45, 0.40), 0.6 * noise(0.05, seed + 7)(ears.vertices))
    parts = (
        Part(mesh=mesh, colour=colour, material="skin"),
        Part(mesh=ears, colour=rosy, material="skin"),
        Part(mesh=_tail(rng), colour=pink, material="skin", keep=True),
        eyes(eye, 0.0115),
    )
    bristles = fur(
        mesh,
        colour * 0.55 + np.array((0.95, 0.88, 0.78)) * 0.45,
        rng,
        length=0.011,
        count=3000,
        comb=(0, 0.9, -0.3),
        tousle=0.3,
        radius=0.0006,
    )
    neck = ((0, -0.20, 0.38), (0, -0.34, 0.38))
    return posed(
        Asset(parts=parts, hair=(bristles,)),
        turning(*neck, rng.uniform(-18, 18), "z"),
        turning(*neck, rng.uniform(-9, 14), "x"),
    )


def _body(rng: np.random.Generator) -> list[Solid]:
    fat = rng.uniform(0.93, 1.08)
    trunk = sweep(
        [(0.40, 0.36), (0.30, 0.36), (0.10, 0.335), (-0.10, 0.33), (-0.24, 0.35), (-0.33, 0.375)],
        [0.11, 0.165, 0.195 * fat, 0.19 * fat, 0.17, 0.135],
        [0.10, 0.15, 0.175 * fat, 0.17 * fat, 0.15, 0.12],
        "body",
    )
    belly = sweep([(0.16, 0.25), (0.0, 0.215), (-0.14, 0.235)], [0.08, 0.09, 0.08], [0.10, 0.12, 0.10], "body")
    hams = [ball((0.075 * s, 0.31, 0.31), (0.085, 0.13, 0.15), "body") for s in (-1, 1)]
    shoulders = [ball((0.085 * s, -0.20, 0.31), (0.07, 0.10, 0.13), "body") for s in (-1, 1)]
    return [trunk, belly, *hams, *shoulders]


def _head() -> list[Solid]:
    """A wedge with a dished face, heavy jowls and the disc of the snout."""
    skull = sweep(
        [(-0.28, 0.42), (-0.36, 0.415), (-0.43, 0.365), (-0.49, 0.325), (-0.535, 0.315)],
        [0.14, 0.118, 0.080, 0.056, 0.048],
        [0.125, 0.108, 0.070, 0.050, 0.046],
        "head",
    )
    snout = limb((0, -0.530, 0.318), (0, -0.543, 0.318), 0.044, 0.044, "snout")
    disc = sweep([(-0.535, 0.318), (-0.552, 0.320)], [0.046, 0.044], [0.050, 0.048], "snout")
    jowls = [ball((0.07 * s, -0.345, 0.325), (0.065, 0.10, 0.085), "head") for s in (-1, 1)]
    chin = sweep([(-0.38, 0.29), (-0.48, 0.272), (-0.505, 0.272)], [0.06, 0.032, 0.022], [0.065, 0.036, 0.026], "head")
    brows = [ball((0.07 * s, -0.40, 0.43), (0.024, 0.03, 0.02), "head") for s in (-1, 1)]
    flat_face = ball((0, -0.607, 0.322), (0.09, 0.03, 0.09))
    nostrils = [ball((0.017 * s, -0.583, 0.322), (0.0095, 0.018, 0.013)) for s in (-1, 1)]
    disc = disc.without(flat_face)
    for nostril in nostrils:
        disc = disc.without(nostril)
    return [skull, snout.without(flat_face), disc, chin, *jowls, *brows]


def _ears(rng: np.random.Generator) -> Mesh:
    """Triangular sheets at the top of the head: upright, forward, or hanging over the eyes."""
    fold = rng.uniform(0.0, 1.0)
    tip = np.array([0.175, -0.37, 0.645]) * (1 - fold) + np.array([0.14, -0.52, 0.455]) * fold
    root = np.array([0.078, -0.325, 0.495])
    middle = (root + tip) / 2 + (0.022, -0.01, 0.05 * fold)
    leaf = sweep([root, middle, tip], [0.013, 0.010, 0.005], [0.055, 0.068, 0.012], side=(1, 0.35, -0.2))
    hollow = sweep(
        [root * 0.7 + middle * 0.3 + (0, -0.016, 0.0), middle + (0, -0.016, 0.004)],
        [0.012, 0.010],
        [0.036, 0.046],
        side=(1, 0.35, -0.2),
    )
    one, _ = blend(leaf.without(hollow), melt=0, detail=0.0055)
    return join(one, one.mirrored())


def _tail(rng: np.random.Generator) -> Mesh:
    t = np.linspace(0, 1, 40)
    turn = 2 * np.pi * rng.uniform(1.1, 1.6) * t * rng.choice([-1, 1])
    curl = 0.026 * np.minimum(1, 4 * t)
    path = np.stack(
        [
            curl * np.sin(turn),
            0.485 + 0.05 * np.minimum(1, 3 * t) + 0.02 * t,
            0.43 - 0.035 * t + curl * (np.cos(turn) - 1),
        ],
        -1,
    )
    return tube(path, list(0.0125 - 0.008 * t), 10)


def _legs(rng: np.random.Generator) -> list[Solid]:
    front, hind = gait(rng, 0.05)
    x = 0.088
    fore = [(x, -0.205, 0.28), (x, -0.20, 0.19), (x, -0.205, 0.13), (x, -0.20, 0.07), (x, -0.215, 0.025)]
    back = [(x, 0.31, 0.28), (x, 0.30, 0.20), (x, 0.345, 0.14), (x, 0.335, 0.07), (x, 0.32, 0.025)]
    return [
        *legs(fore, [0.085, 0.055, 0.040, 0.029, 0.034], [0.06, 0.046, 0.037, 0.028, 0.032], front),
        *legs(back, [0.12, 0.075, 0.041, 0.029, 0.034], [0.065, 0.052, 0.034, 0.028, 0.032], hind),
    ]


def _skin(p: Array, part: dict[str, Array], pink: Colour, seed: int, spotted: bool) -> Array:
    """Blotchy pink, rosier at the snout and under the belly, muddy below; some with black spots."""
    colour = mix(flat(pink, len(p)), (0.76, 0.50, 0.44), 0.6 * smoothstep(0.35, 0.8, noise(0.15, seed)(p)))
    colour = mix(colour, (0.90, 0.74, 0.65), 0.5 * smoothstep(0.4, 0.55, p[:, 2]))
    if spotted:
        colour = mix(colour, (0.13, 0.11, 0.11), 0.92 * smoothstep(0.60, 0.63, noise(0.17, seed + 1, 2)(p)))
    mud = below(0.05, 0.36, p[:, 2]) * smoothstep(0.35, 0.6, noise(0.07, seed + 2)(p))
    colour = mix(colour, (0.34, 0.25, 0.18), 0.75 * mud)
    colour = mix(colour, (0.80, 0.48, 0.44), 0.75 * smoothstep(0.3, 0.8, part["snout"]))
    holes = mark(p, (0.018, -0.578, 0.322), (0.012, 0.03, 0.015), 0.3)
    mouth = below(0.0, 0.004, np.abs(p[:, 2] - 0.288 - 0.25 * (p[:, 1] + 0.45) ** 2)) * part["head"] * (p[:, 1] < -0.42)
    colour = mix(colour, (0.20, 0.09, 0.08), np.clip(holes + 0.6 * mouth, 0, 1))
    folds = 0.5 + 0.5 * np.sin(2 * np.pi * (p[:, 1] + 0.3 * p[:, 2]) / 0.03)
    colour = mix(
        colour, np.asarray(pink) * 0.7, 0.45 * folds * part["head"] * mark(p, (0, -0.48, 0.375), (0.05, 0.05, 0.03))
    )
    return mix(colour, (0.30, 0.22, 0.18), below(0.034, 0.042, p[:, 2]))


OBJECT = Kind(build=build, phrase="a pig", group="animal", imagenet=(341,), stylised=True)
