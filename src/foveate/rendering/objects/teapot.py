"""A teapot: a bellied body with a lid and knob, a curved spout on one side, a handle on the other or over the top."""

from __future__ import annotations

from typing import Any

import numpy as np

from foveate.rendering.modelling.patterns import flat, mix, noise, pick, spots, vary
from foveate.rendering.modelling.profiles import join, lathe, smooth, tube
from foveate.rendering.scene import Array, Asset, Colour, Kind, Mesh, Part

GLAZES: tuple[Colour, ...] = (
    (0.92, 0.91, 0.88), (0.26, 0.12, 0.07), (0.55, 0.68, 0.60), (0.16, 0.28, 0.45), (0.82, 0.62, 0.22), (0.62, 0.16, 0.14),
    (0.35, 0.42, 0.36), (0.85, 0.72, 0.70),
)  # fmt: skip
INKS: tuple[Colour, ...] = ((0.10, 0.20, 0.52), (0.70, 0.22, 0.32), (0.72, 0.35, 0.12), (0.45, 0.22, 0.50))
# Body outlines as (radius, height): round, squat, pear, conical, straight.
BODIES = (
    ((0.24, 0.03), (0.36, 0.14), (0.43, 0.32), (0.36, 0.52), (0.20, 0.60)),
    ((0.28, 0.03), (0.44, 0.12), (0.50, 0.24), (0.40, 0.38), (0.20, 0.44)),
    ((0.24, 0.03), (0.40, 0.14), (0.42, 0.28), (0.30, 0.50), (0.20, 0.68)),
    ((0.38, 0.02), (0.40, 0.06), (0.34, 0.30), (0.26, 0.52), (0.20, 0.60)),
    ((0.33, 0.02), (0.36, 0.08), (0.36, 0.30), (0.35, 0.42), (0.22, 0.50)),
)


def build(rng: np.random.Generator) -> Asset:
    shape = np.array(pick(BODIES, rng)) * [rng.uniform(0.92, 1.06), rng.uniform(0.9, 1.12)]
    belly, top = float(shape[:, 0].max()), float(shape[-1, 1])
    widest = float(shape[shape[:, 0].argmax(), 1])
    kind = pick(["plain", "flowers", "bands", "stoneware", "iron", "silver"], rng, [0.26, 0.26, 0.14, 0.14, 0.12, 0.08])
    wall: Any = smooth([(shape[0, 0] - 0.01, 0.0), *map(tuple, shape)], 110)
    body = lathe([(0.001, 0.012), (shape[0, 0] - 0.04, 0.012), (shape[0, 0] - 0.035, 0.0), *wall], 150)
    rim = float(shape[-1, 0])
    dome, knob = rng.uniform(0.06, 0.13), rng.uniform(0.035, 0.05)
    collar = [(rim + 0.004, top - 0.006), (rim + 0.018, top), (rim + 0.018, top + 0.014), (rim, top + 0.02)]
    cover: Any = smooth(
        [(rim - 0.01, top + 0.016), (rim * 0.75, top + 0.02 + dome * 0.6), (0.03, top + 0.02 + dome)], 30
    )
    ball = [
        (0.024 + (knob - 0.0) * np.sin(a) ** 0.8, top + 0.02 + dome + knob * (1.1 - np.cos(a)))
        for a in np.linspace(0.3, 2.6, 14)
    ]
    lid = lathe([*collar, *cover, (0.022, top + 0.025 + dome), *ball, (0.001, ball[-1][1] + 0.008)], 96)
    wide = rng.uniform(0.85, 1.1)
    spout, mouth = _spout(belly, widest, top, wide, rng)
    bail = kind == "iron" or rng.random() < 0.12
    grip = _bail(rim, belly, top, rng) if bail else _handle(shape, belly, top, rng)
    skin = join(body, lid, spout) if bail else join(body, lid, spout, grip)
    colour, material = _glaze(kind, skin.vertices, belly, top, rng)
    if kind == "iron":
        skin = _hobnails(skin, widest, top)
    parts = [Part(mesh=skin, colour=colour, material=material, scale=0.12), Part(mesh=mouth, colour=(0.05, 0.04, 0.04))]
    if bail:
        metal = kind == "iron" or rng.random() < 0.4
        parts.append(
            Part(
                mesh=grip,
                colour=(0.16, 0.15, 0.15) if metal else (0.55, 0.38, 0.20),
                material="steel" if metal else "wood",
                scale=0.4,
            )
        )
    return Asset(parts=tuple(parts))


def _spout(belly: float, widest: float, top: float, wide: float, rng: np.random.Generator) -> tuple[Mesh, Mesh]:
    """The spout on the +x side, and the dark hole at its tip."""
    reach, low = belly + rng.uniform(0.20, 0.32), widest * rng.uniform(0.7, 0.95)
    bend = rng.uniform(0.02, 0.08)
    ends = [
        (belly * 0.55, 0, low), (belly + 0.02, 0, low + 0.05), (belly + 0.10 + bend, 0, (low + top) / 2),
        (reach - 0.04, 0, top - 0.06), (reach, 0, top + rng.uniform(-0.02, 0.05)),
    ]  # fmt: skip
    path = np.array(smooth(ends, 40))
    t = np.linspace(0, 1, 40)
    radius = wide * (0.045 + 0.095 * (1 - t) ** 1.5) + 0.01 * np.exp(-(((t - 1) / 0.05) ** 2))
    along = path[-1] - path[-2]
    along /= np.linalg.norm(along)
    hole = tube([path[-1] - 0.01 * along, path[-1] + 0.002 * along], float(radius[-1]) * 0.72, 24)
    return tube(list(path), list(radius), 36), hole


def _handle(shape: Array, belly: float, top: float, rng: np.random.Generator) -> Mesh:
    """An ear on the −x side."""
    heights = top * np.array([rng.uniform(0.78, 0.88), rng.uniform(0.2, 0.32)])
    joins = -np.interp(heights, shape[:, 1], shape[:, 0]) + 0.03
    out, lift = rng.uniform(0.22, 0.30), rng.uniform(0.02, 0.08)
    ends = [
        (joins[0], heights[0]), (-belly - out * 0.55, heights[0] + lift), (-belly - out, heights.mean() + 0.06),
        (-belly - out * 0.6, heights[1] + 0.03), (joins[1], heights[1]),
    ]  # fmt: skip
    t = np.linspace(0, 1, 5)
    from scipy.interpolate import CubicSpline

    curve = CubicSpline(t, np.array(ends))(np.linspace(0, 1, 44))
    thick = rng.uniform(0.030, 0.040) * (1 + 0.35 * np.abs(np.linspace(-1, 1, 44)) ** 3)
    return tube([(x, 0, z) for x, z in curve], list(thick), 20).scaled((1, 1.25, 1))


def _bail(rim: float, belly: float, top: float, rng: np.random.Generator) -> Mesh:
    """A hoop over the lid, on two lugs."""
    tall, half = rng.uniform(0.34, 0.44), rim + 0.06
    a = np.linspace(0, np.pi, 48)
    hoop = tube(
        [(half * np.cos(v) * (1 + 0.15 * np.sin(v)), 0, top - 0.05 + tall * np.sin(v) ** 0.8) for v in a], 0.022, 16
    )
    lugs = [tube([(half * s, -0.035, top - 0.04), (half * s, 0.035, top - 0.04)], 0.04, 20) for s in (-1, 1)]
    return join(hoop, *lugs)


def _glaze(kind: str, p: Array, belly: float, top: float, rng: np.random.Generator) -> tuple[Any, str]:
    n, seed = len(p), int(rng.integers(1 << 30))
    base = vary(pick(GLAZES, rng), rng, 0.05)
    ink = vary(pick(INKS, rng), rng, 0.05)
    if kind == "iron":
        return vary(pick(((0.10, 0.10, 0.11), (0.12, 0.20, 0.22), (0.28, 0.08, 0.07)), rng), rng, 0.04), "rubber"
    if kind == "silver":
        return (0.82, 0.81, 0.78), "steel"
    if kind == "plain":
        return base, "ceramic"
    if kind == "stoneware":
        under = mix(flat((0.66, 0.58, 0.46), n), (0.25, 0.17, 0.11), spots(p, 0.035, 0.16, seed))
        edge = top * rng.uniform(0.35, 0.7) + 0.05 * (noise(0.2, seed)(p) - 0.5)
        return mix(under, base, np.clip((p[:, 2] - edge) / 0.012, 0, 1)), "ceramic"
    white = flat(vary((0.92, 0.91, 0.87), rng, 0.03), n)
    lines = [top * 0.93, top * 0.10, top * 0.96 + 0.05]
    if kind == "bands":
        lines += list(top * rng.uniform(0.3, 0.75, 2))
    stripe = np.max(
        [np.abs(p[:, 2] - z) < rng.uniform(0.006, 0.02 if kind == "flowers" else 0.045) for z in lines], axis=0
    )
    on_body = np.hypot(p[:, 0], p[:, 1]) < belly * 1.015
    colour = mix(white, ink, stripe * on_body)
    return (_flowers(colour, p, belly, top, ink, rng) if kind == "flowers" else colour), "ceramic"


def _flowers(colour: Array, p: Array, belly: float, top: float, ink: Colour, rng: np.random.Generator) -> Array:
    """Sprigs painted around the belly: leaves, petals and a yellow heart."""
    around = np.arctan2(p[:, 1], p[:, 0])
    leaf = (0.20, 0.38, 0.22) if ink[2] < 0.5 or ink[0] > 0.2 else ink
    for place in np.arange(14) / 14 * 2 * np.pi + rng.uniform(-0.15, 0.15, 14):
        x = ((around - place + np.pi) % (2 * np.pi) - np.pi) * belly
        z = p[:, 2] - top * rng.uniform(0.30, 0.72)
        far, angle, size = np.hypot(x, z), np.arctan2(z, x) + rng.uniform(0, 6), rng.uniform(0.045, 0.085)
        outside = np.hypot(p[:, 0], p[:, 1]) < belly * 1.02
        colour = mix(colour, leaf, outside * (far < 1.7 * size * np.abs(np.cos(1.5 * angle + 1)) ** 3))
        colour = mix(colour, ink, outside * (far < size * (0.72 + 0.28 * np.cos(5 * angle))))
        colour = mix(colour, (0.85, 0.68, 0.20), outside * (far < 0.28 * size))
    return colour


def _hobnails(mesh: Mesh, widest: float, top: float) -> Mesh:
    """Cast knobs around the body, as on an iron kettle."""
    p = mesh.vertices.astype(float)
    r, a, row = np.hypot(p[:, 0], p[:, 1]), np.arctan2(p[:, 1], p[:, 0]), p[:, 2] / 0.045
    dots = np.clip(np.cos(a * 30 + np.pi * (np.round(row) % 2)) * np.cos((row - np.round(row)) * np.pi), 0, 1) ** 1.5
    lift = 0.016 * dots * (p[:, 2] > top * 0.25) * (p[:, 2] < top * 0.85) * (r > 0.2)
    p[:, :2] *= (1 + lift / np.maximum(r, 0.1))[:, None]
    return mesh.reshaped(p)


OBJECT = Kind(build=build, phrase="a teapot", group="vessel", imagenet=(849,))
