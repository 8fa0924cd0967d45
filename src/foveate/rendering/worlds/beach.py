"""A sandy beach: the sea with its foam on one side, palms, dune grass and a sunshade on the other, shells and starfish on the sand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from foveate.rendering.modelling.growing import grass
from foveate.rendering.modelling.land import stone
from foveate.rendering.modelling.patterns import flat, mix, noise, smoothstep, vary
from foveate.rendering.modelling.profiles import box, disc_ground, fan, join, lathe, loft, tube
from foveate.rendering.modelling.scattering import around, planted, strew, tints
from foveate.rendering.modelling.trees import bush, palm
from foveate.rendering.modelling.undergrowth import fallen
from foveate.rendering.scene import Array, Colour, Mesh, Part, Place, Sky, World

SEA = -0.16  # metres: the water's level


def build(rng: np.random.Generator) -> World:
    seed, shore = int(rng.integers(1 << 30)), rng.uniform(3.0, 3.5)
    turn = rng.uniform(-25, 25)  # the whole coast is turned a little, its sea towards +x
    wander, hump = noise(6.0, seed, 2), noise(7.0, seed + 1, 3)

    def inland(x: Array, y: Array) -> Array:
        """Metres from the water's edge, positive on land; the coast bends back, so that the sea shows on three sides."""
        u = x * np.cos(np.radians(turn)) + y * np.sin(np.radians(turn))
        v = -x * np.sin(np.radians(turn)) + y * np.cos(np.radians(turn))
        bend = shore - 0.042 * v**2 + 0.7 * (wander(np.stack([v, 0 * v, 0 * v], -1)) - 0.5)
        return (bend - u) / np.sqrt(1 + (0.084 * v) ** 2)

    def lift(x: Array, y: Array) -> Array:
        d, away = inland(x, y), np.hypot(x, y)
        slope = SEA * (1 - smoothstep(-1.6, 1.2, d)) * 1.3 - 1.2 * smoothstep(0.8, 6.0, -d)
        dune = smoothstep(9, 22, d) * smoothstep(6, 12, away) * (0.3 + 1.6 * hump(np.stack([x, y, 0 * x], -1)))
        return np.where(away < 2, 0, slope) + dune

    def on_land(count: int, low: float, high: float, nearest: float = 0.0) -> Array:
        p = around(9000, nearest, 36, rng, near=1.3)
        d = inland(p[:, 0], p[:, 1])
        p = p[(d > low) & (d < high)][:count]
        p[:, 2] = lift(p[:, 0], p[:, 1])
        return p

    sand = vary((0.86, 0.75, 0.56), rng, 0.04)
    ground = disc_ground(260, lift, rings=170, sides=260)
    d = inland(ground.vertices[:, 0], ground.vertices[:, 1])
    damp = 1 - smoothstep(0.3, 1.1, d + 0.5 * (noise(1.0, seed + 2)(ground.vertices) - 0.5))
    shells = [
        _shells(on_land(110, 0.3, 9, 0.5), rng, tone)
        for tone in ((0.95, 0.91, 0.84), (0.92, 0.78, 0.68), (0.78, 0.68, 0.58))
    ]
    stars = on_land(9, 0.5, 8, 1.1)
    weed = on_land(420, 1.0, 1.5)
    tufts = on_land(40, 10, 40, 6.5)
    roots = tufts[rng.integers(len(tufts), size=2200)] + rng.normal(scale=0.22, size=(2200, 3)) * [1, 1, 0]
    palms = [planted(palm(rng, tall=rng.uniform(4.5, 6.5)), on_land(7, 10, 40, 9), rng) for _ in range(3)]
    green = [planted(bush(rng, wide=2.2), on_land(16, 15, 40, 12), rng) for _ in range(2)]
    return World(
        parts=(
            Part(mesh=ground, colour=mix(flat(sand, len(d)), (0.56, 0.46, 0.34), damp), material="strand"),
            *_sea(inland, rng, seed),
            *shells,
            Part(
                mesh=strew(_starfish(), stars, rng, (0.7, 1.2)),
                colour=tints([(0.85, 0.42, 0.20), (0.78, 0.30, 0.25)], len(stars), 11, rng),
            ),
            fallen(weed, rng, [(0.22, 0.20, 0.10), (0.30, 0.25, 0.12)], size=0.12),
            *_sunshades(on_land(8, 5.5, 14, 6.8), rng),
        ),
        hair=(grass(roots, rng, length=0.5, colour=(0.50, 0.56, 0.28), dry=0.4, radius=0.006),),
        scatters=(
            *palms,
            *green,
            planted((Part(mesh=stone(rng), colour=(0.42, 0.38, 0.34), material="stone"),), on_land(4, 1, 9, 6), rng),
        ),
        sky=Sky(haze=1.0),
        exposure=-0.35,
    )


def _sea(inland: Callable[[Array, Array], Array], rng: np.random.Generator, seed: int) -> tuple[Part, Part]:
    """The open sea, and a fine strip of it along the shore with waves and foam."""
    open_sea = disc_ground(900, None, rings=110, sides=160)
    place = open_sea.vertices.astype(float)
    off = -inland(place[:, 0], place[:, 1])
    deep = smoothstep(2, 60, off)
    level = SEA - 0.10 * smoothstep(0.0, 3.0, off)
    open_sea = open_sea.reshaped(np.stack([place[:, 0], place[:, 1], level], -1))
    water = mix(flat((0.24, 0.56, 0.60), len(deep)), (0.06, 0.26, 0.42), deep)
    strip = _fine_ring(2.3, 34.0, 120, 420)
    x, y = strip.vertices[:, 0].astype(float), strip.vertices[:, 1].astype(float)
    d = inland(x, y)
    bend = noise(5.0, seed + 7, 3)(np.stack([x, y, 0 * x], -1))
    lace = noise(0.45, seed + 8, 4)(np.stack([x, y, 0 * x], -1))
    swash = d + 0.9 * (bend - 0.5)  # the lines of foam wander
    rollers = np.cos(2 * np.pi * (swash + 0.4) / 3.6)
    crest = smoothstep(0.80, 1.0, rollers) * smoothstep(0.36, 0.5, bend) * smoothstep(-26, -4, d)
    edge = np.exp(-(((swash + 0.12) / 0.3) ** 2)) + 0.75 * smoothstep(0.52, 0.62, lace) * smoothstep(-4.5, -0.3, d)
    foam = np.clip(np.maximum(crest * smoothstep(0.38, 0.5, lace), edge * smoothstep(0.3, 0.5, lace)), 0, 1)
    shallow = mix(flat((0.55, 0.66, 0.60), len(d)), (0.16, 0.46, 0.54), smoothstep(0, 9, -d))
    heave = 0.10 * np.clip(rollers, -0.3, 1) ** 2 * smoothstep(1.0, 6.0, -d)
    z = SEA + 0.02 + heave - 0.35 * smoothstep(26, 34, np.hypot(x, y)) - 0.3 * smoothstep(0.3, 0.9, d)
    waves = strip.reshaped(np.stack([x, y, z], -1))
    return (
        Part(mesh=open_sea, colour=water, material="sea", scale=2.0),
        Part(mesh=waves, colour=mix(shallow, (0.95, 0.96, 0.96), foam), material="sea", scale=0.8),
    )


def _fine_ring(inner: float, outer: float, rings: int, sides: int) -> Mesh:
    r, a = np.geomspace(inner, outer, rings)[:, None], np.linspace(0, 2 * np.pi, sides, endpoint=False)
    return loft(np.stack([r * np.cos(a), r * np.sin(a), np.zeros((rings, sides))], -1), ring=True).flipped()


def _shells(places: Array, rng: np.random.Generator, tone: Colour) -> Part:
    """Ribbed fans, hollow side down."""
    a = np.linspace(-1.15, 1.15, 15)
    rib = np.where(np.arange(15) % 2 == 0, 1.0, 0.93)
    rim = np.stack([rib * np.cos(a), rib * np.sin(a), 0 * a], -1)
    dome = 0.6 * rim + np.array([0, 0, 0.34]) * rib[:, None]
    crown = np.broadcast_to([0, 0, 0.05], dome.shape)
    shell = loft(0.05 * np.stack([rim, dome, crown]))
    grooves = np.clip(np.asarray(tone) * np.concatenate([rib, rib, np.ones(15)])[:, None] ** 5, 0, 1)
    colours = np.tile(grooves, (len(places), 1)) * np.repeat(rng.uniform(0.9, 1.1, (len(places), 1)), 45, axis=0)
    return Part(mesh=strew(shell, places, rng, (0.5, 1.4), 12), colour=np.clip(colours, 0, 1))


def _starfish() -> Mesh:
    a = np.linspace(0, 2 * np.pi, 10, endpoint=False)
    r = np.where(np.arange(10) % 2 == 0, 0.12, 0.045)
    return fan(np.stack([r * np.cos(a), r * np.sin(a), np.full(10, 0.003)], -1), (0, 0, 0.035))


def _sunshades(places: Array, rng: np.random.Generator) -> tuple[Part, ...]:
    """Striped sunshades, each with a towel."""
    roofs, poles, towels, paint = [], [], [], []
    for place in places:
        roof = lathe([(1.25, 1.85), (0.7, 2.12), (0.02, 2.28)], 32)
        roofs.append(roof.turned(rng.uniform(4, 12), "x").turned(rng.uniform(0, 360)).moved(place))
        poles.append(tube([place, place + (0, 0, 2.2)], 0.022, 8))
        towels.append(box((0.8, 1.7, 0.02), place + (rng.uniform(-0.9, 0.9), rng.uniform(-1.2, 1.2), 0.03)))
        stripe = (np.arange(32) // 4) % 2
        bright = vary((0.85, 0.20, 0.16) if rng.random() < 0.5 else (0.15, 0.42, 0.70), rng, 0.2)
        paint.append(np.tile(np.array([bright, (0.95, 0.93, 0.88)])[stripe], (3, 1)))
    return (
        Part(mesh=join(*roofs), colour=np.concatenate(paint), material="cloth"),
        Part(mesh=join(*poles), colour=(0.85, 0.85, 0.83), material="plastic"),
        Part(mesh=join(*towels), colour=vary((0.85, 0.55, 0.25), rng, 0.3), material="fabric", smooth=False),
    )


WORLD = Place(build=build, phrase="on a beach")
