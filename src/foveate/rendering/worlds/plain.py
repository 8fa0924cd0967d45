"""A plain grey floor under an open sky: cheap to render, and no help to whoever looks."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.profiles import disc_ground
from foveate.rendering.scene import Part, Place, World


def build(rng: np.random.Generator) -> World:
    return World(parts=(Part(mesh=disc_ground(60), colour=(0.5, 0.5, 0.5), material="plaster"),))


WORLD = Place(build=build, phrase="in an empty place")
