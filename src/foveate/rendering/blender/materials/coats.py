# SPDX-License-Identifier: Apache-2.0 (compatible with Blender's GPL-3.0-or-later; see ../__init__.py)
"""Plain coats: what has no pattern of its own."""

from __future__ import annotations

from materials.nodes import Nodes


def matte(n: Nodes, base: object) -> None:
    n.surface(Base_Color=base, Roughness=0.75)


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


def waxy(n: Nodes, base: object) -> None:
    """The skin of fruit and of mushrooms: a soft shine, no mirror."""
    n.surface(Base_Color=base, Roughness=0.35, Coat_Weight=0.15, Coat_Roughness=0.3)


def eye(n: Nodes, base: object) -> None:
    n.surface(Base_Color=base, Roughness=0.08, Coat_Weight=1.0)


def glass(n: Nodes, base: object) -> None:
    """Thin tinted glass: half of the light passes straight, so that it neither blackens nor needs caustics."""
    n.surface(Base_Color=base, Roughness=0.02, Transmission_Weight=1.0, IOR=1.45)
    clear = n.add("ShaderNodeBsdfTransparent", Color=base)
    both = n.add("ShaderNodeMixShader", _0=0.45, _1=n.shader.outputs[0], _2=clear.outputs[0])
    n.tree.links.new(both.outputs[0], n.output.inputs["Surface"])


def glow(n: Nodes, base: object) -> None:
    """A lamp's shade or a screen."""
    n.surface(Base_Color=base, Emission_Color=base, Emission_Strength=3.0)


def sky(n: Nodes, base: object) -> None:
    """Blue with clouds, painted on."""
    clouds = n.ramp(n.noise(3.2, 8, 0.6), 0.48, 0.66)
    n.surface(Base_Color=n.mix(clouds, base, (0.9, 0.92, 0.95)), Roughness=0.6)
