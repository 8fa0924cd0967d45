"""Bare rock: a red canyon with layered walls, or a grey field of scree under snowy peaks; stones and boulders everywhere."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.growing import grass
from foveate.rendering.modelling.land import hills, stone
from foveate.rendering.modelling.patterns import flat, height, mix, noise, smoothstep, vary
from foveate.rendering.modelling.profiles import disc_ground, loft
from foveate.rendering.modelling.scattering import around, grounded, planted, strew, tints
from foveate.rendering.modelling.trees import bush
from foveate.rendering.scene import Array, Colour, Part, Place, Sky, World


def build(rng: np.random.Generator) -> World:
    canyon = rng.random() < 0.5
    seed = int(rng.integers(1 << 30))
    lumps, slope = height(11, 1.0 if canyon else 1.7, seed, flat=4.2), noise(30, seed + 9, 2)

    def lift(x: Array, y: Array) -> Array:
        """Lumps, and slopes of scree further out."""
        up = smoothstep(0.4, 0.75, slope(np.stack([x, y, 0 * x], -1)))
        return lumps(x, y) + 0.11 * np.clip(np.hypot(x, y) - 5.5, 0, 26) * up

    on_ground = grounded(lift)

    rock = vary((0.64, 0.40, 0.28) if canyon else (0.53, 0.505, 0.46), rng, 0.05)
    dust = (0.68, 0.47, 0.34) if canyon else (0.50, 0.47, 0.42)
    tones = [tuple(float(v) for v in np.asarray(rock) * rng.uniform(0.75, 1.25)) for _ in range(6)]
    parts = [Part(mesh=disc_ground(150, lift, rings=140), colour=dust, material="soil", scale=1.2)]
    # Gravel and stones near, none high enough to stand in the view; boulders from five metres on.
    for count, low, high, size in (
        (1500, 0.0, 5, (0.025, 0.08)),
        (420, 1.1, 5, (0.08, 0.2)),
        (900, 4.6, 22, (0.12, 0.5)),
        (270, 6.6, 40, (0.6, 2.3)),
    ):
        for _ in range(3):
            parts.append(_stones(on_ground(around(count // 3, low, high, rng)), rng, tones, size))
    if canyon:
        parts += _walls(rng, rock, seed)
    else:
        parts.append(_peaks(rng, rock, seed))
    clumps = around(45, 2.0, 14, rng)
    roots = on_ground(clumps[rng.integers(45, size=2400)] + rng.normal(scale=0.07, size=(2400, 3)) * [1, 1, 0])
    colour = (0.60, 0.55, 0.32) if canyon else (0.40, 0.46, 0.20)
    shrub = bush(rng, wide=0.7, green=(0.44, 0.46, 0.28) if canyon else (0.34, 0.44, 0.22), leaves=380)
    return World(
        parts=tuple(parts),
        hair=(grass(roots, rng, length=0.13, colour=colour, dry=0.4, radius=0.0035),),
        scatters=(planted(shrub, on_ground(around(26, 5.5, 24, rng)), rng),),
        sky=Sky(haze=0.6),
        fill=0.06,
        exposure=0.05,
    )


def _stones(places: Array, rng: np.random.Generator, tones: list[Colour], size: tuple[float, float]) -> Part:
    one = stone(rng, points=16 if size[1] < 0.3 else 25)
    return Part(
        mesh=strew(one, places, rng, size, 22),
        colour=tints(tones, len(places), len(one.vertices), rng, 0.2),
        material="matte" if size[1] < 0.3 else "stone",
        smooth=False,
    )


def _walls(rng: np.random.Generator, rock: Colour, seed: int) -> list[Part]:
    """Two rings of cliffs in steps, the nearer with gaps through which the farther shows."""
    parts = []
    for away, tall, gaps in ((23.0, 6.5, True), (52.0, 11.0, False)):
        sides, rows = 420, 46
        a, t = np.meshgrid(np.linspace(0, 2 * np.pi, sides, endpoint=False), np.linspace(0, 1, rows))
        around_, seed = np.stack([away * np.cos(a), away * np.sin(a), 0 * a], -1).reshape(-1, 3), seed + 17
        crest = noise(away * 0.55, seed, 4)(around_)
        top = tall * (smoothstep(0.42, 0.66, crest) if gaps else 0.35 + 0.65 * crest)
        z = t.ravel() * top
        ledges = np.floor(z / 1.4) + smoothstep(0.75, 1.0, z / 1.4 % 1.0)
        cracks = noise(3.0, seed + 1, 5)(around_ * [1, 1, 0] + np.stack([0 * z, 0 * z, 0.35 * z], -1))
        buttress = noise(away * 0.13, seed + 5, 3)(around_)
        bulges = ((7.5, away * 0.3, seed + 2), (4.5, away * 0.13, seed + 5))
        r = away + 0.55 * ledges + 0.4 * z + 2.4 * (cracks - 0.5)
        r = r + sum(by * (noise(scale, s, 3)(around_) - 0.5) for by, scale, s in bulges)
        p = np.stack([r * np.cos(a.ravel()), r * np.sin(a.ravel()), z - 0.5], -1)
        band = noise(0.7, seed + 3, 3)(np.stack([0 * z, 0 * z, z + 0.5 * crest], -1))
        colour = mix(
            flat(rock, len(p)) * (0.55 + 0.4 * cracks + 0.35 * (1 - buttress))[:, None],
            (0.80, 0.60, 0.46),
            0.75 * smoothstep(0.52, 0.66, band),
        )
        colour = mix(colour, (0.72, 0.66, 0.66), np.full(len(p), 0.0 if gaps else 0.18))  # haze
        cliff = loft(p.reshape(rows, sides, 3), ring=True).flipped()
        parts.append(Part(mesh=cliff, colour=np.clip(colour, 0, 1), material="strata"))
    return parts


def _peaks(rng: np.random.Generator, rock: Colour, seed: int) -> Part:
    """Mountains with snow on them, bluer for being far."""
    mesh = hills(rng, 120, 32, sharp=True, low=0.1)
    snowy = smoothstep(0.47, 0.56, noise(12, seed + 3, 5)(mesh.vertices) + 0.016 * (mesh.vertices[:, 2] - 12))
    colour = mix(flat(rock, len(snowy)) * 0.62 + np.array([0.08, 0.10, 0.15]), (0.92, 0.94, 0.97), snowy)
    return Part(mesh=mesh, colour=np.clip(colour, 0, 1), material="matte", smooth=False)


WORLD = Place(build=build, phrase="among rocks")
