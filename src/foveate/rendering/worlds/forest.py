"""A forest: fallen leaves, moss, ferns and dead wood on the ground, trunks all around, green light between them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from foveate.rendering.modelling.growing import grass
from foveate.rendering.modelling.land import stone
from foveate.rendering.modelling.patterns import below, flat, height, mix, noise, smoothstep, vary
from foveate.rendering.modelling.profiles import disc_ground, join, loft, tube
from foveate.rendering.modelling.scattering import around, grounded, planted, strew, tints
from foveate.rendering.modelling.trees import bush, foliage, on_ball
from foveate.rendering.modelling.undergrowth import fallen, fern
from foveate.rendering.scene import Array, Colour, Mesh, Part, Place, Scatter, Sky, World

SEASONS: tuple[tuple[Colour, tuple[Colour, ...]], ...] = (
    ((0.42, 0.56, 0.22), ((0.50, 0.36, 0.20), (0.42, 0.29, 0.17), (0.58, 0.44, 0.26), (0.38, 0.40, 0.18))),  # summer
    ((0.66, 0.52, 0.18), ((0.72, 0.42, 0.14), (0.62, 0.30, 0.12), (0.78, 0.58, 0.20), (0.48, 0.30, 0.16))),  # autumn
)


def build(rng: np.random.Generator) -> World:
    seed = int(rng.integers(1 << 30))
    lift, moss = height(9, 0.8, seed, flat=3.8), noise(1.6, seed + 1, 4)
    green, litter = SEASONS[int(rng.random() < 0.35)]

    on_ground = grounded(lift)

    ground = disc_ground(70, lift, rings=150, sides=180)
    mossy = smoothstep(0.52, 0.62, moss(ground.vertices.astype(float) * [1, 1, 0]))
    soil = mix(flat((0.45, 0.34, 0.23), len(mossy)), (0.38, 0.45, 0.18), mossy)
    leaves = [
        fallen(on_ground(around(n, 0, far, rng, near=0.6)), rng, litter, size=size)
        for n, far, size in ((8000, 5, 0.07), (5200, 16, 0.12))
    ]
    tufts = around(26_000, 0, 9, rng, near=0.7)
    tufts = on_ground(tufts[moss(tufts) > 0.57][:9000])
    twigs = _twig(rng)
    sticks = on_ground(around(110, 0.7, 9, rng))
    return World(
        parts=(
            Part(mesh=ground, colour=soil, material="soil"),
            *leaves,
            Part(
                mesh=strew(twigs, sticks, rng, (0.4, 1.1)),
                colour=tints([(0.33, 0.26, 0.19)], len(sticks), len(twigs.vertices), rng, 0.25),
            ),
            *_logs(on_ground(around(5, 6.2, 11, rng)), rng),
            *_backdrop(rng, green),
        ),
        hair=(grass(tufts, rng, length=0.045, colour=(0.36, 0.46, 0.14), dry=0.05, radius=0.004),),
        scatters=(*_trees(rng, on_ground, green), *_undergrowth(rng, on_ground)),
        sky=Sky(haze=1.2, strength=1.15),
        fill=0.14,
        exposure=1.0,
    )


def _trees(rng: np.random.Generator, on_ground: Callable[[Array], Array], green: Colour) -> list[Scatter]:
    """Trunks from the edge of the clearing outwards, each kind with its bark; crowns only above the view."""
    scatters = []
    barks: tuple[Colour, ...] = ((0.40, 0.34, 0.28), (0.33, 0.27, 0.21), (0.47, 0.45, 0.41))
    for bark in barks:
        for _ in range(2):
            places = on_ground(around(20, 6.2, 34, rng, near=0.8))
            tall = rng.uniform(9, 12)
            scatters.append(planted(_tree(rng, tall, vary(bark, rng), vary(green, rng)), places, rng, (0.75, 1.25)))
    return scatters


def _tree(rng: np.random.Generator, tall: float, bark: Colour, green: Colour) -> tuple[Part, ...]:
    """A forest tree: a long bare stem on spread roots, dead snags, and an airy crown that lets spots of sun through."""
    t = np.linspace(0, 1, 12)
    wide = rng.uniform(0.14, 0.26)
    sway = rng.normal(scale=0.35, size=2)
    path = np.stack([sway[0] * t**2, sway[1] * np.sin(2 * t), tall * t - 0.3], -1)
    wood = [tube(path, wide * (1 - 0.75 * t) + 0.9 * wide * np.exp(-t * 40), 12)]
    for _ in range(7):
        at = path[int(rng.integers(3, 10))]
        way = on_ball(1, rng)[0] * (1, 1, 0.3) + (0, 0, 0.3)
        tip = at + rng.uniform(0.8, 1.8) * way + (0, 0, 0.2)
        wood.append(tube([at, at + 0.5 * way, tip], [0.035, 0.022, 0.006], 5))
    stem = join(*wood)
    mossy = 0.7 * below(0.0, 1.1, stem.vertices[:, 2])
    mossy *= smoothstep(0.35, 0.6, noise(0.4, int(rng.integers(99)))(stem.vertices))
    centres = on_ball(8, rng) * (2.0, 2.0, 0.2 * tall) + (sway[0], 0, 0.78 * tall)
    crown = foliage(centres, rng.uniform(0.7, 1.2, 8), rng, leaves=400, leaf=0.24, green=green)[0]
    return Part(mesh=stem, colour=mix(flat(bark, len(mossy)), (0.34, 0.40, 0.16), mossy), material="bark"), crown


def _undergrowth(rng: np.random.Generator, on_ground: Callable[[Array], Array]) -> list[Scatter]:
    """Ferns and low shrubs, higher with distance, and mossy stones."""
    found = []
    for _ in range(3):
        tone = vary((0.40, 0.56, 0.20), rng)
        found.append(planted(fern(rng, wide=0.9, green=tone), on_ground(around(34, 5.2, 18, rng)), rng, (0.7, 1.3)))
        shrub = bush(rng, wide=1.5, green=tone, leaves=420)
        found.append(planted(shrub, on_ground(around(22, 9, 30, rng)), rng, (0.6, 1.4)))
    rock = stone(rng)
    top = smoothstep(0.05, 0.25, rock.vertices[:, 2])
    colour = mix(flat((0.38, 0.37, 0.34), len(top)), (0.32, 0.40, 0.15), top)
    rocks = (Part(mesh=rock, colour=colour, material="stone"),)
    return [*found, planted(rocks, on_ground(around(10, 5.4, 14, rng)), rng, (0.3, 0.8))]


def _backdrop(rng: np.random.Generator, green: Colour) -> tuple[Part, ...]:
    """The wood beyond, hazy with distance, so that it has no end; the sky glimmers through above."""
    sides, rows = 560, 24
    a, z = np.meshgrid(np.linspace(0, 2 * np.pi, sides, endpoint=False), np.linspace(-1, 8, rows))
    p = np.stack([44 * np.cos(a), 44 * np.sin(a), z], -1).reshape(-1, 3)
    leafy, stems = noise(2.2, 3, 5)(p), noise(1.1, 4, 2)(p * [1, 1, 0.02])
    depth = mix(
        flat((0.20, 0.24, 0.15), len(p)), np.asarray(green) * 0.75 + (0.12, 0.16, 0.14), smoothstep(0.3, 0.7, leafy)
    )
    colour = mix(depth, (0.24, 0.22, 0.18), 0.7 * smoothstep(0.62, 0.7, stems))
    p[:, 2] *= np.where(z.ravel() > 0, 0.75 + 0.5 * noise(5.0, 6)(p * [1, 1, 0]), 1)
    wall = loft(p.reshape(rows, sides, 3), ring=True).flipped()
    b, r = rng.uniform(0, 2 * np.pi, 120), rng.uniform(28, 42, 120)
    centres = np.stack([r * np.cos(b), r * np.sin(b), rng.uniform(0.5, 8, 120)], -1)
    near = foliage(centres, rng.uniform(1.2, 2.4, 120), rng, leaves=9000, leaf=0.3, green=green)[0]
    return Part(mesh=wall, colour=np.clip(colour, 0, 1), material="matte"), near


def _twig(rng: np.random.Generator) -> Mesh:
    bend = rng.normal(scale=0.05, size=(4, 2))
    path = [(0.7 * k / 3 - 0.35, bend[k, 0], 0.02 + 0.15 * abs(bend[k, 1])) for k in range(4)]
    return join(tube(path, [0.012, 0.011, 0.008, 0.003], 5), tube([path[1], (0.05, 0.14, 0.04)], [0.006, 0.002], 4))


def _logs(places: Array, rng: np.random.Generator) -> list[Part]:
    """Fallen trunks, mossy above."""
    parts = []
    for place in places:
        long, wide = rng.uniform(1.2, 3.0), rng.uniform(0.1, 0.2)
        log = tube([(k * long, 0.05 * np.sin(4 * k), 0) for k in np.linspace(-0.5, 0.5, 9)], wide, 14)
        top = smoothstep(0.2, 0.9, log.vertices[:, 2] / wide) * smoothstep(0.3, 0.55, noise(0.3, 5)(log.vertices))
        # Across the view, not towards the middle.
        out = np.degrees(np.arctan2(place[1], place[0])) + 90 + rng.uniform(-30, 30)
        mesh = log.turned(out).moved(place + (0, 0, wide * 0.7))
        parts.append(
            Part(mesh=mesh, colour=mix(flat((0.36, 0.29, 0.22), len(top)), (0.36, 0.44, 0.16), top), material="bark")
        )
    return parts


WORLD = Place(build=build, phrase="in a forest")
