"""Patterns of colour and height as functions of place: noise, stripes, spots, and how colours are laid over each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike

from foveate.rendering.scene import Array, Colour

Field = Callable[[Array], Array]
T = TypeVar("T")


def noise(scale: float, seed: int = 0, octaves: int = 3) -> Field:
    """Smooth noise in [0, 1] over (n, 3) points: value noise on a hashed lattice ``scale`` metres wide, in octaves (Perlin 1985)."""

    def field(points: Array) -> Array:
        total, weight = np.zeros(len(points)), 0.0
        for octave in range(octaves):
            total += _value_noise(np.asarray(points, float) * (2**octave / scale), seed + 101 * octave) / 2**octave
            weight += 1 / 2**octave
        return total / weight

    return field


def ridges(scale: float, seed: int = 0, octaves: int = 4) -> Field:
    """Noise in [0, 1] with sharp crests: rock, dunes, mountains."""
    smooth = noise(scale, seed, octaves)
    return lambda points: 1 - np.abs(2 * smooth(points) - 1)


def height(
    scale: float, amount: float, seed: int = 0, flat: float = 2.0, octaves: int = 4
) -> Callable[[Array, Array], Array]:
    """A ground's height(x, y): 0 within ``flat`` metres of the origin, beyond it hills up to ``amount`` metres high."""
    field = noise(scale, seed, octaves)

    def lift(x: Array, y: Array) -> Array:
        away = np.hypot(x, y)
        rise = np.clip((away - flat) / max(flat * 2, 1.0), 0, 1)
        return amount * rise * rise * (3 - 2 * rise) * field(np.stack([x, y, np.zeros_like(x)], -1))

    return lift


def stripes(points: Array, axis: ArrayLike, width: float, wobble: float = 0.0, seed: int = 0) -> Array:
    """(n,) in [0, 1]: 1 on a stripe, 0 between, along an axis; ``wobble`` bends them by that many metres."""
    direction = np.asarray(axis, float) / np.linalg.norm(axis)
    along = points @ direction
    if wobble:
        along = along + wobble * (2 * noise(width * 4, seed, 2)(points) - 1)
    return smoothstep(-0.25, 0.25, np.sin(np.pi * along / width))


def spots(points: Array, scale: float, share: float = 0.5, seed: int = 0, soft: float = 0.08) -> Array:
    """(n,) in [0, 1]: 1 in cells around jittered lattice points, 0 on the seams between (Worley 1996). A small ``share``
    gives dots, a large one patches as a giraffe's."""
    p = np.asarray(points, float) / scale
    base = np.floor(p).astype(np.int64)
    first, second = np.full(len(p), np.inf), np.full(len(p), np.inf)
    for offset in np.ndindex(3, 3, 3):
        cell = base + np.array(offset) - 1
        centre = cell + np.stack([_hash(cell, seed + k) for k in (11, 23, 37)], -1)
        distance = np.linalg.norm(p - centre, axis=-1)
        second = np.minimum(second, np.maximum(first, distance))
        first = np.minimum(first, distance)
    if share < 0.5:
        return 1 - smoothstep(share, share + soft, first)
    return smoothstep(0.0, 1.0, (second - first - 2 * (1 - share) * 0.35) / max(soft, 1e-3))


def mark(points: Array, centre: ArrayLike, radius: ArrayLike, soft: float = 0.35) -> Array:
    """(n,) in [0, 1]: 1 within an ellipsoid and its image on the other side, fading out over ``soft`` of the radius."""
    x, y, z = np.asarray(centre, float)
    away = (np.abs(points[:, :1]) if x else points[:, :1], points[:, 1:])
    q = (np.concatenate(away, axis=1) - (abs(x), y, z)) / np.broadcast_to(np.asarray(radius, float), 3)
    return below(1 - soft, 1 + soft, np.linalg.norm(q, axis=1))


def smoothstep(low: float, high: float, x: Array) -> Array:
    """(n,) in [0, 1]: 0 under ``low``, 1 over ``high``, smooth between."""
    assert low <= high, "turned about: use below"
    t = np.clip((x - low) / max(high - low, 1e-9), 0, 1)
    return t * t * (3 - 2 * t)


def below(low: float, high: float, x: Array) -> Array:
    """(n,) in [0, 1]: 1 under ``low``, 0 over ``high``: the other half of ``smoothstep``."""
    return 1 - smoothstep(low, high, x)


def flat(colour: ArrayLike, n: int) -> Array:
    """(n, 3): one colour everywhere."""
    return np.tile(np.asarray(colour, float), (n, 1))


def mix(under: ArrayLike, over: ArrayLike, amount: Array) -> Array:
    """(n, 3): ``over`` laid on ``under`` where ``amount`` (n,) in [0, 1] says so."""
    a = np.asarray(amount, float)[:, None]
    return np.asarray(under) * (1 - a) + np.asarray(over) * a


def pick(options: Sequence[T], rng: np.random.Generator, shares: Sequence[float] | None = None) -> T:
    """One of the options, each as likely or by their shares."""
    which = rng.integers(len(options)) if shares is None else rng.choice(len(options), p=shares)
    return options[int(which)]


def vary(colour: ArrayLike, rng: np.random.Generator, by: float = 0.06) -> Colour:
    """A colour near the given one: how two of a kind differ."""
    moved = np.clip(np.asarray(colour) * (1 + rng.uniform(-by, by)) + rng.uniform(-by, by, 3) / 2, 0, 1)
    return tuple(float(v) for v in moved)


def _hash(cell: Array, seed: int) -> Array:
    """A number in [0, 1) per integer lattice point, the same on every machine."""
    with np.errstate(over="ignore"):
        h = (
            cell.astype(np.uint64) * np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64)
        ).sum(-1)
        h = (h + np.uint64(seed & 0xFFFFFFFF)) * np.uint64(0xD6E8FEB86659FD93)
        h = (h ^ (h >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
        h = h ^ (h >> np.uint64(29))
    return (h >> np.uint64(40)).astype(float) / 2**24


def _value_noise(p: Array, seed: int) -> Array:
    base = np.floor(p).astype(np.int64)
    t = p - base
    t = t * t * t * (t * (6 * t - 15) + 10)
    total = np.zeros(len(p))
    for corner in np.ndindex(2, 2, 2):
        c = np.array(corner)
        weight = np.prod(np.where(c == 1, t, 1 - t), axis=-1)
        total += weight * _hash(base + c, seed)
    return total
