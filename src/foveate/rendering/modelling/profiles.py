"""Surfaces made from outlines: turned on a lathe, swept along a path, extruded, boxes and sheets."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from foveate.rendering.scene import Array, Mesh


def join(*meshes: Mesh) -> Mesh:
    """Several meshes as one."""
    offsets = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes[:-1])])
    return Mesh(
        vertices=np.concatenate([mesh.vertices for mesh in meshes]),
        faces=np.concatenate([mesh.faces + offset for mesh, offset in zip(meshes, offsets, strict=True)]).astype(
            np.int32
        ),
    )


def lathe(profile: ArrayLike, steps: int = 64) -> Mesh:
    """A profile of (radius, height) points, from bottom to top along its outside, turned about z. A profile that goes back down
    inside makes a hollow vessel; radius 0 closes it."""
    outline = np.asarray(profile, float)
    angles = np.linspace(0, 2 * np.pi, steps, endpoint=False)
    circle = np.stack([np.cos(angles), np.sin(angles), np.zeros(steps)], -1)
    rows = outline[:, None, :1] * circle + np.array([0, 0, 1.0]) * outline[:, None, 1:]
    return Mesh(vertices=rows.reshape(-1, 3).astype(np.float32), faces=_lattice(len(outline), steps, wrap=True))


def smooth(profile: ArrayLike, points: int = 60) -> list[tuple[float, ...]]:
    """A curve through the given points (Catmull–Rom by arc length), for ``lathe`` and ``tube``."""
    from scipy.interpolate import PchipInterpolator

    p = np.asarray(profile, float)
    t = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(p, axis=0), axis=1))])
    return [tuple(row) for row in PchipInterpolator(t, p)(np.linspace(0, t[-1], points))]


def tube(path: ArrayLike, radius: ArrayLike, sides: int = 16, *, closed: bool = False) -> Mesh:
    """A round tube along a path, with a radius per point where given; its ends are capped. ``closed`` joins end to start."""
    p = np.asarray(path, float)
    r = np.broadcast_to(np.asarray(radius, float), len(p))
    tangents = np.gradient(p, axis=0) if not closed else np.roll(p, -1, 0) - np.roll(p, 1, 0)
    tangents /= np.maximum(np.linalg.norm(tangents, axis=1, keepdims=True), 1e-9)
    side = np.cross(tangents[0], [0, 0, 1.0] if abs(tangents[0, 2]) < 0.9 else [1.0, 0, 0])
    rings = []
    angles = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    for centre, tangent, size in zip(p, tangents, r, strict=True):
        side = side - tangent * (side @ tangent)  # carried along the path, so that the tube does not twist
        side /= max(np.linalg.norm(side), 1e-9)
        other = np.cross(tangent, side)
        rings.append(centre + size * (np.cos(angles)[:, None] * side + np.sin(angles)[:, None] * other))
    vertices = np.concatenate(rings)
    if closed:
        faces = _lattice(len(p) + 1, sides, wrap=True) % len(vertices)
        return Mesh(vertices=vertices.astype(np.float32), faces=faces)
    faces = _lattice(len(p), sides, wrap=True)
    vertices = np.concatenate([vertices, p[:1], p[-1:]])
    around = np.arange(sides)
    start = np.stack([np.full(sides, len(vertices) - 2), (around + 1) % sides, around], -1)
    last = (len(p) - 1) * sides
    end = np.stack([np.full(sides, len(vertices) - 1), last + around, last + (around + 1) % sides], -1)
    return Mesh(vertices=vertices.astype(np.float32), faces=np.concatenate([faces, start, end]).astype(np.int32))


def extrude(outline: ArrayLike, depth: float) -> Mesh:
    """A simple polygon in the x–z plane (counter-clockwise seen from −y), made ``depth`` metres thick about y = 0."""
    p = np.asarray(outline, float)
    n = len(p)
    front = np.stack([p[:, 0], np.full(n, -depth / 2), p[:, 1]], -1)
    back = front + [0, depth, 0]
    caps = _ears(p)
    i, j = np.arange(n), (np.arange(n) + 1) % n
    walls = np.concatenate([np.stack([i, i + n, j + n], -1), np.stack([i, j + n, j], -1)])
    faces = np.concatenate([caps, caps[:, ::-1] + n, walls])
    return Mesh(vertices=np.concatenate([front, back]).astype(np.float32), faces=faces.astype(np.int32))


def box(size: ArrayLike, centre: ArrayLike = (0, 0, 0), bevel: float = 0.0) -> Mesh:
    """A box; with ``bevel`` its edges are cut by that many metres, which is what makes edges catch light."""
    half, c = np.asarray(size, float) / 2, np.asarray(centre, float)
    bevel = min(bevel, 0.49 * float(half.min()))
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
    if bevel <= 0:
        points = signs * half
    else:  # three points per corner, each drawn back from it along two axes
        points = np.concatenate([signs * (half - bevel * (1 - np.eye(3)[k])) for k in range(3)])
    return hull(points + c)


def hull(points: Array) -> Mesh:
    """The convex hull of points."""
    from scipy.spatial import ConvexHull

    found = ConvexHull(points)
    used, faces = np.unique(found.simplices, return_inverse=True)
    faces = faces.reshape(-1, 3)
    vertices = points[used]
    a, b, c = (vertices[faces[:, k]] for k in range(3))
    inward = (np.cross(b - a, c - a) * found.equations[:, :3]).sum(1) < 0
    faces[inward] = faces[inward][:, ::-1]
    return Mesh(vertices=vertices.astype(np.float32), faces=faces.astype(np.int32))


def sheet(
    width: float, depth: float, columns: int = 2, rows: int = 2, height: Callable[[Array, Array], Array] | None = None
) -> Mesh:
    """A rectangle about the origin, facing up, lifted by ``height(x, y)``: ground, hills, a rug."""
    x, y = np.meshgrid(np.linspace(-width / 2, width / 2, columns), np.linspace(-depth / 2, depth / 2, rows))
    z = np.zeros_like(x) if height is None else height(x.ravel(), y.ravel()).reshape(x.shape)
    return Mesh(vertices=np.stack([x, y, z], -1).reshape(-1, 3).astype(np.float32), faces=_lattice(rows, columns))


def disc_ground(
    radius: float, height: Callable[[Array, Array], Array] | None = None, rings: int = 120, sides: int = 144
) -> Mesh:
    """A round ground whose mesh is fine near the origin and coarse far out, lifted by ``height(x, y)``."""
    r = radius * np.linspace(0.0, 1, rings) ** 2
    r[0] = 1e-3
    a = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    x, y = (r[:, None] * np.cos(a)).ravel(), (r[:, None] * np.sin(a)).ravel()
    z = np.zeros_like(x) if height is None else height(x, y)
    return Mesh(vertices=np.stack([x, y, z], -1).astype(np.float32), faces=_lattice(rings, sides, wrap=True))


def _lattice(rows: int, columns: int, *, wrap: bool = False) -> Array:
    """Triangles of a grid of rows × columns points; with ``wrap`` the last column joins the first."""
    i, j = np.meshgrid(np.arange(rows - 1), np.arange(columns if wrap else columns - 1), indexing="ij")
    right = (j + 1) % columns
    a, b, c, d = i * columns + j, i * columns + right, (i + 1) * columns + right, (i + 1) * columns + j
    return np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)]).astype(
        np.int32
    )


def _ears(polygon: Array) -> Array:
    """Triangles of a simple counter-clockwise polygon by cutting ears (Meisters 1975)."""

    def cross(a: Array, b: Array, c: Array) -> float:
        return float((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))

    left, triangles = list(range(len(polygon))), []
    while len(left) > 3:
        for k in range(len(left)):
            i, j, m = left[k - 1], left[k], left[(k + 1) % len(left)]
            a, b, c = polygon[i], polygon[j], polygon[m]
            inside = any(
                cross(a, b, polygon[q]) >= 0 and cross(b, c, polygon[q]) >= 0 and cross(c, a, polygon[q]) >= 0
                for q in left
                if q not in (i, j, m)
            )
            if cross(a, b, c) > 0 and not inside:
                triangles.append((i, j, m))
                left.pop(k)
                break
        else:
            raise ValueError("the outline crosses itself or runs clockwise")
    return np.array([*triangles, tuple(left)], np.int32)
