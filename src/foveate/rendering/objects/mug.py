"""A coffee mug: a beaker with an ear-shaped handle, glazed, printed or enamelled, with coffee in it."""

from __future__ import annotations

from typing import Any

import numpy as np

from foveate.rendering.modelling.patterns import flat, mix, noise, pick, smoothstep, spots, vary
from foveate.rendering.modelling.profiles import curve, join, lathe, smooth, tube
from foveate.rendering.scene import Array, Asset, Colour, Kind, Mesh, Part

GLAZES: tuple[Colour, ...] = (
    (0.93, 0.92, 0.90), (0.10, 0.10, 0.11), (0.62, 0.13, 0.12), (0.16, 0.30, 0.48), (0.30, 0.45, 0.36), (0.85, 0.66, 0.22),
    (0.55, 0.68, 0.72), (0.80, 0.45, 0.32), (0.40, 0.28, 0.22), (0.86, 0.72, 0.70),
)  # fmt: skip
# How the wall's radius varies from foot to lip: straight, barrel, flared, tapered, bell.
WALLS = (
    (1.0, 1.0, 1.0, 1.0), (0.86, 1.08, 1.08, 0.98), (0.78, 0.84, 0.93, 1.08), (1.10, 1.05, 0.99, 0.95),
    (0.80, 1.02, 0.96, 1.04),
)  # fmt: skip


def build(rng: np.random.Generator) -> Asset:
    wall = np.array(pick(WALLS, rng))
    radius, tall, thick = rng.uniform(0.40, 0.48), rng.uniform(0.90, 1.12), rng.uniform(0.030, 0.045)
    kind = pick(
        ["plain", "dipped", "speckled", "bands", "print", "dots", "enamel"],
        rng,
        [0.2, 0.17, 0.15, 0.13, 0.17, 0.08, 0.1],
    )
    fine = 110 if kind in ("print", "dots", "speckled") else 60
    if kind == "enamel":
        wall, thick = np.ones(4), 0.018
    z = np.linspace(0.06, tall, 4)
    outside: Any = smooth(list(zip(wall * radius, z, strict=True)), fine)
    foot = radius * wall[0]
    round_foot = [(foot - 0.05 + 0.05 * np.sin(a), 0.06 - 0.05 * np.cos(a)) for a in np.linspace(0, 1.4, 7)]
    lip = [
        (outside[-1][0] - thick / 2 * (1 - np.cos(a)), tall + thick / 2 * np.sin(a)) for a in np.linspace(0.2, np.pi, 9)
    ]
    inside = [(r - thick, h) for r, h in outside[::-2] if h > 0.09]
    bottom = [(inside[-1][0] * s, 0.07) for s in (0.9, 0.5, 0.002)]
    base = [(0.002, 0.02), (foot - 0.1, 0.02), (foot - 0.09, 0.0), (foot - 0.06, 0.0)]
    cup = lathe([*base, *round_foot, *outside, *lip, *inside, *bottom], 2 * fine)
    handle = _handle(outside, tall, thick, rng)
    skin = join(cup, handle)
    colour = _glaze(kind, skin.vertices, radius, tall, thick, outside, len(cup.vertices), rng)
    level = tall * rng.uniform(0.86, 0.93)
    full = float(np.interp(level, [h for _, h in outside], [r for r, _ in outside])) - thick + 0.006
    drink = lathe([(full * s, level + 0.012 * s**12) for s in np.linspace(1, 0.002, 26)], 90)
    return Asset(
        parts=(
            Part(mesh=skin, colour=colour, material="plastic" if kind == "enamel" else "ceramic"),
            Part(mesh=drink, colour=_coffee(drink.vertices, full, rng), material="ceramic", keep=True),
        )
    )


def _handle(outside: list[tuple[float, float]], tall: float, thick: float, rng: np.random.Generator) -> Mesh:
    """An ear on the +x side, flat like a strap; square-cut or round."""
    high, low = tall * rng.uniform(0.80, 0.88), tall * rng.uniform(0.16, 0.30)
    at = [float(np.interp(h, [b for _, b in outside], [a for a, _ in outside])) - thick * 0.6 for h in (high, low)]
    out, square = rng.uniform(0.26, 0.36), rng.uniform(0.75, 0.98)
    edge = max(at) + out
    sag = rng.uniform(-0.05, 0.03)
    ends = [
        (at[0], high), (at[0] + out * 0.5, high + 0.015), (edge - 0.04, high - 0.10 / square), (edge + 0.01, (high + low) / 2 + 0.04 + sag),
        (edge - 0.07 / square, low + 0.13), (at[1] + out * 0.4, low + 0.01), (at[1], low - 0.02),
    ]  # fmt: skip
    path = curve(ends, 50)
    size = rng.uniform(0.036, 0.046) * (1 + 0.3 * np.abs(np.linspace(-1, 1, 50)) ** 6)
    return tube([(x, 0, h) for x, h in path], list(size), 20).scaled((1, rng.uniform(1.2, 1.9), 1))


def _glaze(
    kind: str, p: Array, radius: float, tall: float, thick: float, outside: Any, cup: int, rng: np.random.Generator
) -> Any:
    """Colours per vertex; only the first ``cup`` of them are the beaker's."""
    n, seed = len(p), int(rng.integers(1 << 30))
    first, second = (vary(GLAZES[k], rng, 0.05) for k in rng.choice(len(GLAZES), 2, replace=False))
    away, here = np.hypot(p[:, 0], p[:, 1]), np.arange(n) < cup
    wall = np.interp(p[:, 2], [h for _, h in outside], [r for r, _ in outside])
    within = here & (away < wall - 0.6 * thick) & (p[:, 2] > 0.06)
    white = flat(vary((0.92, 0.91, 0.88), rng, 0.03), n)
    if kind == "plain":
        return mix(flat(first, n), first if rng.random() < 0.5 else white, within)
    if kind == "dipped":  # raw clay below, glaze that ran down from above
        clay = flat(vary(pick(((0.70, 0.60, 0.47), (0.36, 0.24, 0.18), (0.85, 0.80, 0.72)), rng), rng, 0.04), n)
        edge = tall * rng.uniform(0.2, 0.6) + 0.10 * (noise(0.22, seed)(p) - 0.5)
        return mix(clay, first, np.maximum(smoothstep(-0.01, 0.01, p[:, 2] - edge), within))
    if kind == "speckled":
        under = mix(
            flat(vary((0.80, 0.76, 0.68), rng, 0.1), n),
            (0.30, 0.22, 0.16),
            spots(p, 0.05, rng.uniform(0.12, 0.2), seed),
        )
        return mix(under, first, smoothstep(-0.02, 0.02, p[:, 2] - tall * 0.9) * (rng.random() < 0.5))
    if kind == "bands":
        lines = rng.uniform(0.1, 0.9, int(rng.integers(1, 5))) * tall
        found = np.max([np.abs(p[:, 2] - h) < rng.uniform(0.01, 0.07) for h in lines], axis=0)
        return mix(white, first, found * here * ~within)
    if kind == "enamel":
        body = mix(flat(first, n), white, within)
        body = mix(body, (0.9, 0.9, 0.9), spots(p, 0.05, 0.15, seed) * (rng.random() < 0.5))
        return mix(body, (0.08, 0.10, 0.22), smoothstep(-0.015, 0.0, p[:, 2] - tall + 0.02))
    angle = (np.arctan2(p[:, 0], -p[:, 1]) + np.pi) % (2 * np.pi) - np.pi  # 0 on the front
    ground = white if rng.random() < 0.7 else flat(second, n)
    if kind == "dots":
        a, row = np.arctan2(p[:, 1], p[:, 0]) / (2 * np.pi / 14), p[:, 2] / (0.16 * tall)
        a = a + 0.5 * (np.floor(row) % 2)
        near = np.hypot((a - np.floor(a) - 0.5) * 2 * np.pi / 14 * radius, (row - np.floor(row) - 0.5) * 0.16 * tall)
        return mix(ground, first, (1 - smoothstep(0.045, 0.055, near)) * here * ~within)
    # A heart, a star or a cat's face, printed on both sides.
    half = np.abs(angle) - np.pi * (np.abs(angle) > np.pi / 2)
    u, v = half * radius / 0.24, (p[:, 2] - 0.52 * tall) / 0.24
    turn = np.arctan2(u, v)
    tip = np.abs((turn / (2 * np.pi) * 5 + 0.5) % 1 - 0.5) * 2
    star = 1 - np.hypot(u, v) * (1 + 1.1 * tip)
    heart = 0.72 - u**2 - (v * 1.15 - 0.15 - 0.65 * np.sqrt(np.abs(u))) ** 2
    ears = np.minimum(0.85 - v - 0.9 * np.abs(np.abs(u) - 0.55), v - 0.1)
    cat = np.maximum(0.72 - np.hypot(u * 0.9, (v + 0.1) * 1.1), ears)
    cat = np.minimum(cat, np.minimum(np.hypot(np.abs(u) - 0.28, v) - 0.1, np.hypot(u, v + 0.25) - 0.07))
    print_ = smoothstep(-0.04, 0.04, pick((star, heart, cat), rng))
    return mix(ground, first, print_ * here * ~within)


def _coffee(p: Array, full: float, rng: np.random.Generator) -> Array:
    """Black, or with a ring of froth, or milky."""
    away = np.hypot(p[:, 0], p[:, 1]) / full
    black, froth = (0.10, 0.05, 0.03), (0.52, 0.34, 0.19)
    style = rng.integers(3)
    if style == 0:
        return mix(flat(black, len(p)), froth, smoothstep(0.86, 0.98, away) * 0.7)
    if style == 1:
        return mix(flat((0.45, 0.28, 0.16), len(p)), (0.60, 0.42, 0.26), noise(0.15, int(rng.integers(1 << 30)))(p))
    return mix(
        flat((0.88, 0.80, 0.68), len(p)), (0.50, 0.30, 0.16), smoothstep(0.55, 0.75, away + 0.2 * noise(0.3, 3)(p))
    )


OBJECT = Kind(build=build, phrase="a mug", group="vessel", imagenet=(504,))
