"""What is asked of a finished surface and done to it: normals, the nearest point, swelling, bending into a pose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from foveate.rendering.modelling.patterns import smoothstep
from foveate.rendering.modelling.solids import Vector
from foveate.rendering.scene import Array, Asset, Mesh

Move = Callable[[Array], Array]  # (n, 3) points to where they go


def normals(mesh: Mesh) -> Array:
    """(n, 3) unit normals of the vertices: the mean of the faces around each, by area."""
    a, b, c = (mesh.vertices[mesh.faces[:, k]].astype(float) for k in range(3))
    face, total = np.cross(b - a, c - a), np.zeros((len(mesh.vertices), 3))
    for k in range(3):
        np.add.at(total, mesh.faces[:, k], face)
    return total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)


def swollen(mesh: Mesh, by: Array) -> Mesh:
    """The mesh moved along its normals by (n,) metres: wrinkles, ribs, shag."""
    return mesh.reshaped(mesh.vertices + normals(mesh) * by[:, None])


def nearest(mesh: Mesh, place: Vector, sink: float = 0.0) -> tuple[float, float, float]:
    """The vertex nearest to a place, ``sink`` metres below the surface: where an eye sits."""
    k = int(np.argmin(((mesh.vertices - np.asarray(place)) ** 2).sum(1)))
    x, y, z = mesh.vertices[k] - sink * normals(mesh)[k]
    return float(x), float(y), float(z)


def turning(start: Vector, end: Vector, degrees: float, axis: str) -> Move:
    """Bends the neck about an axis: what lies behind ``start`` stays, what lies beyond ``end`` turns fully, between it curves."""
    a, along = np.asarray(start, float), np.asarray(end, float) - np.asarray(start, float)
    i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]

    def move(p: Array) -> Array:
        angle = np.radians(degrees) * smoothstep(0, 1, (p - a) @ along / (along @ along))
        q, moved = p - a, np.array(p, float)
        moved[:, i] = a[i] + np.cos(angle) * q[:, i] - np.sin(angle) * q[:, j]
        moved[:, j] = a[j] + np.sin(angle) * q[:, i] + np.cos(angle) * q[:, j]
        return moved

    return move


def posed(asset: Asset, *moves: Move) -> Asset:
    """The animal, painted at rest, brought into its pose."""
    for move in moves:
        parts = tuple(replace(part, mesh=part.mesh.reshaped(move(part.mesh.vertices))) for part in asset.parts)
        hair = tuple(
            replace(one, curves=move(one.curves.reshape(-1, 3)).reshape(one.curves.shape).astype(np.float32))
            for one in asset.hair
        )
        asset = Asset(parts=parts, hair=hair)
    return asset
