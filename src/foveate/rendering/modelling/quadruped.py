"""What four-legged animals have in common: legs in stride, soles flat on the ground, a pair of eyes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from foveate.rendering.modelling.profiles import join, pairs
from foveate.rendering.modelling.solids import Solid, Vector, ball, blend, sweep
from foveate.rendering.scene import Array, Mesh, Part


def legs(
    path: Sequence[Vector],
    radii: Sequence[float],
    widths: Sequence[float] | None = None,
    strides: tuple[float, float] = (0.0, 0.0),
    part: str = "leg",
) -> list[Solid]:
    """A pair of legs, from the hip at (x, y, z) to the foot; the feet of the two are ahead of the hip's by ``strides``."""
    top, found = path[0][2], []
    for side, stride in zip((1, -1), strides, strict=True):
        points = [(side * x, y - stride * (top - z) / top, z) for x, y, z in path]
        found.append(sweep(points, radii, widths, part))
    return found


def gait(rng: np.random.Generator, most: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Strides of the front and the hind legs, standing or walking: each pair's legs go opposite ways."""
    front, hind = rng.uniform(-most, most, 2)
    jitter = rng.uniform(-0.25, 0.25, 2) * most
    return (front, -front + jitter[0]), (hind, -hind + jitter[1])


def clay(*solids: Any, melt: float = 0.04, detail: float = 0.009) -> tuple[Mesh, dict[str, Array]]:
    """As ``blend``, with soles flat on the ground."""
    mesh, part = blend(*solids, melt=melt, detail=detail)
    vertices = mesh.vertices.copy()
    vertices[:, 2] = np.maximum(vertices[:, 2], 0)
    return mesh.reshaped(vertices), part


def eyes(place: Vector, radius: float, colour: tuple[float, float, float] = (0.03, 0.02, 0.015)) -> Part:
    """A pair of glossy eyes."""
    one, _ = blend(ball((0, 0, 0), radius), melt=0, detail=radius / 5)
    return Part(mesh=join(*pairs(one.moved(place))), colour=colour, material="eye", keep=True)
