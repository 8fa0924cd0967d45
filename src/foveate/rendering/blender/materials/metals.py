# SPDX-License-Identifier: Apache-2.0 (compatible with Blender's GPL-3.0-or-later; see ../__init__.py)
"""Metals."""

from __future__ import annotations

from materials.nodes import Nodes


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
