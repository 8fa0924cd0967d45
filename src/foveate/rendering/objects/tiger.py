"""A tiger: low and heavy, orange with broken black stripes, white below and on the cheeks, on the prowl."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.growing import fur
from foveate.rendering.modelling.patterns import below, flat, mark, mix, noise, pick, smoothstep, vary
from foveate.rendering.modelling.profiles import join
from foveate.rendering.modelling.quadruped import clay, eyes, gait, legs
from foveate.rendering.modelling.solids import Solid, ball, blend, sweep
from foveate.rendering.modelling.surfaces import nearest, posed, turning
from foveate.rendering.scene import Array, Asset, Colour, Kind, Mesh, Part

BLACK = (0.03, 0.025, 0.02)
WHITE = (0.91, 0.87, 0.79)


def build(rng: np.random.Generator) -> Asset:
    seed = int(rng.integers(1 << 30))
    orange = vary(pick(((0.78, 0.49, 0.21), (0.74, 0.48, 0.24), (0.80, 0.54, 0.27)), rng), rng, 0.03)
    mesh, part = clay(_body(rng), _head(), _legs(rng), _tail(rng), melt=0.035, detail=0.0085)
    eye = nearest(mesh, (0.037, -0.478, 0.478), 0.003)
    colour = _coat(mesh.vertices, part, orange, seed, eye, rng)
    shade = 0.72 + 0.4 * noise(0.02, seed + 9)(mesh.vertices * (1, 0.35, 1))  # tufts
    ears = _ears()
    v = ears.vertices
    lobe = mix(flat(orange, len(v)), WHITE, below(-0.375, -0.365, v[:, 1]))
    lobe = mix(lobe, BLACK, smoothstep(-0.368, -0.362, v[:, 1]))
    lobe = mix(lobe, WHITE, mark(v, (0.068, -0.352, 0.543), 0.015))
    nose, _ = blend(ball((0, -0.536, 0.432), (0.021, 0.012, 0.013)), melt=0, detail=0.004)
    parts = (
        Part(mesh=mesh, colour=colour * shade[:, None], material="matte"),
        Part(mesh=ears, colour=lobe, material="skin"),
        Part(mesh=nose, colour=(0.66, 0.38, 0.34), material="rubber", keep=True),
        eyes(eye, 0.0105, (0.50, 0.34, 0.07)),
        eyes((eye[0] * 1.04, eye[1] - 0.0065, eye[2]), 0.0055),
    )
    ruff = np.clip(mark(mesh.vertices, (0.07, -0.375, 0.40), (0.05, 0.05, 0.075)), 0, 1)
    bare = np.clip(mark(mesh.vertices, eye, 0.02) + mark(mesh.vertices, (0, -0.54, 0.41), 0.055), 0, 1)
    coat = {"tousle": 0.4, "radius": 0.0016}
    hair = (
        fur(mesh, colour, rng, length=0.0125, count=11_000, comb=(0, 0.8, -0.35), weight=1 - bare, **coat),
        fur(mesh, colour, rng, length=0.026, count=1800, comb=(0, 0.8, -0.9), weight=ruff + 1e-3, **coat),
    )
    neck = ((0, -0.22, 0.40), (0, -0.37, 0.45))
    return posed(
        Asset(parts=parts, hair=hair),
        turning(*neck, rng.uniform(-24, 24), "z"),
        turning(*neck, rng.uniform(-8, 18), "x"),
    )


def _body(rng: np.random.Generator) -> list[Solid]:
    fat = rng.uniform(0.93, 1.08)
    trunk = sweep(
        [(0.34, 0.385), (0.26, 0.395), (0.10, 0.375), (-0.06, 0.37), (-0.19, 0.38), (-0.27, 0.395)],
        [0.09, 0.112, 0.118 * fat, 0.130 * fat, 0.136, 0.11],
        [0.075, 0.092, 0.105 * fat, 0.112 * fat, 0.105, 0.085],
        "body",
    )
    neck = sweep([(-0.22, 0.40), (-0.31, 0.43), (-0.37, 0.45)], [0.105, 0.095, 0.08], [0.075, 0.078, 0.075], "body")
    blades = [
        sweep([(0.055 * s, -0.20, 0.49), (0.085 * s, -0.22, 0.38)], [0.032, 0.06], [0.022, 0.035], "body")
        for s in (-1, 1)
    ]
    hips = [ball((0.06 * s, 0.27, 0.36), (0.05, 0.10, 0.115), "body") for s in (-1, 1)]
    return [trunk, neck, *blades, *hips]


def _head() -> list[Solid]:
    """Broad, with a strong square muzzle and side whiskers."""
    skull = sweep(
        [(-0.365, 0.465), (-0.42, 0.462), (-0.47, 0.440), (-0.505, 0.425)],
        [0.075, 0.075, 0.046, 0.034],
        [0.078, 0.080, 0.046, 0.034],
        "head",
    )
    pads = [ball((0.023 * s, -0.508, 0.412), (0.030, 0.030, 0.027), "head") for s in (-1, 1)]
    chin = sweep([(-0.44, 0.40), (-0.50, 0.383)], [0.035, 0.020], [0.045, 0.024], "head")
    cheeks = [ball((0.062 * s, -0.385, 0.425), (0.036, 0.035, 0.066), "head") for s in (-1, 1)]
    brows = [ball((0.040 * s, -0.462, 0.498), (0.020, 0.016, 0.012), "head") for s in (-1, 1)]
    return [skull, *pads, chin, *cheeks, *brows]


def _ears() -> Mesh:
    one, _ = blend(
        sweep(
            [(0.052, -0.365, 0.515), (0.066, -0.365, 0.545), (0.074, -0.362, 0.562)],
            [0.014, 0.010, 0.006],
            [0.036, 0.033, 0.018],
        ),
        melt=0,
        detail=0.005,
    )
    return join(one, one.mirrored())


def _legs(rng: np.random.Generator) -> list[Solid]:
    front, hind = gait(rng, 0.10)
    x = 0.075
    fore = [(x, -0.215, 0.36), (x + 0.005, -0.185, 0.25), (x, -0.22, 0.14), (x, -0.21, 0.065), (x, -0.25, 0.033)]
    back = [(x, 0.275, 0.36), (x + 0.005, 0.235, 0.26), (x, 0.325, 0.165), (x, 0.312, 0.065), (x, 0.275, 0.033)]
    return [
        *legs(fore, [0.095, 0.070, 0.048, 0.040, 0.038], [0.06, 0.058, 0.046, 0.042, 0.050], front),
        *legs(back, [0.13, 0.092, 0.040, 0.034, 0.036], [0.065, 0.062, 0.036, 0.036, 0.047], hind),
    ]


def _tail(rng: np.random.Generator) -> Solid:
    """Hanging to the hocks and swung up at its end."""
    x, up, out = rng.uniform(-0.10, 0.10), rng.uniform(-0.02, 0.10), rng.uniform(-0.04, 0.06)
    path = [
        (0, 0.39, 0.43), (0, 0.455, 0.35), (x / 3, 0.49 + out, 0.23), (x, 0.56 + out, 0.16 + up / 2),
        (x * 1.3, 0.63 + out, 0.19 + up),
    ]  # fmt: skip
    return sweep(path, [0.032, 0.026, 0.023, 0.022, 0.018], part="tail")


def _coat(p: Array, part: dict[str, Array], orange: Colour, seed: int, eye: Colour, rng: np.random.Generator) -> Array:
    deep = mix(
        flat(orange, len(p)), np.asarray(orange) * (0.85, 0.78, 0.68), smoothstep(0.38, 0.50, p[:, 2]) * part["body"]
    )
    inside = 0.8 * below(0.035, 0.065, np.abs(p[:, 0])) * part["leg"] * below(0.24, 0.32, p[:, 2])
    under = below(0.275, 0.315, p[:, 2] + 0.03 * noise(0.08, seed)(p)) * part["body"]
    chest = mark(p, (0, -0.36, 0.32), (0.06, 0.09, 0.06))
    face = mark(p, (0.08, -0.40, 0.40), (0.045, 0.07, 0.055)) + mark(p, (0.022, -0.53, 0.40), (0.045, 0.06, 0.033))
    face += mark(p, (eye[0] + 0.002, eye[1], eye[2] + 0.022), (0.020, 0.03, 0.011)) + 0.8 * mark(
        p, (eye[0] + 0.01, eye[1], eye[2] - 0.018), (0.02, 0.03, 0.010)
    )
    colour = mix(
        deep, WHITE, np.clip(inside + under + chest + face + 0.55 * part["tail"] * below(0.24, 0.3, p[:, 2]), 0, 1)
    )
    return mix(colour, BLACK, _stripes(p, part, seed, eye, rng.uniform(0.046, 0.060)))


def _stripes(p: Array, part: dict[str, Array], seed: int, eye: Colour, period: float) -> Array:
    """Bands of changing breadth, torn open by noise: across the body and the tail, around the legs, in arcs on the brow."""
    bend, breadth = noise(0.16, seed + 1, 2)(p), noise(0.055, seed + 2, 2)(p * (1, 1, 0.45))

    def band(along: Array, step: float, thin: float) -> Array:
        edge = thin + 1.5 * (breadth - 0.5)
        return smoothstep(0, 0.25, np.sin(2 * np.pi * along / step) - edge)

    body = band(p[:, 1] + 0.15 * (p[:, 2] - 0.38) + 0.09 * bend, period, 0.30)
    leg = band(p[:, 2] + 0.25 * np.abs(p[:, 0]) + 0.05 * bend, period * 0.85, 0.52) * smoothstep(0.05, 0.10, p[:, 2])
    tail = band(np.hypot(p[:, 1] - 0.39, p[:, 2] - 0.43), 0.052, 0.1)
    dark_tip = smoothstep(0.60, 0.66, p[:, 1]) * part["tail"]
    high = smoothstep(0.315, 0.35, p[:, 2]) + 0.75
    front = part["head"] * smoothstep(eye[2] + 0.012, eye[2] + 0.022, p[:, 2])
    brow = band(p[:, 2] + 0.9 * np.abs(p[:, 0]) + 0.02 * bend, 0.026, 0.35) * front
    side = (
        band(np.hypot(p[:, 1] + 0.50, p[:, 2] - 0.44) + 0.02 * bend, 0.036, 0.25)
        * part["head"]
        * smoothstep(0.052, 0.062, np.abs(p[:, 0]))
    )
    lined = (
        mark(p, eye, (0.019, 0.03, 0.014))
        + mark(p, (0, -0.54, 0.414), (0.004, 0.03, 0.012))
        + mark(p, (0, -0.535, 0.396), (0.03, 0.03, 0.004))
    )
    everywhere = body * np.clip(high, 0, 1) * part["body"] + leg * part["leg"] + tail * part["tail"] + dark_tip
    return np.clip(everywhere + brow + side + lined, 0, 1)


OBJECT = Kind(build=build, phrase="a tiger", group="animal", imagenet=(292,))
