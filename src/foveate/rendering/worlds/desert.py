"""A desert: rippled sand with dunes all around, or stony ground with saguaro cactuses and table mountains."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.growing import grass
from foveate.rendering.modelling.land import hills, stone
from foveate.rendering.modelling.patterns import flat, height, mix, noise, ridges, smoothstep, vary
from foveate.rendering.modelling.profiles import disc_ground, join, tube
from foveate.rendering.modelling.scattering import around, grounded, planted, strew, tints
from foveate.rendering.modelling.trees import bush
from foveate.rendering.scene import Array, Colour, Hair, Mesh, Part, Place, Sky, World


def build(rng: np.random.Generator) -> World:
    return _dunes(rng) if rng.random() < 0.5 else _cactuses(rng)


def _dunes(rng: np.random.Generator) -> World:
    """A sea of sand."""
    seed, sand = int(rng.integers(1 << 30)), vary((0.80, 0.62, 0.40), rng, 0.05)
    crest, swell = ridges(34, seed, 2), noise(70, seed + 1, 2)

    def lift(x: Array, y: Array) -> Array:
        away, p = np.hypot(x, y), np.stack([x, y, np.zeros_like(x)], -1)
        sharp = smoothstep(0.35, 1.0, crest(p)) ** 1.3
        return smoothstep(5, 20, away) * (1.8 + 8.5 * smoothstep(14, 130, away)) * sharp * (0.4 + swell(p))

    ground = disc_ground(330, lift, rings=210, sides=300)
    far = smoothstep(40, 300, np.linalg.norm(ground.vertices, axis=1))
    colour = mix(flat(sand, len(far)), (0.80, 0.70, 0.58), 0.7 * far)
    roots = around(14, 2.6, 22, rng)[rng.integers(14, size=1300)] + rng.normal(scale=0.11, size=(1300, 3))
    roots[:, 2] = lift(roots[:, 0], roots[:, 1]) - 0.01
    tufts = grass(roots, rng, length=0.26, colour=(0.62, 0.58, 0.33), dry=0.5, radius=0.005)
    return World(
        parts=(Part(mesh=ground, colour=colour, material="sand", scale=1.6), *_pebbles(rng, 70, (0.66, 0.52, 0.36))),
        hair=(tufts,),
        sky=Sky(haze=1.6),
        exposure=-0.35,
    )


def _cactuses(rng: np.random.Generator) -> World:
    """Stony ground with saguaros."""
    seed, earth = int(rng.integers(1 << 30)), vary((0.66, 0.47, 0.33), rng, 0.05)
    lift = height(25, 0.9, seed, flat=4.2)

    on_ground = grounded(lift)

    mesas = hills(rng, 170, 30, sharp=True, low=0.06)
    table = mesas.reshaped(np.minimum(mesas.vertices, [1e9, 1e9, 15.0]))
    far = mix(flat((0.62, 0.40, 0.30), len(table.vertices)), (0.72, 0.62, 0.62), 0.35 * np.ones(len(table.vertices)))
    stones = around(420, 1.6, 26, rng, near=1.4)
    stones = stones[np.linalg.norm(stones, axis=1) > 1.2]
    boulder = stone(rng)
    scatters = []
    for _ in range(4):
        places, green = on_ground(around(8, 8, 50, rng)), vary((0.38, 0.46, 0.26), rng)
        scatters.append(planted((_saguaro(rng, green),), places, rng))
        shrub = bush(rng, wide=0.9, green=vary((0.46, 0.46, 0.30), rng), leaves=420)
        scatters.append(planted(shrub, on_ground(around(16, 5.6, 40, rng)), rng))
    return World(
        parts=(
            Part(mesh=disc_ground(230, lift), colour=earth, material="soil", scale=1.5),
            Part(mesh=table, colour=far, material="strata", scale=6.0, smooth=False),
            Part(
                mesh=strew(boulder, on_ground(stones), rng, (0.05, 0.28), 20),
                colour=tints([(0.60, 0.45, 0.34), (0.52, 0.42, 0.36)], len(stones), len(boulder.vertices), rng),
                smooth=False,
            ),
            *_pebbles(rng, 1400, (0.60, 0.46, 0.35)),
        ),
        hair=(_straw(on_ground(around(1500, 1.0, 18, rng)), rng),),
        scatters=tuple(scatters),
        sky=Sky(haze=0.8),
    )


def _pebbles(rng: np.random.Generator, count: int, colour: Colour) -> tuple[Part, ...]:
    """Small stones near the middle, none of them high."""
    parts = []
    for _ in range(2):
        one, places = stone(rng, points=14), around(count // 2, 0.3, 5.0, rng)
        tone = tints([vary(colour, rng, 0.1) for _ in range(4)], len(places), len(one.vertices), rng, 0.25)
        parts.append(Part(mesh=strew(one, places, rng, (0.02, 0.085), 25), colour=tone, smooth=False))
    return tuple(parts)


def _straw(roots: Array, rng: np.random.Generator) -> Hair:
    clumps = roots[rng.integers(110, size=len(roots))] + rng.normal(scale=0.06, size=roots.shape) * [1, 1, 0]
    return grass(clumps, rng, length=0.18, colour=(0.68, 0.60, 0.36), dry=0.5, radius=0.004)


def _saguaro(rng: np.random.Generator, green: Colour) -> Part:
    """A ribbed column with up to four raised arms."""
    tall = rng.uniform(3.6, 5.2)
    limbs = [
        _ribbed(
            [(0, 0, tall * t) for t in np.linspace(-0.04, 1, 14)],
            0.24 * np.minimum(1, 1.02 - np.linspace(0, 1, 14) ** 14),
        )
    ]
    for _ in range(int(rng.integers(1, 5))):
        start, up, out, turn = (
            rng.uniform(0.3, 0.55) * tall,
            rng.uniform(0.2, 0.4) * tall,
            rng.uniform(0.55, 0.75),
            rng.uniform(0, 360),
        )
        t = np.linspace(0, 1, 18)
        bend = np.clip(t / 0.4, 0, 1) * np.pi / 2
        x, z = out * np.sin(bend), start + 0.35 * (1 - np.cos(bend)) + up * np.clip((t - 0.4) / 0.6, 0, 1)
        arm, rib = _ribbed(np.stack([x, 0 * x, z], -1), 0.15 * np.minimum(1, 1.02 - t**14))
        limbs.append((arm.turned(turn), rib))
    shade = np.concatenate([rib for _, rib in limbs])
    colours = np.asarray(green) * (0.62 + 0.5 * shade[:, None])
    return Part(mesh=join(*(mesh for mesh, _ in limbs)), colour=np.clip(colours, 0, 1))


def _ribbed(path: Array | list, radius: Array) -> tuple[Mesh, Array]:
    """A tube with ribs along it, and for each vertex whether it is on one."""
    sides, p = 26, np.asarray(path, float)
    mesh = tube(p, radius, sides)
    rib = np.append(np.tile(np.arange(sides) % 2 == 0, len(p)), [True, True]).astype(float)
    centres = np.concatenate([np.repeat(p, sides, axis=0), p[:1], p[-1:]])
    vertices = centres + (mesh.vertices - centres) * (0.82 + 0.18 * rib)[:, None]
    return mesh.reshaped(vertices), rib


WORLD = Place(build=build, phrase="in a desert")
