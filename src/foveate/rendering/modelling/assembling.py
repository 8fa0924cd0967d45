"""What is put together from many pieces: parts that move as one, boxes as one mesh, piles sorted by material."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np

from foveate.rendering.modelling.profiles import Bounds, join, slabs
from foveate.rendering.scene import Array, Colour, Mesh, Part


def each(parts: Iterable[Part], change: Callable[[Mesh], Mesh]) -> list[Part]:
    """Parts whose meshes are changed alike."""
    return [replace(part, mesh=change(part.mesh)) for part in parts]


def turn(parts: Iterable[Part], yaw: float) -> list[Part]:
    """Parts turned about the z axis."""
    return each(parts, lambda mesh: mesh.turned(yaw))


def put(parts: Iterable[Part], x: float, y: float, z: float = 0.0, yaw: float = 0.0) -> list[Part]:
    """Parts turned on the spot and moved to a place."""
    return each(parts, lambda mesh: mesh.turned(yaw).moved((x, y, z)))


def boxed(
    bounds: Sequence[Bounds], colour: Colour | Sequence[Colour], material: str = "matte", scale: float = 1.0
) -> Part:
    """Boxes as a part, in one colour or one each."""
    paint = np.repeat(np.atleast_2d(np.asarray(colour, float)), 8, axis=0)
    tint = colour if len(paint) == 8 else paint
    return Part(mesh=slabs(*bounds), colour=tint, material=material, smooth=False, scale=scale)


def posts(xs: Sequence[float], ys: Sequence[float], half: float, low: float, high: float) -> list[Bounds]:
    """Square posts at all crossings of xs and ys, ``half`` a thickness to each side: legs, uprights, stacks of blocks."""
    return [(x - half, x + half, y - half, y + half, low, high) for x in xs for y in ys]


class Pile:
    """Meshes put together by material, each in its own colour: a thousand boxes make as many parts as there are materials."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, bool, float], list[tuple[Mesh, Array]]] = {}

    def add(
        self, mesh: Mesh, colour: Colour, material: str = "matte", *, smooth: bool = False, scale: float = 1.0
    ) -> None:
        tone = np.tile(np.asarray(colour, float), (len(mesh.vertices), 1))
        self.found.setdefault((material, smooth, scale), []).append((mesh, tone))

    def put(self, other: Pile, turn: float, place: Sequence[float], size: float = 1.0) -> None:
        """All of another pile, sized, turned about z and moved."""
        for key, meshes in other.found.items():
            moved = [(mesh.scaled(size).turned(turn).moved(place), tone) for mesh, tone in meshes]
            self.found.setdefault(key, []).extend(moved)

    def parts(self) -> tuple[Part, ...]:
        return tuple(
            Part(
                mesh=join(*(m for m, _ in meshes)),
                colour=np.clip(np.concatenate([c for _, c in meshes]), 0, 1),
                material=name,
                smooth=smooth,
                scale=scale,
            )
            for (name, smooth, scale), meshes in self.found.items()
        )
