# SPDX-License-Identifier: Apache-2.0 (compatible with Blender's GPL-3.0-or-later; see ../__init__.py)
"""A material's node tree, with words for what materials are made of. Patterns are in object coordinates, a metre to the unit."""

from __future__ import annotations

import bpy

Socket = bpy.types.NodeSocket
Colour = tuple[float, float, float]


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

    def math(self, operation: str, a: Socket | float, b: Socket | float = 0.0) -> Socket:
        """One of Blender's operations on numbers, such as ``ABSOLUTE``."""
        node = self.add("ShaderNodeMath", _0=a, _1=b)
        node.operation = operation
        return node.outputs[0]

    def noise(
        self, scale: float, detail: float = 4.0, rough: float = 0.55, distortion: float = 0.0, place: Socket | None = None
    ) -> Socket:  # fmt: skip
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

    def mix(self, amount: Socket | float, a: object, b: object, how: str = "MIX") -> Socket:
        """Colour a where the amount is 0, b (or what ``how`` makes of both) where it is 1."""
        node = self.tree.nodes.new("ShaderNodeMix")
        node.data_type, node.blend_type = "RGBA", how
        for index, value in ((0, amount), (6, a), (7, b)):
            self.put(node, f"_{index}", value)
        return node.outputs[2]

    def shade(self, colour: object, amount: Socket, low: float = 0.6, high: float = 1.0) -> Socket:
        """A colour made darker where the amount is small: from ``low`` to ``high`` times itself."""
        factor = self.ramp(amount, 0, 1, low, high)
        grey = self.add("ShaderNodeCombineColor", _0=factor, _1=factor, _2=factor)
        return self.mix(1.0, colour, grey.outputs[0], "MULTIPLY")

    def on_face(self) -> Socket:
        """Coordinates in the plane of each face: x and y on floors, along and up on walls, whichever way they look."""
        place, normal = (
            self.add("ShaderNodeSeparateXYZ", Vector=vector).outputs
            for vector in (self.place, self.add("ShaderNodeTexCoord").outputs["Normal"])
        )
        steep = [self.math("ABSOLUTE", component) for component in normal]
        level = self.math("GREATER_THAN", steep[2], 0.75)
        aside = self.math("GREATER_THAN", steep[0], steep[1])  # a wall that looks along x: y runs along it
        along = self.either(aside, place[0], place[1])
        flat = [self.either(level, along, place[0]), self.either(level, place[2], place[1])]
        return self.add("ShaderNodeCombineXYZ", X=flat[0], Y=flat[1]).outputs[0]

    def either(self, which: Socket, a: Socket, b: Socket) -> Socket:
        """The number a where ``which`` is 0, b where it is 1."""
        return self.add("ShaderNodeMix", _0=which, _2=a, _3=b).outputs[0]

    def courses(
        self, place: Socket, wide: float, high: float, joint: float, shades: tuple[Colour, Colour, Colour], bond: float = 0.5
    ) -> tuple[Socket, Socket]:  # fmt: skip
        """Bricks, boards or tiles in rows.

        Args:
            joint: width of the joints; all in metres.
            shades: factors of the base colour: of the one and the other brick, and of the joints.
            bond: how far every other row is shifted, in bricks.

        Returns:
            The factor of the base colour, and 1 in the joints.
        """
        node = self.add("ShaderNodeTexBrick", Vector=place, Scale=1.0)
        node.offset = bond
        measures = {"Mortar Size": joint, "Brick Width": wide, "Row Height": high}
        for name, value in (measures | dict(zip(("Color1", "Color2", "Mortar"), shades, strict=True))).items():
            self.put(node, name, value)
        return node.outputs[0], node.outputs[1]

    def relief(self, joints: Socket, strength: float, distance: float) -> None:
        """Joints sunk into the surface."""
        self.bump(self.ramp(joints, 0, 1, 1, 0), strength, distance)

    def translucent(self, colour: object, share: float) -> None:
        """Light from behind shines through."""
        through = self.add("ShaderNodeBsdfTranslucent", Color=colour)
        both = self.add("ShaderNodeMixShader", _0=share, _1=self.shader.outputs[0], _2=through.outputs[0])
        self.tree.links.new(both.outputs[0], self.output.inputs["Surface"])

    def bump(self, height: Socket, strength: float = 0.3, distance: float = 0.01) -> None:
        self.surface(Normal=self.add("ShaderNodeBump", Height=height, Strength=strength, Distance=distance).outputs[0])
