"""A meadow in summer: grass to the knee of the smallest animals, flowers, bushes, and trees and wooded hills far off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from foveate.rendering.modelling.growing import grass
from foveate.rendering.modelling.land import hills
from foveate.rendering.modelling.patterns import height, mix, noise
from foveate.rendering.modelling.profiles import disc_ground
from foveate.rendering.modelling.scattering import around, grounded, planted
from foveate.rendering.modelling.trees import broadleaf, bush
from foveate.rendering.modelling.undergrowth import flowers
from foveate.rendering.scene import Array, Colour, Hair, Part, Place, Scatter, Sky, World

BLOSSOMS: tuple[tuple[Colour, float], ...] = (
    ((0.95, 0.95, 0.92), 0.034), ((0.96, 0.80, 0.08), 0.026), ((0.62, 0.36, 0.74), 0.030),
    ((0.85, 0.16, 0.10), 0.038),
)  # fmt: skip


def build(rng: np.random.Generator) -> World:
    seed = int(rng.integers(1 << 30))
    lift = height(40, 1.6, seed, flat=4.2)

    on_ground = grounded(lift)

    green = (0.38 + rng.uniform(-0.05, 0.06), 0.50 + rng.uniform(-0.03, 0.03), 0.18)
    near = grass(on_ground(around(13_000, 0.0, 4.5, rng, near=0.6)), rng, length=0.09, colour=green, radius=0.0045)
    far = grass(
        on_ground(around(9_000, 4.0, 16, rng, near=0.75)), rng, length=0.16, colour=green, dry=0.2, radius=0.012
    )
    ears = grass(on_ground(around(700, 1.0, 9, rng)), rng, length=0.24, colour=(0.66, 0.60, 0.36), radius=0.003)
    ground = disc_ground(230, lift)
    ridge = hills(rng, 190, 24)
    wooded = mix((0.36, 0.46, 0.33), (0.46, 0.55, 0.36), noise(45, seed, 5)(ridge.vertices))
    parts = [
        Part(mesh=ground, colour=(0.37, 0.47, 0.19), material="turf"),
        Part(mesh=ridge, colour=wooded * 0.6 + np.array([0.55, 0.63, 0.70]) * 0.3, material="turf", scale=8.0),
    ]
    for kind in rng.permutation(len(BLOSSOMS))[:3]:  # each kind in drifts, as they grow
        colour, wide = BLOSSOMS[kind]
        drifts = around(16, 0.8, 9, rng)
        places = drifts[rng.integers(len(drifts), size=520)] + rng.normal(scale=0.8, size=(520, 3)) * [1, 1, 0]
        parts += flowers(on_ground(places), rng, colour, tall=0.105, wide=wide)
    return World(
        parts=tuple(parts),
        hair=(_patchy(near, seed), _patchy(far, seed), ears),
        scatters=_trees(rng, on_ground),
        sky=Sky(haze=1.2),
        exposure=0.3,
    )


def _patchy(blades: Hair, seed: int) -> Hair:
    """Grass that is yellower here and deeper green there."""
    where = noise(1.3, seed + 5, 3)(blades.curves[:, 0].astype(float) * [1, 1, 0])[:, None]
    return replace(
        blades, colours=np.clip(blades.colours * (0.85 + 0.3 * where) + (where - 0.5) * [0.22, 0.06, 0.02], 0, 1)
    )


def _trees(rng: np.random.Generator, on_ground: Callable[[Array], Array]) -> tuple[Scatter, ...]:
    """Woods in clumps some way off, single trees, and bushes nearer."""
    scatters = []
    for _ in range(3):
        tone = (0.38 + rng.uniform(-0.05, 0.06), 0.50 + rng.uniform(-0.05, 0.04), 0.20)
        angle = np.concatenate(
            [*(rng.normal(a, 0.2, 10) for a in rng.uniform(0, 2 * np.pi, 3)), rng.uniform(0, 2 * np.pi, 14)]
        )
        away = rng.uniform(45, 130, len(angle))
        spots = on_ground(np.stack([away * np.cos(angle), away * np.sin(angle), np.zeros_like(away)], -1))
        tree = broadleaf(rng, tall=rng.uniform(6, 8), green=tone, bare=rng.uniform(0.1, 0.24), leaves=1100)
        scatters.append(planted(tree, spots, rng))
        scatters.append(planted(bush(rng, wide=1.6, green=tone), on_ground(around(16, 13, 70, rng)), rng))
    return tuple(scatters)


WORLD = Place(build=build, phrase="in a meadow")
