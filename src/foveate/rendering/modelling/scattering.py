"""What lies and stands about in numbers: where, turned how, in which colours."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from foveate.rendering.modelling.profiles import copies
from foveate.rendering.scene import Array, Colour, Mesh, Part, Scatter


def around(count: int, inner: float, outer: float, rng: np.random.Generator, near: float = 1.0) -> Array:
    """(count, 3) places on the ground between two radii; ``near`` > 1 crowds them inwards."""
    r = inner + (outer - inner) * rng.random(count) ** near
    a = rng.uniform(0, 2 * np.pi, count)
    return np.stack([r * np.cos(a), r * np.sin(a), np.zeros(count)], -1)


def grounded(height: Callable[[Array, Array], Array]) -> Callable[[Array], Array]:
    """What sets (k, 3) places down on a ground of ``height(x, y)``."""

    def on_ground(places: Array) -> Array:
        places[:, 2] = height(places[:, 0], places[:, 1])
        return places

    return on_ground


def strew(
    mesh: Mesh, places: Array, rng: np.random.Generator, size: tuple[float, float] = (1, 1), tilt: float = 0.0
) -> Mesh:
    """Copies of a small thing as one mesh (k times its vertices, copy by copy), each turned at random about z, leaning by up to
    about ``tilt`` degrees and sized between the two factors."""
    k = len(places)
    yaw, lean, to = rng.uniform(0, 2 * np.pi, k), np.radians(tilt) * rng.normal(size=k), rng.uniform(0, 2 * np.pi, k)
    axis = np.stack([np.cos(to), np.sin(to), np.zeros(k)], -1)[:, None]
    c, s = np.cos(yaw)[:, None], np.sin(yaw)[:, None]
    x, y, z = (mesh.vertices[None, :, i].astype(float) for i in range(3))
    p = np.stack([c * x - s * y, s * x + c * y, np.broadcast_to(z, (k, z.shape[1]))], -1)
    cos, sin = np.cos(lean)[:, None, None], np.sin(lean)[:, None, None]
    p = (
        p * cos
        + np.cross(np.broadcast_to(axis, p.shape), p) * sin
        + axis * (p * axis).sum(-1, keepdims=True) * (1 - cos)
    )
    p = p * rng.uniform(*size, (k, 1, 1)) + places[:, None]
    return copies(p, mesh.faces)


def planted(
    parts: tuple[Part, ...], places: Array, rng: np.random.Generator, size: tuple[float, float] = (0.7, 1.3)
) -> Scatter:
    """Copies of a larger thing at (k, 3) places, turned at random and sized between the two factors."""
    return Scatter(
        parts=parts, places=places, yaws=rng.uniform(0, 360, len(places)), sizes=rng.uniform(*size, len(places))
    )


def tints(colours: Sequence[Colour], count: int, each: int, rng: np.random.Generator, by: float = 0.15) -> Array:
    """(count · each, 3): for each copy one of the colours, made lighter or darker by up to ``by``."""
    chosen = np.asarray(colours, float)[rng.integers(len(colours), size=count)] * rng.uniform(
        1 - by, 1 + by, (count, 1)
    )
    return np.repeat(np.clip(chosen, 0, 1), each, axis=0)
