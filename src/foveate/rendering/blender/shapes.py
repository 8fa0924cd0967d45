# SPDX-License-Identifier: Apache-2.0 (compatible with Blender's GPL-3.0-or-later; see __init__.py)
"""Arrays into Blender's meshes and strands; files of users' objects into the same."""

from __future__ import annotations

import json
from pathlib import Path

import bpy
import materials
import numpy as np
from mathutils import Matrix


def to_linear(colour: np.ndarray) -> np.ndarray:
    """sRGB in [0, 1] to linear RGB."""
    c = np.clip(np.asarray(colour, np.float32), 0, 1)
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def read(path: str) -> tuple[dict, dict[str, np.ndarray]]:
    """A file of ``foveate.rendering.assets``: its description and its arrays."""
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files if name != "about"}
        return json.loads(bytes(file["about"]).decode()), arrays


def mesh(name: str, vertices: np.ndarray, faces: np.ndarray, colours: np.ndarray, *, smooth: bool) -> bpy.types.Mesh:
    made = bpy.data.meshes.new(name)
    made.vertices.add(len(vertices))
    made.vertices.foreach_set("co", np.ascontiguousarray(vertices, np.float32).ravel())
    made.loops.add(faces.size)
    made.loops.foreach_set("vertex_index", np.ascontiguousarray(faces, np.int32).ravel())
    made.polygons.add(len(faces))
    made.polygons.foreach_set("loop_start", np.arange(0, faces.size, 3, dtype=np.int32))
    made.update(calc_edges=True)
    made.shade_smooth() if smooth else made.shade_flat()
    paint(made.attributes, "POINT", colours, len(vertices))
    return made


def paint(attributes, domain: str, colours: np.ndarray, n: int) -> None:
    rgba = np.ones((n, 4), np.float32)
    rgba[:, :3] = to_linear(colours)
    attributes.new("paint", "FLOAT_COLOR", domain).data.foreach_set("color", rgba.ravel())


def strands(name: str, curves: np.ndarray, colours: np.ndarray, radius: float) -> bpy.types.Curves:
    made = bpy.data.hair_curves.new(name)
    count, points = curves.shape[:2]
    made.add_curves([points] * count)
    made.attributes["position"].data.foreach_set("vector", np.ascontiguousarray(curves, np.float32).ravel())
    taper = np.tile(radius * np.linspace(1, 0.15, points, dtype=np.float32), count)
    radii = made.attributes.get("radius") or made.attributes.new("radius", "FLOAT", "POINT")
    radii.data.foreach_set("value", taper)
    paint(made.attributes, "CURVE", colours, count)
    made.materials.append(materials.build("strands", 1.0, own=False))
    return made


def parts(about: list[dict], arrays: dict[str, np.ndarray], name: str) -> list[tuple[bpy.types.ID, dict]]:
    """The datablocks of parts and hair, each with its description."""
    made: list[tuple[bpy.types.ID, dict]] = []
    for one in about:
        k = one["key"]
        if "radius" in one:
            made.append((strands(f"{name}.{k}", arrays[f"{k}.curves"], arrays[f"{k}.colours"], one["radius"]), one))
            continue
        data = mesh(
            f"{name}.{k}", arrays[f"{k}.vertices"], arrays[f"{k}.faces"], arrays[f"{k}.colours"], smooth=one["smooth"]
        )
        data.materials.append(materials.build(one["material"], one["scale"], own=False))
        made.append((data, one))
    return made


class Prop:
    """One individual of a class: its datablocks, and the vertices that say how it is placed."""

    def __init__(self, datablocks: list[tuple[bpy.types.ID, dict]], points: np.ndarray, faces: np.ndarray) -> None:
        low, high = points.min(0), points.max(0)
        longest = float((high - low).max())
        if not np.isfinite(points).all():
            raise ValueError("a vertex of it is no number")
        if not 1e-9 < longest < 1e9:  # beyond, squares leave single precision's range
            raise ValueError(f"its longest side is {longest:g}: it has no extent that can be rendered")
        # Into the unit frame: longest side 1, centred on the z axis, standing on z = 0.
        self.fit = np.diag([1 / longest] * 3 + [1.0])
        self.fit[:3, 3] = -np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]]) / longest
        self.datablocks = datablocks
        self.points = (points @ self.fit[:3, :3].T + self.fit[:3, 3]).astype(np.float64)
        self.faces = faces
        self.surface = _spread(self.points, faces)

    def put(
        self, name: str, pose: np.ndarray, collection: bpy.types.Collection, material: str | None
    ) -> list[bpy.types.Object]:
        """Into the scene at a pose, (4, 4) from the unit frame, in its own surface or in another material."""
        made = []
        for data, about in self.datablocks:
            hair = isinstance(data, bpy.types.Curves)
            if material and hair and not about.get("keep"):
                continue
            thing = bpy.data.objects.new(name, data)
            collection.objects.link(thing)
            local = about.get("local")
            thing.matrix_world = Matrix(pose @ self.fit @ (np.asarray(local) if local is not None else np.eye(4)))
            if material and not hair and not about.get("keep"):
                other = materials.build(material, about.get("scale", 1.0) / self.fit[0, 0], own=True)
                for slot in thing.material_slots:
                    slot.link, slot.material = "OBJECT", other
            made.append(thing)
        return made


def _spread(points: np.ndarray, faces: np.ndarray, count: int = 12_000) -> np.ndarray:
    """(count, 3) points spread evenly over a surface, the same ones each time."""
    corners = points[faces]
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    if area.sum() < 1e-9:
        raise ValueError("its faces have no area")
    draw = np.random.default_rng(0)
    face = np.searchsorted(np.cumsum(area) / area.sum(), (np.arange(count) + 0.5) / count).clip(0, len(faces) - 1)
    u, v = draw.random((2, count, 1))
    flip = u + v > 1
    u, v = np.where(flip, 1 - u, u), np.where(flip, 1 - v, v)
    a, b, c = corners[face, 0], corners[face, 1], corners[face, 2]
    return a + u * (b - a) + v * (c - a)


def prop(path: str, name: str) -> Prop:
    """A prop of an asset's file, or of a glTF, OBJ, USD or PLY."""
    if Path(path).suffix == ".npz":
        about, arrays = read(path)
        made = parts(about["parts"], arrays, name)
        solid = [one["key"] for one in about["parts"] if "radius" not in one]
        points = np.concatenate([arrays[f"{k}.vertices"] for k in solid])
        offsets = np.cumsum([0, *(len(arrays[f"{k}.vertices"]) for k in solid[:-1])])
        faces = np.concatenate([arrays[f"{k}.faces"] + o for k, o in zip(solid, offsets, strict=True)])
        return Prop(made, points, faces)
    return _imported(path)


def _imported(path: str) -> Prop:
    """Read a user's file. Formats that have no up of their own are taken as y-up, as their importers do."""
    before = set(bpy.data.objects)
    suffix = Path(path).suffix.lower()
    if suffix in {".glb", ".gltf"}:
        bpy.ops.import_scene.gltf(filepath=path)
    elif suffix == ".obj":
        bpy.ops.wm.obj_import(filepath=path)
    elif suffix in {".usd", ".usda", ".usdc", ".usdz"}:
        bpy.ops.wm.usd_import(filepath=path)
    elif suffix == ".ply":
        bpy.ops.wm.ply_import(filepath=path)
    else:
        raise ValueError(f"{suffix or 'no suffix'} is not one of .glb .gltf .obj .usd .usdc .usdz .ply")
    new = [thing for thing in bpy.data.objects if thing not in before]
    depsgraph = bpy.context.evaluated_depsgraph_get()
    made, points, faces, offset = [], [], [], 0
    for thing in sorted((t for t in new if t.type == "MESH"), key=lambda t: t.name):
        data = bpy.data.meshes.new_from_object(thing.evaluated_get(depsgraph), depsgraph=depsgraph)
        matrix = np.array(thing.matrix_world)
        co = np.empty(len(data.vertices) * 3, np.float32)
        data.vertices.foreach_get("co", co)
        data.calc_loop_triangles()
        tri = np.empty(len(data.loop_triangles) * 3, np.int32)
        data.loop_triangles.foreach_get("vertices", tri)
        if not len(tri):
            continue
        if not data.materials:
            data.materials.append(materials.build("matte", 1.0, own=False) if "paint" in data.attributes else _grey())
        points.append(co.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3])
        faces.append(tri.reshape(-1, 3) + offset)
        offset += len(points[-1])
        made.append((data, {"local": matrix, "smooth": True}))
    bpy.data.batch_remove(new)
    if not made:
        raise ValueError("it holds no mesh")
    return Prop(made, np.concatenate(points), np.concatenate(faces))


def _grey() -> bpy.types.Material:
    if found := bpy.data.materials.get("grey"):
        return found
    material = bpy.data.materials.new("grey")
    material.use_nodes = True
    material.node_tree.nodes["Principled BSDF"].inputs["Base Color"].default_value = (0.5, 0.5, 0.5, 1)
    return material
