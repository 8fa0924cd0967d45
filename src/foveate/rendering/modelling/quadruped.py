"""What four-legged animals are made of: lofted bodies and limbs, legs in stride, thin ears, turned heads, marks on the hide."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from foveate.rendering.modelling.patterns import smoothstep
from foveate.rendering.modelling.solids import Solid, Vector, ball, blend
from foveate.rendering.scene import Array, Asset, Mesh, Part

Move = Callable[[Array], Array]


def loft(
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
        found.append(loft(points, radii, widths, part))
    return found


def gait(rng: np.random.Generator, most: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Strides of the front and the hind legs, standing or walking: each pair's legs go opposite ways."""
    front, hind = rng.uniform(-most, most, 2)
    jitter = rng.uniform(-0.25, 0.25, 2) * most
    return (front, -front + jitter[0]), (hind, -hind + jitter[1])


def clay(*solids: object, melt: float = 0.04, detail: float = 0.009) -> tuple[Mesh, dict[str, Array]]:
    """As ``blend``, with soles flat on the ground and every face turned outwards, as fur needs."""
    mesh, part = blend(*solids, melt=melt, detail=detail)
    vertices = mesh.vertices.copy()
    vertices[:, 2] = np.maximum(vertices[:, 2], 0)
    return outward(Mesh(vertices=vertices, faces=mesh.faces)), part


def outward(mesh: Mesh) -> Mesh:
    """The mesh with its faces counter-clockwise from outside: a closed surface's signed volume tells."""
    a, b, c = (mesh.vertices[mesh.faces[:, k]].astype(float) for k in range(3))
    volume = (np.cross(a, b) * c).sum()
    return mesh if volume >= 0 else Mesh(vertices=mesh.vertices, faces=np.ascontiguousarray(mesh.faces[:, ::-1]))


def normals(mesh: Mesh) -> Array:
    """(n, 3) unit normals of the vertices of a closed surface, outwards."""
    mesh = outward(mesh)
    a, b, c = (mesh.vertices[mesh.faces[:, k]].astype(float) for k in range(3))
    face, total = np.cross(b - a, c - a), np.zeros((len(mesh.vertices), 3))
    for k in range(3):
        np.add.at(total, mesh.faces[:, k], face)
    return total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)


def swollen(mesh: Mesh, by: Array) -> Mesh:
    """The mesh moved along its normals by (n,) metres: wrinkles, ribs, shag."""
    return Mesh(vertices=(mesh.vertices + normals(mesh) * by[:, None]).astype(np.float32), faces=mesh.faces)


def mark(points: Array, centre: Vector, radius: float | Vector, soft: float = 0.35) -> Array:
    """(n,) in [0, 1]: 1 within an ellipsoid and its image on the other side, fading out over ``soft`` of the radius."""
    x, y, z = centre
    away = (np.abs(points[:, :1]) if x else points[:, :1], points[:, 1:])
    q = (np.concatenate(away, axis=1) - (abs(x), y, z)) / np.broadcast_to(np.asarray(radius, float), 3)
    return 1 - smoothstep(1 - soft, 1 + soft, np.linalg.norm(q, axis=1))


def eyes(place: Vector, radius: float, colour: tuple[float, float, float] = (0.03, 0.02, 0.015)) -> Part:
    """A pair of glossy eyes."""
    mesh, _ = blend(*ball((0, 0, 0), radius).mirrored()[:1], melt=0, detail=radius / 5)
    one = mesh.moved(place)
    other = one.mirrored()
    faces = np.concatenate([one.faces, other.faces + len(one.vertices)]).astype(np.int32)
    pair = Mesh(vertices=np.concatenate([one.vertices, other.vertices]), faces=faces)
    return Part(mesh=pair, colour=colour, material="eye", keep=True)


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
        parts = tuple(
            replace(part, mesh=Mesh(vertices=move(part.mesh.vertices).astype(np.float32), faces=part.mesh.faces))
            for part in asset.parts
        )
        hair = tuple(
            replace(one, curves=move(one.curves.reshape(-1, 3)).reshape(one.curves.shape).astype(np.float32))
            for one in asset.hair
        )
        asset = Asset(parts=parts, hair=hair)
    return asset


def below(low: float, high: float, x: Array) -> Array:
    """(n,) in [0, 1]: 1 up to ``low``, 0 from ``high`` on."""
    return 1 - smoothstep(low, high, x)


def surface(mesh: Mesh, near: Vector, sink: float = 0.0) -> tuple[float, float, float]:
    """The vertex nearest to a place, ``sink`` metres below the surface: where an eye sits."""
    k = int(np.argmin(((mesh.vertices - np.asarray(near)) ** 2).sum(1)))
    x, y, z = mesh.vertices[k] - sink * normals(mesh)[k]
    return float(x), float(y), float(z)
