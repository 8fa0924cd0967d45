# SPDX-License-Identifier: Apache-2.0 (compatible with Blender's GPL-3.0-or-later; see __init__.py)
"""Light: a sky with its sun and clouds, a panorama, and the lamps of rooms."""

from __future__ import annotations

import math

import bpy
import numpy as np
import skies
from mathutils import Vector
from passes import MIST
from shapes import to_linear

Socket = bpy.types.NodeSocket
SKY = 0.12  # of Blender's sky, so that sunlit white is about as bright as the view transform expects
SUN = 5.0  # W/m² of the sun overhead, on that scale


class Tree:
    """The world's node tree, emptied, with words for what a sky is made of."""

    def __init__(self, world: bpy.types.World) -> None:
        world.use_nodes = True
        self.tree = world.node_tree
        self.tree.nodes.clear()
        self.output = self.node("ShaderNodeOutputWorld")
        self.background = self.node("ShaderNodeBackground")
        self.tree.links.new(self.background.outputs[0], self.output.inputs["Surface"])

    def node(self, kind: str, *inputs: object, **settings: object) -> bpy.types.Node:
        """A node; inputs in order are sockets to link, values to set, or None to leave."""
        made = self.tree.nodes.new(kind)
        for name, value in settings.items():
            setattr(made, name, value)
        for socket, value in zip(made.inputs, inputs, strict=False):
            if isinstance(value, bpy.types.NodeSocket):
                self.tree.links.new(value, socket)
            elif value is not None:
                socket.default_value = value
        return made

    def value(self, operation: str, *inputs: object) -> Socket:
        return self.node("ShaderNodeMath", *inputs, operation=operation).outputs[0]

    def vector(self, operation: str, *inputs: object) -> Socket:
        return self.node("ShaderNodeVectorMath", *inputs, operation=operation).outputs[0]

    def grey(self, value: Socket) -> Socket:
        return self.node("ShaderNodeCombineXYZ", value, value, value).outputs[0]

    def ramp(self, value: Socket, low: float, high: float, to_low: float, to_high: float) -> Socket:
        return self.node("ShaderNodeMapRange", value, low, high, to_low, to_high).outputs[0]


def light(scene: bpy.types.Scene, sun: bpy.types.Object, lamps: list, world: dict, asked: dict) -> None:
    """Light a scene.

    Args:
        sun: the lamp that stands for it: its shadows are clean at few samples, as a disc's in the sky are not.
        lamps: (object, description) of the world's own lamps. world: its description. asked: the shot's ``light``.
    """
    scene.world = bpy.data.worlds.get("sky") or bpy.data.worlds.new("sky")
    scene.world.mist_settings.start, scene.world.mist_settings.depth = 0.0, MIST
    scene.world.mist_settings.falloff = "LINEAR"
    # The map by which light from the sky is drawn: Blender's own choice of size takes five seconds to fill after each change.
    scene.world.cycles.sampling_method, scene.world.cycles.sample_map_resolution = "MANUAL", 256
    tint = kelvin(asked["kelvin"])
    tree = Tree(scene.world)
    tree.background.inputs["Strength"].default_value = asked["intensity"]
    if world.get("hdr"):
        colour = _mixed(tree, _panorama(tree, skies.given(world["hdr"]), asked["azimuth"]), tint, 1.0, 0.0)
    elif world["sky"]:
        clear = _panorama(tree, skies.clear(asked["elevation"], world["sky"]["haze"]), asked["azimuth"])
        colour = _mixed(tree, clear, tint, SKY * world["sky"]["strength"], world["fill"])
        colour = _clouded(tree, colour, asked, tint, world["sky"]["strength"])
    else:
        colour = (*(world["fill"] * c for c in tint), 1.0)
    if isinstance(colour, bpy.types.NodeSocket):
        tree.tree.links.new(colour, tree.background.inputs["Color"])
    else:
        tree.background.inputs["Color"].default_value = colour
    _sun(sun, world, asked, tint)
    for lamp, about in lamps:
        lamp.data.energy = about["watts"] * asked["intensity"]
        lamp.data.color = tuple(float(a * b) for a, b in zip(kelvin(about["kelvin"]), tint, strict=True))
    # Where lamps light the scene there is no dusk for the camera to answer: it makes up for what the lamps lost, at most.
    answer = min(asked["exposure"], asked["dimmed"]) if lamps else asked["exposure"]
    scene.view_settings.exposure = world["exposure"] + answer


def _panorama(tree: Tree, image: bpy.types.Image, azimuth: float) -> Socket:
    """The colour of an equirectangular panorama, turned as the sun is: counter-clockwise seen from above."""
    node = tree.node("ShaderNodeTexEnvironment", image=image)
    place = tree.node("ShaderNodeTexCoord").outputs["Generated"]
    turned = tree.node("ShaderNodeMapping", place, None, (0, 0, -math.radians(azimuth)))  # of the looking up
    tree.tree.links.new(turned.outputs[0], node.inputs["Vector"])
    return node.outputs[0]


def _clouded(tree: Tree, clear: Socket, asked: dict, tint: tuple, strength: float) -> Socket:
    """The sky with clouds on a plane overhead, which crowd towards the horizon; ``clouds`` is how much they cover."""
    cover = asked["clouds"]
    if cover <= 0:
        return clear
    direction = tree.node("ShaderNodeTexCoord").outputs["Generated"]
    up = tree.node("ShaderNodeSeparateXYZ", direction).outputs[2]
    flat = tree.vector("DIVIDE", direction, tree.grey(tree.value("ADD", up, 0.12)))
    moved = tree.vector("ADD", flat, (3.7 * asked["sky"], 1.3 * asked["sky"], 0.0))
    noise = tree.node("ShaderNodeTexNoise", moved)
    for name, value in {"Scale": 1.1, "Detail": 7.0, "Roughness": 0.55, "Distortion": 0.3}.items():
        noise.inputs[name].default_value = value
    edge = 0.72 - 0.5 * cover
    thick = tree.ramp(noise.outputs[0], edge, edge + 0.14, 0.0, min(1.0, 0.75 + cover))
    amount = tree.value("MULTIPLY", thick, tree.ramp(up, 0.0, 0.1, 1.0 if cover > 0.9 else 0.35, 1.0))
    height = max(math.sin(math.radians(asked["elevation"])), 0.0)
    bright = strength * (0.25 + 0.75 * height)
    warm = 0.35 * math.exp(-5 * height)  # towards evening they take the sun's colour
    lit = tuple(bright * c * t for c, t in zip((1.0, 1.0 - 0.6 * warm, 1.02 - 1.3 * warm), tint, strict=True))
    shaded = tree.vector("MULTIPLY", lit, tree.grey(tree.ramp(noise.outputs[0], edge, edge + 0.35, 1.0, 0.72)))
    mixed = tree.node("ShaderNodeMix", data_type="RGBA")
    for socket, value in ((0, amount), (6, clear), (7, shaded)):
        tree.tree.links.new(value, mixed.inputs[socket])
    return mixed.outputs[2]


def _mixed(tree: Tree, colour: Socket, tint: tuple, strength: float, fill: float) -> Socket:
    """colour · tint · strength + tint · fill."""
    return tree.vector("MULTIPLY_ADD", colour, tuple(strength * c for c in tint), tuple(fill * c for c in tint))


def _sun(sun: bpy.types.Object, world: dict, asked: dict, tint: tuple) -> None:
    """Sunlight through the air: yellower and weaker the lower the sun (Beer's law over the length of its path)."""
    elevation, azimuth = math.radians(asked["elevation"]), math.radians(asked["azimuth"])
    up = max(math.sin(elevation), 0.0)
    air = np.exp(-np.array([0.06, 0.11, 0.22]) / (up + 0.05))
    strength = world["sky"]["strength"] * asked["sun"] if world["sky"] else 0.0
    sun.data.energy = SUN * strength * asked["intensity"] * float(air.max())
    sun.data.angle = math.radians(0.8)
    sun.data.color = tuple(float(a * t) for a, t in zip(air / air.max(), tint, strict=True))
    towards = Vector((math.sin(azimuth) * math.cos(elevation), -math.cos(azimuth) * math.cos(elevation), up))
    sun.matrix_world = towards.to_track_quat("Z", "Y").to_matrix().to_4x4()


def kelvin(temperature: float) -> tuple[float, float, float]:
    """Linear RGB of a black body against daylight's 6500 K, its brightest channel 1 (Helland's fit to Charity's tables)."""

    def rgb(t: float) -> np.ndarray:
        red = 255.0 if t <= 66 else 329.698727446 * (t - 60) ** -0.1332047592
        green = 99.4708025861 * math.log(t) - 161.1195681661 if t <= 66 else 288.1221695283 * (t - 60) ** -0.0755148492
        blue = 255.0 if t >= 66 else (0.0 if t <= 19 else 138.5177312231 * math.log(t - 10) - 305.0447927307)
        return to_linear(np.clip([red, green, blue], 0, 255) / 255)

    ratio = rgb(temperature / 100) / rgb(65.0)
    return tuple(float(c) for c in ratio / ratio.max())
