"""What grows on surfaces: fur, feathers and grass as strands."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from foveate.rendering.scene import Array, Hair, Mesh


def sample(mesh: Mesh, count: int, rng: np.random.Generator, weight: Array | None = None) -> tuple[Array, Array, Array]:
    """Points spread evenly over a mesh.

    Args:
        weight: (n,) per vertex, in [0, 1]: how densely; None for evenly.

    Returns:
        (k, 3) points, (k, 3) unit normals, and (k, 3, 2) the corners' indices with their barycentric weights.
    """
    corners = mesh.vertices[mesh.faces].astype(float)
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = np.linalg.norm(normal, axis=1)
    chance = area if weight is None else area * weight[mesh.faces].mean(1)
    face = rng.choice(len(area), size=count, p=chance / chance.sum())
    u, v = rng.random(count), rng.random(count)
    flip = u + v > 1
    u[flip], v[flip] = 1 - u[flip], 1 - v[flip]
    share = np.stack([1 - u - v, u, v], -1)
    points = (corners[face] * share[..., None]).sum(1)
    return points, normal[face] / np.maximum(area[face], 1e-12)[:, None], np.stack([mesh.faces[face], share], -1)


def fur(
    mesh: Mesh,
    colours: Array,
    rng: np.random.Generator,
    *,
    length: float = 0.04,
    count: int = 12_000,
    comb: ArrayLike = (0.0, 0.6, -0.5),
    tousle: float = 0.35,
    radius: float = 0.0025,
    weight: Array | None = None,
) -> Hair:
    """Fur over a mesh, in the colours of its vertices.

    Args:
        colours: (n, 3) per vertex of the mesh.
        length: of a hair, in metres; varied by a quarter.
        comb: the direction in which it is combed, against the normal's length 1; (0, 0.6, -0.5) lies back and down.
        tousle: how much single hairs stray.
        weight: (n,) per vertex in [0, 1]: where it grows; None for everywhere.
    """
    roots, normals, corners = sample(mesh, count, rng, weight)
    index, share = corners[..., 0].astype(int), corners[..., 1:]
    tint = (colours[index] * share).sum(1) * rng.uniform(0.85, 1.1, (count, 1))
    lie = np.asarray(comb) - normals * (normals @ np.asarray(comb))[:, None]
    direction = normals + lie + tousle * rng.normal(size=(count, 3))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    size = length * rng.uniform(0.75, 1.25, (count, 1))
    t = np.linspace(0, 1, 4)[None, :, None]
    bend = lie[:, None] * size[:, None] * 0.5 * t**2
    curves = roots[:, None] + direction[:, None] * size[:, None] * t + bend
    return Hair(curves=curves.astype(np.float32), colours=np.clip(tint, 0, 1), radius=radius)


def grass(
    roots: Array,
    rng: np.random.Generator,
    *,
    length: float = 0.12,
    colour: ArrayLike = (0.25, 0.42, 0.10),
    dry: float = 0.15,
    radius: float = 0.004,
) -> Hair:
    """Blades on (k, 3) roots, leaning at random; a share ``dry`` of them is straw."""
    k = len(roots)
    lean = rng.normal(scale=0.35, size=(k, 3)) * [1, 1, 0]
    size = length * rng.uniform(0.5, 1.3, (k, 1, 1))
    t = np.linspace(0, 1, 4)[None, :, None]
    curves = roots[:, None] + size * (np.array([0, 0, 1.0]) * t + lean[:, None] * t**2)
    tint = np.where(rng.random((k, 1)) < dry, (0.62, 0.55, 0.30), colour) * rng.uniform(0.7, 1.2, (k, 1))
    return Hair(curves=curves.astype(np.float32), colours=np.clip(tint, 0, 1), radius=radius)
