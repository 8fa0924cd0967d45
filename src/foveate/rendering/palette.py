"""What one rendering can choose from: foveate's own objects, worlds and materials, and the user's files."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

import foveate.rendering.modelling
from foveate.core import console
from foveate.core.cache import folder_of
from foveate.core.errors import FoveateError
from foveate.core.files import explained
from foveate.core.seeds import numpy_stream
from foveate.rendering import assets, scene
from foveate.rendering.catalogue import MATERIALS, OBJECTS, WORLDS

OBJECT_FILES = (".glb", ".gltf", ".obj", ".usd", ".usda", ".usdc", ".usdz", ".ply")
WORLD_FILES = {".hdr": b"#?", ".exr": b"\x76\x2f\x31\x01"}  # panoramas, and how their files begin
TEXTURE_FILES = (".jpg", ".jpeg", ".png")

_TAKEN = ("none", "own")  # no object, and the object's own material

NEAR = {
    "skin": ("fur", "leather"), "feathers": ("fur",), "strands": ("fur", "grass"), "fur": ("leather", "fabric"), "paint": ("steel",),
    "plaster": ("stone",), "planks": ("wood",), "bark": ("wood",), "rubber": ("plastic",), "scales": ("leather",), "leaf": ("grass",),
    "cloth": ("fabric",), "tiles": ("ceramic",), "flagstones": ("stone",),
    "concrete": ("stone",), "paving": ("stone",), "strata": ("stone",), "marble": ("stone",), "carpet": ("fabric",), "foliage": ("grass",),
    "turf": ("grass",), "waxy": ("plastic",),
}  # fmt: skip
"""Surface → materials that someone might call it: nothing false is said of them."""


@dataclass(frozen=True)
class Palette:
    """Names of things and where they are.

    Attributes:
        own_objects: name → file of a user's object. own_worlds: name → HDR panorama. own_materials: name → texture.
    """

    own_objects: dict[str, Path] = field(default_factory=dict)
    own_worlds: dict[str, Path] = field(default_factory=dict)
    own_materials: dict[str, Path] = field(default_factory=dict)

    @cached_property
    def objects(self) -> list[str]:
        """All classes of objects, the user's first."""
        return [*self.own_objects, *(name for name in OBJECTS if name not in self.own_objects)]

    @cached_property
    def worlds(self) -> list[str]:
        return [*self.own_worlds, *(name for name in WORLDS if name not in self.own_worlds)]

    @cached_property
    def materials(self) -> list[str]:
        return [*self.own_materials, *(name for name in MATERIALS if name not in self.own_materials)]

    def object_file(self, name: str, asset: int) -> Path:
        """The file of one individual of a class; built on first use, then kept in the cache."""
        return self.own_objects.get(name) or built("object", name, asset)

    def world_file(self, name: str, number: int) -> Path:
        """The file of one variant of a world."""
        return self.own_worlds.get(name) or built("world", name, number)

    def material(self, name: str) -> str | None:
        """What the worker is told: None for the object's own, a file for a user's texture, else the name."""
        return None if name == "own" else str(self.own_materials.get(name, name))

    def phrase(self, name: str) -> str:
        """An object's class as captions say it, with its article."""
        return with_article(name) if name in self.own_objects else str(OBJECTS.load(name).phrase)

    def place_phrase(self, name: str) -> str:
        """A world as captions say it, with its preposition."""
        return f"in {name.replace('_', ' ')}" if name in self.own_worlds else str(WORLDS.load(name).phrase)

    def material_phrase(self, name: str) -> str:
        return name.replace("_", " ") if name in self.own_materials else MATERIALS[name]

    def natural(self, name: str, asset: int) -> frozenset[str]:
        """Materials that an object may be said to be made of by itself; all of them for a user's, of which nothing is known."""
        if name in self.own_objects:
            return frozenset(self.materials)
        found = _materials_of(self.object_file(name, asset))
        return frozenset(found | {near for material in found for near in NEAR.get(material, ())})

    def kin(self, name: str) -> frozenset[str]:
        """Classes that a picture of this one may also be said to show."""
        return frozenset() if name in self.own_objects else frozenset(OBJECTS.load(name).kin)

    def imagenet(self, name: str) -> list[int]:
        """ImageNet-1k class indices that name this class, if any."""
        return [] if name in self.own_objects or name == "none" else list(OBJECTS.load(name).imagenet)


def read(objects: str | None, worlds: tuple[str, ...], materials: str | None) -> Palette:
    """The palette with a user's folder of objects, HDR panoramas and folder of textures.

    Raises:
        FoveateError: a folder or file that is not there or holds nothing of its kind.
    """
    files = []
    for name in worlds:
        path = Path(name).expanduser()
        if not path.is_file():
            raise FoveateError(f"--world {name} is not there.", "give an equirectangular .hdr or .exr file")
        if path.suffix.lower() not in WORLD_FILES:
            raise FoveateError(
                f"--world {name} is no HDR panorama.", f"give a file that ends in {' or '.join(WORLD_FILES)}"
            )
        with explained(path), open(path, "rb") as stream:
            if not stream.read(4).startswith(WORLD_FILES[path.suffix.lower()]):
                raise FoveateError(f"--world {name} holds no panorama.", "give a Radiance .hdr or an OpenEXR .exr file")
        files.append(path)
    textures = _folder(materials, "--materials", TEXTURE_FILES)
    for file in textures.values():
        try:
            with Image.open(file) as picture:
                picture.load()
        except (OSError, SyntaxError, ValueError):
            raise FoveateError(f"--materials: {file} is no picture.", "mend or remove the file") from None
    return Palette(_folder(objects, "--objects", OBJECT_FILES), _called(dict.fromkeys(files), "--world"), textures)


def with_article(name: str) -> str:
    words = name.replace("_", " ").replace("-", " ")
    return f"{'an' if words[:1].lower() in 'aeiou' else 'a'} {words}"


def _folder(given: str | None, flag: str, suffixes: tuple[str, ...]) -> dict[str, Path]:
    if given is None:
        return {}
    folder = Path(given).expanduser()
    if not folder.is_dir():
        raise FoveateError(f"{flag} {given} is no folder.", "give a folder of files")
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in suffixes and file.is_file())
    if not files:
        raise FoveateError(
            f"{flag} {given} holds none of {' '.join(suffixes)}.", "put the files there, or leave the flag out"
        )
    return _called(files, flag)


def _called(files: Iterable[Path], flag: str) -> dict[str, Path]:
    """Names of a user's files: of each its own, or with its folder's where two have the same."""
    found: dict[str, Path] = {}
    for file in files:
        name = _name(file)
        if name in found:
            name = f"{_name(file.absolute().parent)}-{name}"
        if name in found or name in _TAKEN:
            other = f"is also that of {found[name]}" if name in found else "has a meaning of its own"
            raise FoveateError(f"{flag}: the name of {file}, {name!r}, {other}.", "rename the file")
        found[name] = file.absolute()
    return found


@lru_cache(maxsize=4096)
def _materials_of(path: Path) -> set[str]:
    with np.load(path) as file:
        about = json.loads(bytes(file["about"]).decode())
    return {part.get("material", "strands") for part in about["parts"]}


def _name(path: Path) -> str:
    return "".join(c if c.isalnum() or c in "-_" else "_" for c in path.stem.lower())


def built(room: str, name: str, number: int) -> Path:
    """The file of one object or world of ours, built where the cache has none of the present source."""
    build = (OBJECTS if room == "object" else WORLDS).load(name).build
    path = _path(room, name, number, build)
    if not path.exists():
        thing = build(numpy_stream(0, "rendering", room, name, number))
        with explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
            assets.write(thing, part)
            part.replace(path)
    return path


def build_all(needed: Iterable[tuple[str, str, int]], processes: int) -> None:
    """Build what the cache lacks of these (room, name, number), in processes of their own: NumPy would take turns in threads."""
    missing = []
    for room, name, number in dict.fromkeys(needed):
        build = (OBJECTS if room == "object" else WORLDS).load(name).build
        if not _path(room, name, number, build).exists():
            missing.append((room, name, number))
    if len(missing) < 4 * processes or processes < 2:  # starting processes takes longer than these few
        return
    with (
        console.progress("building", len(missing), "objects and worlds") as bar,
        ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool,
    ):
        for _ in pool.map(built, *zip(*missing, strict=True)):
            bar.advance()


def _path(room: str, name: str, number: int, build: Callable[..., scene.Asset | scene.World]) -> Path:
    return folder_of("rendering") / f"{room}-{name}-{number}-{_state(build.__module__)}.npz"


@lru_cache(maxsize=256)
def _state(module: str) -> str:
    """Hex that changes with the source that builds a thing: the modelling tools and its own file, outside foveate also those beside it."""
    import sys

    seen = hashlib.blake2b(digest_size=6)
    tools = Path(foveate.rendering.modelling.__file__).parent
    own = Path(str(sys.modules[module].__file__))
    beside = [] if module.startswith("foveate.") else sorted(own.parent.glob("*.py"))
    for file in (own, *beside, Path(scene.__file__), Path(assets.__file__), *sorted(tools.glob("*.py"))):
        seen.update(file.read_bytes())
    return seen.hexdigest()
