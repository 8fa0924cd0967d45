"""What a scene is made of, as plain arrays: objects and worlds are built from these, and only the worker turns them into Blender's.

Lengths are in metres with z up. Colours are sRGB in [0, 1]. Nothing here imports Blender.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

Array = np.ndarray
Colour = tuple[float, ...]  # of three
Point = tuple[float, ...]  # likewise


@dataclass(frozen=True, kw_only=True)
class Mesh:
    """A surface of triangles.

    Attributes:
        vertices: (n, 3) float32.
        faces: (m, 3) int32, counter-clockwise from outside.
    """

    vertices: Array
    faces: Array

    def reshaped(self, vertices: ArrayLike) -> Mesh:
        """The same faces between vertices that lie elsewhere."""
        return Mesh(vertices=np.asarray(vertices, np.float32), faces=self.faces)

    def moved(self, by: ArrayLike) -> Mesh:
        """The mesh shifted."""
        return Mesh(vertices=(self.vertices + np.asarray(by)).astype(np.float32), faces=self.faces)

    def scaled(self, by: ArrayLike) -> Mesh:
        """The mesh stretched about the origin, by one factor or one per axis (all positive)."""
        return Mesh(vertices=(self.vertices * np.asarray(by)).astype(np.float32), faces=self.faces)

    def turned(self, degrees: float, axis: Literal["x", "y", "z"] = "z") -> Mesh:
        """The mesh turned about an axis through the origin, counter-clockwise seen from the axis' tip."""
        angle, (i, j) = np.radians(degrees), {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
        matrix = np.eye(3)
        matrix[[i, i, j, j], [i, j, i, j]] = np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)
        return Mesh(vertices=(self.vertices @ matrix.T).astype(np.float32), faces=self.faces)

    def flipped(self) -> Mesh:
        """The mesh with its outside in."""
        return Mesh(vertices=self.vertices, faces=self.faces[:, ::-1])

    def mirrored(self) -> Mesh:
        """The mesh seen in the plane x = 0."""
        return Mesh(vertices=(self.vertices * np.array([-1, 1, 1])).astype(np.float32), faces=self.faces[:, ::-1])


@dataclass(frozen=True, kw_only=True)
class Part:
    """A mesh with its surface.

    Attributes:
        colour: one colour, or (n, 3) one per vertex; the material is tinted by it.
        material: a function of ``rendering/blender/materials/``.
        smooth: shade as a curved surface rather than as flat facets.
        keep: what makes the object recognisable, such as eyes, keeps its surface when a design sets another material.
        scale: of the material's pattern: 1 suits an object one unit of the mesh long, 7 one of seven.
    """

    mesh: Mesh
    colour: ArrayLike = (0.8, 0.8, 0.8)
    material: str = "matte"
    smooth: bool = True
    keep: bool = False
    scale: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Hair:
    """Strands: fur, feathers, grass.

    Attributes:
        curves: (k, p, 3) float32, the p points of each strand from its root.
        colours: (k, 3).
        radius: at the root; strands taper to a point.
    """

    curves: Array
    colours: Array
    radius: float = 0.003


@dataclass(frozen=True, kw_only=True)
class Asset:
    """An object, facing −y (towards the default camera). Its size and place do not matter: it is scaled to a longest side of one
    metre, centred and put on the ground."""

    parts: tuple[Part, ...]
    hair: tuple[Hair, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Scatter:
    """Copies of one thing: pebbles, trees, books.

    Attributes:
        parts: what is copied, standing on the origin.
        places: (k, 3) where; yaws: (k,) degrees about z; sizes: (k,) factors.
    """

    parts: tuple[Part, ...]
    places: Array
    yaws: Array
    sizes: Array
    hair: tuple[Hair, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Lamp:
    """A rectangular area light.

    Attributes:
        place, target: where it hangs and where it points.
        watts: radiant power; size: edge in metres; kelvin: colour temperature.
    """

    place: Point
    target: Point = (0.0, 0.0, 0.3)
    watts: float = 100.0
    size: float = 1.0
    kelvin: float = 5000.0


@dataclass(frozen=True, kw_only=True)
class Sky:
    """A clear sky with its sun (or, overcast, without).

    Attributes:
        strength: factor of the sky's and sun's light; haze: aerosol density, 1 as on a clear day.
    """

    strength: float = 1.0
    haze: float = 1.0


@dataclass(frozen=True, kw_only=True)
class World:
    """Surroundings. The ground within two metres of the origin is flat at z = 0 and free of anything taller than 0.15 m, since objects
    stand there; a camera at up to ``reach`` metres from (0, 0, 0.4), from 2° to 60° above the horizon, sees no inside of a wall.

    Attributes:
        fill: brightness of a faint light from everywhere, so that shade is not black.
        exposure: in stops, so that a middle grey object looks middle grey at noon.
    """

    parts: tuple[Part, ...] = ()
    hair: tuple[Hair, ...] = ()
    scatters: tuple[Scatter, ...] = ()
    sky: Sky | None = field(default_factory=Sky)
    lamps: tuple[Lamp, ...] = ()
    fill: float = 0.0
    exposure: float = 0.0
    reach: float = 5.0


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A class of objects.

    Attributes:
        build: makes one individual from a random stream.
        phrase: as captions say it, with its article: "a zebra".
        imagenet: the ImageNet-1k classes that name it, if any. kin: other classes that a picture of it may be said to show.
        stylised: it still looks made rather than photographed.
    """

    build: Callable[[np.random.Generator], Asset]
    phrase: str
    group: Literal["animal", "furniture", "vessel", "vehicle", "food", "tool", "other"]
    imagenet: tuple[int, ...] = ()
    kin: tuple[str, ...] = ()
    stylised: bool = False


@dataclass(frozen=True, kw_only=True)
class Place:
    """A class of worlds.

    Attributes:
        build: makes one variant from a random stream.
        phrase: as captions say it, with its preposition: "in a meadow".
    """

    build: Callable[[np.random.Generator], World]
    phrase: str
    indoor: bool = False
