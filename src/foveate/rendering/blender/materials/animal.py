# SPDX-License-Identifier: Apache-2.0 (compatible with Blender's GPL-3.0-or-later; see ../__init__.py)
"""What animals are covered with."""

from __future__ import annotations

from materials.nodes import Nodes


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
    n.surface(Base_Color=base, Roughness=0.55, Sheen_Weight=0.2, Specular_IOR_Level=0.25)


def leather(n: Nodes, base: object) -> None:
    cells = n.cells(60, "DISTANCE_TO_EDGE")
    n.surface(Base_Color=n.shade(base, n.noise(6), 0.75), Roughness=0.42, Coat_Weight=0.1)
    n.bump(n.ramp(cells, 0, 0.12), 0.35, 0.004)
