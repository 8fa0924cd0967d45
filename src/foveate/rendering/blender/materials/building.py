# SPDX-License-Identifier: Apache-2.0 (compatible with Blender's GPL-3.0-or-later; see ../__init__.py)
"""What is built: walls, floors, pavements."""

from __future__ import annotations

from materials.nodes import Nodes


def plaster(n: Nodes, base: object) -> None:
    n.surface(Base_Color=n.shade(base, n.noise(1.2, 5), 0.86), Roughness=0.85)
    n.bump(n.noise(50, 5), 0.12, 0.004)


def brick(n: Nodes, base: object) -> None:
    bricks, joints = n.courses(n.on_face(), 0.24, 0.08, 0.008, ((1, 1, 1), (0.6, 0.55, 0.5), (1.3, 1.3, 1.2)))
    n.surface(Base_Color=n.mix(1.0, n.shade(base, n.noise(24), 0.6, 1.1), bricks, "MULTIPLY"), Roughness=0.85)
    n.relief(joints, 0.6, 0.01)


def tiles(n: Nodes, base: object) -> None:
    """Glazed tiles in bond, twice as long as high: 0.2 × 0.1 m at scale 1."""
    glazed, joints = n.courses(n.on_face(), 0.2, 0.1, 0.003, ((1, 1, 1), (0.88,) * 3, (0.5, 0.49, 0.47)))
    tint = n.mix(1.0, base, glazed, "MULTIPLY")
    n.surface(Base_Color=tint, Roughness=n.ramp(joints, 0, 1, 0.12, 0.8), Coat_Weight=0.3)
    n.relief(joints, 0.3, 0.003)


def flagstones(n: Nodes, base: object) -> None:
    """Square slabs of stone, 0.6 m at scale 1, each a little different, worn smooth here and there."""
    slabs, joints = n.courses(n.on_face(), 0.6, 0.6, 0.006, ((1, 1, 1), (0.84, 0.84, 0.83), (0.34, 0.33, 0.31)), 0.0)
    stone = n.shade(n.shade(base, n.noise(2.2, 7, 0.6, 0.6), 0.72, 1.14), n.noise(40, 4), 0.9, 1.05)
    smear = n.ramp(n.noise(1.3, 5), 0.35, 0.7, 0.24, 0.42)
    rough = n.math("ADD", smear, n.ramp(joints, 0, 1, 0, 0.5))
    n.surface(Base_Color=n.mix(1.0, stone, slabs, "MULTIPLY"), Roughness=rough)
    n.relief(joints, 0.3, 0.004)


def planks(n: Nodes, base: object) -> None:
    """A floor of boards along y."""
    place = n.add("ShaderNodeMapping", Vector=n.place, Rotation=(0, 0, 1.5708)).outputs[0]
    boards, _ = n.courses(place, 1.9, 0.14, 0.004, ((1, 1, 1), (0.55,) * 3, (0.08,) * 3), 0.37)
    grain = n.noise(9, 8, 0.65, place=n.stretched(6.0, 0.5, 1.0))
    tint = n.mix(1.0, n.shade(base, grain, 0.55, 1.1), boards, "MULTIPLY")
    n.surface(Base_Color=tint, Roughness=n.ramp(grain, 0.3, 0.7, 0.28, 0.5))
    n.bump(boards, 0.4, 0.003)


def paving(n: Nodes, base: object) -> None:
    """Setts or slabs, twice as long as wide: a row is 0.12 m at scale 1."""
    setts, joints = n.courses(n.on_face(), 0.24, 0.12, 0.006, ((1.1,) * 3, (0.7, 0.7, 0.72), (0.3, 0.29, 0.27)))
    stone = n.shade(n.shade(base, n.noise(0.7, 4), 0.75, 1.15), n.noise(35, 4), 0.7, 1.15)
    n.surface(Base_Color=n.mix(1.0, stone, setts, "MULTIPLY"), Roughness=0.8)
    n.relief(joints, 0.5, 0.008)


def concrete(n: Nodes, base: object) -> None:
    """A worn slab: clouds, stains, hairline cracks, joints every four metres, polished where trodden."""
    clouds, stains = n.noise(0.6, 8, 0.62), n.ramp(n.noise(1.7, 6, 0.7, 0.8), 0.56, 0.72, 1, 0)
    crooked = n.mix(0.12, n.place, n.add("ShaderNodeTexNoise", Vector=n.place, Scale=2.0).outputs[1])
    cracks = n.ramp(n.cells(0.28, "DISTANCE_TO_EDGE", crooked), 0, 0.006)
    place = n.add("ShaderNodeMapping", Vector=n.place, Location=(1.4, 0.9, 0)).outputs[0]
    slabs, _ = n.courses(place, 4.0, 4.0, 0.008, ((1, 1, 1), (0.9,) * 3, (0.3,) * 3), 0.0)
    tint = n.shade(n.shade(n.shade(base, clouds, 0.55, 1.3), stains, 0.78), n.noise(60, 5), 0.85, 1.1)
    n.surface(
        Base_Color=n.mix(1.0, n.shade(tint, cracks, 0.86), slabs, "MULTIPLY"),
        Roughness=n.ramp(clouds, 0.35, 0.65, 0.28, 0.6),
    )
    n.bump(n.noise(45, 5), 0.1, 0.004)
