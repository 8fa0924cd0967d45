"""Factors into a shot: the numbers that the worker builds a scene from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from foveate.core.seeds import numpy_stream
from foveate.rendering.catalogue import LIGHTS
from foveate.rendering.designs.design import NUISANCE
from foveate.rendering.factors import NOTHING, placed
from foveate.rendering.palette import Palette

Place = tuple[float, float, float]
# Where in the picture → (right, away, up) in metres, in the camera's own directions; what is at the top stands on a plinth.
PLACES: dict[str, Place] = {
    "centre": (0.0, 0.0, 0.0),
    "left": (-0.42, 0.0, 0.0),
    "right": (0.42, 0.0, 0.0),
    "top": (0.0, 0.45, 0.62),
    "bottom": (0.0, -0.25, 0.0),
    "front": (-0.16, -0.5, 0.0),
    "back": (0.24, 0.75, 0.0),
}
SHARED = 0.58  # size of objects that share the frame or stand beside its centre, against one that has it to itself


@dataclass(frozen=True, kw_only=True)
class Actor:
    """An object of a picture.

    Attributes:
        position: where it was meant to be, or "" for a random place. place: (right, away, up) in metres.
    """

    name: str
    asset: int
    material: str = "own"
    size: float = 1.0
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    position: str = ""
    place: tuple[float, float, float] = (0.0, 0.0, 0.0)


def cast(factors: Mapping[str, Any], seed: int, palette: Palette) -> list[Actor]:
    """Who is in the picture: the named objects, and others drawn at random up to ``count``."""
    actors, places = [], placed(factors)
    for suffix, turn in (("", "object_yaw"), ("2", "object2_yaw")):
        if factors[f"object{suffix}"] == NOTHING:
            continue
        tipped = {} if suffix else {"pitch": factors["object_pitch"], "roll": factors["object_roll"]}
        name = factors[f"object{suffix}"]
        actors.append(
            Actor(
                name=name,
                asset=0 if name in palette.own_objects else factors[f"asset{suffix}"],
                material=factors[f"material{suffix}"],
                size=factors[f"size{suffix}"],
                yaw=factors[turn],
                position=str(places[f"position{suffix}"]),
                **tipped,
            )
        )
    others = max(factors["count"] - len(actors), 0)
    draw = numpy_stream(seed, "others")
    actors += [_other(draw, palette) for _ in range(others)]
    shared = SHARED if len(actors) > 1 or any(one.position not in ("centre", "") for one in actors) else 1.0
    taken: list[Place] = []
    for number, one in enumerate(actors):
        # A crowd is scattered, at least a body's width apart, the main object in front of its neighbours.
        place = _free_place(taken, draw) if others else PLACES[one.position]
        taken.append(place)
        actors[number] = replace(one, size=one.size * shared, place=place, position="" if others else one.position)
    return actors


def _other(draw: np.random.Generator, palette: Palette) -> Actor:
    name, asset = str(draw.choice(palette.objects)), int(draw.integers(NUISANCE["asset"]))
    return Actor(
        name=name,
        asset=0 if name in palette.own_objects else asset,
        size=float(draw.uniform(0.7, 1.1)),
        yaw=float(draw.uniform(-180, 180)),
    )


def _free_place(taken: Sequence[Place], draw: np.random.Generator) -> Place:
    best, widest = (0.0, 0.0), -1.0
    for _ in range(24):
        place = (
            float(draw.uniform(-0.62, 0.62)),
            float(draw.uniform(-0.2, 0.95) if taken else draw.uniform(-0.55, 0.0)),
        )
        gap = min((float(np.hypot(place[0] - x, place[1] - y)) for x, y, _ in taken), default=9.0)
        if gap > widest:
            best, widest = place, gap
        if gap > 0.62:
            break
    return (*best, 0.0)


def shot(
    factors: Mapping[str, Any], seed: int, palette: Palette, *, px: int, samples: int, passes: list[str]
) -> dict[str, Any]:
    """What the worker is asked for: a scene in numbers and files."""
    f = factors
    light = LIGHTS[str(f["light"])]
    actors = cast(f, seed, palette)
    alone = len(actors) == 1 and actors[0].position == "centre"
    return {
        "world": str(palette.world_file(str(f["world"]), int(f["scene"]))),
        "objects": [
            {
                "asset": str(palette.object_file(one.name, one.asset)),
                "material": palette.material(one.material),
                **{key: getattr(one, key) for key in ("size", "yaw", "pitch", "roll", "place")},
            }
            for one in actors
        ],
        "camera": {
            "yaw": f["camera_yaw"],
            "pitch": f["camera_pitch"],
            "roll": f["camera_roll"],
            "distance": f["camera_distance"],
            "fov": f["camera_fov"],
            # Alone, an object is looked at in its middle; several share one point of view.
            "target": None if alone else [0.0, 0.0, 0.36],
        },
        "light": {
            "elevation": light.elevation,
            "azimuth": f["light_azimuth"],
            "intensity": light.strength * float(f["light_intensity"]),
            "kelvin": _warmer(light.kelvin, float(f["light_kelvin"])),
            "sun": light.sun,
            "clouds": light.clouds,
            "sky": float(f["scene"]),
            "exposure": light.exposure,
            "dimmed": -math.log2(light.strength),
        },
        "fog": f["fog"],
        "blur": f["blur"],
        "px": px,
        "samples": samples,
        "seed": seed & 0x7FFFFFFF,
        "passes": passes,
    }


def _warmer(own: float, asked: float) -> float:
    """Two colours of light in one: their differences from neutral in mireds add up, as of filters one behind the other."""
    mired = 1e6 / own + 1e6 / asked - 1e6 / 6500
    return 1e6 / max(mired, 1e6 / 25_000)
