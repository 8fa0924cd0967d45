"""A table lamp: a base of ceramic, wood, metal or glass, and a shade over the bulb, lit or not: drum, cone, bell, pleats, or leaded glass."""

from __future__ import annotations

from typing import Any

import numpy as np

from foveate.rendering.modelling.patterns import flat, mix, noise, pick, spots, vary
from foveate.rendering.modelling.profiles import box, join, lathe, smooth, tube
from foveate.rendering.scene import Asset, Colour, Kind, Part

CLOTHS: tuple[Colour, ...] = (
    (0.90, 0.86, 0.76), (0.93, 0.92, 0.89), (0.80, 0.70, 0.52), (0.55, 0.16, 0.14), (0.22, 0.34, 0.38),
    (0.14, 0.14, 0.15), (0.45, 0.52, 0.40),
)  # fmt: skip
GLAZES: tuple[Colour, ...] = (
    (0.20, 0.34, 0.46), (0.86, 0.84, 0.80), (0.34, 0.50, 0.42), (0.60, 0.24, 0.14), (0.14, 0.15, 0.17),
    (0.72, 0.60, 0.42),
)  # fmt: skip
GLASSES: tuple[Colour, ...] = ((0.55, 0.75, 0.72), (0.85, 0.92, 0.92), (0.85, 0.65, 0.35))
BRASS, CHROME, BRONZE = (0.80, 0.62, 0.30), (0.75, 0.75, 0.77), (0.24, 0.17, 0.12)
# Ceramic, wooden and glass bodies as (radius, height) in units of the body's height.
BODIES = (
    ((0.20, 0.0), (0.22, 0.04), (0.36, 0.28), (0.38, 0.48), (0.20, 0.80), (0.09, 1.0)),
    ((0.22, 0.0), (0.26, 0.10), (0.25, 0.30), (0.13, 0.50), (0.20, 0.70), (0.17, 0.84), (0.07, 1.0)),
    ((0.18, 0.0), (0.42, 0.25), (0.46, 0.48), (0.36, 0.74), (0.10, 0.97), (0.08, 1.0)),
    ((0.16, 0.0), (0.17, 0.05), (0.22, 0.45), (0.29, 0.72), (0.22, 0.90), (0.07, 1.0)),
    ((0.24, 0.0), (0.24, 0.05), (0.24, 0.5), (0.24, 0.88), (0.16, 0.96), (0.06, 1.0)),
)


def build(rng: np.random.Generator) -> Asset:
    kind = pick(["ceramic", "column", "stem", "tripod", "glass", "leaded"], rng, [0.32, 0.18, 0.16, 0.12, 0.08, 0.14])
    metal = pick((BRASS, CHROME, BRONZE), rng) if kind != "leaded" else BRONZE
    neck = rng.uniform(0.36, 0.46) if kind != "leaded" else rng.uniform(0.40, 0.48)
    parts = _base(kind, neck, metal, rng)
    lit = rng.random() < 0.6
    low, tall = neck + rng.uniform(-0.02, 0.03), rng.uniform(0.24, 0.32)
    parts += _leaded(neck, rng) if kind == "leaded" else _shade(low, tall, metal, lit, rng)
    glass = [(0.016, 0.05), (0.018, 0.07), (0.036, 0.11), (0.036, 0.13), (0.022, 0.158), (0.001, 0.164)]
    bulb = lathe(smooth([(r, neck + h) for r, h in glass], 24), 24)
    fitting = [(0.014, -0.03), (0.02, 0.0), (0.024, 0.01), (0.024, 0.055), (0.001, 0.056)]
    socket = lathe([(r, neck + h) for r, h in fitting], 24)
    cord = smooth([(0.03, 0.05, 0.005), (0.05, 0.13, 0.005), (0.03, 0.19, 0.005), (-0.03, 0.23, 0.005)], 30)
    shine, stuff = ((1.0, 0.86, 0.62), "glow") if lit else ((0.93, 0.93, 0.92), "ceramic")
    parts += [
        Part(mesh=bulb, colour=shine, material=stuff, keep=True),
        Part(mesh=socket, colour=metal, material="gold"),
        Part(mesh=tube(cord, 0.004, 8), colour=(0.08, 0.07, 0.07)),
    ]
    return Asset(parts=tuple(parts))


def _base(kind: str, neck: float, metal: Colour, rng: np.random.Generator) -> list[Part]:
    """What stands on the table, from the ground to the neck."""
    wood = vary(pick(((0.40, 0.24, 0.13), (0.62, 0.44, 0.27), (0.26, 0.16, 0.11)), rng), rng, 0.06)
    if kind in ("ceramic", "glass"):
        return _vessel(kind, neck, wood if metal == BRONZE else metal, "wood" if metal == BRONZE else "gold", rng)
    if kind == "column":
        return [_column(neck, wood, rng)]
    if kind == "tripod":
        reach = rng.uniform(0.13, 0.18)
        ways = [(np.cos(a), np.sin(a)) for a in np.radians([-90, 30, 150])]
        legs = [
            tube([(reach * x, reach * y, 0.0), (0.018 * x, 0.018 * y, neck - 0.03)], [0.012, 0.016], 14)
            for x, y in ways
        ]
        rows = [(0.001, -0.06), (0.034, -0.058), (0.036, -0.03), (0.02, -0.015), (0.001, -0.015)]
        hub = lathe([(r, neck + h) for r, h in rows], 40)
        return [
            Part(mesh=join(*legs), colour=wood, material="wood", scale=0.4),
            Part(mesh=hub, colour=metal, material="gold"),
        ]
    return _stem(kind, neck, metal, rng)


def _vessel(kind: str, neck: float, trim: Colour, stuff: str, rng: np.random.Generator) -> list[Part]:
    """A body of ceramic or glass on a disc."""
    shape = np.array(pick(BODIES, rng)) * [rng.uniform(0.85, 1.1), 1]
    plinth = rng.uniform(0.015, 0.04)
    size, foot = neck - plinth, float(shape[0, 0]) * 0.42 + 0.02
    body = lathe(smooth(shape * (min(size, 0.42), size) + (0, plinth), 90), 120)
    disc = lathe(
        [(0.001, 0), (foot, 0), (foot, 0.001), (foot, plinth), (foot - 0.006, plinth + 0.004), (0.001, plinth + 0.004)],
        64,
    )
    glaze = vary(pick(GLAZES, rng), rng, 0.06)
    colour: Any = glaze if kind == "ceramic" else vary(pick(GLASSES, rng), rng, 0.05)
    if kind == "ceramic" and rng.random() < 0.5:  # another glaze ran down over the first
        p, other = body.vertices, pick(GLAZES, rng)
        run = noise(0.05, int(rng.integers(1 << 30)))(p)
        colour = mix(flat(glaze, len(p)), other, np.clip((p[:, 2] / neck - 0.55 + 0.35 * (run - 0.5)) / 0.06, 0, 1))
    return [Part(mesh=body, colour=colour, material=kind), Part(mesh=disc, colour=trim, material=stuff, scale=0.4)]


def _column(neck: float, wood: Colour, rng: np.random.Generator) -> Part:
    """Turned wood."""
    t = np.linspace(0, 1, 120)
    radius = 0.022 + 0.03 * np.exp(-(((t - rng.uniform(0.3, 0.6)) / rng.uniform(0.10, 0.2)) ** 2))
    radius += rng.uniform(0.008, 0.02) * np.abs(np.sin(t * np.pi * rng.integers(3, 7))) ** 0.7
    wide = rng.uniform(0.09, 0.12)
    foot = [
        (0.001, 0),
        (wide, 0),
        (wide + 0.002, 0.012),
        (wide - 0.004, 0.022),
        (wide * 0.8, 0.03),
        (wide * 0.45, 0.045),
    ]
    rows = [*foot, *zip(radius, 0.05 + (neck - 0.06) * t, strict=True), (0.001, neck - 0.008)]
    painted = rng.random() < 0.35
    tint, stuff = ((0.88, 0.87, 0.83), "plastic") if painted else (wood, "wood")
    return Part(mesh=lathe(rows, 72), colour=tint, material=stuff, scale=0.4)


def _stem(kind: str, neck: float, metal: Colour, rng: np.random.Generator) -> list[Part]:
    """A slender metal stem on a foot, or on a block of marble."""
    wide, swell = rng.uniform(0.10, 0.13), rng.uniform(0.0, 0.03)
    rows = [
        (wide, 0.0), (wide, 0.012), (wide * 0.93, 0.022), (wide * 0.4, 0.034), (0.016, 0.06), (0.012, neck * 0.4),
        (0.013 + swell, neck * 0.5), (0.012, neck * 0.62), (0.011, neck * 0.9), (0.014, neck),
    ]  # fmt: skip
    if kind == "leaded":
        rows = [
            (wide, 0.0), (wide * 1.02, 0.01), (wide * 0.75, 0.03), (0.034, 0.06), (0.028, 0.14), (0.04, 0.2), (0.024, 0.28), (0.018, neck),
        ]  # fmt: skip
    if kind == "stem" and rng.random() < 0.4:
        slab = box((0.17, 0.17, 0.04), (0, 0, 0.02), 0.004)
        rod = tube([(0, 0, 0.03), (0, 0, neck)], 0.010, 16)
        return [
            Part(mesh=slab, colour=(0.88, 0.87, 0.85), material="marble", smooth=False, scale=0.3),
            Part(mesh=rod, colour=metal, material="gold"),
        ]
    return [Part(mesh=lathe([(0.001, 0.0), *smooth(rows, 90)], 72), colour=metal, material="gold")]


def _shade(low: float, tall: float, metal: Colour, lit: bool, rng: np.random.Generator) -> list[Part]:
    """A cloth shade, open above and below, on its wire frame; lit, it glows most around the bulb."""
    wide = rng.uniform(0.17, 0.23)
    style = pick(["drum", "cone", "bell", "pleats", "square"], rng, [0.27, 0.27, 0.14, 0.22, 0.10])
    above = wide * {"drum": rng.uniform(0.86, 0.98), "cone": rng.uniform(0.42, 0.62)}.get(style, rng.uniform(0.5, 0.68))
    t = np.linspace(0, 1, 40)
    r = wide + (above - wide) * (t if style != "bell" else t**0.55)
    outer = np.stack([r, low + tall * t], -1)
    mesh = lathe([*outer, *(outer[::-1] - (0.004, 0)), outer[0]], 240)
    p = mesh.vertices.astype(float)
    around, height = np.arctan2(p[:, 1], p[:, 0]), (p[:, 2] - low) / tall
    if style == "pleats":
        p[:, :2] *= (1 + 0.022 * np.cos(around * 48))[:, None]
    if style == "square":
        side = np.maximum(np.abs(np.cos(around)), np.abs(np.sin(around)))
        p[:, :2] *= (0.92 / np.maximum(side, 0.76))[:, None]
    mesh = mesh.reshaped(p)
    cloth = vary(pick(CLOTHS, rng, [0.3, 0.22, 0.14, 0.1, 0.1, 0.06, 0.08]), rng, 0.05)
    inside = np.zeros(len(p), bool)
    inside[40 * 240 : 80 * 240] = True
    colour = mix(flat(cloth, len(p)), (0.92, 0.89, 0.82), inside)
    trim = (np.abs(height - 0.5) > 0.475) & ~inside
    colour = mix(colour, cloth if rng.random() < 0.6 else vary(BRASS, rng, 0.1), trim)
    if lit:  # "glow" gives out three times its colour, so a soft light is a dark colour
        warm = 0.34 + 0.42 * np.exp(-(((height - 0.42) / 0.34) ** 2))
        warm = warm * (1 + 0.06 * (style == "pleats") * np.cos(around * 48)) * np.where(trim, 0.6, 1.0)
        colour = colour * warm[:, None] * [1.0, 0.86, 0.66]
    high, a = low + tall, np.linspace(0, 2 * np.pi, 40)
    ends = [(0.97 * above * np.cos(v), 0.97 * above * np.sin(v), high - 0.012) for v in np.radians([0, 120, 240])]
    spokes = [tube([(0, 0, high - 0.02), end], 0.003, 6) for end in ends]
    knob = lathe(
        [(0.004, high - 0.03), (0.006, high), (0.012, high + 0.015), (0.006, high + 0.03), (0.001, high + 0.034)], 20
    )
    harp = np.stack([0.055 * np.sin(a), 0 * a, low + (tall - 0.02) * (1 - np.cos(a)) / 2], -1)
    wires = join(*spokes, knob, tube(harp, 0.003, 6))
    return [
        Part(mesh=mesh, colour=np.clip(colour, 0, 1), material="glow" if lit else "fabric", scale=0.2),
        Part(mesh=wires, colour=metal, material="gold"),
    ]


def _leaded(neck: float, rng: np.random.Generator) -> list[Part]:
    """A dome of coloured glass in lead, lit from inside."""
    wide, tall = rng.uniform(0.21, 0.26), rng.uniform(0.17, 0.22)
    low = neck + 0.02
    a = np.linspace(0.0, 1.45, 90)
    dome = zip(wide * np.cos(a) ** 0.8 * (1 + 0.05 * np.sin(a * 6)), low + tall * np.sin(a), strict=True)
    mesh = lathe([(wide * 0.99, low - 0.02), *dome], 220)
    p, seed = mesh.vertices, int(rng.integers(1 << 30))
    tones = rng.permutation(
        np.array([(0.75, 0.45, 0.16), (0.62, 0.20, 0.10), (0.25, 0.45, 0.22), (0.75, 0.62, 0.32), (0.20, 0.34, 0.45)])
    )
    patch = noise(0.09, seed, 1)(p)
    height = (p[:, 2] - low) / tall
    colour = flat(tuple(tones[0]), len(p))
    colour = mix(colour, tones[1], (patch > 0.52) & (height < 0.7))
    colour = mix(colour, tones[2], (patch < 0.42) & (height < 0.6))
    colour = mix(colour, tones[3], height < 0.02) * (0.8 + 0.3 * noise(0.03, seed + 1)(p))[:, None]
    lead = 1 - spots(p, 0.045, 0.9, seed + 2, 0.03)
    colour = mix(colour * (0.75 + 0.25 * np.exp(-(((height - 0.4) / 0.4) ** 2)))[:, None], (0.03, 0.03, 0.03), lead)
    high = low + tall
    cap = lathe(
        [
            (0.05, high - 0.015 * tall),
            (0.03, high + 0.01),
            (0.012, high + 0.02),
            (0.014, high + 0.035),
            (0.001, high + 0.05),
        ],
        32,
    )
    return [
        Part(mesh=mesh, colour=np.clip(colour, 0, 1) * 0.8, material="glow", keep=True),
        Part(mesh=cap, colour=BRONZE, material="gold"),
    ]


OBJECT = Kind(build=build, phrase="a table lamp", group="furniture", imagenet=(846,))
