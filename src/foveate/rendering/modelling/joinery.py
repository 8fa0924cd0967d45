"""Furniture's members: beams with broken edges, legs from the lathe, boards and cushions with round edges."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from foveate.rendering.modelling.profiles import hull, join, loft, tube
from foveate.rendering.scene import Array, Mesh


def beam(path: Any, wide: Any, deep: Any, u: Sequence[float] = (1, 0, 0), v: Sequence[float] = (0, 1, 0)) -> Mesh:
    """A beam along a path, ``wide`` along u and ``deep`` along v at each point, its edges broken."""
    c, s = np.array([1, 0.78, -0.78, -1, -1, -0.78, 0.78, 1]), np.array([0.7, 1, 1, 0.7, -0.7, -1, -1, -0.7])
    rings = [
        np.asarray(p) + (c * w / 2)[:, None] * np.asarray(u) + (s * d / 2)[:, None] * np.asarray(v)
        for p, w, d in zip(path, wide, deep, strict=True)
    ]
    return join(*(hull(np.concatenate(pair)) for pair in itertools.pairwise(rings)))


def turned_leg(low: Sequence[float], high: Sequence[float], radius: float, *, fancy: bool) -> Mesh:
    """A leg from the lathe: tapered, with a ring and a vase where ``fancy``."""
    t = np.linspace(0, 1, 48)
    shape = 0.6 + 0.4 * t
    if fancy:
        swells = ((0.42, 0.62, 0.13), (0.3, 0.30, 0.035), (0.22, 0.84, 0.03))
        shape = 0.62 + 0.25 * t**6 + sum(by * np.exp(-(((t - at) / wide) ** 2)) for by, at, wide in swells)
    return tube(np.linspace(low, high, 48), radius * shape, 14)


def rounded(wide: float, deep: float, taper: float, power: float) -> Array:
    """(n, 2) a rounded rectangle about the origin that narrows towards +y; the higher the power, the sharper its corners."""
    a = np.linspace(0, 2 * np.pi, 56, endpoint=False)
    x, y = (np.sign(f) * np.abs(f) ** (2 / power) for f in (np.cos(a), np.sin(a)))
    return np.stack([wide / 2 * x * (1 - taper * (y + 1) / 2), deep / 2 * y], -1)


def cushion(outline: Array, thick: float, edge: float, crown: float) -> Mesh:
    """A plate of an outline about z = 0 with round edges, higher in the middle by ``crown``: a board where that is 0."""
    rings = [(s, -thick / 2) for s in (0.01, 0.3, 0.6, 0.85)]
    rings += [(1.0 - edge * (1 - np.cos(a)), thick / 2 * np.sin(a)) for a in np.linspace(-1.57, 1.57, 9)]
    rings += [(s, thick / 2 + crown * (1 - s**2)) for s in (0.9, 0.75, 0.5, 0.25, 0.01)]
    return loft([np.column_stack([outline * s, np.full(len(outline), z)]) for s, z in rings], ring=True)
