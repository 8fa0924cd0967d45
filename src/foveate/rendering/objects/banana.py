"""Bananas: one that lies on its side, or a hand of some that hang together at the stalk and rest on their tips."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.assembling import turn
from foveate.rendering.modelling.patterns import below, flat, mix, noise, smoothstep, spots
from foveate.rendering.modelling.profiles import join, tube
from foveate.rendering.modelling.solids import ball, blend, limb
from foveate.rendering.scene import Array, Asset, Kind, Mesh, Part

ROWS, SIDES = 110, 40


def build(rng: np.random.Generator) -> Asset:
    ripe = rng.uniform(0, 1)
    count = 1 if rng.random() < 0.4 else int(rng.integers(4, 7))
    fruits: list[Mesh] = []
    colours: list[Array] = []
    for k in range(count):
        bow = rng.uniform(75, 100)
        mesh, tint = _banana(rng, bow, rng.uniform(0.92, 1.06), ripe)
        if count == 1:
            flip = 180 * int(rng.integers(2))
            mesh = mesh.turned(rng.uniform(72, 86), "y").turned(rng.uniform(30, 80) + flip)
        else:
            place = k - (count - 1) / 2
            mesh = mesh.moved((0, 0.03, 0)).turned(place * 12, "y").turned(-place * 7.5 + rng.uniform(-3, 3))
            mesh = mesh.moved((place * 0.062, rng.uniform(-0.01, 0.01), -abs(place) * 0.012))
        fruits.append(mesh)
        colours.append(tint)
    parts = [Part(mesh=join(*fruits), colour=np.concatenate(colours), material="waxy")]
    if count > 1:  # the cut end of the stalk that they share
        crown, _ = blend(
            [limb((x, 0.02, -0.01), (x * 0.7, -0.04, 0.0), 0.035, 0.03) for x in np.linspace(-1, 1, 5) * 0.024 * count],
            melt=0.05,
            detail=0.008,
        )
        cut, _ = blend(ball((0, -0.066, 0.0), (0.018 * count, 0.012, 0.024)), detail=0.005)
        stalk = mix(flat((0.62, 0.60, 0.22), len(crown.vertices)), (0.30, 0.22, 0.12), noise(0.05, 3)(crown.vertices))
        parts += [Part(mesh=crown, colour=stalk), Part(mesh=cut, colour=(0.16, 0.12, 0.09))]
    facing = rng.uniform(-25, 25)
    return Asset(parts=tuple(turn(parts, facing)))


def _banana(rng: np.random.Generator, bow: float, length: float, ripe: float) -> tuple[Mesh, Array]:
    """One banana from its stalk at the origin along +y, bent downwards by ``bow`` degrees; with its colours."""
    s = np.linspace(0, 1, ROWS)
    bend = np.interp(s, [0, 0.14, 0.9, 1], [0.25, 0.1, 0.95, 1])
    angle = np.radians(48 - bow * bend)
    steps = np.stack([np.zeros(ROWS), np.cos(angle), np.sin(angle)], -1) * length / ROWS
    path = np.cumsum(steps, 0)
    radius = np.interp(
        s,
        [0, 0.05, 0.13, 0.20, 0.28, 0.42, 0.60, 0.75, 0.86, 0.93, 0.965, 0.975, 1.0],
        [0.028, 0.023, 0.027, 0.048, 0.071, 0.085, 0.088, 0.082, 0.064, 0.040, 0.024, 0.020, 0.017],
    )
    radius = np.convolve(np.pad(radius, 3, mode="edge"), np.ones(7) / 7, "valid") * rng.uniform(0.80, 0.92)
    mesh = tube(path, radius, SIDES)
    around = np.linspace(0, 2 * np.pi, SIDES, endpoint=False) + rng.uniform(0, 0.6)
    ridge = np.abs(((around * 5 / (2 * np.pi)) % 1) - 0.5) * 2  # five flat faces, 1 on an edge
    swell = 1 + 0.11 * (ridge**1.5 - 0.35)
    rings = mesh.vertices[: ROWS * SIDES].reshape(ROWS, SIDES, 3)
    rings = path[:, None] + (rings - path[:, None]) * swell[None, :, None]
    vertices = np.concatenate([rings.reshape(-1, 3), mesh.vertices[ROWS * SIDES :]])
    along = np.append(np.repeat(s, SIDES), [0, 1])
    edge = np.append(np.tile(ridge, ROWS), [0, 0])
    seed = int(rng.integers(1 << 30))
    colour = mix(flat((0.95, 0.74, 0.14), len(vertices)), (0.97, 0.83, 0.30), noise(0.25, seed)(vertices))
    colour = mix(colour, (0.80, 0.62, 0.12), 0.45 * smoothstep(0.75, 1.0, edge))
    green = (1 - smoothstep(0.08, 0.26, along) + 0.8 * smoothstep(0.86, 0.97, along)) * (1 - 0.6 * ripe)
    colour = mix(colour, (0.55, 0.62, 0.18), np.clip(green + 0.18 * (1 - ripe), 0, 1) * 0.8)
    freckles = spots(vertices + 0.004 * noise(0.02, seed)(vertices)[:, None], 0.05, 0.10 + 0.12 * ripe, seed) * (
        noise(0.1, seed + 1)(vertices) > 0.62 - 0.3 * ripe
    )
    colour = mix(colour, (0.36, 0.22, 0.08), freckles * (0.35 + 0.55 * ripe))
    bruise = smoothstep(0.70, 0.80, noise(0.22, seed + 5)(vertices)) * smoothstep(0.6, 1.0, edge + 0.3)
    colour = mix(colour, (0.42, 0.28, 0.10), bruise * 0.7 * ripe)
    colour = mix(colour, (0.12, 0.09, 0.06), np.clip(smoothstep(0.962, 0.975, along) + below(0.0, 0.015, along), 0, 1))
    return mesh.reshaped(vertices), colour


OBJECT = Kind(build=build, phrase="a banana", group="food", imagenet=(954,), stylised=True)
