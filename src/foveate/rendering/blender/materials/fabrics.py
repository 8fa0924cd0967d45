# SPDX-License-Identifier: Apache-2.0 (compatible with Blender's GPL-3.0-or-later; see ../__init__.py)
"""Woven things."""

from __future__ import annotations

from materials.nodes import Nodes


def fabric(n: Nodes, base: object) -> None:
    warp = n.waves(26, 0.4, place=n.stretched(1, 1, 0.2))
    weft = n.waves(26, 0.4, place=n.add("ShaderNodeMapping", Vector=n.place, Rotation=(0, 1.5708, 1.5708)).outputs[0])
    weave = n.add("ShaderNodeMath", _0=warp, _1=weft).outputs[0]
    n.surface(Base_Color=n.shade(base, weave, 0.7), Roughness=0.9, Sheen_Weight=0.4)
    n.bump(weave, 0.35, 0.004)


def cloth(n: Nodes, base: object) -> None:
    """Thin cloth against the light: sails, sunshades."""
    n.surface(Base_Color=base, Roughness=0.8, Sheen_Weight=0.2)
    n.translucent(base, 0.3)


def carpet(n: Nodes, base: object) -> None:
    """A woven rug or a fitted carpet: rows of short pile."""
    rows = n.waves(45, 0.8, place=n.stretched(0.15, 1, 1))
    n.surface(
        Base_Color=n.shade(n.shade(base, n.noise(1.5, 5), 0.82, 1.1), n.noise(90, 3), 0.72, 1.18),
        Roughness=1.0,
        Specular_IOR_Level=0.05,
    )
    n.bump(n.mix(0.5, rows, n.noise(140, 3)), 0.6, 0.006)
