"""Solids by signed distance, which blend into each other like clay: for animals and other rounded things.

Source: signed distance bounds of primitives and the polynomial smooth minimum, Inigo Quilez, "distance functions" and
"smooth minimum"; the surface by marching cubes (Lewiner et al. 2003, scikit-image).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from foveate.rendering.scene import Array, Mesh

Vector = Any  # three numbers: a tuple or an array
Field = Callable[[Array], Array]


@dataclass(frozen=True)
class Solid:
    """A solid: a signed distance (or a bound of it), negative inside, and a box around it.

    Attributes:
        distance: (n, 3) points → (n,) metres.
        low, high: corners of a box that holds the solid.
        part: a name by which ``paint`` can tell where it is.
    """

    distance: Field
    low: Array
    high: Array
    part: str = ""

    def named(self, part: str) -> Solid:
        return replace(self, part=part)

    def mirrored(self) -> tuple[Solid, Solid]:
        """This solid and its image in the plane x = 0: legs, ears, eyes."""
        flip = np.array([-1.0, 1.0, 1.0])
        low, high = self.low * flip, self.high * flip
        other = Solid(lambda p: self.distance(p * flip), np.minimum(low, high), np.maximum(low, high), self.part)
        return self, other

    def turned(self, degrees: float, axis: str, about: Vector = (0, 0, 0)) -> Solid:
        """Turned about an axis through a point, counter-clockwise seen from the axis' tip."""
        angle, (i, j) = np.radians(degrees), {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
        matrix, centre = np.eye(3), np.asarray(about, float)
        matrix[[i, i, j, j], [i, j, i, j]] = np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)
        corners = np.array(np.meshgrid(*zip(self.low, self.high, strict=True))).reshape(3, -1).T
        corners = (corners - centre) @ matrix.T + centre
        return Solid(lambda p: self.distance((p - centre) @ matrix + centre), corners.min(0), corners.max(0), self.part)

    def without(self, other: Solid) -> Solid:
        """This solid with another one carved out."""
        return replace(self, distance=lambda p: np.maximum(self.distance(p), -other.distance(p)))

    def within(self, other: Solid) -> Solid:
        """What both solids share."""
        return Solid(
            lambda p: np.maximum(self.distance(p), other.distance(p)),
            np.maximum(self.low, other.low),
            np.minimum(self.high, other.high),
            self.part,
        )

    def rough(self, amount: float, scale: float, seed: int = 0) -> Solid:
        """Its surface moved in and out by up to ``amount``, in bumps ``scale`` metres wide."""
        from foveate.rendering.modelling.patterns import noise

        field = noise(scale, seed)
        return replace(
            self,
            distance=lambda p: self.distance(p) - amount * (2 * field(p) - 1),
            low=self.low - amount,
            high=self.high + amount,
        )


def ball(centre: Vector, radius: ArrayLike, part: str = "") -> Solid:
    """A ball, or an ellipsoid with a radius per axis."""
    c, r = np.asarray(centre, float), np.broadcast_to(np.asarray(radius, float), 3)

    def distance(p: Array) -> Array:
        q = (p - c) / r
        k0, k1 = np.linalg.norm(q, axis=-1), np.linalg.norm(q / r, axis=-1)
        return np.where(k1 > 1e-9, k0 * (k0 - 1) / np.maximum(k1, 1e-9), -r.min())

    return Solid(distance, c - r, c + r, part)


def limb(start: Vector, end: Vector, radius: float, end_radius: float | None = None, part: str = "") -> Solid:
    """A rounded cone between two points."""
    a, b = np.asarray(start, float), np.asarray(end, float)
    ra, rb = radius, radius if end_radius is None else end_radius
    along = b - a
    length2 = max(float(along @ along), 1e-12)

    def distance(p: Array) -> Array:
        t = np.clip((p - a) @ along / length2, 0, 1)
        return np.linalg.norm(p - a - t[:, None] * along, axis=-1) - (ra + t * (rb - ra))

    return Solid(distance, np.minimum(a - ra, b - rb), np.maximum(a + ra, b + rb), part)


def chain(points: Sequence[Vector] | Array, radii: Sequence[float], part: str = "") -> tuple[Solid, ...]:
    """Rounded cones from point to point: a tail, a neck, a bent leg."""
    return tuple(limb(points[i], points[i + 1], radii[i], radii[i + 1], part) for i in range(len(points) - 1))


def sweep(
    path: Sequence[Vector],
    height: Sequence[float],
    width: Sequence[float] | None = None,
    part: str = "",
    side: Vector = (1, 0, 0),
    rings: int = 90,
) -> Solid:
    """An oval tube with round ends along a smooth curve: ``height`` and ``width`` are its half-axes at each point of the path.

    Points of two numbers are (y, z) in the plane x = 0: drawn so, the path and its heights are the animal's outline from the
    side. ``width`` is along ``side``; without it the tube is round.
    """
    from scipy.interpolate import Akima1DInterpolator, PchipInterpolator
    from scipy.spatial import cKDTree

    knots = np.array([(0.0, *point) if len(point) == 2 else tuple(point) for point in path], float)
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(knots, axis=0), axis=1))])
    t = np.linspace(0, along[-1], rings)
    centre = Akima1DInterpolator(along, knots)(t) if len(knots) > 2 else PchipInterpolator(along, knots)(t)
    tall = PchipInterpolator(along, np.asarray(height, float))(t)
    wide = tall if width is None else PchipInterpolator(along, np.asarray(width, float))(t)
    tangent = np.gradient(centre, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    across = np.asarray(side, float) - tangent * (tangent @ np.asarray(side, float))[:, None]
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-9)
    tree = cKDTree(centre)

    def distance(p: Array) -> Array:
        _, near = tree.query(p)
        offset = p - centre[near]
        aside = (offset * across[near]).sum(1)
        rest = np.sqrt(np.maximum((offset * offset).sum(1) - aside * aside, 0))
        w, h = wide[near], tall[near]
        k0, k1 = np.hypot(aside / w, rest / h), np.hypot(aside / w**2, rest / h**2)
        return np.where(k1 > 1e-6, k0 * (k0 - 1) / np.maximum(k1, 1e-6), -np.minimum(w, h))

    reach = np.maximum(tall, wide)[:, None]
    return Solid(distance, (centre - reach).min(0), (centre + reach).max(0), part)


def block(centre: Vector, size: Vector, rounding: float = 0.0, part: str = "") -> Solid:
    """A box with rounded edges."""
    c, half = np.asarray(centre, float), np.asarray(size, float) / 2

    def distance(p: Array) -> Array:
        q = np.abs(p - c) - (half - rounding)
        return np.linalg.norm(np.maximum(q, 0), axis=-1) + np.minimum(q.max(-1), 0) - rounding

    return Solid(distance, c - half, c + half, part)


def ring(centre: Vector, radius: float, thickness: float, axis: str = "z", part: str = "") -> Solid:
    """A torus about an axis."""
    c, k = np.asarray(centre, float), "xyz".index(axis)
    others = [i for i in range(3) if i != k]
    half = np.full(3, radius + thickness)
    half[k] = thickness

    def distance(p: Array) -> Array:
        q = p - c
        around = np.linalg.norm(q[:, others], axis=-1) - radius
        return np.hypot(around, q[:, k]) - thickness

    return Solid(distance, c - half, c + half, part)


def half_space(point: Vector, normal: Vector) -> Solid:
    """Everything below a plane, for ``within`` and ``without``: not a solid by itself."""
    o, n = np.asarray(point, float), np.asarray(normal, float)
    n = n / np.linalg.norm(n)
    return Solid(lambda p: (p - o) @ n, np.full(3, -np.inf), np.full(3, np.inf))


def flatten(solids: Sequence[Any]) -> list[Solid]:
    """Solids out of nested sequences, so that ``mirrored`` and ``chain`` may stand among single ones."""
    out: list[Solid] = []
    for solid in solids:
        out.extend([solid] if isinstance(solid, Solid) else flatten(solid))
    return out


def blend(*solids: Any, melt: float = 0.05, detail: float = 0.012) -> tuple[Mesh, dict[str, Array]]:
    """One surface around all solids.

    Args:
        solids: solids, or (nested) sequences of them.
        melt: how far apart, in metres, surfaces begin to flow into each other; 0 joins them with a crease.
        detail: edge of a cell of the grid, in metres: what is thinner than two cells is lost.

    Returns:
        The mesh, and for each part's name how much of each vertex is of it, (n,) in [0, 1], to paint by.
    """
    from skimage.measure import marching_cubes

    found = flatten(solids)
    low = np.min([s.low for s in found], axis=0) - melt - 3 * detail
    high = np.max([s.high for s in found], axis=0) + melt + 3 * detail
    shape = np.ceil((high - low) / detail).astype(int) + 1
    if np.prod(shape.astype(float)) > 3e7:
        raise ValueError(f"a grid of {'×'.join(map(str, shape))} cells is too fine: raise detail")
    total = np.full(shape, melt + 10 * detail, np.float32)
    axes = [low[k] + detail * np.arange(shape[k]) for k in range(3)]
    for solid in found:
        first = np.clip(((solid.low - melt - low) / detail).astype(int) - 2, 0, shape)
        last = np.clip(np.ceil((solid.high + melt - low) / detail).astype(int) + 3, 0, shape)
        box = tuple(slice(a, b) for a, b in zip(first, last, strict=True))
        grid = np.stack(np.meshgrid(*(axes[k][box[k]] for k in range(3)), indexing="ij"), -1)
        here = solid.distance(grid.reshape(-1, 3)).reshape(grid.shape[:3]).astype(np.float32)
        total[box] = _smooth_minimum(total[box], here, melt)
    # Where the surface goes right through a point of the grid, triangles would have no area and vertices no normal.
    nick = np.float32(1e-3 * detail)
    total[np.abs(total) < nick] = nick
    vertices, faces, _, _ = marching_cubes(total, 0.0)
    vertices = (vertices * detail + low).astype(np.float32)
    mesh = Mesh(vertices=vertices, faces=faces.astype(np.int32))
    return mesh, shares(vertices, found, melt)


def shares(points: Array, solids: Sequence[Solid], melt: float = 0.05) -> dict[str, Array]:
    """For each part's name, how much each point belongs to it: softly, over ``melt`` metres."""
    names = sorted({solid.part for solid in solids})
    near = {name: np.full(len(points), np.inf) for name in names}
    for solid in solids:
        near[solid.part] = np.minimum(near[solid.part], solid.distance(points.astype(float)))
    distances = np.stack([near[name] for name in names])
    weights = np.exp(-(distances - distances.min(0)) / max(melt / 3, 1e-4))
    weights /= weights.sum(0)
    return dict(zip(names, weights, strict=True))


def _smooth_minimum(a: Array, b: Array, melt: float) -> Array:
    if melt <= 0:
        return np.minimum(a, b)
    h = np.maximum(melt - np.abs(a - b), 0) / melt
    return np.minimum(a, b) - h * h * melt / 4
