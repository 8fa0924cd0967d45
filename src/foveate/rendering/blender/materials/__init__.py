# SPDX-License-Identifier: Apache-2.0 (compatible with Blender's GPL-3.0-or-later; see ../__init__.py)
"""Procedural materials: one function per name, in a file per family; designs ask for those of ``catalogue.MATERIALS``.

Each takes the nodes to build with and the base colour: a socket that carries the vertices' own colours, or the material's own
colour where a design asks for the material.
"""

from __future__ import annotations

import math
from inspect import isfunction

import bpy
from materials import animal, building, coats, fabrics, ground, metals, plants
from materials.nodes import Nodes

FAMILIES = (coats, metals, animal, plants, fabrics, ground, building)
FUNCTIONS = {name: function for family in FAMILIES for name, function in vars(family).items() if isfunction(function)}

OWN_COLOUR = {
    "wood": (0.36, 0.19, 0.08), "steel": (0.62, 0.63, 0.65), "gold": (0.95, 0.62, 0.18), "rust": (0.30, 0.30, 0.31),
    "glass": (0.80, 0.93, 0.90), "marble": (0.86, 0.85, 0.83), "stone": (0.33, 0.31, 0.29), "brick": (0.42, 0.13, 0.07),
    "fabric": (0.22, 0.10, 0.30), "leather": (0.20, 0.075, 0.03), "plastic": (0.75, 0.05, 0.05), "fur": (0.42, 0.24, 0.11),
    "ceramic": (0.25, 0.45, 0.62), "grass": (0.10, 0.22, 0.03), "sky": (0.10, 0.30, 0.75), "asphalt": (0.06, 0.06, 0.065),
}  # fmt: skip
"""Linear RGB of a material where a design asks for it by name."""


def build(name: str, scale: float, *, own: bool) -> bpy.types.Material:
    """A material of this name (or of a texture's path), made once; ``own`` takes the material's own colour instead of the vertices'."""
    scale = 2 ** (round(2 * math.log2(scale)) / 2)  # in steps of √2: few materials serve all objects
    key = f"{name}|{scale:g}|{'own' if own else 'paint'}"
    if found := bpy.data.materials.get(key):
        return found
    texture = "/" in name or "\\" in name
    if not texture and name not in FUNCTIONS:
        raise LookupError(f"no material is named {name!r}; there are {', '.join(sorted(FUNCTIONS))}")
    material = bpy.data.materials.new(key)
    material.use_nodes = True
    nodes = Nodes(material, scale)
    if texture:
        _texture(nodes, name)
        return material
    if own:
        base: object = OWN_COLOUR[name]
    else:
        attribute = nodes.add("ShaderNodeAttribute")
        attribute.attribute_name = "paint"
        base = attribute.outputs["Color"]
    FUNCTIONS[name](nodes, base)
    return material


def _texture(n: Nodes, path: str) -> None:
    """A user's picture, laid on from the six sides."""
    node = n.add("ShaderNodeTexImage", Vector=n.place)
    node.image = bpy.data.images.load(path, check_existing=True)
    node.projection, node.projection_blend = "BOX", 0.3
    n.surface(Base_Color=node.outputs["Color"], Roughness=0.6)
