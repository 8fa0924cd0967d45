"""What stands in a photographer's studio: soft boxes and umbrellas on stands, a camera on its tripod; facing −y."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.profiles import join, lathe, loft, sheet, slabs, smooth, tube
from foveate.rendering.scene import Colour, Mesh, Part

BLACK: Colour = (0.06, 0.06, 0.065)


def stand(height: float, spread: float = 0.5) -> Mesh:
    """A rod on three legs."""
    legs = [tube([(0, 0, 0.55), (spread * np.cos(a), spread * np.sin(a), 0.015)], 0.013, 6) for a in (0.5, 2.6, 4.7)]
    lower, upper = (
        tube([(0, 0, 0.2), (0, 0, 0.6 * height)], 0.018, 8),
        tube([(0, 0, 0.6 * height), (0, 0, height)], 0.013, 8),
    )
    return join(*legs, lower, upper)


def soft_box(rng: np.random.Generator, width: float, height: float, z: float | None = None) -> list[Part]:
    """A lit cloth in front of a black tent, tilted down towards the middle, on a stand with a sand bag."""
    z = rng.uniform(1.5, 1.9) if z is None else z
    w, h = width / 2, height / 2
    front = np.array([[-w, 0, -h], [w, 0, -h], [w, 0, h], [-w, 0, h]])
    rim = front * [1.04, 1, 1.03] + [0, -0.06, 0]
    back = front * [0.12 / w / 2, 1, 0.12 / h / 2] + [0, 0.5, 0]
    cloth = sheet(width, height, 15, 15).turned(90, "x").moved((0, -0.005, 0))
    u, v = cloth.vertices[:, 0] / w, cloth.vertices[:, 2] / h
    glow = np.clip((0.86 - 0.16 * (u**2 + v**2))[:, None] * np.array([1.0, 0.985, 0.95]), 0, 1)
    tip = 14.0 if z > 1.2 else 0.0
    cloth, tent, head = (
        mesh.turned(tip, "x").moved((0, 0, z))
        for mesh in (cloth, loft([back, front, rim], ring=True), slabs((-0.07, 0.07, 0.48, 0.85, -0.08, 0.08)))
    )
    bag = lathe(smooth([(0, 0), (0.13, 0.02), (0.15, 0.07), (0.08, 0.13), (0, 0.14)], 14), 18).scaled((1.5, 0.8, 1))
    return [
        Part(mesh=cloth, colour=glow, material="glow", smooth=False),
        Part(mesh=tent, colour=(0.03, 0.03, 0.03), material="fabric", smooth=False),
        Part(mesh=join(head, stand(z).moved((0, 0.6, 0))), colour=BLACK, material="plastic", smooth=False),
        Part(mesh=bag.moved((0.2, 0.55, 0.05)), colour=(0.12, 0.11, 0.10), material="fabric"),
    ]


def reflector(rng: np.random.Generator) -> list[Part]:
    """A white umbrella that throws a flash back, on a stand."""
    z = rng.uniform(1.6, 2.0)
    a = np.linspace(0.15, 1.35, 10)
    dome = lathe([(0.01, 0.0), *zip(0.56 * np.sin(a), 0.42 * (1 - np.cos(a)), strict=True)], 8).turned(78, "x")
    flash = slabs((-0.06, 0.06, -0.75, -0.4, z - 0.06, z + 0.06))
    head = join(flash, tube([(0, -0.6, z), (0, 0.1, z)], 0.008, 6), stand(z).moved((0, -0.5, 0)))
    return [
        Part(mesh=dome.moved((0, 0.1, z)), colour=(0.92, 0.92, 0.90), material="cloth", smooth=False),
        Part(mesh=head, colour=BLACK, material="plastic", smooth=False),
    ]


def camera() -> list[Part]:
    """A camera on its tripod."""
    legs = [tube([(0, 0, 1.2), (0.42 * np.cos(a), 0.42 * np.sin(a), 0)], 0.02, 8) for a in (0.2, 2.3, 4.4)]
    lens = lathe([(0, 0), (0.05, 0), (0.06, 0.2), (0.05, 0.2), (0.045, 0.15), (0, 0.15)], 20).turned(90, "x")
    body = slabs(
        (-0.11, 0.11, -0.06, 0.05, 1.37, 1.53),
        (-0.045, 0.045, -0.05, 0.04, 1.53, 1.59),
        (-0.03, 0.03, -0.03, 0.03, 1.15, 1.37),
    )
    mesh = join(*legs, lens.moved((0, -0.05, 1.45)), body)
    return [Part(mesh=mesh, colour=BLACK, material="plastic", smooth=False)]
