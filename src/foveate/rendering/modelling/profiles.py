"""Surfaces made from outlines: turned on a lathe, swept along a path, lofted through sections, extruded, boxes and sheets."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from foveate.rendering.scene import Array, Mesh

Bounds = tuple[float, float, float, float, float, float]  # of a box: x from, x to, y from, y to, z from, z to


def join(*meshes: Mesh) -> Mesh:
    """Several meshes as one."""
    offsets = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes[:-1])])
    faces = [mesh.faces + offset for mesh, offset in zip(meshes, offsets, strict=True)]
    return Mesh(vertices=np.concatenate([m.vertices for m in meshes]), faces=np.concatenate(faces).astype(np.int32))


def pairs(*meshes: Mesh) -> list[Mesh]:
    """Each mesh and its image in the plane x = 0."""
    return [one for mesh in meshes for one in (mesh, mesh.mirrored())]


def copies(vertices: Array, faces: Array) -> Mesh:
    """Copies of one thing as one mesh: (k, n, 3) the n vertices of each of them, (m, 3) the faces that they share."""
    shifted = faces[None] + vertices.shape[1] * np.arange(len(vertices))[:, None, None]
    return Mesh(vertices=vertices.reshape(-1, 3).astype(np.float32), faces=shifted.reshape(-1, 3).astype(np.int32))


def loft(sections: ArrayLike, *, ring: bool = False, capped: bool = False) -> Mesh:
    """A surface through (rows, points, 3) sections; it looks to where points that run counter-clockwise, seen from where the
    rows lead, look outwards.

    Args:
        ring: a section's last point joins its first.
        capped: both ends are closed around their middles, which become the last two vertices.
    """
    p = np.asarray(sections, float)
    rows, points, vertices = len(p), p.shape[1], p.reshape(-1, 3)
    faces = _lattice(rows, points, wrap=ring)
    if capped:
        vertices = np.concatenate([vertices, p[[0, -1]].mean(1)])
        around, last = np.arange(points), (rows - 1) * points
        following = (around + 1) % points
        start = np.stack([np.full(points, rows * points), following, around], -1)
        end = np.stack([np.full(points, rows * points + 1), last + around, last + following], -1)
        faces = np.concatenate([faces, start, end])
    return Mesh(vertices=vertices.astype(np.float32), faces=faces.astype(np.int32))


def fan(rim: Array, tip: ArrayLike) -> Mesh:
    """Triangles from a closed rim of (n, 3) points, counter-clockwise, to a tip, which becomes the last vertex."""
    k, n = np.arange(len(rim)), len(rim)
    faces = np.stack([k, (k + 1) % n, np.full(n, n)], -1)
    return Mesh(vertices=np.concatenate([rim, [tip]]).astype(np.float32), faces=faces.astype(np.int32))


def lathe(profile: ArrayLike, steps: int = 64) -> Mesh:
    """A profile of (radius, height) points, from bottom to top along its outside, turned about z. A profile that goes back down
    inside makes a hollow vessel; radius 0 closes it."""
    outline = np.asarray(profile, float)
    angles = np.linspace(0, 2 * np.pi, steps, endpoint=False)
    circle = np.stack([np.cos(angles), np.sin(angles), np.zeros(steps)], -1)
    return loft(outline[:, None, :1] * circle + np.array([0, 0, 1.0]) * outline[:, None, 1:], ring=True)


def smooth(profile: ArrayLike, points: int = 60) -> list[tuple[float, ...]]:
    """A curve through the given points that does not overshoot them (PCHIP by arc length), for ``lathe`` and ``tube``."""
    from scipy.interpolate import PchipInterpolator

    p = np.asarray(profile, float)
    t = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(p, axis=0), axis=1))])
    return [tuple(row) for row in PchipInterpolator(t, p)(np.linspace(0, t[-1], points))]


def curve(points: ArrayLike, count: int) -> Array:
    """A softly bent curve through the given points (cubic spline by arc length): (count, …) points, for ``tube``."""
    from scipy.interpolate import CubicSpline

    p = np.asarray(points, float)
    t = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(p, axis=0), axis=1))])
    return np.asarray(CubicSpline(t, p)(np.linspace(0, t[-1], count)))


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
    if closed:
        faces = _lattice(len(p) + 1, sides, wrap=True) % (len(p) * sides)
        return Mesh(vertices=np.concatenate(rings).astype(np.float32), faces=faces)
    return loft(rings, ring=True, capped=True)


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


def slabs(*bounds: Bounds) -> Mesh:
    """Boxes with sharp edges as one mesh, by the thousand: 8 vertices per box, in order."""
    b = np.asarray(bounds, float).reshape(-1, 3, 2)
    corners = np.array(list(np.ndindex(2, 2, 2)))
    return copies(np.stack([b[:, k, :][:, corners[:, k]] for k in range(3)], -1), np.array(_SIDES))


def crate(size: Sequence[float], centre: Sequence[float]) -> Mesh:
    """One sharp-edged box by its size and its middle, made quickly."""
    half, middle = np.asarray(size, float) / 2, np.asarray(centre, float)
    low, high = middle - half, middle + half
    return slabs((low[0], high[0], low[1], high[1], low[2], high[2]))


_SIDES = (
    (0, 1, 3), (0, 3, 2), (4, 6, 7), (4, 7, 5), (0, 4, 5), (0, 5, 1),
    (2, 3, 7), (2, 7, 6), (1, 5, 7), (1, 7, 3), (0, 2, 6), (0, 6, 4),
)  # fmt: skip


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
    return loft(np.stack([x, y, z], -1))


def disc_ground(
    radius: float, height: Callable[[Array, Array], Array] | None = None, rings: int = 120, sides: int = 144
) -> Mesh:
    """A round ground whose mesh is fine near the origin and coarse far out, lifted by ``height(x, y)``."""
    r = radius * np.linspace(0.0, 1, rings) ** 2
    a = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    x, y = (r[:, None] * np.cos(a)).ravel(), (r[:, None] * np.sin(a)).ravel()
    z = np.zeros_like(x) if height is None else height(x, y)
    return loft(np.stack([x, y, z], -1).reshape(rings, sides, 3), ring=True).flipped()


def _lattice(rows: int, columns: int, *, wrap: bool = False) -> Array:
    """Triangles of a grid of rows × columns points; with ``wrap`` the last column joins the first."""
    i, j = np.meshgrid(np.arange(rows - 1), np.arange(columns if wrap else columns - 1), indexing="ij")
    right = (j + 1) % columns
    a, b, c, d = i * columns + j, i * columns + right, (i + 1) * columns + right, (i + 1) * columns + j
    first, second = np.stack([a, b, c], -1), np.stack([a, c, d], -1)
    return np.concatenate([first.reshape(-1, 3), second.reshape(-1, 3)]).astype(np.int32)


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
