"""What grows low and what has fallen: ferns, flowers, leaves on the ground."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from foveate.rendering.modelling.patterns import flat
from foveate.rendering.modelling.profiles import fan, hull, join, tube
from foveate.rendering.modelling.scattering import strew, tints
from foveate.rendering.modelling.trees import frond, on_ball
from foveate.rendering.scene import Array, Colour, Mesh, Part


def fern(rng: np.random.Generator, *, wide: float = 0.8, green: Colour = (0.25, 0.40, 0.12)) -> tuple[Part, ...]:
    """A rosette of fronds on the origin."""
    count, leaves = int(rng.integers(9, 14)), []
    for k in range(count):
        size, rise, droop = wide / 2 * rng.uniform(0.8, 1.2), rng.uniform(0.7, 1.2), rng.uniform(0.6, 0.95)
        leaf = frond(size, rng, rise=rise, droop=droop, leaflet=0.2, count=14)
        leaves.append(leaf.turned(360 / count * k + rng.uniform(-12, 12)))
    tint = tints([green], count, len(leaves[0].vertices), rng, 0.2)
    return (Part(mesh=join(*leaves), colour=tint, material="foliage", smooth=False),)


def flowers(
    places: Array,
    rng: np.random.Generator,
    colour: Colour,
    *,
    tall: float = 0.14,
    wide: float = 0.03,
    heart: Colour = (0.85, 0.62, 0.10),
) -> tuple[Part, ...]:
    """Blossoms on stems at (k, 3) places: a star of petals around a heart."""
    petals, n = 7, len(places)
    a = np.linspace(0, 2 * np.pi, 2 * petals, endpoint=False)
    r = np.where(np.arange(2 * petals) % 2 == 0, 1.0, 0.45) * wide
    rim = np.stack([r * np.cos(a), r * np.sin(a), tall + 0.25 * r], -1)
    star = fan(rim, (0, 0, tall))
    middle = hull(on_ball(14, rng) * 0.32 * wide * (1, 1, 0.6) + (0, 0, tall + 0.004))
    stalk = tube([(0, 0, 0), (0.01, 0, tall / 2), (0, 0, tall)], 0.0022, 3)
    blossom = join(star, middle, stalk)
    sizes = (len(star.vertices), len(middle.vertices), len(stalk.vertices))
    mesh = strew(blossom, places, rng, (0.7, 1.25), 14)
    one = np.concatenate([flat(c, m) for c, m in zip((colour, heart, (0.28, 0.42, 0.14)), sizes, strict=True)])
    colours = np.tile(one, (n, 1)) * np.repeat(rng.uniform(0.85, 1.1, (n, 1)), len(one), axis=0)
    return (Part(mesh=mesh, colour=np.clip(colours, 0, 1), material="matte", smooth=False),)


def fallen(places: Array, rng: np.random.Generator, colours: Sequence[Colour], *, size: float = 0.05) -> Part:
    """Fallen leaves at (k, 3) places: pointed ovals, folded along their rib, each tilted as it lies."""
    outline = np.array([
        [-1.25, 0, 0.1], [-1, 0, 0], [-0.3, -0.55, 0.22], [0.5, -0.42, 0.2], [1.1, 0, 0.06], [0.5, 0.42, 0.2],
        [-0.3, 0.55, 0.22], [0.1, 0, 0.0],
    ])  # fmt: skip
    faces = np.array([[1, 2, 7], [2, 3, 7], [3, 4, 7], [4, 5, 7], [5, 6, 7], [6, 1, 7], [0, 1, 2]])
    leaf = Mesh(vertices=(outline * size / 2).astype(np.float32), faces=faces.astype(np.int32))
    return Part(
        mesh=strew(leaf, places, rng, (0.6, 1.3), 18),
        colour=tints(colours, len(places), 8, rng, 0.22),
        material="matte",
        smooth=False,
    )
