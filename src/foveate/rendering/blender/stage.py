# SPDX-License-Identifier: Apache-2.0 (compatible with Blender's GPL-3.0-or-later; see __init__.py)
"""The stage: one Blender scene that is kept between pictures; only what a shot changes is rebuilt."""

from __future__ import annotations

import json
import math
from collections import OrderedDict

import bpy
import lighting
import numpy as np
import shapes
from mathutils import Matrix, Vector

KEPT = 48  # props kept in memory, beside one world


class Stage:
    """The scene, and what stands on it now."""

    def __init__(self, threads: int, device: str) -> None:
        bpy.ops.wm.read_factory_settings(use_empty=True)
        self.scene = bpy.context.scene
        self.device = _choose_device(device)
        _settings(self.scene, threads, self.device)
        self.props: OrderedDict[str, shapes.Prop] = OrderedDict()
        self.world_key: str | None = None
        self.world: dict = {}
        self.light_key = ""
        self.names: dict[str, int] = {}  # of the shot's objects: Blender's → instance number
        self.surroundings = bpy.data.collections.new("surroundings")
        self.cast = bpy.data.collections.new("cast")
        for collection in (self.surroundings, self.cast):
            self.scene.collection.children.link(collection)
        lens = bpy.data.cameras.new("camera")
        self.camera = bpy.data.objects.new("camera", lens)
        self.scene.collection.objects.link(self.camera)
        self.scene.camera = self.camera
        self.sun = bpy.data.objects.new("sun", bpy.data.lights.new("sun", "SUN"))
        self.scene.collection.objects.link(self.sun)
        self.lamps: list[tuple[bpy.types.Object, dict]] = []

    def prop(self, path: str) -> shapes.Prop:
        if path not in self.props:
            if len(self.props) >= KEPT:
                oldest = [self.props.popitem(last=False)[1] for _ in range(KEPT // 3)]
                bpy.data.batch_remove([data for prop in oldest for data, _about in prop.datablocks])
            self.props[path] = shapes.prop(path, f"prop{len(self.props)}")
        self.props.move_to_end(path)
        return self.props[path]

    def set(self, shot: dict) -> dict:
        """Build a shot's scene.

        Returns:
            What is true of it: poses, sizes, camera.
        """
        self._clear(self.cast)
        if self.world_key != shot["world"]:
            self._build_world(shot["world"])
        self._light(shot)
        yaw = math.radians(shot["camera"]["yaw"])
        # The camera's own right and forward on the ground: left and right, near and far are as the picture shows them.
        right, forward = np.array([math.cos(yaw), math.sin(yaw), 0]), np.array([-math.sin(yaw), math.cos(yaw), 0])
        placed, base = [], []
        self.names = {}
        for index, one in enumerate(shot["objects"], 1):
            prop = self.prop(one["asset"])
            x, y, lift = one["place"]
            centre = x * right + y * forward
            pose = _pose(prop.points, one, centre, lift)
            for thing in prop.put(f"object{index}", pose, self.cast, one.get("material")):
                self.names[thing.name] = index
            if lift > 0:
                base.append((centre, lift, np.ptp(prop.points @ pose[:3, :3].T, axis=0)[:2].max()))
            world = prop.points @ pose[:3, :3].T + pose[:3, 3]
            placed.append((prop, pose, world))
        for centre, lift, width in base:
            self._plinth(centre, lift, width)
        camera = self._aim(shot, placed)
        return {
            "camera": camera,
            "poses": [pose.tolist() for _, pose, _ in placed],
            "points": [world for *_, world in placed],
            "faces": [prop.faces for prop, *_ in placed],
            "surface": [prop.surface @ pose[:3, :3].T + pose[:3, 3] for prop, pose, _ in placed],
        }

    # -- surroundings -------------------------------------------------------------------------------------------------------

    def _build_world(self, path: str) -> None:
        self.world_key = None
        self._clear(self.surroundings, data=True)
        bpy.data.batch_remove([block for lamp, _ in self.lamps for block in (lamp, lamp.data)])
        self.lamps = []
        if not path.endswith(".npz"):
            self.world = {"hdr": path, "sky": None, "lamps": [], "fill": 0.0, "exposure": 0.0}
            self.surroundings.objects.link(_shadow_catcher())
            self.world_key = path
            return
        self.world, arrays = shapes.read(path)
        for data, _about in shapes.parts(self.world["parts"], arrays, "world"):
            self.surroundings.objects.link(bpy.data.objects.new(data.name, data))
        for number, scatter in enumerate(self.world["scatters"]):
            made = shapes.parts(scatter["parts"], arrays, f"scatter{number}")
            k = scatter["key"]
            for place, turn, size in zip(arrays[f"{k}.places"], arrays[f"{k}.yaws"], arrays[f"{k}.sizes"], strict=True):
                matrix = (
                    Matrix.Translation(Vector(place))
                    @ Matrix.Rotation(math.radians(float(turn)), 4, "Z")
                    @ Matrix.Scale(float(size), 4)
                )
                for data, _about in made:
                    thing = bpy.data.objects.new(data.name, data)
                    thing.matrix_world = matrix
                    self.surroundings.objects.link(thing)
        for number, about in enumerate(self.world["lamps"]):
            light = bpy.data.lights.new(f"lamp{number}", "AREA")
            light.size = about["size"]
            lamp = bpy.data.objects.new(light.name, light)
            place, target = Vector(about["place"]), Vector(about["target"])
            lamp.matrix_world = (
                Matrix.Translation(place) @ (place - target).to_track_quat("Z", "Y").to_matrix().to_4x4()
            )
            self.scene.collection.objects.link(lamp)
            self.lamps.append((lamp, about))
        self.world_key = path

    def _clear(self, collection: bpy.types.Collection, *, data: bool = False) -> None:
        things = list(collection.objects)
        used = {thing.data for thing in things} if data else set()
        bpy.data.batch_remove([*things, *used])  # one by one, each would look through all that Blender holds

    def _light(self, shot: dict) -> None:
        key = json.dumps([self.world_key, shot["light"]])
        if key != self.light_key:
            lighting.light(self.scene, self.sun, self.lamps, self.world, shot["light"])
            self.light_key = key

    def _plinth(self, centre: np.ndarray, lift: float, width: float) -> None:
        """What a raised object stands on: nothing floats."""
        edge = 1.1 * width
        corners = np.array(
            [[x, y, z] for x in (-edge / 2, edge / 2) for y in (-edge / 2, edge / 2) for z in (0, lift)]
        ) + centre * [1, 1, 0]
        faces = np.array(
            [
                [0, 1, 3],
                [0, 3, 2],
                [4, 6, 7],
                [4, 7, 5],
                [0, 4, 5],
                [0, 5, 1],
                [2, 3, 7],
                [2, 7, 6],
                [1, 5, 7],
                [1, 7, 3],
                [0, 2, 6],
                [0, 6, 4],
            ]
        )
        data = bpy.data.meshes.get("plinth")
        if data:
            bpy.data.meshes.remove(data)
        data = shapes.mesh("plinth", corners, faces, np.tile([[0.78, 0.77, 0.74]], (8, 1)), smooth=False)
        data.materials.append(shapes.materials.build("plaster", 1.0, own=False))
        self.cast.objects.link(bpy.data.objects.new("plinth", data))

    # -- camera -------------------------------------------------------------------------------------------------------------

    def _aim(self, shot: dict, placed: list) -> dict:
        about, px = shot["camera"], shot["px"]
        yaw, pitch, roll = (math.radians(about[k]) for k in ("yaw", "pitch", "roll"))
        # An object by itself is looked at in its middle, wherever its size puts that.
        middle = placed[0][2] if placed else np.array([[0, 0, 0.8]])
        target = Vector(about["target"] or (0, 0, float(middle[:, 2].min() + middle[:, 2].max()) / 2))
        away = Vector((math.sin(yaw) * math.cos(pitch), -math.cos(yaw) * math.cos(pitch), math.sin(pitch)))
        lens = self.camera.data
        lens.sensor_width, lens.sensor_fit = 36.0, "HORIZONTAL"
        lens.angle = math.radians(about["fov"])
        lens.clip_end = 5000
        place = target + away * about["distance"]
        look = away.to_track_quat("Z", "Y").to_matrix().to_4x4() @ Matrix.Rotation(roll, 4, "Z")
        self.camera.matrix_world = Matrix.Translation(place) @ look
        lens.dof.use_dof = shot["blur"] > 0
        if shot["blur"] > 0:
            # Focused in front of everything, with a lens so wide that a point at the target is spread over ``blur`` of the picture's width.
            lens.dof.focus_distance = 0.5 * about["distance"]
            focal = lens.lens / 1000
            sensor = 0.036
            aperture = shot["blur"] * sensor * about["distance"] / focal
            lens.dof.aperture_fstop = max(focal / aperture, 0.05)
        self.scene.render.resolution_x = self.scene.render.resolution_y = px
        f = 0.5 * px / math.tan(lens.angle / 2)
        cv = np.diag([1.0, -1.0, -1.0, 1.0]) @ np.linalg.inv(np.array(self.camera.matrix_world))
        return {"intrinsics": [[f, 0, px / 2], [0, f, px / 2], [0, 0, 1]], "extrinsics": cv.tolist()}


def _pose(points: np.ndarray, one: dict, centre: np.ndarray, lift: float) -> np.ndarray:
    """From the unit frame into the scene: sized, turned, and set down so that its lowest vertex touches what it stands on."""
    turn = (
        Matrix.Rotation(math.radians(one["yaw"]), 4, "Z")
        @ Matrix.Rotation(math.radians(one["pitch"]), 4, "X")
        @ Matrix.Rotation(math.radians(one["roll"]), 4, "Y")
    )
    pose = np.array(turn)
    pose[:3, :3] *= one["size"]
    moved = points @ pose[:3, :3].T
    low, high = moved.min(0), moved.max(0)
    pose[:3, 3] = [centre[0] - (low[0] + high[0]) / 2, centre[1] - (low[1] + high[1]) / 2, lift - low[2]]
    return pose


def _shadow_catcher() -> bpy.types.Object:
    data = shapes.mesh(
        "catcher",
        np.array([[-4, -4, 0], [4, -4, 0], [4, 4, 0], [-4, 4, 0]]),
        np.array([[0, 1, 2], [0, 2, 3]]),
        np.full((4, 3), 0.5),
        smooth=False,
    )
    thing = bpy.data.objects.new("catcher", data)
    thing.is_shadow_catcher = True
    return thing


def _choose_device(wanted: str) -> str:
    """The kind of GPU that Cycles uses, or CPU."""
    if wanted == "cpu":
        return "CPU"
    preferences = bpy.context.preferences.addons["cycles"].preferences
    kinds = {"cuda": ("OPTIX", "CUDA"), "mps": ("METAL",)}
    for kind in kinds.get(wanted, ("OPTIX", "CUDA", "HIP", "METAL", "ONEAPI")):
        try:
            preferences.compute_device_type = kind
        except TypeError:
            continue
        preferences.refresh_devices()
        found = [device for device in preferences.devices if device.type == kind]
        if found:
            for device in preferences.devices:
                device.use = device.type == kind
            return kind
    return "CPU"


def _settings(scene: bpy.types.Scene, threads: int, device: str) -> None:
    render, cycles = scene.render, scene.cycles
    render.engine = "CYCLES"
    cycles.device = "CPU" if device == "CPU" else "GPU"
    render.threads_mode, render.threads = "FIXED", threads
    # Kept, Cycles' data would stand in the order in which pictures came, and so would the noise: a picture depends on its plan alone.
    render.use_persistent_data = False
    render.resolution_percentage = 100
    cycles.use_adaptive_sampling = False
    cycles.use_denoising, cycles.denoiser = True, "OPENIMAGEDENOISE"
    # Guides are denoised with the picture: by eye the same as one after the other, at two thirds of the price.
    cycles.denoising_prefilter = "FAST"
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 6, 3, 3
    cycles.transmission_bounces, cycles.transparent_max_bounces, cycles.volume_bounces = 6, 8, 0
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect = 4.0
    scene.cycles_curves.shape = "RIBBONS"
    scene.view_settings.view_transform = "AgX"
    scene.view_settings.look = "AgX - Medium High Contrast"
    layer = scene.view_layers[0]
    layer.use_pass_z = layer.use_pass_cryptomatte_object = True
    layer.use_pass_mist = True
    layer.pass_cryptomatte_depth = 4
