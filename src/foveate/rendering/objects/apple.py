"""An apple: red flushed over yellow or green, streaked and dotted, with a stalk in its hollow and sometimes a leaf."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.assembling import each
from foveate.rendering.modelling.patterns import flat, mix, noise, pick, smoothstep, spots
from foveate.rendering.modelling.profiles import lathe, sheet, smooth, tube
from foveate.rendering.scene import Array, Asset, Kind, Mesh, Part

ROWS, STEPS = 130, 200
KINDS = [((0.84, 0.72, 0.28), (0.62, 0.05, 0.07), 0.75), ((0.80, 0.66, 0.25), (0.72, 0.11, 0.07), 0.62), ((0.48, 0.10, 0.10), (0.38, 0.02, 0.05), 0.9),
         ((0.56, 0.72, 0.20), (0.66, 0.70, 0.24), 0.4), ((0.82, 0.75, 0.30), (0.80, 0.52, 0.22), 0.3)]  # fmt: skip


def build(rng: np.random.Generator) -> Asset:
    mesh, colour = _fruit(rng)
    parts = [Part(mesh=mesh, colour=colour, material="waxy")]
    bend = rng.uniform(-0.10, 0.10, 2)
    length = rng.uniform(0.14, 0.26)
    path = smooth([(0, 0, 0.66), (bend[0] * 0.2, bend[1] * 0.2, 0.82), (bend[0], bend[1], 0.80 + length)], 14)
    stalk = tube(path, np.interp(np.linspace(0, 1, 14), [0, 0.7, 1], [0.016, 0.014, 0.024]), 10)
    parts.append(Part(mesh=stalk, colour=(0.30, 0.19, 0.10), material="bark", keep=True))
    if rng.random() < 0.5:
        leaf, tint = _leaf(rng)
        turn = rng.uniform(0, 360)
        leaf = leaf.turned(turn).moved((bend[0] * 0.6, bend[1] * 0.6, 0.86))
        parts.append(Part(mesh=leaf, colour=tint, material="leaf", keep=True))
    lean, yaw = rng.uniform(-9, 9), rng.uniform(0, 360)
    return Asset(parts=tuple(each(parts, lambda mesh: mesh.turned(lean, "x").turned(yaw))))


def _fruit(rng: np.random.Generator) -> tuple[Mesh, Array]:
    tall, narrow = rng.uniform(0.95, 1.14), rng.uniform(0.84, 1.0)
    # From the hollow below over the flanks to the hollow above, by angle: a ball that is drawn in at both poles.
    a = np.linspace(-np.pi / 2, np.pi / 2, ROWS)
    r = 0.5 * np.cos(a) ** 0.78 * (1 - 0.9 * (1 - narrow) * np.clip(-np.sin(a), 0, 1))
    hollows = 0.11 * np.exp(-((r / 0.10) ** 2)) * (a < 0) - 0.20 * np.exp(-((r / 0.115) ** 2)) * (a > 0)
    z = 0.42 + 0.42 * np.sin(a) + hollows
    shape = list(zip(r, z + 0.02 * np.cos(a), strict=True))
    mesh = lathe(shape, STEPS)
    p = mesh.vertices.astype(float)
    turn, up = np.arctan2(p[:, 1], p[:, 0]), np.repeat(np.linspace(0, 1, ROWS), STEPS)
    lobes = np.cos(5 * turn + rng.uniform(0, 6))
    seed = int(rng.integers(1 << 30))
    lump = 1 + 0.05 * (noise(0.7, seed, 2)(p) - 0.5)
    p[:, :2] *= (
        lump * (1 + 0.022 * lobes * (1 - smoothstep(0.1, 0.5, up)) + 0.012 * lobes * smoothstep(0.6, 0.9, up))
    )[:, None]
    p[:, 2] = p[:, 2] * tall + (0.022 * lobes * (1 - smoothstep(0.05, 0.22, up)) + 0.03 * p[:, 0] * rng.uniform(-1, 1))
    ground, flush, share = pick(KINDS, rng, [0.42, 0.22, 0.16, 0.14, 0.06])
    round_ = np.stack([np.cos(turn), np.sin(turn), 0.10 * up], -1)  # streaks run from pole to pole
    streak = 0.6 * noise(0.07, seed + 1, 3)(round_) + 0.4 * noise(0.03, seed + 2, 2)(round_)
    sunny = 0.5 + 0.5 * np.cos(turn - rng.uniform(0, 6.28))
    cover = smoothstep(
        0.0,
        1.0,
        share * 1.25
        + 0.40 * (sunny - 0.5)
        + 0.75 * (streak - 0.5)
        + 0.25 * (noise(0.35, seed + 3)(p) - 0.5)
        - 0.25 * smoothstep(0.80, 0.95, up)
        - 0.25 * (1 - smoothstep(0.05, 0.3, up)),
    )
    colour = mix(flat(ground, len(p)), flush, cover)
    colour = mix(colour, (0.86, 0.76, 0.52), 0.55 * spots(p, 0.075, 0.085, seed + 4, 0.03))
    hollow = smoothstep(0.86, 0.95, up) * (0.4 + 0.6 * noise(0.08, seed + 5)(p))
    colour = mix(colour, (0.50, 0.44, 0.16), 0.85 * hollow)
    return mesh.reshaped(p), mix(colour, (0.16, 0.11, 0.06), 1 - smoothstep(0.015, 0.05, up))


def _leaf(rng: np.random.Generator) -> tuple[Mesh, Array]:
    base = sheet(1, 1, 30, 15)
    t, side = base.vertices[:, 0].astype(float) + 0.5, base.vertices[:, 1].astype(float) * 2
    half = 0.115 * np.sin(np.pi * t**0.85) ** 0.8 + 0.006 * (t < 0.12)
    bend = rng.uniform(0.15, 0.55)
    z = 0.10 * t * 1.6 - bend * t**2 * 0.5 + 0.35 * np.abs(side) * half + 0.012 * np.sin(14 * t) * side**2
    p = np.stack([0.42 * t, side * half, z], -1)
    veins = np.exp(-((side / 0.08) ** 2)) + 0.5 * (np.abs(((t - 0.28 * np.abs(side)) * 7) % 1 - 0.5) < 0.09)
    colour = mix(flat((0.20, 0.38, 0.10), len(p)), (0.46, 0.60, 0.26), np.clip(veins, 0, 1) * 0.7)
    return base.reshaped(p), colour


OBJECT = Kind(build=build, phrase="an apple", group="food", imagenet=(948,))
