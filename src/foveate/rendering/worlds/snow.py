"""A winter landscape: snow with a track of footprints, snowed firs, dry stalks, and white mountains far off."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.growing import grass
from foveate.rendering.modelling.land import hills, stone
from foveate.rendering.modelling.patterns import flat, height, mix, noise, smoothstep
from foveate.rendering.modelling.profiles import disc_ground, sheet
from foveate.rendering.modelling.scattering import around, grounded, planted
from foveate.rendering.modelling.trees import fir
from foveate.rendering.scene import Array, Part, Place, Sky, World

NEAR = 5.0  # metres: half the side of the finely modelled middle


def build(rng: np.random.Generator) -> World:
    seed = int(rng.integers(1 << 30))
    lift, steps = height(22, 1.3, seed, flat=4.2), _footprints(rng)
    drift = noise(0.5, seed + 3, 3)

    def fine(x: Array, y: Array) -> Array:
        p, edge = np.stack([x, 1.8 * y, np.zeros_like(x)], -1), np.maximum(np.abs(x), np.abs(y)) / NEAR
        wind = 0.12 * (drift(p) - 0.5) * (0.25 + 0.75 * smoothstep(0.6, 2.5, np.hypot(x, y)))
        return lift(x, y) + wind - _dents(x, y, steps) - 0.2 * smoothstep(0.94, 1.0, edge)

    def coarse(x: Array, y: Array) -> Array:
        """The rest, which dives under the middle."""
        return lift(x, y) - 0.25 * (1 - smoothstep(0.82, 0.93, np.maximum(np.abs(x), np.abs(y)) / NEAR))

    on_ground = grounded(lift)

    white = (0.90, 0.92, 0.95)
    range_ = hills(rng, 210, 36, sharp=True)
    bare = smoothstep(0.5, 0.75, noise(9, seed + 4, 4)(range_.vertices)) * (
        1 - smoothstep(8, 26, range_.vertices[:, 2])
    )
    wooded = mix(flat((0.84, 0.88, 0.94), len(bare)), (0.46, 0.52, 0.58), 0.8 * bare)
    roots = around(26, 1.5, 9, rng)[rng.integers(26, size=320)] + rng.normal(scale=0.12, size=(320, 3)) * [1, 1, 0]
    stalks = grass(on_ground(roots), rng, length=0.24, colour=(0.52, 0.43, 0.27), dry=0.4, radius=0.0035)
    scatters = []
    for _ in range(4):
        tall, load = rng.uniform(5, 9), rng.uniform(0.7, 1.0)
        angle = np.concatenate([rng.normal(rng.uniform(0, 2 * np.pi), 0.35, 10), rng.uniform(0, 2 * np.pi, 14)])
        away = rng.uniform(11, 60, len(angle))
        places = on_ground(np.stack([away * np.cos(angle), away * np.sin(angle), np.zeros_like(away)], -1))
        scatters.append(planted(fir(rng, tall=tall, snow=load), places, rng))
    young = fir(rng, tall=1.5, snow=0.9)
    scatters.append(planted(young, on_ground(around(14, 6.0, 20, rng)), rng))
    rock = stone(rng, low=0.5)
    cap = smoothstep(0.0, 0.12, rock.vertices[:, 2])
    scatters.append(
        planted(
            (Part(mesh=rock, colour=mix(flat((0.38, 0.37, 0.37), len(cap)), white, cap), material="matte"),),
            on_ground(around(22, 5.2, 25, rng)),
            rng,
        )
    )
    return World(
        parts=(
            Part(mesh=sheet(2 * NEAR, 2 * NEAR, 230, 230, fine), colour=white, material="snow"),
            Part(mesh=disc_ground(240, coarse), colour=white, material="snow"),
            Part(mesh=range_, colour=wooded, material="matte"),
        ),
        hair=(stalks,),
        scatters=tuple(scatters),
        sky=Sky(haze=1.0),
        exposure=-0.35,
    )


def _footprints(rng: np.random.Generator) -> Array:
    """(k, 3): x, y and direction of the steps of someone who walked past."""
    turn, past = rng.uniform(0, 2 * np.pi), rng.uniform(1.2, 1.7)
    along = np.arange(-NEAR, NEAR, 0.36)
    side = past + 0.1 * np.sign(np.arange(len(along)) % 2 - 0.5) + 0.25 * np.sin(along * 0.7 + turn)
    return np.stack(
        [
            along * np.cos(turn) - side * np.sin(turn),
            along * np.sin(turn) + side * np.cos(turn),
            np.full(len(along), turn),
        ],
        -1,
    )


def _dents(x: Array, y: Array, steps: Array) -> Array:
    """How deep the prints press the snow, with a low rim around each."""
    deep = np.zeros_like(x)
    for at_x, at_y, turn in steps:
        u = (x - at_x) * np.cos(turn) + (y - at_y) * np.sin(turn)
        v = -(x - at_x) * np.sin(turn) + (y - at_y) * np.cos(turn)
        r = np.hypot(u / 0.16, v / 0.075)
        deep += 0.06 * (1 - smoothstep(0.6, 1.0, r)) - 0.012 * np.exp(-((r - 1.25) ** 2) / 0.05)
    return deep


WORLD = Place(build=build, phrase="in the snow")
