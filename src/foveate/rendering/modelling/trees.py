"""Trees, bushes and palms as meshes light enough to stand by the hundred."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.patterns import flat, mix
from foveate.rendering.modelling.profiles import copies, hull, join, loft, tube
from foveate.rendering.scene import Array, Colour, Mesh, Part

GOLDEN = 137.508  # degrees between one leaf and the next around a stem


def cards(
    centres: Array, normals: Array, sizes: Array, rng: np.random.Generator, slim: float = 0.55, tilt: float = 0.5
) -> Mesh:
    """A leaf, two triangles, at each of (k, 3) centres, facing about along the normals."""
    k = len(centres)
    n = normals + tilt * rng.normal(size=(k, 3))
    n /= np.maximum(np.linalg.norm(n, axis=1, keepdims=True), 1e-9)
    along = np.cross(n, rng.normal(size=(k, 3)))
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    across = slim * np.cross(n, along)
    s = np.asarray(sizes)[:, None]
    p = np.stack([centres - s * along, centres - s * across, centres + s * along, centres + s * across], 1)
    return copies(p, np.array([[0, 1, 2], [0, 2, 3]]))


def on_ball(count: int, rng: np.random.Generator) -> Array:
    """(count, 3) unit vectors, evenly in all directions."""
    v = rng.normal(size=(count, 3))
    return np.asarray(v / np.linalg.norm(v, axis=1, keepdims=True))


def foliage(
    centres: Array, radii: Array, rng: np.random.Generator, *, leaves: int, leaf: float, green: Colour
) -> tuple[Part, Part]:
    """Clumps of leaves around centres: leaves that catch the light, darker below, over a dark core that keeps the sky from
    showing through everywhere."""
    which = rng.choice(len(centres), size=leaves, p=radii**2 / (radii**2).sum())
    way = on_ball(leaves, rng)
    points = centres[which] + way * radii[which, None] * rng.uniform(0.72, 1.08, (leaves, 1))
    mesh = cards(points, way, leaf * rng.uniform(0.6, 1.3, leaves), rng)
    height = (points[:, 2] - points[:, 2].min()) / max(np.ptp(points[:, 2]), 1e-6)
    light = (0.82 + 0.18 * height + 0.12 * way[:, 2]) * rng.uniform(0.82, 1.18, leaves)
    warm = rng.normal(scale=0.02, size=(leaves, 1)) * [1.0, 0.4, 0.0]
    colours = np.clip((np.asarray(green) + warm) * light[:, None], 0, 1)
    cores = [hull(c + 0.78 * r * on_ball(22, rng)) for c, r in zip(centres, radii, strict=True)]
    dark = (0.6 * green[0], 0.62 * green[1], 0.6 * green[2])
    return (
        Part(mesh=mesh, colour=np.repeat(colours, 4, axis=0), material="foliage", smooth=False),
        Part(mesh=join(*cores), colour=dark, material="matte"),
    )


def broadleaf(
    rng: np.random.Generator,
    *,
    tall: float = 7.0,
    green: Colour = (0.40, 0.53, 0.21),
    leaves: int = 1600,
    bare: float = 0.28,
) -> tuple[Part, ...]:
    """A deciduous tree standing on the origin; its crown begins at the share ``bare`` of its height."""
    spread, k = tall * rng.uniform(0.26, 0.36), 12
    middle = tall * (1 + bare) / 2
    centres = on_ball(k, rng) * rng.uniform(0.35, 0.8, (k, 1)) * (spread, spread, tall * (1 - bare) / 2)
    centres[:, 2] += middle
    radii = rng.uniform(0.42, 0.68, k) * spread
    lean = rng.normal(scale=0.04 * tall, size=2)
    path = [(0, 0, -0.3), (0, 0, 0.1 * tall), (*(0.6 * lean), bare * tall), (*lean, middle)]
    wood = [tube(path, np.array([0.036, 0.026, 0.02, 0.009]) * tall, 9)]
    for centre in centres[: k // 2]:
        sagging = (np.asarray(path[2]) + centre) / 2 + (0, 0, -0.03 * tall)
        wood.append(tube([path[2], sagging, centre], np.array([0.013, 0.009, 0.004]) * tall, 6))
    return (
        *foliage(centres, radii, rng, leaves=leaves, leaf=0.042 * tall, green=green),
        Part(mesh=join(*wood), colour=(0.30, 0.24, 0.18), material="bark"),
    )


def bush(
    rng: np.random.Generator, *, wide: float = 1.0, green: Colour = (0.28, 0.40, 0.14), leaves: int = 700
) -> tuple[Part, ...]:
    """A rounded shrub on the origin, ``wide`` metres across."""
    k = 5
    centres = on_ball(k, rng) * (0.25, 0.25, 0.1) * wide + (0, 0, 0.28 * wide)
    return foliage(centres, rng.uniform(0.2, 0.32, k) * wide, rng, leaves=leaves, leaf=0.05 * wide, green=green)


def fir(
    rng: np.random.Generator, *, tall: float = 7.0, green: Colour = (0.20, 0.31, 0.18), snow: float = 0.0
) -> tuple[Part, ...]:
    """A spruce or fir: whorls of drooping boughs; ``snow`` from 0 to 1 lies on them."""
    levels, wide, steps = 20, tall * rng.uniform(0.2, 0.27), 7
    blades, shades = [], []
    t, white = np.linspace(0, 1, steps), (0.90, 0.92, 0.96)
    jag = np.where(np.arange(steps) % 2 == 1, 1.0, 0.42) * (1 - t) ** 0.6 + 0.02
    for level in range(levels):
        h = 0.07 + 0.92 * (level / (levels - 1)) ** 1.1
        reach, boughs = wide * (1 - h) ** 0.9 + 0.015 * tall, int(11 - 5 * h)
        for bough in range(boughs):
            angle = np.radians(GOLDEN * (level * 7 + bough) + rng.uniform(-15, 15)) + 2 * np.pi * bough / boughs
            length, droop = reach * rng.uniform(0.78, 1.12), rng.uniform(0.3, 0.62) * (1.15 - h)
            out, side = np.array([np.cos(angle), np.sin(angle), 0]), np.array([-np.sin(angle), np.cos(angle), 0])
            ridge = out * (length * t)[:, None]
            ridge[:, 2] = h * tall + rng.uniform(-0.01, 0.01) * tall - droop * length * t + 0.22 * length * t**2
            half = (0.31 * length * jag)[:, None]
            edges = [ridge + (way * side + np.array([0, 0, -0.45])) * half for way in (1, -1)]
            blades.append(np.stack([edges[1], ridge, edges[0]], 1))
            needle = np.asarray(green) * (rng.uniform(0.75, 1.25) * (0.55 + 0.45 * t))[:, None]
            load = snow * rng.uniform(0.8, 1.05, steps)
            rim = mix(needle, white, load * rng.uniform(0.6, 1.0, steps))
            shades.append(np.stack([rim, mix(needle, white, load), rim], 1))
    mesh = copies(np.stack(blades).reshape(len(blades), -1, 3), loft(blades[0]).flipped().faces)
    stem = tube([(0, 0, -0.3), (0, 0, 0.5 * tall), (0, 0, 0.98 * tall)], np.array([0.022, 0.013, 0.002]) * tall, 8)
    return (
        Part(mesh=mesh, colour=np.clip(np.concatenate(shades).reshape(-1, 3), 0, 1), material="foliage", smooth=False),
        Part(mesh=stem, colour=(0.25, 0.19, 0.15), material="bark"),
    )


def frond(
    length: float,
    rng: np.random.Generator,
    *,
    rise: float = 0.5,
    droop: float = 1.0,
    leaflet: float = 0.28,
    count: int = 26,
) -> Mesh:
    """A feathery leaf from the origin along +x: a midrib that rises and bends down, with leaflets on both sides."""
    t = np.linspace(0.06, 1, count)
    rib = np.stack([length * t * (1 - 0.18 * droop * t), np.zeros(count), length * (rise * t - droop * t**2)], -1)
    size = leaflet * length * np.sin(np.pi * np.clip(0.12 + 0.85 * t, 0, 1)) ** 0.7
    triangles = []
    width = length / count * 0.75
    for side in (-1, 1):
        tip = rib + np.stack([0.55 * size, side * size, -0.42 * size * rng.uniform(0.6, 1.4, count)], -1)
        triangles.append(np.stack([rib + [width, 0, 0], rib - [width, 0, 0], tip][:: 1 if side < 0 else -1], 1))
    leaves = copies(np.concatenate(triangles), np.array([[0, 1, 2]]))
    return join(leaves, tube([(0, 0, 0), *rib[4::5]], np.linspace(0.012, 0.003, 1 + len(rib[4::5])) * length, 4))


def palm(rng: np.random.Generator, *, tall: float = 6.0, green: Colour = (0.30, 0.42, 0.14)) -> tuple[Part, ...]:
    """A coconut palm: a leaning ringed trunk and a head of drooping fronds."""
    t = np.linspace(0, 1, 24)
    lean, to = rng.uniform(0.05, 0.32) * tall, rng.uniform(0, 2 * np.pi)
    path = np.stack([lean * t**1.6 * np.cos(to), lean * t**1.6 * np.sin(to), tall * t - 0.2], -1)
    rings = np.where(np.arange(24) % 2 == 0, 1.0, 0.86)
    stem = tube(path, (0.16 - 0.06 * t + 0.10 * (1 - t) ** 8) * rings * tall / 6, 9)
    count = int(rng.integers(17, 24))
    heads = []
    for k in range(count):
        old = k / count  # the older the lower it hangs
        leaf = frond(rng.uniform(0.36, 0.46) * tall, rng, rise=1.1 - 1.3 * old, droop=rng.uniform(0.7, 1.0))
        heads.append(leaf.turned(GOLDEN * k).moved(path[-1]))
    head = join(*heads)
    out = np.linalg.norm(head.vertices - path[-1], axis=1) / (0.45 * tall)
    light = (0.75 + 0.4 * np.clip(out, 0, 1))[:, None] * rng.uniform(0.85, 1.15, (len(out), 1))
    hanging = [2.2 * way * (1, 1, 0.4) - (0, 0, 1.5) for way in on_ball(5, rng)]
    nuts = [hull(path[-1] + 0.02 * tall * (at + on_ball(26, rng))) for at in hanging]
    bark = flat((0.46, 0.40, 0.32), len(stem.vertices)) * np.append(np.repeat(rings, 9), [1, 1])[:, None]
    return (
        Part(mesh=head, colour=np.clip(np.asarray(green) * light, 0, 1), material="foliage", smooth=False),
        Part(mesh=stem, colour=np.clip(bark, 0, 1), material="matte"),
        Part(mesh=join(*nuts), colour=(0.33, 0.24, 0.12), material="matte"),
    )
