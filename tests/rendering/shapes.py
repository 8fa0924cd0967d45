"""What tests ask of meshes: volume, closed shells, what lies where."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from foveate.rendering.scene import Array, Asset, Hair, Mesh, Part, World


def volume(mesh: Mesh) -> float:
    """Of a closed mesh; negative where it is inside out."""
    a, b, c = (mesh.vertices[mesh.faces[:, k]].astype(float) for k in range(3))
    return float((np.cross(a, b) * c).sum() / 6)


def facing(mesh: Mesh) -> Array:
    """(m, 3) the faces' normals, as long as twice their areas."""
    a, b, c = (mesh.vertices[mesh.faces[:, k]].astype(float) for k in range(3))
    return np.cross(b - a, c - a)


def area(mesh: Mesh) -> float:
    return float(np.linalg.norm(facing(mesh), axis=1).sum() / 2)


def shells(mesh: Mesh) -> Iterator[Mesh]:
    """The closed pieces of a mesh: those each of whose edges joins two faces. Vertices at one place count as one."""
    size = max(float(np.ptp(mesh.vertices, axis=0).max()), 1e-9)
    _, weld = np.unique(np.round(mesh.vertices / size, 6), axis=0, return_inverse=True)
    faces = weld.ravel()[mesh.faces]
    whole = (faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])
    faces, given = faces[whole], mesh.faces[whole]
    edges = np.sort(faces[:, [[0, 1], [1, 2], [2, 0]]], axis=-1)
    count = int(weld.max()) + 1
    linked = edges.reshape(-1, 2)
    graph = coo_matrix((np.ones(len(linked)), linked.T), (count, count))
    _, piece = connected_components(graph, directed=False)
    _, which, times = np.unique(linked[:, 0] * count + linked[:, 1], return_inverse=True, return_counts=True)
    open_ = (times[which.ravel()] != 2).reshape(-1, 3).any(1)
    of = piece[faces[:, 0]]
    for one in np.setdiff1d(of, of[open_]):
        yield Mesh(vertices=mesh.vertices, faces=given[of == one])


def spread(asset: Asset) -> Array:
    """Numbers that say how a shape's surface is spread in its unit frame, whatever its mesh: extents, means, standard deviations."""
    corners = np.concatenate([p.mesh.vertices[p.mesh.faces].astype(float) for p in asset.parts])
    low, high = corners.min((0, 1)), corners.max((0, 1))
    corners = (corners - (low + high) / 2) / (high - low).max()
    weight = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    middles = corners.mean(1)
    mean = np.average(middles, axis=0, weights=weight)
    deviation = np.sqrt(np.average((middles - mean) ** 2, axis=0, weights=weight))
    return np.concatenate([(high - low) / (high - low).max(), mean, deviation])


def strands(thing: Asset | World) -> int:
    return sum(len(hair.curves) for hair in thing.hair)


def placed(world: World, within: float) -> Iterator[Array]:
    """(m, 3, 3) the triangles of everything that comes within some metres of the z axis, copies where they stand."""
    for part in world.parts:
        yield _near(part.mesh.vertices[part.mesh.faces].astype(float), within)
    for scatter in world.scatters:
        for place, yaw, size in zip(scatter.places, np.radians(scatter.yaws), scatter.sizes, strict=True):
            turn = np.array([[np.cos(yaw), -np.sin(yaw), 0], [np.sin(yaw), np.cos(yaw), 0], [0, 0, 1]])
            for part in scatter.parts:
                wide = size * np.linalg.norm(part.mesh.vertices[:, :2], axis=1).max()
                if np.hypot(place[0], place[1]) - wide < within:
                    corners = part.mesh.vertices[part.mesh.faces].astype(float)
                    yield _near(size * corners @ turn.T + place, within)


def _near(triangles: Array, within: float) -> Array:
    low, high = triangles.min(1)[:, :2], triangles.max(1)[:, :2]
    return triangles[np.linalg.norm(np.clip(0, low, high), axis=1) < within]


def dotted(triangles: Array, step: float = 0.1) -> Array:
    """(n, 3) points on triangles, their corners among them, no further than ``step`` from each other."""
    longest = np.linalg.norm(triangles - np.roll(triangles, 1, 1), axis=-1).max(1)
    count = np.maximum(np.ceil(longest / step).astype(int), 1)
    found = []
    for n in np.unique(count):
        i, j = np.array([(i, j) for i in range(n + 1) for j in range(n + 1 - i)]).T
        share = np.stack([i, j, n - i - j]) / n
        found.append((triangles[count == n].transpose(0, 2, 1) @ share).transpose(0, 2, 1).reshape(-1, 3))
    return np.concatenate(found) if found else np.empty((0, 3))


def everything(thing: Asset | World) -> tuple[list[Part], list[Hair]]:
    """All parts and hair, those of copies once."""
    scatters = thing.scatters if isinstance(thing, World) else ()
    return (
        [*thing.parts, *(p for s in scatters for p in s.parts)],
        [*thing.hair, *(h for s in scatters for h in s.hair)],
    )
