# SPDX-License-Identifier: Apache-2.0 (compatible with Blender's GPL-3.0-or-later; see ../__init__.py)
"""What plants are made of, and grass."""

from __future__ import annotations

from materials.nodes import Nodes


def leaf(n: Nodes, base: object) -> None:
    n.surface(Base_Color=n.shade(base, n.noise(12), 0.7, 1.1), Roughness=0.5)


def foliage(n: Nodes, base: object) -> None:
    """Leaves, which light shines through."""
    n.surface(Base_Color=base, Roughness=0.6, Specular_IOR_Level=0.3)
    n.translucent(base, 0.35)


def bark(n: Nodes, base: object) -> None:
    ridge = n.noise(14, 8, 0.7, place=n.stretched(1, 1, 0.18))
    n.surface(Base_Color=n.shade(base, ridge, 0.35, 1.2), Roughness=0.95)
    n.bump(ridge, 0.9, 0.03)


def wood(n: Nodes, base: object) -> None:
    rings = n.waves(1.6, 7.0, "RINGS", n.stretched(1.0, 1.0, 0.12))
    grain = n.noise(30, 6, place=n.stretched(1.0, 1.0, 0.08))
    n.surface(Base_Color=n.shade(n.shade(base, rings, 0.55), grain, 0.65, 1.15), Roughness=0.45)
    n.bump(grain, 0.15, 0.004)


def grass(n: Nodes, base: object) -> None:
    """Turf seen from afar."""
    blades = n.noise(160, 4, place=n.stretched(1, 1, 0.25))
    n.surface(Base_Color=n.shade(n.shade(base, n.noise(5, 6), 0.6), blades, 0.35, 1.25), Roughness=0.95)
    n.bump(blades, 0.9, 0.02)


def turf(n: Nodes, base: object) -> None:
    """Ground under grass, and grass too far off for blades: mottled, never dark."""
    patches = n.shade(base, n.noise(0.35, 3), 0.72, 1.22)
    n.surface(
        Base_Color=n.shade(n.shade(patches, n.noise(2.2, 5, 0.65), 0.7, 1.25), n.noise(38, 3), 0.72, 1.25),
        Roughness=1.0,
        Specular_IOR_Level=0.1,
    )
