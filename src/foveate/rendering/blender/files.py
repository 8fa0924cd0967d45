# SPDX-License-Identifier: Apache-2.0 (compatible with Blender's GPL-3.0-or-later; see __init__.py)
"""Pictures through files, the only way in which Blender hands out a view-transformed picture or a render's passes."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import OpenEXR


class UnwritableError(Exception):
    """A folder that a file could not be written to, and why."""

    def __init__(self, folder: Path, why: str) -> None:
        super().__init__(f"{folder}: {why}")
        self.path, self.why = str(folder), why


def png(image: bpy.types.Image, path: Path, scene: bpy.types.Scene) -> None:
    """Write an image as 8-bit RGB, through the scene's view transform."""
    settings = scene.render.image_settings
    settings.media_type = "IMAGE"
    settings.file_format, settings.color_mode, settings.color_depth, settings.compression = "PNG", "RGB", "8", 0
    _save(image, path, scene)


def passes(path: Path, scene: bpy.types.Scene) -> dict[str, np.ndarray]:
    """The passes of the last render, as ``Depth.Z`` or ``Combined.R`` → (h, w) float32."""
    settings = scene.render.image_settings
    settings.media_type = "MULTI_LAYER_IMAGE"
    settings.file_format, settings.color_depth, settings.exr_codec = "OPEN_EXR_MULTILAYER", "32", "NONE"
    _save(bpy.data.images["Render Result"], path, scene)
    try:
        with OpenEXR.File(str(path), separate_channels=True) as file:
            channels = {name: channel.pixels for part in file.parts for name, channel in part.channels.items()}
        if not channels:
            raise ValueError("it is empty")
    except Exception as error:  # Blender says nothing where a file was cut short
        raise UnwritableError(path.parent, f"a file was cut short there: {error}") from None
    return {name.partition(".")[2]: np.array(pixels) for name, pixels in channels.items()}


def _save(image: bpy.types.Image, path: Path, scene: bpy.types.Scene) -> None:
    path.unlink(missing_ok=True)
    try:
        image.save_render(str(path), scene=scene)
    except RuntimeError as error:
        raise UnwritableError(path.parent, str(error).strip().splitlines()[-1]) from None
    if not path.exists() or not path.stat().st_size:
        raise UnwritableError(path.parent, "Blender left nothing there")
