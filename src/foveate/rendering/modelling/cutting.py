"""What is cut out of surfaces: outlines in a plane as signed distances, and meshes parted along the zero of a function."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from foveate.rendering.scene import Array, Mesh

Plane = Callable[[Array, Array], Array]  # (n,), (n,) coordinates in a plane → (n,) distances, negative inside


def outline(points: Sequence[tuple[float, float]], rounding: float = 0.0) -> Plane:
    """The signed distance from a convex or concave outline in a plane, its corners rounded."""
    a = np.asarray(points, float)
    if rounding:  # drawn in by the rounding first, so that the size stays
        a = a + (a.mean(0) - a) * (rounding / np.linalg.norm(a - a.mean(0), axis=1, keepdims=True)) * 1.3
    b = np.roll(a, -1, 0)

    def distance(u: Array, v: Array) -> Array:
        nearest, inside = np.full(u.shape, np.inf), np.zeros(u.shape, bool)
        for (ax, ay), (bx, by) in zip(a, b, strict=True):
            t = np.clip(((u - ax) * (bx - ax) + (v - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2), 0, 1)
            nearest = np.minimum(nearest, np.hypot(u - ax - t * (bx - ax), v - ay - t * (by - ay)))
            crosses = (ay > v) != (by > v)
            inside ^= crosses & (u < (bx - ax) * (v - ay) / (by - ay + 1e-12) + ax)
        return np.where(inside, -nearest, nearest) - rounding

    return distance


def tabulated(points: Sequence[tuple[float, float]]) -> Plane:
    """An outline's signed distance, tabulated: the shell asks for it a million times."""
    from scipy.ndimage import map_coordinates

    step, low = 0.02, np.min(points, axis=0) - 0.4
    count = np.ceil((np.max(points, axis=0) + 0.4 - low) / step).astype(int)
    u, v = np.meshgrid(*(low[k] + step * np.arange(count[k]) for k in range(2)), indexing="ij")
    table = outline(points)(u, v)
    return lambda u, v: map_coordinates(table, [(u - low[0]) / step, (v - low[1]) / step], order=1, mode="nearest")


def smooth_maximum(a: Array, b: Array, k: float) -> Array:
    """The larger of two distances, rounded over ``k`` metres: an intersection with a soft edge."""
    h = np.maximum(k - np.abs(a - b), 0) / k
    return np.maximum(a, b) + h * h * k / 4


def cut(mesh: Mesh, value: Array) -> tuple[Mesh, Mesh]:
    """The mesh where the value is negative, and the rest, parted exactly along its zero."""
    faces, below = mesh.faces, value < 0
    count = below[faces].sum(1)
    mixed = faces[(count == 1) | (count == 2)]
    state = below[mixed]
    lone = np.where((state.sum(1) == 1)[:, None], state, ~state).argmax(1)
    a, b, c = np.take_along_axis(mixed, (lone[:, None] + np.arange(3)) % 3, 1).T
    edges = np.sort(np.concatenate([np.stack([a, b], -1), np.stack([a, c], -1)]), 1)
    edges, index = np.unique(edges, axis=0, return_inverse=True)
    share = (value[edges[:, 0]] / (value[edges[:, 0]] - value[edges[:, 1]]))[:, None]
    fresh = mesh.vertices[edges[:, 0]] * (1 - share) + mesh.vertices[edges[:, 1]] * share
    ab, ac = np.split(index.ravel() + len(mesh.vertices), 2)
    single, pair = np.stack([a, ab, ac], -1), np.concatenate([np.stack([ab, b, c], -1), np.stack([ab, c, ac], -1)])
    first = below[a]
    twice = np.concatenate([first, first])
    vertices = np.concatenate([mesh.vertices, fresh])
    inside = np.concatenate([faces[count == 3], single[first], pair[~twice]])
    outside = np.concatenate([faces[count == 0], single[~first], pair[twice]])
    return _used(vertices, inside), _used(vertices, outside)


def _used(vertices: Array, faces: Array) -> Mesh:
    kept, index = np.unique(faces, return_inverse=True)
    return Mesh(vertices=vertices[kept].astype(np.float32), faces=index.reshape(-1, 3).astype(np.int32))
