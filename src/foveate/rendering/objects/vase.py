"""A vase: a tall vessel turned on the wheel, from bottle to trumpet, glazed, painted, fluted or of glass; some with two handles."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter1d

from foveate.rendering.modelling.patterns import flat, mix, noise, pick, smoothstep, spots, vary
from foveate.rendering.modelling.profiles import join, lathe, smooth, tube
from foveate.rendering.scene import Array, Asset, Colour, Kind, Mesh, Part

# Outlines as (radius, height) of a vase one metre tall.
SHAPES = {
    "amphora": (
        (0.13, 0.0), (0.12, 0.04), (0.24, 0.3), (0.3, 0.58), (0.2, 0.76), (0.105, 0.84), (0.11, 0.95), (0.16, 1.0),
    ),
    "bottle": ((0.16, 0.0), (0.27, 0.16), (0.28, 0.32), (0.14, 0.52), (0.065, 0.66), (0.06, 0.92), (0.1, 1.0)),
    "trumpet": ((0.17, 0.0), (0.12, 0.08), (0.11, 0.25), (0.14, 0.55), (0.2, 0.82), (0.29, 1.0)),
    "meiping": (
        (0.16, 0.0), (0.17, 0.12), (0.25, 0.45), (0.31, 0.72), (0.24, 0.87), (0.1, 0.93), (0.09, 0.96), (0.12, 1.0),
    ),
    "gourd": (
        (0.17, 0.0), (0.27, 0.18), (0.24, 0.36), (0.13, 0.5), (0.19, 0.66), (0.14, 0.8), (0.065, 0.88), (0.08, 1.0),
    ),
    "cylinder": ((0.19, 0.0), (0.2, 0.1), (0.21, 0.5), (0.22, 0.84), (0.19, 0.93), (0.17, 1.0)),
    "globe": ((0.22, 0.0), (0.36, 0.15), (0.44, 0.42), (0.34, 0.68), (0.18, 0.82), (0.16, 0.92), (0.22, 1.0)),
    "baluster": (
        (0.19, 0.0), (0.15, 0.1), (0.19, 0.32), (0.28, 0.56), (0.22, 0.72), (0.14, 0.82), (0.15, 0.92), (0.21, 1.0),
    ),
}  # fmt: skip
GLAZES: tuple[Colour, ...] = (
    (0.16, 0.28, 0.42), (0.50, 0.66, 0.58), (0.58, 0.18, 0.12), (0.88, 0.86, 0.80), (0.28, 0.20, 0.16), (0.80, 0.60, 0.22),
    (0.15, 0.36, 0.36), (0.78, 0.55, 0.48), (0.12, 0.12, 0.13), (0.35, 0.42, 0.25), (0.48, 0.30, 0.42),
)  # fmt: skip
GLASSES: tuple[Colour, ...] = (
    (0.35, 0.55, 0.85), (0.45, 0.75, 0.55), (0.90, 0.65, 0.30), (0.80, 0.35, 0.40), (0.85, 0.93, 0.93),
)  # fmt: skip


def build(rng: np.random.Generator) -> Asset:
    name = pick(list(SHAPES), rng)
    shape = np.array(SHAPES[name])
    shape[:, 0] *= rng.uniform(0.88, 1.15) * rng.uniform(0.90, 1.10, len(shape))
    inner = shape[1:-1, 1]
    shape[1:-1, 1] = np.sort(np.clip(inner + rng.normal(scale=0.02, size=len(inner)), 0.03, 0.97))
    kind = pick(
        ["plain", "drip", "blue", "bands", "crackle", "fade", "clay", "glass"],
        rng,
        [0.16, 0.16, 0.17, 0.12, 0.11, 0.1, 0.1, 0.08],
    )
    wall: Any = smooth([tuple(row) for row in shape], 170)
    # The potter's hand knows no corners.
    rounded = gaussian_filter1d(np.array(wall), 5, axis=0, mode="nearest")
    wall = [(float(r), float(h)) for r, h in np.column_stack([rounded[:, 0], np.array(wall)[:, 1]])]
    thick = 0.016
    base = [(0.002, 0.03), (wall[0][0] - 0.05, 0.03), (wall[0][0] - 0.04, 0.0)]
    lip = [(wall[-1][0] - thick / 2 * (1 - np.cos(a)), 1 + thick / 2 * np.sin(a)) for a in np.linspace(0.2, np.pi, 7)]
    hollow = [(max(r - thick, 0.01), h) for r, h in wall[::-3] if h > 0.05]
    body = lathe([*base, *wall, *lip, *hollow, (0.002, hollow[-1][1])], 168)
    if kind != "glass":
        body = _worked(body, shape, rng)
    meshes = [body]
    if name in ("amphora", "baluster") and kind != "glass" and rng.random() < 0.55:
        meshes += _handles(shape, rng)
    skin = join(*meshes)
    colour, material = _glaze(kind, skin.vertices, wall, rng)
    return Asset(parts=(Part(mesh=skin, colour=colour, material=material, scale=0.5),))


def _worked(body: Mesh, shape: Array, rng: np.random.Generator) -> Mesh:
    """Flutes, twisted flutes, facets or the potter's rings, on the outside between foot and neck; or nothing."""
    p = body.vertices.astype(float)
    style = rng.choice(5, p=[0.56, 0.12, 0.12, 0.08, 0.12])
    where = smoothstep(0.05, 0.18, p[:, 2]) * (1 - smoothstep(0.75, 0.92, p[:, 2]))
    around, count = np.arctan2(p[:, 1], p[:, 0]), int(rng.integers(9, 21))
    if style in (1, 2):
        wave = np.abs(np.sin((around + (style == 2) * 2.5 * p[:, 2]) * count / 2))
        grow = 1 - 0.09 * where * (1 - wave) * 12 / count
    elif style == 3:
        sides = int(rng.integers(6, 10))
        facet = np.cos(np.pi / sides) / np.cos((around % (2 * np.pi / sides)) - np.pi / sides)
        grow = 1 + (facet - 1) * where * 0.9
    else:
        grow = 1 + (style == 4) * 0.012 * where * np.sin(p[:, 2] * rng.uniform(90, 150))
    p[:, :2] *= np.asarray(grow)[:, None]
    return body.reshaped(p)


def _handles(shape: Array, rng: np.random.Generator) -> list[Mesh]:
    """Two ears from the shoulder to the neck."""
    high, low = rng.uniform(0.90, 0.94), rng.uniform(0.64, 0.72)
    at = np.interp([high, low], shape[:, 1], shape[:, 0])
    out = max(at) + rng.uniform(0.02, 0.07)
    path: Any = smooth(
        [(at[0] - 0.01, high), (out * 0.8, high + 0.02), (out, (high + low) / 2 + 0.04), (at[1] - 0.01, low)], 30
    )
    return [tube([(x * side, 0, z) for x, z in path], 0.017, 14).scaled((1, 1.4, 1)) for side in (-1, 1)]


def _glaze(kind: str, p: Array, wall: Any, rng: np.random.Generator) -> tuple[Any, str]:
    n, z, seed = len(p), p[:, 2], int(rng.integers(1 << 30))
    around, radius = np.arctan2(p[:, 1], p[:, 0]), np.hypot(p[:, 0], p[:, 1])
    first, second = (vary(GLAZES[k], rng, 0.06) for k in rng.choice(len(GLAZES), 2, replace=False))
    wide = max(r for r, _ in wall)
    if kind == "glass":
        return vary(pick(GLASSES, rng), rng, 0.05), "glass"
    if kind == "plain":
        return first, pick(["ceramic", "matte", "marble"], rng, [0.7, 0.2, 0.1])
    if kind == "drip":  # one glaze ran down over another, thinner at the edge
        run = 0.22 * noise(0.09, seed, 2)(np.stack([np.cos(around) * 0.3, np.sin(around) * 0.3, 0 * z], -1))
        deep = z - rng.uniform(0.25, 0.65) + run - 0.11
        under = mix(flat(second, n), 0.75 * np.array(second), noise(0.06, seed)(p))
        return mix(
            mix(under, (0.88, 0.84, 0.72), 0.5 * np.exp(-((deep / 0.03) ** 2))), first, smoothstep(0.0, 0.02, deep)
        ), "ceramic"
    if kind == "crackle":
        pale = vary(pick(((0.66, 0.76, 0.66), (0.86, 0.83, 0.74), (0.62, 0.72, 0.76)), rng), rng, 0.05)
        return mix((0.42, 0.36, 0.28), flat(pale, n), 0.25 + 0.75 * spots(p, 0.11, 0.93, seed, 0.04)), "ceramic"
    if kind == "fade":
        return mix(flat(first, n), second, smoothstep(0.15, 0.85, z + 0.15 * (noise(0.15, seed)(p) - 0.5))), "ceramic"
    if kind == "clay":  # unglazed, with black figures in friezes
        clay, black = vary((0.68, 0.36, 0.20), rng, 0.06), (0.09, 0.07, 0.06)
        bands = np.max(
            [np.abs(z - h) < w for h, w in ((0.03, 0.03), (0.97, 0.04), (0.34, 0.012), (0.66, 0.012))], axis=0
        )
        tooth = np.abs((around * 16 / (2 * np.pi)) % 1 - 0.5) * 2
        zigzag = np.abs(z - 0.5 - 0.09 * (tooth - 0.5)) < 0.022
        rays = (z > 0.06) & (z < 0.06 + 0.16 * tooth)
        return mix(flat(clay, n), black, np.clip(bands + zigzag + rays, 0, 1)), "matte"
    if kind == "bands":
        colour = flat(first, n)
        for h in rng.uniform(0.08, 0.95, int(rng.integers(2, 7))):
            colour = mix(
                colour, second if rng.random() < 0.7 else (0.80, 0.62, 0.30), np.abs(z - h) < rng.uniform(0.004, 0.045)
            )
        return colour, "ceramic"
    return _painted(p, z, around, radius, wide, wall, rng), "ceramic"


def _painted(
    p: Array, z: Array, around: Array, radius: Array, wide: float, wall: Any, rng: np.random.Generator
) -> Array:
    """White porcelain with blue (or iron red) flowers on scrolls, a collar of leaves, and rings."""
    ink = vary(pick(((0.10, 0.18, 0.50), (0.10, 0.18, 0.50), (0.60, 0.17, 0.10)), rng), rng, 0.05)
    pale = 0.55 * np.array(ink) + 0.40
    colour = flat((0.90, 0.91, 0.92), len(p))
    count, mid = int(rng.integers(3, 6)), float(z[radius.argmax()])
    scroll = np.abs(z - mid - 0.07 * np.sin(around * count * 2)) < 0.008
    colour = mix(colour, ink, scroll & (np.abs(z - mid) < 0.1))
    for k in range(2 * count):
        x = ((around - k * np.pi / count + np.pi) % (2 * np.pi) - np.pi) * wide
        y = z - mid - (0.03 if k % 2 else -0.03)
        size = wide * (0.42 if k % 2 else 0.26) * min(1.0, 4 / count)
        far, turn = np.hypot(x, y), np.arctan2(y, x)
        petal = size * (0.75 + 0.25 * np.cos((8 if k % 2 else 5) * turn))
        colour = mix(colour, ink, smoothstep(-0.006, 0.006, petal - far))
        colour = mix(colour, pale, smoothstep(-0.006, 0.006, petal * 0.75 - far) * (far > 0.4 * size))
        colour = mix(colour, (0.90, 0.91, 0.92), smoothstep(-0.005, 0.005, 0.22 * size - far))
    leaf = np.abs((around * 12 / (2 * np.pi)) % 1 - 0.5) * 2
    colour = mix(
        colour, ink, (z > 0.05) & (z < 0.05 + 0.13 * np.sqrt(leaf)) & ~((z > 0.07) & (z < 0.02 + 0.13 * np.sqrt(leaf)))
    )
    colour = mix(colour, ink, (z < 0.93) & (z > 0.93 - 0.12 * np.sqrt(leaf)))
    return mix(colour, ink, np.max([np.abs(z - h) < 0.007 for h in (0.03, 0.05, 0.93, 0.96, 0.985)], axis=0))


OBJECT = Kind(build=build, phrase="a vase", group="vessel", imagenet=(883,))
