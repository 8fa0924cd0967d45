"""The flags of ``foveate render``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import tyro

from foveate.core.options import EngineName, Options


@dataclass(frozen=True, kw_only=True)
class Render(Options):
    """Photorealistic pictures in which every factor is chosen, with masks, depth, boxes, relations and captions known by construction.

    Blender renders them in a process of its own; its wheel (about 1 GB unpacked) is set up in the cache on first use.
    """

    engines: ClassVar[tuple[EngineName, ...]] = ("local",)
    design: tyro.conf.Positional[str] = "animals"
    """What to render: animals, imagenet-like, spar, ar4t, tabletop, video, or a .toml or .json file."""
    count: int | None = None
    """Take so many pictures of the design, each value of each factor as often as any other. Default: all."""
    size: int | None = None
    """Pixels of a side. Default: the design's, usually 224."""
    samples: int | None = None
    """Light paths per pixel before denoising. Default: the design's, usually 16."""
    workers: int | None = None
    """Blender processes. Default: one per core, as memory allows."""
    objects: Annotated[str | None, tyro.conf.arg(metavar="DIR")] = None
    """A folder of your own objects (glTF, OBJ, USD, PLY); they take the place of foveate's in a named design."""
    world: tuple[str, ...] = ()
    """Your own worlds: equirectangular panoramas, .hdr or .exr."""
    materials: Annotated[str | None, tyro.conf.arg(metavar="DIR")] = None
    """A folder of your own textures (.jpg, .png)."""
    export: tuple[Literal["coco", "wds", "imagefolder"], ...] = ()
    """Write the pictures in these formats too, beside the table."""
    shard: int = 256
    """Pictures per Parquet shard."""
    blender_python: str | None = None
    """A Python of yours that can import bpy, numpy and OpenEXR. Default: one that foveate sets up."""
    dry_run: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Print how many pictures, how long and how large, and render nothing."""
    serve: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Open a page with a slider per factor and a live picture, instead of rendering the design."""
    port: int = 0
    """Of --serve. Default: any free one."""
