"""A zebra: a stout small horse, striped across body, neck and face and around the legs, white below, a stiff upright mane."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.growing import fur
from foveate.rendering.modelling.patterns import below, flat, mark, mix, noise, smoothstep, vary
from foveate.rendering.modelling.profiles import join, tube
from foveate.rendering.modelling.quadruped import clay, eyes, gait, legs
from foveate.rendering.modelling.solids import Solid, ball, blend, sweep
from foveate.rendering.modelling.surfaces import nearest, posed, turning
from foveate.rendering.scene import Array, Asset, Colour, Kind, Mesh, Part

BLACK = (0.05, 0.045, 0.045)


def build(rng: np.random.Generator) -> Asset:
    seed, period = int(rng.integers(1 << 30)), rng.uniform(0.062, 0.085)
    white = vary((0.92, 0.90, 0.85), rng, 0.015)
    mesh, part = clay(_body(rng), _head(), _legs(rng), melt=0.035, detail=0.0078)
    eye = nearest(mesh, (0.055, -0.475, 0.775), 0.002)
    colour = _coat(mesh.vertices, part, white, seed, period, eye)
    ears, crest = _ears(), _crest()
    tipped = mix(flat(white, len(ears.vertices)), BLACK, smoothstep(0.875, 0.89, ears.vertices[:, 2]))
    banded = mix(flat(white, len(crest.vertices)), BLACK, _bands(crest.vertices, seed, period * 0.8))
    sway = rng.uniform(-0.03, 0.03)
    tail = tube(
        [(0, 0.42, 0.59), (0, 0.465, 0.55), (sway / 2, 0.475, 0.46), (sway, 0.47, 0.38)], [0.02, 0.014, 0.011, 0.009]
    )
    tuft, _ = blend(
        sweep([(sway, 0.47, 0.39), (sway, 0.472, 0.30), (sway, 0.47, 0.21)], [0.010, 0.022, 0.006]),
        melt=0,
        detail=0.006,
    )
    parts = (
        Part(mesh=mesh, colour=colour, material="skin"),
        Part(mesh=ears, colour=tipped, material="skin"),
        Part(mesh=crest, colour=banded, material="matte"),
        Part(mesh=tail, colour=mix(flat(white, len(tail.vertices)), BLACK, _rings(tail.vertices)), material="skin"),
        Part(mesh=tuft, colour=BLACK, material="matte"),
        eyes(eye, 0.0125),
    )
    brush = fur(crest, banded, rng, length=0.022, count=3000, comb=(0, -0.25, 0.9), tousle=0.15, radius=0.0018)
    neck = ((0, -0.25, 0.58), (0, -0.41, 0.74))
    return posed(
        Asset(parts=parts, hair=(brush,)),
        turning(*neck, rng.uniform(-24, 24), "z"),
        turning(*neck, rng.uniform(-6, 26), "x"),
    )


def _body(rng: np.random.Generator) -> list[Solid]:
    fat = rng.uniform(0.94, 1.08)
    trunk = sweep(
        [(0.33, 0.495), (0.25, 0.505), (0.08, 0.475), (-0.08, 0.475), (-0.21, 0.50), (-0.28, 0.515)],
        [0.105, 0.135, 0.145, 0.145, 0.135, 0.10],
        [0.095, 0.130 * fat, 0.142 * fat, 0.130 * fat, 0.105, 0.075],
        "body",
    )
    neck = sweep(
        [(-0.20, 0.53), (-0.29, 0.62), (-0.365, 0.715), (-0.415, 0.775)],
        [0.14, 0.105, 0.078, 0.062],
        [0.085, 0.062, 0.048, 0.042],
        "neck",
    )
    hams = [ball((0.065 * s, 0.29, 0.475), (0.065, 0.115, 0.135), "body") for s in (-1, 1)]
    chest = [ball((0.055 * s, -0.25, 0.475), (0.05, 0.07, 0.10), "body") for s in (-1, 1)]
    return [trunk, neck, *hams, *chest]


def _head() -> list[Solid]:
    """A horse's: deep round jaw, straight nose, soft muzzle."""
    skull = sweep(
        [(-0.405, 0.795), (-0.46, 0.765), (-0.52, 0.70), (-0.575, 0.635), (-0.595, 0.61)],
        [0.056, 0.066, 0.050, 0.037, 0.034],
        [0.046, 0.052, 0.038, 0.034, 0.033],
        "head",
    )
    jaw = sweep([(-0.405, 0.73), (-0.44, 0.70), (-0.51, 0.645)], [0.045, 0.050, 0.030], [0.032, 0.036, 0.028], "head")
    muzzle = ball((0, -0.60, 0.612), (0.036, 0.032, 0.036), "muzzle")
    chin = ball((0, -0.578, 0.585), (0.022, 0.024, 0.020), "muzzle")
    brows = [ball((0.040 * s, -0.468, 0.795), (0.016, 0.026, 0.014), "head") for s in (-1, 1)]
    return [skull, jaw, muzzle, chin, *brows]


def _ears() -> Mesh:
    path = [(0.030, -0.395, 0.835), (0.043, -0.397, 0.875), (0.050, -0.402, 0.915)]
    hole = [(x, y - 0.012, z + 0.012) for x, y, z in path]
    blade = sweep(path, [0.014, 0.012, 0.004], [0.018, 0.026, 0.006], side=(1, 0.3, 0))
    one, _ = blend(
        blade.without(sweep(hole, [0.010, 0.009, 0.003], [0.010, 0.018, 0.004], side=(1, 0.3, 0))),
        melt=0,
        detail=0.0045,
    )
    return join(one, one.mirrored())


def _crest() -> Mesh:
    """The mane's core, from the brow to the withers."""
    path = [(-0.435, 0.845), (-0.395, 0.845), (-0.325, 0.785), (-0.25, 0.715), (-0.17, 0.645)]
    mesh, _ = blend(
        sweep(path, [0.012, 0.030, 0.034, 0.030, 0.008], [0.009, 0.013, 0.014, 0.013, 0.008]), melt=0, detail=0.0065
    )
    return mesh


def _legs(rng: np.random.Generator) -> list[Solid]:
    front, hind = gait(rng, 0.075)
    x = 0.078
    fore = [
        (x, -0.235, 0.46), (x, -0.225, 0.36), (x, -0.235, 0.24), (x, -0.232, 0.20), (x, -0.232, 0.115),
        (x, -0.235, 0.065), (x, -0.258, 0.022),
    ]  # fmt: skip
    back = [
        (x, 0.275, 0.47), (x + 0.006, 0.245, 0.36), (x, 0.335, 0.26), (x, 0.335, 0.22), (x, 0.322, 0.12),
        (x, 0.318, 0.065), (x, 0.292, 0.022),
    ]  # fmt: skip
    return [
        *legs(
            fore,
            [0.085, 0.050, 0.032, 0.026, 0.0195, 0.025, 0.034],
            [0.055, 0.040, 0.029, 0.024, 0.0185, 0.023, 0.031],
            front,
        ),
        *legs(
            back,
            [0.13, 0.078, 0.036, 0.031, 0.0215, 0.026, 0.034],
            [0.065, 0.050, 0.027, 0.025, 0.0195, 0.024, 0.031],
            hind,
        ),
    ]


def _bands(p: Array, seed: int, period: float) -> Array:
    """Stripes that stand upright on the shoulder and fan out: forward along the neck, lying down over the rump."""
    y, z = p[:, 1] + 0.035 * (noise(0.17, seed, 2)(p) - 0.5), p[:, 2]
    rump = smoothstep(0.02, 0.24, y)
    fan = np.arctan2(z - 0.28, 0.44 - y) / 1.45
    neck = smoothstep(0.55, 0.68, z) * below(-0.18, -0.12, p[:, 1])
    along = y * (1 - neck) + (0.75 * y - 0.66 * (z - 0.58)) * neck
    phase = along * (1 - 0.45 * rump) / period + rump * 2.1 * fan * 0.085 / period
    edge = 0.35 * (noise(0.08, seed + 1, 2)(p) - 0.5)
    return smoothstep(-0.22, 0.22, np.sin(2 * np.pi * phase) + edge)


def _rings(p: Array) -> Array:
    return smoothstep(-0.2, 0.2, np.sin(2 * np.pi * p[:, 2] / 0.03))


def _coat(p: Array, part: dict[str, Array], white: Colour, seed: int, period: float, eye: Colour) -> Array:
    wave = noise(0.06, seed + 2, 2)(p)
    rings = smoothstep(-0.2, 0.25, np.sin(2 * np.pi * (p[:, 2] + 0.014 * wave + 0.25 * np.abs(p[:, 0])) / 0.040))
    low = part["leg"] * below(0.36, 0.44, p[:, 2])
    down = (p[:, 1] + 0.40) * -0.62 + (p[:, 2] - 0.80) * -0.78  # metres from the poll towards the nose
    face = smoothstep(-0.2, 0.2, np.sin(2 * np.pi * (np.abs(p[:, 0]) * 1.25 + 0.28 * down + 0.006 * wave) / 0.021))
    cheek = smoothstep(-0.2, 0.2, np.sin(2 * np.pi * (down + 0.35 * p[:, 2] + 0.012 * wave) / 0.034))
    front = smoothstep(0.0, 0.02, -(p[:, 1] + 0.455) * 0.78 + (p[:, 2] - 0.775) * 0.62 - 0.02)
    head = np.clip(part["head"] + part["muzzle"], 0, 1)
    amount = (
        _bands(p, seed, period) * (1 - head) * (1 - low) + rings * low + (face * front + cheek * (1 - front)) * head
    )
    belly = below(0.345, 0.375, p[:, 2]) * part["body"] + 0.8 * low * below(0.035, 0.055, np.abs(p[:, 0])) * smoothstep(
        0.2, 0.3, p[:, 2]
    )
    colour = mix(flat(white, len(p)), (0.74, 0.66, 0.54), 0.3 * below(0.1, 0.45, p[:, 2]))
    colour = mix(colour, BLACK, amount * (1 - np.clip(belly, 0, 1)))
    dark = part["muzzle"] * smoothstep(0.17, 0.20, down + 0.06) + mark(p, eye, 0.017) + below(0.040, 0.046, p[:, 2])
    return mix(colour, (0.07, 0.06, 0.06), np.clip(dark, 0, 1))


OBJECT = Kind(build=build, phrase="a zebra", group="animal", imagenet=(340,))
