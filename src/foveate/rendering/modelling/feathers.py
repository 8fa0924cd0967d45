"""Feathers and fins: cambered vanes one by one or as plumage all over a body, and rayed skins between a base and an edge."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.growing import sample
from foveate.rendering.modelling.patterns import flat, mix
from foveate.rendering.modelling.profiles import copies, join, loft
from foveate.rendering.scene import Array, Colour, Mesh


def plumage(
    mesh: Mesh,
    colours: Array,
    rng: np.random.Generator,
    *,
    count: int = 1200,
    length: float = 0.07,
    width: float = 0.025,
    comb: tuple[float, float, float] = (0.0, 0.15, -1.0),
    lift: float = 0.16,
    shaft: float = 0.7,
    weight: Array | None = None,
) -> tuple[Mesh, Array]:
    """Small feathers lying over a mesh in its colours, each with a darker (or lighter) streak along its shaft."""
    roots, normals, corners = sample(mesh, count, rng, weight)
    tint = (colours[corners[..., 0].astype(int)] * corners[..., 1:]).sum(1) * rng.uniform(0.85, 1.12, (count, 1))
    along = np.asarray(comb) + 0.12 * rng.normal(size=(count, 3))
    along = along - normals * (along * normals).sum(1)[:, None]
    along /= np.maximum(np.linalg.norm(along, axis=1), 1e-6)[:, None]
    long = length * rng.uniform(0.75, 1.2, count)
    return vanes(roots, along, normals, long, np.full(count, width), tint, lift=lift, shaft=shaft)


def vanes(
    roots: Array,
    along: Array,
    normals: Array,
    length: Array,
    width: Array,
    tint: Array,
    *,
    lift: float = 0.1,
    shaft: float = 0.7,
    tip: float = 1.0,
) -> tuple[Mesh, Array]:
    """Feathers as cambered leaves, from roots along directions; the colour is ``shaft`` times itself on the shaft, ``tip`` at the end."""
    t = np.array([0, 0.25, 0.5, 0.75, 0.92, 1.0])
    half = np.array([0.35, 0.85, 1.0, 0.9, 0.55, 0.05])
    across = np.array([-1, 0, 1.0])
    side = np.cross(normals, along)
    size, wide = length[:, None, None, None], width[:, None, None, None]
    grid = roots[:, None, None] + along[:, None, None] * size * t[:, None, None]
    grid = grid + side[:, None, None] * wide * (half[:, None] * across)[..., None]
    rise = lift * size * (t * (1.25 - 0.9 * t))[:, None, None] + 0.25 * wide * (1 - np.abs(across))[:, None]
    grid = grid + normals[:, None, None] * rise
    shade = np.where(np.abs(across)[None] < 0.5, shaft, 1.0) * np.interp(t, [0, 0.6, 1], [0.85, 1, tip])[:, None]
    colour = tint[:, None, None] * shade[..., None]
    blade = loft(grid[0]).flipped()
    return copies(grid.reshape(len(roots), -1, 3), blade.faces), np.clip(colour.reshape(-1, 3), 0, 1)


def fin(
    spine: Array, tips: Array, colour: Colour, pale: Colour, rng: np.random.Generator, rays: int = 22
) -> tuple[Mesh, Array]:
    """A thin fin between its base line and its edge, both (k, 3) knots: waved across its rays, paler and frayed at the edge."""
    from scipy.interpolate import PchipInterpolator

    t, knots = np.linspace(0, 1, 4 * rays + 1), np.linspace(0, 1, len(spine))
    base = np.stack([np.interp(t, knots, spine[:, k]) for k in range(3)], -1)
    edge = PchipInterpolator(np.linspace(0, 1, len(tips)), tips)(t)
    s = np.linspace(0, 1, 13)[:, None, None]
    ray = np.abs(np.sin(np.pi * rays * t))
    grid = base[None] * (1 - s) + (base + (edge - base) * (0.95 + 0.05 * ray[:, None]))[None] * s
    tall = rng.uniform(0.5, 1.0) * 0.030 * s[..., 0] ** 1.3
    wave = tall * np.sin(2 * np.pi * (rng.uniform(1.2, 2.2) * t[None] + 0.4 * s[..., 0]) + rng.uniform(0, 6))
    thick = 0.008 * (1 - 0.75 * s[..., 0]) * (0.55 + 0.45 * ray[None])
    normal = np.cross(edge - base, np.gradient(base, axis=0) + 1e-6)
    normal = normal.mean(0) / np.linalg.norm(normal.mean(0))
    front, back = (loft(grid + (wave + way * thick)[..., None] * normal) for way in (1, -1))
    mesh = join(front.flipped(), back)
    fade = np.broadcast_to(s[..., 0] ** 1.5, grid.shape[:2]).ravel()
    tint = mix(flat(colour, len(fade)), pale, 0.7 * fade)
    tint = tint * (0.72 + 0.28 * np.broadcast_to(ray[None] ** 0.7, grid.shape[:2]).ravel())[:, None]
    return mesh, np.concatenate([tint, tint])
