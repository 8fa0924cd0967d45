"""A bottle of wine: Bordeaux, Burgundy, flute or sparkling, with a label, and foil, wax or a bare cork at the neck."""

from __future__ import annotations

from typing import Any

import numpy as np

from foveate.rendering.modelling.assembling import turn
from foveate.rendering.modelling.patterns import flat, mix, noise, pick, vary
from foveate.rendering.modelling.profiles import lathe, loft, smooth
from foveate.rendering.scene import Asset, Colour, Kind, Part

# Outlines as (radius, height) from the heel up to the lip, and how high the straight wall reaches.
SHAPES: dict[str, tuple[tuple[tuple[float, float], ...], float]] = {
    "bordeaux": (
        ((0.124, 0.03), (0.125, 0.58), (0.118, 0.635), (0.085, 0.68), (0.054, 0.72), (0.048, 0.80), (0.046, 1.0)),
        0.58,
    ),
    "burgundy": (
        ((0.134, 0.03), (0.135, 0.46), (0.128, 0.53), (0.095, 0.63), (0.062, 0.73), (0.050, 0.84), (0.047, 1.0)),
        0.45,
    ),
    "flute": (
        ((0.110, 0.03), (0.111, 0.40), (0.106, 0.50), (0.085, 0.65), (0.060, 0.79), (0.046, 0.91), (0.043, 1.0)),
        0.42,
    ),
    "sparkling": (
        ((0.143, 0.03), (0.144, 0.42), (0.136, 0.50), (0.100, 0.63), (0.066, 0.76), (0.052, 0.86), (0.048, 1.0)),
        0.42,
    ),
}
GREEN, BROWN, CLEAR = (0.20, 0.38, 0.16), (0.30, 0.17, 0.06), (0.88, 0.94, 0.90)
RED, WHITE, ROSE = (0.20, 0.015, 0.04), (0.86, 0.74, 0.36), (0.90, 0.50, 0.42)
FOILS: tuple[Colour, ...] = (
    (0.35, 0.04, 0.08), (0.08, 0.08, 0.09), (0.80, 0.62, 0.25), (0.10, 0.22, 0.15), (0.75, 0.75, 0.76),
    (0.12, 0.15, 0.32),
)  # fmt: skip


def build(rng: np.random.Generator) -> Asset:
    name = pick(list(SHAPES), rng, [0.4, 0.3, 0.15, 0.15])
    rows, straight = SHAPES[name]
    slim = rng.uniform(0.94, 1.05)
    wall: Any = smooth([(r * slim, h) for r, h in rows], 80)
    radius = wall[0][0]
    wine = RED if rng.random() < 0.6 and name in ("bordeaux", "burgundy") else (WHITE, ROSE)[int(rng.random() < 0.25)]
    tint = GREEN if wine == RED else CLEAR if wine == ROSE else pick(((0.40, 0.55, 0.22), CLEAR, BROWN), rng)
    tint = GREEN if name == "sparkling" else tint
    heel = [(radius - 0.02 + 0.02 * np.sin(a), 0.03 - 0.03 * np.cos(a)) for a in np.linspace(0, 1.4, 7)]
    collar = [
        (wall[-1][0] + d, 0.96 + h)
        for d, h in ((0.0, 0.0), (0.008, 0.004), (0.009, 0.022), (0.004, 0.028), (0.003, 0.04))
    ]
    outside = [
        (0.002, 0.05), (radius * 0.55, 0.02), *heel, *[w for w in wall if w[1] < 0.955], *collar, (0.03, 1.0),
        (0.002, 0.998),
    ]  # fmt: skip
    level = rng.uniform(0.70, 0.76) if name != "flute" else 0.80
    inside = [(max(r - 0.010, 0.01), max(h, 0.025)) for r, h in wall if h < level]
    fill = lathe([(0.002, 0.06), (radius * 0.5, 0.03), *inside, (inside[-1][0] * 0.6, level), (0.002, level)], 64)
    parts = [
        Part(mesh=lathe(outside, 96), colour=vary(tint, rng, 0.05), material="glass"),
        Part(mesh=fill, colour=vary(wine, rng, 0.04), material="plastic" if wine == RED or tint == GREEN else "glass"),
        *_closure(name, wall, rng),
    ]
    low, high = rng.uniform(0.08, 0.14), straight - rng.uniform(0.02, 0.10)
    paper = vary(
        pick(
            ((0.93, 0.91, 0.85), (0.90, 0.85, 0.72), (0.95, 0.95, 0.94), (0.10, 0.10, 0.11), (0.50, 0.08, 0.12)),
            rng,
            [0.3, 0.25, 0.2, 0.15, 0.1],
        ),
        rng,
        0.03,
    )
    half = rng.uniform(1.0, 1.55)
    front = _label(radius + 0.0015, low, high, half, paper, rng)
    back = _label(radius + 0.0015, low + 0.03, high - 0.04, 0.7, paper, rng)
    parts += [front, *turn([back], 180)]
    return Asset(parts=tuple(parts))


def _closure(name: str, wall: Any, rng: np.random.Generator) -> list[Part]:
    """Foil over the neck, wax with drips, or a cork that stands out of it."""
    foil = vary(pick(FOILS, rng), rng, 0.04)
    kind = "foil" if name == "sparkling" else pick(["foil", "wax", "cork"], rng, [0.72, 0.12, 0.16])
    if kind == "cork":
        cork = lathe([(0.002, 0.9), (0.034, 0.9), (0.036, 1.0), (0.038, 1.05), (0.036, 1.056), (0.002, 1.056)], 40)
        grain = mix(
            flat((0.72, 0.54, 0.36), len(cork.vertices)),
            (0.45, 0.30, 0.18),
            noise(0.01, int(rng.integers(999)))(cork.vertices) ** 2,
        )
        return [Part(mesh=cork, colour=grain)]
    start = (
        {"sparkling": rng.uniform(0.66, 0.74), "flute": 0.84}.get(name, rng.uniform(0.78, 0.83))
        if kind == "foil"
        else rng.uniform(0.86, 0.90)
    )
    neck = [(r + 0.004, h) for r, h in wall if start < h < 0.955]
    tip = wall[-1][0]
    ring = [
        (tip + d + 0.005, 0.96 + h)
        for d, h in ((0.0, -0.002), (0.009, 0.003), (0.010, 0.022), (0.006, 0.03), (0.005, 0.038), (0.003, 0.043))
    ]
    if name == "sparkling":  # a cork's round head under its wire
        ring = [
            (tip + 0.002, 0.955), (tip + 0.014, 0.965), (tip + 0.010, 0.985), (tip + 0.004, 0.995),
            (tip + 0.014, 1.02), (tip + 0.012, 1.045), (tip * 0.7, 1.058),
        ]  # fmt: skip
    cover = lathe([(neck[0][0] - 0.003, start), *neck, *ring, (0.002, ring[-1][1] + 0.002)], 90)
    if kind == "wax":
        p = cover.vertices.copy()
        around = np.arctan2(p[:, 1], p[:, 0])
        drip = np.clip(np.sin(around * 3 + 1) + 0.6 * np.sin(around * 7), 0, 2)
        p[:, 2] -= (0.05 * drip * np.clip((start + 0.06 - p[:, 2]) / 0.06, 0, 1)).astype(np.float32)
        p[:, :2] *= 1.06
        return [Part(mesh=cover.reshaped(p), colour=foil, material="plastic")]
    z = cover.vertices[:, 2]
    colour = mix(flat(foil, len(z)), (0.82, 0.68, 0.35), np.abs(z - start - 0.02) < 0.006)
    return [
        Part(
            mesh=cover,
            colour=colour,
            material="steel" if foil[0] > 0.7 or name == "sparkling" else "plastic",
            scale=0.2,
        )
    ]


def _label(radius: float, low: float, high: float, half: float, paper: Colour, rng: np.random.Generator) -> Part:
    """Printed paper on the front, ``half`` radians to each side: a frame, an emblem, a name and lines of text."""
    columns, rows = 120, 100
    a, t = np.tile(np.linspace(-half, half, columns), rows), np.repeat(np.linspace(0, 1, rows), columns)
    points = np.stack([radius * np.sin(a), -radius * np.cos(a), low + t * (high - low)], -1)
    u, v, tall = a / half, t, (high - low) / (radius * half)  # v from the bottom; tall in units of u
    dark = sum(paper) < 1.2
    ink: Colour = pick(((0.85, 0.70, 0.38), (0.92, 0.90, 0.85)), rng) if dark else (0.12, 0.09, 0.08)
    accent = vary(
        pick(((0.62, 0.10, 0.12), (0.72, 0.55, 0.22), (0.12, 0.25, 0.42), (0.18, 0.36, 0.22)), rng),
        rng,
        0.05,
    )
    colour = flat(paper, len(u))
    edge = np.minimum(0.97 - np.abs(u), (0.5 - np.abs(v - 0.5)) * tall)
    if rng.random() < 0.5:
        colour = mix(colour, accent, (edge > 0.05) & (edge < 0.09))
    if rng.random() < 0.4:
        colour = mix(colour, accent, (v < 0.2) | (v > 0.92))
    cx, cy, size = u, (v - 0.70) * tall, rng.uniform(0.22, 0.32)
    emblem = rng.integers(4)
    if emblem == 0:  # a house with towers
        shape = (
            (np.abs(cx) < 1.5 * size)
            & (cy > -0.7 * size)
            & (cy < size * (0.1 + 0.9 * (np.abs(np.abs(cx) / size - 1.1) < 0.25) + 0.6 * (np.abs(cx) < 0.3 * size)))
        )
    elif emblem == 1:  # a seal
        shape = (np.hypot(cx, cy) < size) & ~((np.hypot(cx, cy) > 0.75 * size) & (np.hypot(cx, cy) < 0.87 * size))
    elif emblem == 2:  # hills under a sun
        shape = (np.hypot(cx, cy - 0.5 * size) < 0.45 * size) | (
            (np.abs(cx) < 2 * size) & (cy > -0.8 * size) & (cy < -0.3 * size + 0.25 * size * np.sin(cx / size * 2.2))
        )
    else:  # a shield
        shape = (
            (np.abs(cx) < size * np.sqrt(np.clip((cy / size + 1.1) / 1.1, 0, 1)))
            & (cy < 0.8 * size)
            & (np.abs(cx) > 0.06 * size)
        )
    colour = mix(colour, accent if rng.random() < 0.6 else ink, shape)
    for height, wide, bold in (
        (0.43, rng.uniform(0.55, 0.8), 0.04),
        (0.32, rng.uniform(0.3, 0.6), 0.022),
        (0.26, rng.uniform(0.3, 0.5), 0.018),
        (0.12, rng.uniform(0.2, 0.5), 0.02),
    ):
        letters = np.sin(u * 0.55 / bold * 4 + 2 * np.sin(u * 17 + height * 40)) > -0.7
        colour = mix(colour, ink, (np.abs(v - height) < bold) & (np.abs(u) < wide) & letters)
    mesh = loft(points.reshape(rows, columns, 3))
    return Part(mesh=mesh, colour=colour, keep=True)


OBJECT = Kind(build=build, phrase="a wine bottle", group="vessel", imagenet=(907,))
