"""A king penguin: upright, a silver-grey back, a white front with orange at the throat, orange patches behind the cheeks."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.patterns import below, flat, mix, noise, smoothstep, vary
from foveate.rendering.modelling.profiles import hull, join, smooth, tube
from foveate.rendering.modelling.solids import ball, blend, chain, limb
from foveate.rendering.scene import Array, Asset, Kind, Mesh, Part

BLACK, WHITE, ORANGE = (0.045, 0.045, 0.055), (0.93, 0.92, 0.89), (0.98, 0.60, 0.07)


def build(rng: np.random.Generator) -> Asset:
    fat, tall = rng.uniform(0.92, 1.15), rng.uniform(-0.03, 0.03)
    look, nod, bow = rng.uniform(-65, 65), rng.uniform(-25, 18), rng.uniform(-0.035, 0.03)
    slate = vary((0.375, 0.405, 0.445), rng, 0.05)
    neck = np.array([0, -0.03 + bow, 0.80 + tall])
    crown = neck + [0, -0.005, 0.07]
    solids = [
        ball((0, 0.0, 0.32), (0.165 * fat, 0.155 * fat, 0.25), "body"),
        ball((0, -0.01, 0.47), (0.150 * fat, 0.142 * fat, 0.24), "body"),
        *chain([(0, -0.005, 0.60), neck - [0, 0, 0.06], neck], [0.115, 0.072, 0.062], "body"),
        limb(neck, crown, 0.062, 0.057, "head"),
        *limb((0.055, 0.05, 0.09), (0.07, 0.01, 0.04), 0.055, 0.05, "body").mirrored(),
        limb((0, 0.11, 0.14), (0, 0.22, 0.025), 0.05, 0.015, "tail"),
    ]
    face = ball(crown + [0, -0.035, 0.0], (0.042, 0.055, 0.042), "head")
    solids.append(face.turned(nod, "x", crown).turned(look, "z", crown))
    mesh, part = blend(solids, melt=0.06, detail=0.0075)
    colour = _plumage(mesh.vertices.astype(float), part["tail"], crown, look, slate, int(rng.integers(1 << 30)))
    bill, bill_colour = _bill(vary((0.95, 0.45, 0.25), rng))
    eyes, _ = blend(*ball((0.043, -0.050, 0.015), 0.0095).mirrored(), melt=0, detail=0.0025)
    bill, eyes = (m.turned(nod, "x").turned(look).moved(crown) for m in (bill, eyes))
    parts = [
        Part(mesh=mesh, colour=colour, material="feathers", scale=0.3),
        Part(mesh=bill, colour=bill_colour, material="plastic", keep=True),
        Part(mesh=eyes, colour=(0.09, 0.05, 0.03), material="eye", keep=True),
        Part(mesh=_feet(rng), colour=(0.07, 0.065, 0.07), material="skin"),
    ]
    spread = rng.uniform(6, 38)
    for side in (-1, 1):
        wing, tint = _flipper(slate)
        wing = wing.turned(rng.uniform(-14, 22), "x").turned(-spread - rng.uniform(0, 8), "y")
        wing = wing.moved((0.118 * fat, 0.01, 0.635)) if side > 0 else wing.moved((0.118 * fat, 0.01, 0.635)).mirrored()
        parts.append(Part(mesh=wing, colour=tint, material="feathers", scale=0.3))
    return Asset(parts=tuple(parts))


def _plumage(p: Array, tail: Array, crown: Array, look: float, slate: tuple[float, ...], seed: int) -> Array:
    """Grey behind, white in front, a black seam between; the head is a black hood with a teardrop of orange on each side."""
    wave = (noise(0.10, seed)(p) - 0.5) * 0.05
    x, y, z = np.abs(p[:, 0]), p[:, 1], p[:, 2]
    around = np.degrees(np.arctan2(x, -(y + 0.01))) + 120 * wave
    edge = 82 + 22 * below(0.1, 0.35, z) - 12 * smoothstep(0.50, 0.68, z)
    colour = mix(flat(WHITE, len(p)), slate, smoothstep(0, 4, around - edge))
    colour = mix(colour, (0.97, 0.83, 0.40), smoothstep(0.50, 0.66, z + wave) * (around < edge))
    colour = mix(colour, ORANGE, smoothstep(0.62, 0.70, z + wave) * (around < edge))
    colour = mix(colour, BLACK, below(6, 10, np.abs(around - edge - 6)) * smoothstep(0.20, 0.3, z))
    colour = mix(
        colour, BLACK, np.clip(smoothstep(0.715, 0.735, z + wave + 0.02 * np.cos(np.radians(around))) + tail, 0, 1)
    )
    turn = np.radians(-look)  # into the head's own frame
    q = p - crown
    qx = np.abs(np.cos(turn) * q[:, 0] - np.sin(turn) * q[:, 1])
    qy = np.sin(turn) * q[:, 0] + np.cos(turn) * q[:, 1]
    drop = np.hypot((qy - 0.030 + 0.12 * q[:, 2]) / 0.026, (q[:, 2] + 0.028) / 0.048)
    stem = below(0.008, 0.016, np.abs(qy - 0.036 - 0.25 * (q[:, 2] + 0.06))) * (q[:, 2] < -0.03) * (q[:, 2] > -0.16)
    return mix(colour, ORANGE, np.clip(below(0.9, 1.1, drop) + stem, 0, 1) * (qx > 0.022))


def _bill(pink: tuple[float, ...]) -> tuple[Mesh, Array]:
    """Long, slender and bent down a little; the lower half carries a bright plate."""
    path = np.array(smooth([(0, -0.065, 0.004), (0, -0.12, 0.008), (0, -0.17, 0.001), (0, -0.205, -0.016)], 24))
    mesh = tube(path, np.linspace(1, 0.2, 24) ** 0.7 * 0.0165, 14).scaled((0.85, 1, 1))
    middle = np.interp(-mesh.vertices[:, 1], -path[:, 1], path[:, 2])
    under = (mesh.vertices[:, 2] < middle - 0.001) & (mesh.vertices[:, 1] < -0.075) & (mesh.vertices[:, 1] > -0.165)
    return mesh, mix(flat((0.06, 0.05, 0.05), len(mesh.vertices)), pink, under.astype(float))


def _flipper(slate: tuple[float, ...]) -> tuple[Mesh, Array]:
    """A stiff blade hanging from the shoulder at the origin: dark outside with a black edge, white inside."""
    blade = [
        limb((0, 0, 0.01), (0, 0.005, -0.10), 0.040, 0.046),
        limb((0, 0.005, -0.10), (0, 0.035, -0.30), 0.046, 0.018),
    ]
    mesh, _ = blend(blade, melt=0.03, detail=0.0065)
    p = mesh.vertices
    mesh = mesh.scaled((0.33, 1.0, 1.0)).moved((0, 0, 0))
    bend = np.stack([0.5 * mesh.vertices[:, 2] ** 2, np.zeros(len(p)), np.zeros(len(p))], -1)
    mesh = mesh.reshaped(mesh.vertices + bend)
    rim = smoothstep(0.62, 0.85, np.abs(p[:, 1] - 0.06 * np.clip(-p[:, 2] / 0.3, 0, 1)) / 0.046)
    outside = smoothstep(-0.012, 0.0, p[:, 0])
    return mesh, mix(mix(flat(WHITE, len(p)), slate, outside), BLACK, np.clip(rim * 0.9, 0, 1))


def _feet(rng: np.random.Generator) -> Mesh:
    """Two webs with three clawed toes each."""
    made = []
    for side in (-1, 1):
        toes = [(-0.045, -0.13, 0.012), (0.0, -0.15, 0.012), (0.045, -0.13, 0.012)]
        solids = [limb((0, 0.02, 0.03), toe, 0.024, 0.013) for toe in toes]
        toe_mesh, _ = blend(solids, melt=0.02, detail=0.007)
        web = hull(np.array([(0, 0.02, 0.03), (0, 0.02, 0.004), *toes, *[(x, y, 0.004) for x, y, _ in toes]]))
        step = rng.uniform(-0.03, 0.02)
        made.append(join(toe_mesh, web).turned(side * rng.uniform(5, 20)).moved((side * 0.075, step, 0)))
    return join(*made)


OBJECT = Kind(build=build, phrase="a penguin", group="animal", imagenet=(145,))
