"""A dairy cow: a deep square body, black or red patches on white, a blaze down the face, short horns and a pink udder."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.patterns import below, flat, mark, mix, noise, pick, smoothstep, vary
from foveate.rendering.modelling.profiles import join, tube
from foveate.rendering.modelling.quadruped import clay, eyes, gait, legs
from foveate.rendering.modelling.solids import Solid, ball, blend, sweep
from foveate.rendering.modelling.surfaces import posed, turning
from foveate.rendering.scene import Array, Asset, Colour, Kind, Mesh, Part


def build(rng: np.random.Generator) -> Asset:
    seed, horned = int(rng.integers(1 << 30)), rng.random() < 0.6
    dark = vary(pick(((0.055, 0.05, 0.05), (0.06, 0.05, 0.045), (0.36, 0.16, 0.08)), rng), rng, 0.015)
    mesh, part = clay(_body(rng), _head(), _udder(), _legs(rng), melt=0.04, detail=0.0085)
    colour = _hide(mesh.vertices, part, dark, seed, rng.uniform(0.47, 0.585))
    ears = _ears()
    lobe = mix(
        flat(dark, len(ears.vertices)),
        (0.62, 0.46, 0.42),
        mark(ears.vertices, (0.12, -0.435, 0.645), (0.04, 0.018, 0.02)),
    )
    sway = rng.uniform(-0.03, 0.03)
    tail = tube(
        [(0, 0.44, 0.575), (0, 0.495, 0.52), (sway / 2, 0.50, 0.38), (sway, 0.49, 0.26)], [0.022, 0.015, 0.011, 0.009]
    )
    tuft, _ = blend(
        sweep([(sway, 0.49, 0.27), (sway, 0.49, 0.21), (sway, 0.49, 0.13)], [0.010, 0.024, 0.006]), melt=0, detail=0.006
    )
    parts = [
        Part(mesh=mesh, colour=colour, material="skin"),
        Part(mesh=ears, colour=lobe, material="skin"),
        Part(mesh=tail, colour=(0.86, 0.83, 0.78), material="skin"),
        Part(mesh=tuft, colour=(0.84, 0.80, 0.72), material="fur"),
        eyes((0.0635, -0.505, 0.618), 0.0135),
    ]
    if horned:
        horns = _horns(rng)
        tips = mix(
            flat((0.80, 0.74, 0.62), len(horns.vertices)),
            (0.22, 0.19, 0.16),
            smoothstep(0.715, 0.745, horns.vertices[:, 2]),
        )
        parts.append(Part(mesh=horns, colour=tips, material="plastic", keep=True))
    neck = ((0, -0.28, 0.50), (0, -0.43, 0.60))
    return posed(
        Asset(parts=tuple(parts)), turning(*neck, rng.uniform(-22, 22), "z"), turning(*neck, rng.uniform(-6, 26), "x")
    )


def _body(rng: np.random.Generator) -> list[Solid]:
    fat = rng.uniform(0.93, 1.08)
    trunk = sweep(
        [(0.385, 0.485), (0.32, 0.475), (0.12, 0.435), (-0.08, 0.44), (-0.24, 0.465), (-0.32, 0.485)],
        [0.095, 0.125, 0.170, 0.165, 0.15, 0.12],
        [0.10, 0.135, 0.165 * fat, 0.15 * fat, 0.11, 0.08],
        "body",
    )
    spine = sweep(
        [(0.40, 0.565), (0.20, 0.583), (-0.05, 0.578), (-0.22, 0.590)],
        [0.022, 0.026, 0.026, 0.026],
        [0.05, 0.06, 0.05, 0.04],
        "body",
    )
    neck = sweep([(-0.24, 0.49), (-0.35, 0.545), (-0.44, 0.60)], [0.145, 0.105, 0.08], [0.09, 0.068, 0.058], "neck")
    dewlap = sweep([(-0.24, 0.32), (-0.33, 0.375), (-0.41, 0.49)], [0.05, 0.045, 0.03], [0.03, 0.018, 0.018], "neck")
    hips = [ball((0.105 * s, 0.25, 0.555), (0.035, 0.05, 0.03), "body") for s in (-1, 1)]
    pins = [ball((0.06 * s, 0.435, 0.525), (0.03, 0.035, 0.035), "body") for s in (-1, 1)]
    shoulders = [ball((0.085 * s, -0.25, 0.46), (0.05, 0.08, 0.13), "body") for s in (-1, 1)]
    return [trunk, spine, neck, dewlap, *hips, *pins, *shoulders]


def _head() -> list[Solid]:
    """A long wedge, flat in front, broad at the brow and square at the muzzle."""
    skull = sweep(
        [(-0.43, 0.625), (-0.49, 0.592), (-0.555, 0.525), (-0.60, 0.475)],
        [0.066, 0.068, 0.050, 0.043],
        [0.062, 0.062, 0.043, 0.045],
        "head",
    )
    muzzle = ball((0, -0.615, 0.463), (0.050, 0.040, 0.042), "head")
    jaw = sweep([(-0.43, 0.545), (-0.52, 0.495), (-0.575, 0.45)], [0.045, 0.038, 0.028], [0.035, 0.03, 0.028], "head")
    brows = [ball((0.045 * s, -0.497, 0.632), (0.024, 0.026, 0.020), "head") for s in (-1, 1)]
    poll = ball((0, -0.435, 0.685), (0.045, 0.03, 0.025), "head")
    return [skull, muzzle, jaw, poll, *brows]


def _ears() -> Mesh:
    leaf = sweep(
        [(0.055, -0.425, 0.655), (0.10, -0.425, 0.652), (0.165, -0.42, 0.630)],
        [0.010, 0.009, 0.004],
        [0.016, 0.036, 0.008],
        side=(0, 0.25, 1),
    )
    hollow = sweep([(0.075, -0.441, 0.650), (0.15, -0.437, 0.634)], [0.012, 0.006], [0.022, 0.01], side=(0, 0.25, 1))
    one, _ = blend(leaf.without(hollow), melt=0, detail=0.0045)
    return join(one, one.mirrored())


def _horns(rng: np.random.Generator) -> Mesh:
    long = rng.uniform(0.7, 1.25)
    path = np.array([0.045, -0.43, 0.685]) + long * np.array(
        [(0, 0, 0), (0.045, -0.005, 0.012), (0.075, -0.025, 0.035), (0.080, -0.045, 0.068)]
    )
    one = tube(path, [0.0165, 0.015, 0.011, 0.003], 12)
    return join(one, one.mirrored())


def _udder() -> list[Solid]:
    bag = ball((0, 0.20, 0.275), (0.085, 0.105, 0.062), "udder")
    teats = [
        sweep([(x, y, 0.235), (x * 1.1, y, 0.195)], [0.014, 0.009], part="udder")
        for x in (-0.04, 0.04)
        for y in (0.16, 0.235)
    ]
    return [bag, *teats]


def _legs(rng: np.random.Generator) -> list[Solid]:
    front, hind = gait(rng, 0.06)
    x = 0.088
    fore = [
        (x, -0.245, 0.42), (x, -0.235, 0.29), (x, -0.25, 0.185), (x, -0.245, 0.11), (x, -0.245, 0.062),
        (x, -0.262, 0.022),
    ]  # fmt: skip
    back = [
        (x, 0.31, 0.43), (x + 0.01, 0.285, 0.31), (x, 0.365, 0.215), (x, 0.352, 0.12), (x, 0.348, 0.062),
        (x, 0.330, 0.022),
    ]  # fmt: skip
    return [
        *legs(fore, [0.085, 0.055, 0.034, 0.024, 0.029, 0.034], [0.055, 0.043, 0.032, 0.022, 0.028, 0.033], front),
        *legs(back, [0.135, 0.085, 0.037, 0.026, 0.029, 0.034], [0.07, 0.058, 0.028, 0.022, 0.028, 0.033], hind),
    ]


def _hide(p: Array, part: dict[str, Array], dark: Colour, seed: int, much: float) -> Array:
    """Patches anywhere but on the shins, the blaze and the udder; a pink muzzle; hooves."""
    warp = 0.05 * np.stack([noise(0.12, seed + k, 2)(p) for k in (1, 2, 3)], -1)
    field = noise(0.25, seed, 3)(p * (1.0, 1, 0.8) + warp)
    patches = smoothstep(much - 0.012, much + 0.012, field + 0.5 * (part["head"] + 0.4 * part["neck"]))
    blaze = part["head"] * below(0.014, 0.022, np.abs(p[:, 0] + 0.008 * np.sin(60 * p[:, 2]))) * (p[:, 1] < -0.47)
    white = np.clip(blaze + below(0.16, 0.24, p[:, 2] + 0.08 * noise(0.1, seed + 4)(p)) + part["udder"], 0, 1)
    soil = mix(
        flat((0.89, 0.86, 0.81), len(p)),
        (0.55, 0.45, 0.33),
        0.45 * below(0.0, 0.33, p[:, 2]) * noise(0.08, seed + 5)(p),
    )
    colour = mix(soil, dark, patches * (1 - white))
    colour = mix(colour, (0.83, 0.60, 0.53), smoothstep(0.3, 0.8, part["udder"]))
    nose = below(-0.617, -0.606, p[:, 1] - 0.25 * (p[:, 2] - 0.463)) * part["head"]
    colour = mix(
        colour,
        mix(flat((0.60, 0.47, 0.43), len(p)), (0.10, 0.09, 0.09), 0.55 + 0.4 * (noise(0.03, seed + 6)(p) - 0.5)),
        nose,
    )
    hollows = mark(p, (0.026, -0.646, 0.480), (0.012, 0.02, 0.010)) + mark(p, (0.0635, -0.505, 0.618), 0.019)
    colour = mix(colour, np.asarray(dark) * 0.6, 0.9 * np.clip(hollows, 0, 1))
    colour = mix(colour, np.asarray(dark) * 0.5, 0.7 * mark(p, (0, -0.645, 0.440), (0.04, 0.03, 0.003), 0.8))
    cleft = mark(p, (0.088, -0.30, 0.02), (0.003, 0.04, 0.03)) + mark(p, (0.088, 0.29, 0.02), (0.003, 0.05, 0.03))
    colour = mix(colour, (0.23, 0.19, 0.15), below(0.036, 0.044, p[:, 2]))
    return mix(colour, (0.05, 0.04, 0.03), np.clip(cleft, 0, 1) * below(0.04, 0.05, p[:, 2]))


OBJECT = Kind(build=build, phrase="a cow", group="animal", imagenet=(345,), stylised=True)
