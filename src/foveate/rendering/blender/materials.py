# SPDX-License-Identifier: Apache-2.0 (compatible with Blender's GPL-3.0-or-later; see __init__.py)
"""Procedural materials: one function per name of ``foveate.rendering.catalogue.MATERIALS``.

Each takes the nodes to build with and the base colour: a socket that carries the vertices' own colours, or the material's own
colour where a design asks for the material. Patterns are in object coordinates, a metre to the unit.
"""

from __future__ import annotations

from collections.abc import Callable

import bpy

Socket = bpy.types.NodeSocket


class Nodes:
    """A material's node tree, with words for what materials are made of."""

    def __init__(self, material: bpy.types.Material, scale: float) -> None:
        self.tree = material.node_tree
        self.tree.nodes.clear()
        self.shader = self.add("ShaderNodeBsdfPrincipled")
        self.output = self.add("ShaderNodeOutputMaterial")
        self.tree.links.new(self.shader.outputs[0], self.output.inputs["Surface"])
        place = self.add("ShaderNodeTexCoord").outputs["Object"]
        self.place = self.add("ShaderNodeMapping", Vector=place, Scale=(1 / scale,) * 3).outputs[0]

    def add(self, kind: str, **inputs: object) -> bpy.types.Node:
        """A node; inputs by name (or ``_3`` by index) are sockets to link or values to set."""
        node = self.tree.nodes.new(kind)
        for name, value in inputs.items():
            self.put(node, name, value)
        return node

    def put(self, node: bpy.types.Node, name: str, value: object) -> None:
        socket = node.inputs[int(name[1:])] if name.startswith("_") else node.inputs[name]
        if isinstance(value, bpy.types.NodeSocket):
            self.tree.links.new(value, socket)
        elif isinstance(value, tuple) and len(value) == 3 and socket.type == "RGBA":
            socket.default_value = (*value, 1.0)
        else:
            socket.default_value = value

    def surface(self, **inputs: object) -> None:
        """Inputs of the principled shader, underscores for spaces: ``Base_Color``."""
        for name, value in inputs.items():
            self.put(self.shader, name.replace("_", " "), value)

    def noise(
        self,
        scale: float,
        detail: float = 4.0,
        rough: float = 0.55,
        distortion: float = 0.0,
        place: Socket | None = None,
    ) -> Socket:
        found = {"Scale": scale, "Detail": detail, "Roughness": rough, "Distortion": distortion}
        return self.add("ShaderNodeTexNoise", Vector=place or self.place, **found).outputs[0]

    def cells(self, scale: float, feature: str = "F1", place: Socket | None = None) -> Socket:
        node = self.add("ShaderNodeTexVoronoi", Vector=place or self.place, Scale=scale)
        node.feature = feature
        return node.outputs["Distance"]

    def waves(self, scale: float, distortion: float = 2.0, kind: str = "BANDS", place: Socket | None = None) -> Socket:
        node = self.add("ShaderNodeTexWave", Vector=place or self.place, Scale=scale, Distortion=distortion, Detail=3.0)
        node.wave_type = kind
        return node.outputs[1]

    def stretched(self, x: float, y: float, z: float) -> Socket:
        """Coordinates stretched along the axes."""
        return self.add("ShaderNodeMapping", Vector=self.place, Scale=(x, y, z)).outputs[0]

    def ramp(self, value: Socket, low: float, high: float, to_low: float = 0.0, to_high: float = 1.0) -> Socket:
        """A value carried from [low, high] to [to_low, to_high], clamped."""
        node = self.add("ShaderNodeMapRange", _0=value, _1=low, _2=high, _3=to_low, _4=to_high)
        return node.outputs[0]

    def mix(self, amount: Socket | float, a: object, b: object) -> Socket:
        """Colour a where the amount is 0, b where it is 1."""
        node = self.tree.nodes.new("ShaderNodeMix")
        node.data_type = "RGBA"
        for index, value in ((0, amount), (6, a), (7, b)):
            self.put(node, f"_{index}", value)
        return node.outputs[2]

    def shade(self, colour: object, amount: Socket, low: float = 0.6, high: float = 1.0) -> Socket:
        """A colour made darker where the amount is small: from ``low`` to ``high`` times itself."""
        node = self.tree.nodes.new("ShaderNodeMix")
        node.data_type, node.blend_type = "RGBA", "MULTIPLY"
        grey = self.add("ShaderNodeCombineColor")
        factor = self.ramp(amount, 0, 1, low, high)
        for k in range(3):
            self.put(grey, f"_{k}", factor)
        for index, value in ((0, 1.0), (6, colour), (7, grey.outputs[0])):
            self.put(node, f"_{index}", value)
        return node.outputs[2]

    def bump(self, height: Socket, strength: float = 0.3, distance: float = 0.01) -> None:
        self.surface(Normal=self.add("ShaderNodeBump", Height=height, Strength=strength, Distance=distance).outputs[0])


def matte(n: Nodes, base: object) -> None:
    n.surface(Base_Color=base, Roughness=0.75)


def skin(n: Nodes, base: object) -> None:
    """Bare or short-haired hide."""
    n.surface(Base_Color=n.shade(base, n.noise(18), 0.75), Roughness=0.6, Sheen_Weight=0.15)
    n.bump(n.noise(70, 3), 0.25, 0.004)


def feathers(n: Nodes, base: object) -> None:
    scales = n.cells(28, place=n.stretched(1, 1, 0.55))
    n.surface(Base_Color=n.shade(base, n.ramp(scales, 0, 0.6, 1, 0), 0.72), Roughness=0.55, Sheen_Weight=0.3)
    n.bump(scales, 0.35, 0.01)


def scales(n: Nodes, base: object) -> None:
    cells = n.cells(34)
    n.surface(Base_Color=n.shade(base, n.ramp(cells, 0, 0.6, 1, 0), 0.6), Roughness=0.3, Coat_Weight=0.3)
    n.bump(n.ramp(cells, 0, 0.7, 1, 0), 0.4, 0.008)


def eye(n: Nodes, base: object) -> None:
    n.surface(Base_Color=base, Roughness=0.08, Coat_Weight=1.0)


def plastic(n: Nodes, base: object) -> None:
    n.surface(Base_Color=base, Roughness=0.25, Coat_Weight=0.3)


def rubber(n: Nodes, base: object) -> None:
    n.surface(Base_Color=base, Roughness=0.6)
    n.bump(n.noise(60), 0.1, 0.003)


def ceramic(n: Nodes, base: object) -> None:
    n.surface(Base_Color=base, Roughness=0.12, Coat_Weight=0.8)


def paint(n: Nodes, base: object) -> None:
    """Car paint."""
    n.surface(Base_Color=base, Roughness=0.3, Metallic=0.25, Coat_Weight=1.0)


def wood(n: Nodes, base: object) -> None:
    rings = n.waves(1.6, 7.0, "RINGS", n.stretched(1.0, 1.0, 0.12))
    grain = n.noise(30, 6, place=n.stretched(1.0, 1.0, 0.08))
    n.surface(Base_Color=n.shade(n.shade(base, rings, 0.55), grain, 0.65, 1.15), Roughness=0.45)
    n.bump(grain, 0.15, 0.004)


def planks(n: Nodes, base: object) -> None:
    """A floor of boards along y."""
    brick = n.add(
        "ShaderNodeTexBrick",
        Vector=n.add("ShaderNodeMapping", Vector=n.place, Rotation=(0, 0, 1.5708)).outputs[0],
        Scale=1.0,
    )
    brick.offset = 0.37
    for name, value in {
        "Mortar Size": 0.004,
        "Brick Width": 1.9,
        "Row Height": 0.14,
        "Color1": (1, 1, 1),
        "Color2": (0.55, 0.55, 0.55),
        "Mortar": (0.08, 0.08, 0.08),
    }.items():
        n.put(brick, name, value)
    grain = n.noise(9, 8, 0.65, place=n.stretched(6.0, 0.5, 1.0))
    tint = n.tree.nodes.new("ShaderNodeMix")
    tint.data_type, tint.blend_type = "RGBA", "MULTIPLY"
    for index, value in ((0, 1.0), (6, n.shade(base, grain, 0.55, 1.1)), (7, brick.outputs[0])):
        n.put(tint, f"_{index}", value)
    n.surface(Base_Color=tint.outputs[2], Roughness=n.ramp(grain, 0.3, 0.7, 0.28, 0.5))
    n.bump(brick.outputs[0], 0.4, 0.003)


def brick(n: Nodes, base: object) -> None:
    """A wall in the x–z or y–z plane."""
    axes = n.add("ShaderNodeSeparateXYZ", Vector=n.place)
    along = n.add("ShaderNodeMath", _0=axes.outputs[0], _1=axes.outputs[1]).outputs[0]
    flat = n.add("ShaderNodeCombineXYZ", X=along, Y=axes.outputs[2]).outputs[0]
    node = n.add("ShaderNodeTexBrick", Vector=flat, Scale=1.0)
    for name, value in {
        "Mortar Size": 0.008,
        "Brick Width": 0.24,
        "Row Height": 0.08,
        "Color1": (1, 1, 1),
        "Color2": (0.6, 0.55, 0.5),
        "Mortar": (1.3, 1.3, 1.2),
    }.items():
        n.put(node, name, value)
    tint = n.tree.nodes.new("ShaderNodeMix")
    tint.data_type, tint.blend_type = "RGBA", "MULTIPLY"
    for index, value in ((0, 1.0), (6, n.shade(base, n.noise(24), 0.6, 1.1)), (7, node.outputs[0])):
        n.put(tint, f"_{index}", value)
    n.surface(Base_Color=tint.outputs[2], Roughness=0.85)
    n.bump(n.ramp(node.outputs[1], 0, 1, 1, 0), 0.6, 0.01)


def steel(n: Nodes, base: object) -> None:
    """Brushed metal."""
    lines = n.noise(45, 5, place=n.stretched(1, 1, 0.02))
    n.surface(Base_Color=base, Metallic=1.0, Roughness=n.ramp(lines, 0.2, 0.8, 0.18, 0.42))
    n.bump(lines, 0.05, 0.002)


def gold(n: Nodes, base: object) -> None:
    n.surface(Base_Color=base, Metallic=1.0, Roughness=n.ramp(n.noise(12), 0.3, 0.7, 0.12, 0.3))


def rust(n: Nodes, base: object) -> None:
    patches = n.ramp(n.noise(5, 8, 0.65), 0.42, 0.58)
    rough = n.mix(n.noise(40, 6), (0.10, 0.03, 0.012), (0.42, 0.13, 0.03))
    n.surface(
        Base_Color=n.mix(patches, base, rough),
        Metallic=n.ramp(patches, 0, 1, 0.9, 0.0),
        Roughness=n.ramp(patches, 0, 1, 0.35, 0.95),
    )
    n.bump(n.noise(60, 6), 0.4, 0.006)


def glass(n: Nodes, base: object) -> None:
    """Thin tinted glass: half of the light passes straight, so that it neither blackens nor needs caustics."""
    n.surface(Base_Color=base, Roughness=0.02, Transmission_Weight=1.0, IOR=1.45)
    clear = n.add("ShaderNodeBsdfTransparent", Color=base)
    both = n.add("ShaderNodeMixShader", _0=0.45, _1=n.shader.outputs[0], _2=clear.outputs[0])
    n.tree.links.new(both.outputs[0], n.output.inputs["Surface"])


def marble(n: Nodes, base: object) -> None:
    veins = n.ramp(n.waves(1.3, 9.0, place=n.stretched(1.0, 1.4, 0.8)), 0.0, 0.16, 1, 0)
    fine = n.ramp(n.waves(3.1, 14.0), 0.0, 0.08, 0.5, 0)
    tint = n.mix(fine, n.mix(veins, base, (0.18, 0.19, 0.22)), (0.45, 0.42, 0.38))
    n.surface(Base_Color=tint, Roughness=0.15, Coat_Weight=0.4, Subsurface_Weight=0.05)


def stone(n: Nodes, base: object) -> None:
    big, small = n.noise(3, 8, 0.65), n.noise(30, 6)
    n.surface(Base_Color=n.shade(n.shade(base, big, 0.45, 1.2), small, 0.6, 1.15), Roughness=0.9)
    n.bump(n.noise(11, 10, 0.7), 0.7, 0.03)


def plaster(n: Nodes, base: object) -> None:
    n.surface(Base_Color=n.shade(base, n.noise(1.2, 5), 0.86), Roughness=0.85)
    n.bump(n.noise(50, 5), 0.12, 0.004)


def tiles(n: Nodes, base: object) -> None:
    """Square glazed tiles with grout, in whichever plane."""
    axes = n.add("ShaderNodeSeparateXYZ", Vector=n.place)
    first = n.add("ShaderNodeMath", _0=axes.outputs[0], _1=axes.outputs[1])
    second = n.add("ShaderNodeMath", _0=axes.outputs[1], _1=axes.outputs[2])
    flat = n.add("ShaderNodeCombineXYZ", X=first.outputs[0], Y=second.outputs[0]).outputs[0]
    node = n.add("ShaderNodeTexBrick", Vector=flat, Scale=1.0)
    node.offset = 0.0
    for name, value in {
        "Mortar Size": 0.004,
        "Brick Width": 0.2,
        "Row Height": 0.2,
        "Color1": (1, 1, 1),
        "Color2": (0.92, 0.92, 0.92),
        "Mortar": (0.35, 0.34, 0.32),
    }.items():
        n.put(node, name, value)
    tint = n.tree.nodes.new("ShaderNodeMix")
    tint.data_type, tint.blend_type = "RGBA", "MULTIPLY"
    for index, value in ((0, 1.0), (6, base), (7, node.outputs[0])):
        n.put(tint, f"_{index}", value)
    n.surface(Base_Color=tint.outputs[2], Roughness=n.ramp(node.outputs[1], 0, 1, 0.15, 0.8), Coat_Weight=0.3)
    n.bump(n.ramp(node.outputs[1], 0, 1, 1, 0), 0.3, 0.004)


def fabric(n: Nodes, base: object) -> None:
    warp = n.waves(26, 0.4, place=n.stretched(1, 1, 0.2))
    weft = n.waves(26, 0.4, place=n.add("ShaderNodeMapping", Vector=n.place, Rotation=(0, 1.5708, 1.5708)).outputs[0])
    weave = n.add("ShaderNodeMath", _0=warp, _1=weft).outputs[0]
    n.surface(Base_Color=n.shade(base, weave, 0.7), Roughness=0.9, Sheen_Weight=0.4)
    n.bump(weave, 0.35, 0.004)


def leather(n: Nodes, base: object) -> None:
    cells = n.cells(60, "DISTANCE_TO_EDGE")
    n.surface(Base_Color=n.shade(base, n.noise(6), 0.75), Roughness=0.42, Coat_Weight=0.1)
    n.bump(n.ramp(cells, 0, 0.12), 0.35, 0.004)


def fur(n: Nodes, base: object) -> None:
    """Short pile, for objects that have no strands of their own."""
    pile = n.noise(120, 3, place=n.stretched(1, 1, 0.35))
    n.surface(
        Base_Color=n.shade(n.shade(base, n.noise(9), 0.75), pile, 0.5, 1.2),
        Roughness=1.0,
        Sheen_Weight=0.8,
        Sheen_Roughness=0.6,
    )
    n.bump(pile, 0.9, 0.02)


def strands(n: Nodes, base: object) -> None:
    """Of hair and grass."""
    n.surface(Base_Color=base, Roughness=0.55, Sheen_Weight=0.2)
    n.put(n.shader, "Specular IOR Level", 0.25)


def grass(n: Nodes, base: object) -> None:
    """Turf seen from afar."""
    blades = n.noise(160, 4, place=n.stretched(1, 1, 0.25))
    n.surface(Base_Color=n.shade(n.shade(base, n.noise(5, 6), 0.6), blades, 0.35, 1.25), Roughness=0.95)
    n.bump(blades, 0.9, 0.02)


def sky(n: Nodes, base: object) -> None:
    """Blue with clouds, painted on."""
    clouds = n.ramp(n.noise(3.2, 8, 0.6), 0.48, 0.66)
    n.surface(Base_Color=n.mix(clouds, base, (0.9, 0.92, 0.95)), Roughness=0.6)


def asphalt(n: Nodes, base: object) -> None:
    grit = n.cells(140)
    n.surface(Base_Color=n.shade(n.shade(base, n.noise(1.5, 6), 0.75), grit, 0.55, 1.5), Roughness=0.9)
    n.bump(grit, 0.5, 0.006)


def sand(n: Nodes, base: object) -> None:
    ripples = n.waves(2.6, 3.5, place=n.stretched(1, 2.2, 1))
    n.surface(Base_Color=n.shade(n.shade(base, n.noise(300, 2), 0.8, 1.1), ripples, 0.9), Roughness=0.95)
    n.bump(n.mix(0.25, ripples, n.noise(160, 4)), 0.5, 0.02)


def soil(n: Nodes, base: object) -> None:
    n.surface(Base_Color=n.shade(n.shade(base, n.noise(6, 8, 0.7), 0.5, 1.2), n.noise(70, 5), 0.6, 1.2), Roughness=0.95)
    n.bump(n.noise(30, 10, 0.7), 0.8, 0.03)


def snow(n: Nodes, base: object) -> None:
    n.surface(Base_Color=base, Roughness=0.6, Subsurface_Weight=0.25, Subsurface_Radius=(0.1, 0.12, 0.15))
    n.bump(n.noise(14, 9, 0.6), 0.3, 0.03)


def water(n: Nodes, base: object) -> None:
    n.surface(Base_Color=base, Roughness=0.06, Coat_Weight=0.5)
    n.bump(n.noise(3.0, 5, place=n.stretched(1, 2.5, 1)), 0.35, 0.05)


def leaf(n: Nodes, base: object) -> None:
    n.surface(Base_Color=n.shade(base, n.noise(12), 0.7, 1.1), Roughness=0.5)


def bark(n: Nodes, base: object) -> None:
    ridge = n.noise(14, 8, 0.7, place=n.stretched(1, 1, 0.18))
    n.surface(Base_Color=n.shade(base, ridge, 0.35, 1.2), Roughness=0.95)
    n.bump(ridge, 0.9, 0.03)


def glow(n: Nodes, base: object) -> None:
    """A lamp's shade or a screen."""
    n.surface(Base_Color=base, Emission_Color=base, Emission_Strength=3.0)


OWN_COLOUR = {
    "wood": (0.36, 0.19, 0.08), "steel": (0.62, 0.63, 0.65), "gold": (0.95, 0.62, 0.18), "rust": (0.30, 0.30, 0.31),
    "glass": (0.80, 0.93, 0.90), "marble": (0.86, 0.85, 0.83), "stone": (0.33, 0.31, 0.29), "brick": (0.42, 0.13, 0.07),
    "fabric": (0.22, 0.10, 0.30), "leather": (0.20, 0.075, 0.03), "plastic": (0.75, 0.05, 0.05), "ceramic": (0.25, 0.45, 0.62),
    "fur": (0.42, 0.24, 0.11), "grass": (0.10, 0.22, 0.03), "sky": (0.10, 0.30, 0.75), "asphalt": (0.06, 0.06, 0.065),
}  # fmt: skip
"""Linear RGB of a material where a design asks for it by name."""


def _texture(n: Nodes, path: str) -> None:
    """A user's picture, laid on from the six sides."""
    node = n.add("ShaderNodeTexImage", Vector=n.place)
    node.image = bpy.data.images.load(path, check_existing=True)
    node.projection, node.projection_blend = "BOX", 0.3
    n.surface(Base_Color=node.outputs["Color"], Roughness=0.6)


def build(name: str, scale: float, *, own: bool) -> bpy.types.Material:
    """A material of this name (or of a texture's path), made once; ``own`` takes the material's own colour instead of the vertices'."""
    key = f"{name}|{scale:g}|{'own' if own else 'paint'}"
    if found := bpy.data.materials.get(key):
        return found
    material = bpy.data.materials.new(key)
    material.use_nodes = True
    nodes = Nodes(material, scale)
    if "/" in name or "\\" in name:
        _texture(nodes, name)
        return material
    if own:
        base: object = OWN_COLOUR[name]
    else:
        attribute = nodes.add("ShaderNodeAttribute")
        attribute.attribute_name = "paint"
        base = attribute.outputs["Color"]
    function: Callable[[Nodes, object], None] = globals()[name]
    function(nodes, base)
    return material


def foliage(n: Nodes, base: object) -> None:
    """Leaves, which light shines through."""
    n.surface(Base_Color=base, Roughness=0.6)
    n.put(n.shader, "Specular IOR Level", 0.3)
    through = n.add("ShaderNodeBsdfTranslucent", Color=base)
    both = n.add("ShaderNodeMixShader", _0=0.35, _1=n.shader.outputs[0], _2=through.outputs[0])
    n.tree.links.new(both.outputs[0], n.output.inputs["Surface"])


def turf(n: Nodes, base: object) -> None:
    """Ground under grass, and grass too far off for blades: mottled, never dark."""
    patches = n.shade(base, n.noise(0.35, 3), 0.72, 1.22)
    n.surface(
        Base_Color=n.shade(n.shade(patches, n.noise(2.2, 5, 0.65), 0.7, 1.25), n.noise(38, 3), 0.72, 1.25),
        Roughness=1.0,
    )
    n.put(n.shader, "Specular IOR Level", 0.1)


def strata(n: Nodes, base: object) -> None:
    """Layered rock: bands along z, broken by cracks."""
    bands = n.noise(1.0, 6, 0.7, place=n.stretched(0.06, 0.06, 1.6))
    n.surface(
        Base_Color=n.shade(n.shade(base, n.ramp(bands, 0.3, 0.7), 0.55, 1.2), n.noise(2.5, 8, 0.7), 0.65, 1.15),
        Roughness=0.95,
    )
    n.bump(n.mix(0.5, bands, n.noise(1.6, 8, 0.7)), 0.9, 0.25)


def paving(n: Nodes, base: object) -> None:
    """Setts or slabs in the ground's plane, twice as long as wide: a row is 0.12 m at scale 1."""
    node = n.add("ShaderNodeTexBrick", Vector=n.place, Scale=1.0)
    shades = {
        "Mortar Size": 0.006,
        "Brick Width": 0.24,
        "Row Height": 0.12,
        "Color1": (1.1, 1.1, 1.1),
        "Color2": (0.7, 0.7, 0.72),
        "Mortar": (0.3, 0.29, 0.27),
    }
    for name, value in shades.items():
        n.put(node, name, value)
    tint = n.tree.nodes.new("ShaderNodeMix")
    tint.data_type, tint.blend_type = "RGBA", "MULTIPLY"
    for index, value in (
        (0, 1.0),
        (6, n.shade(n.shade(base, n.noise(0.7, 4), 0.75, 1.15), n.noise(35, 4), 0.7, 1.15)),
        (7, node.outputs[0]),
    ):
        n.put(tint, f"_{index}", value)
    n.surface(Base_Color=tint.outputs[2], Roughness=0.8)
    n.bump(n.ramp(node.outputs[1], 0, 1, 1, 0), 0.5, 0.008)


def carpet(n: Nodes, base: object) -> None:
    """A woven rug or a fitted carpet: rows of short pile."""
    rows = n.waves(45, 0.8, place=n.stretched(0.15, 1, 1))
    n.surface(Base_Color=n.shade(n.shade(base, n.noise(1.5, 5), 0.82, 1.1), n.noise(90, 3), 0.72, 1.18), Roughness=1.0)
    n.put(n.shader, "Specular IOR Level", 0.05)
    n.bump(n.mix(0.5, rows, n.noise(140, 3)), 0.6, 0.006)


def floor_tiles(n: Nodes, base: object) -> None:
    """Square tiles in the ground's plane, 0.6 m at scale 1, each a little different, with grout."""
    node = n.add("ShaderNodeTexBrick", Vector=n.place, Scale=1.0)
    node.offset = 0.0
    shades = {
        "Mortar Size": 0.006,
        "Brick Width": 0.6,
        "Row Height": 0.6,
        "Color1": (1, 1, 1),
        "Color2": (0.84, 0.84, 0.83),
        "Mortar": (0.34, 0.33, 0.31),
    }
    for name, value in shades.items():
        n.put(node, name, value)
    tint = n.tree.nodes.new("ShaderNodeMix")
    tint.data_type, tint.blend_type = "RGBA", "MULTIPLY"
    for index, value in (
        (0, 1.0),
        (6, n.shade(n.shade(base, n.noise(2.2, 7, 0.6, 0.6), 0.72, 1.14), n.noise(40, 4), 0.9, 1.05)),
        (7, node.outputs[0]),
    ):
        n.put(tint, f"_{index}", value)
    smear = n.ramp(n.noise(1.3, 5), 0.35, 0.7, 0.24, 0.42)
    n.surface(
        Base_Color=tint.outputs[2],
        Roughness=n.add("ShaderNodeMath", _0=smear, _1=n.ramp(node.outputs[1], 0, 1, 0, 0.5)).outputs[0],
    )
    n.bump(n.ramp(node.outputs[1], 0, 1, 1, 0), 0.3, 0.004)


def wall_tiles(n: Nodes, base: object) -> None:
    """Glazed tiles in bond on a wall in the x–z or y–z plane, 0.2 × 0.1 m at scale 1."""
    axes = n.add("ShaderNodeSeparateXYZ", Vector=n.place)
    along = n.add("ShaderNodeMath", _0=axes.outputs[0], _1=axes.outputs[1]).outputs[0]
    flat = n.add("ShaderNodeCombineXYZ", X=along, Y=axes.outputs[2]).outputs[0]
    node = n.add("ShaderNodeTexBrick", Vector=flat, Scale=1.0)
    shades = {
        "Mortar Size": 0.003,
        "Brick Width": 0.2,
        "Row Height": 0.1,
        "Color1": (1, 1, 1),
        "Color2": (0.88, 0.88, 0.88),
        "Mortar": (0.5, 0.49, 0.47),
    }
    for name, value in shades.items():
        n.put(node, name, value)
    tint = n.tree.nodes.new("ShaderNodeMix")
    tint.data_type, tint.blend_type = "RGBA", "MULTIPLY"
    for index, value in ((0, 1.0), (6, base), (7, node.outputs[0])):
        n.put(tint, f"_{index}", value)
    n.surface(Base_Color=tint.outputs[2], Roughness=n.ramp(node.outputs[1], 0, 1, 0.12, 0.8), Coat_Weight=0.3)
    n.bump(n.ramp(node.outputs[1], 0, 1, 1, 0), 0.3, 0.003)


def concrete(n: Nodes, base: object) -> None:
    """A worn slab: clouds, stains, hairline cracks, joints every four metres, polished where trodden."""
    clouds, stains = n.noise(0.6, 8, 0.62), n.ramp(n.noise(1.7, 6, 0.7, 0.8), 0.56, 0.72, 1, 0)
    cracks = n.ramp(
        n.cells(
            0.28,
            "DISTANCE_TO_EDGE",
            n.mix(0.12, n.place, n.add("ShaderNodeTexNoise", Vector=n.place, Scale=2.0).outputs[1]),
        ),
        0,
        0.006,
    )
    joints = n.add(
        "ShaderNodeTexBrick",
        Vector=n.add("ShaderNodeMapping", Vector=n.place, Location=(1.4, 0.9, 0)).outputs[0],
        Scale=1.0,
    )
    joints.offset = 0.0
    for name, value in {
        "Mortar Size": 0.008,
        "Brick Width": 4.0,
        "Row Height": 4.0,
        "Color1": (1, 1, 1),
        "Color2": (0.9, 0.9, 0.9),
        "Mortar": (0.3, 0.3, 0.3),
    }.items():
        n.put(joints, name, value)
    tint = n.shade(n.shade(n.shade(base, clouds, 0.55, 1.3), stains, 0.78), n.noise(60, 5), 0.85, 1.1)
    both = n.tree.nodes.new("ShaderNodeMix")
    both.data_type, both.blend_type = "RGBA", "MULTIPLY"
    for index, value in ((0, 1.0), (6, n.shade(tint, cracks, 0.86)), (7, joints.outputs[0])):
        n.put(both, f"_{index}", value)
    n.surface(Base_Color=both.outputs[2], Roughness=n.ramp(clouds, 0.35, 0.65, 0.28, 0.6))
    n.bump(n.noise(45, 5), 0.1, 0.004)


def strand(n: Nodes, base: object) -> None:
    """A beach's sand: trodden, without ripples."""
    n.surface(
        Base_Color=n.shade(n.shade(base, n.noise(260, 2), 0.75, 1.15), n.noise(1.6, 5, 0.6), 0.85, 1.08), Roughness=0.95
    )
    n.bump(n.mix(0.35, n.noise(7, 5, 0.6), n.noise(90, 3)), 0.55, 0.03)


def sea(n: Nodes, base: object) -> None:
    """Open water with a light breeze on it: facets that mirror the sky's blue from higher up."""
    n.surface(Base_Color=base, Roughness=0.12)
    n.put(n.shader, "Specular IOR Level", 0.35)
    n.bump(n.mix(0.4, n.noise(0.9, 4, 0.6, place=n.stretched(1, 1.6, 1)), n.noise(5, 4, 0.6)), 0.9, 0.35)
