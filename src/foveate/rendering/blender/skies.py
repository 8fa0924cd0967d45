# SPDX-License-Identifier: Apache-2.0 (compatible with Blender's GPL-3.0-or-later; see __init__.py)
"""Skies as panoramas: the user's, and clear ones. Blender's sky texture fills tables at each render, which takes longer than a
small picture: so it is rendered once per sun's height and haze, with the sun at azimuth 0 (−y), and looked up from then on."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import bpy
import files
import numpy as np

HEIGHT = 512  # px of a panorama; the sky is smooth but for the horizon


def clear(elevation: float, haze: float) -> bpy.types.Image:
    """The sky of a sun at ``elevation`` degrees, without its disc: an equirectangular panorama of linear RGB.

    Args:
        haze: aerosol density, 1 as on a clear day.
    """
    name = f"sky {elevation:g} {haze:g}"
    if image := bpy.data.images.get(name):
        return image
    with tempfile.TemporaryDirectory() as folder:
        linear = _rendered(elevation, haze, Path(folder) / "sky.exr")
    image = bpy.data.images.new(name, 2 * HEIGHT, HEIGHT, float_buffer=True)
    image.colorspace_settings.name = "Linear Rec.709"
    rgba = np.concatenate([linear, np.ones_like(linear[..., :1])], -1)
    image.pixels.foreach_set(np.ascontiguousarray(rgba[::-1], np.float32).ravel())
    image.use_fake_user = True
    return image


def given(path: str) -> bpy.types.Image:
    """A user's panorama.

    Raises:
        ValueError: it cannot be read to its end, which Blender would show as magenta.
    """
    image = bpy.data.images.load(path, check_existing=True)
    width, height = image.size
    if not width or not height or not len(image.pixels):
        bpy.data.images.remove(image)
        raise ValueError("it cannot be read: damaged, or cut short")
    return image


def _rendered(elevation: float, haze: float, path: Path) -> np.ndarray:
    scene = bpy.data.scenes.new("sky")
    world, lens = bpy.data.worlds.new("sky alone"), bpy.data.cameras.new("all around")
    camera = bpy.data.objects.new("all around", lens)
    scene.collection.objects.link(camera)
    scene.camera, scene.world = camera, world
    camera.rotation_euler = (math.pi / 2, 0, -math.pi / 2)  # level, looking along +x: the middle of Blender's panoramas
    lens.type, lens.panorama_type = "PANO", "EQUIRECTANGULAR"
    world.use_nodes = True
    world.cycles.sampling_method = "NONE"  # nothing is lit by it, and the map for that takes two seconds
    sky = world.node_tree.nodes.new("ShaderNodeTexSky")
    sky.sky_type, sky.sun_disc = "MULTIPLE_SCATTERING", False
    sky.sun_elevation, sky.sun_rotation, sky.aerosol_density = math.radians(elevation), math.pi, haze
    world.node_tree.links.new(sky.outputs[0], world.node_tree.nodes["Background"].inputs["Color"])
    render = scene.render
    render.engine, render.threads_mode, render.threads = "CYCLES", "FIXED", 1
    render.resolution_x, render.resolution_y, render.resolution_percentage = 2 * HEIGHT, HEIGHT, 100
    scene.cycles.samples, scene.cycles.use_adaptive_sampling, scene.cycles.use_denoising = 1, False, False
    scene.cycles.pixel_filter_type, scene.cycles.filter_width = "BOX", 0.01  # each pixel is the sky in its middle
    bpy.ops.render.render(scene=scene.name)
    found = files.passes(path, scene)
    bpy.data.batch_remove([camera, lens, world, scene])
    return np.stack([found[f"Combined.{c}"] for c in "RGB"], -1)
