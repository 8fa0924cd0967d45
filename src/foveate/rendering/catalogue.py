"""The visible lists of what can be rendered: objects, worlds, materials and lights. Imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass

from foveate.core.registry import Registry

OBJECTS = Registry(
    "rendered object",
    {
        name: f"foveate.rendering.objects.{name}:OBJECT"
        for name in (
            # animals
            "zebra", "elephant", "giraffe", "panda", "cow", "pig", "tiger", "rabbit", "camel", "penguin", "duck", "flamingo", "owl",
            "goldfish", "turtle", "snail", "crab", "starfish", "ladybug",
            # furniture
            "chair", "armchair", "desk", "bookcase", "table_lamp",
            # vessels
            "teapot", "mug", "vase", "wine_bottle",
            # vehicles
            "car", "bicycle", "airplane", "sailboat",
            # food
            "apple", "banana", "pineapple", "strawberry", "mushroom",
            # tools
            "hammer", "umbrella",
            # others
            "guitar", "traffic_light",
        )
    },
)  # fmt: skip

WORLDS = Registry(
    "rendered world",
    {
        name: f"foveate.rendering.worlds.{name}:WORLD"
        for name in (
            # outdoors
            "meadow", "desert", "beach", "snow", "forest", "rocks", "street",
            # indoors
            "living_room", "kitchen", "studio", "library", "warehouse", "gym",
            "plain",
        )
    },
)  # fmt: skip

MATERIALS: dict[str, str] = {
    "own": "",
    "wood": "wood",
    "steel": "steel",
    "gold": "gold",
    "rust": "rusty iron",
    "glass": "glass",
    "marble": "marble",
    "stone": "stone",
    "brick": "bricks",
    "fabric": "woven fabric",
    "leather": "leather",
    "plastic": "plastic",
    "ceramic": "ceramic",
    "fur": "fur",
    "grass": "grass",
    "sky": "clouds",
    "asphalt": "asphalt",
}
"""Material → as captions say it after "made of"; ``own`` is what the object is made of by itself."""


@dataclass(frozen=True, kw_only=True)
class Light:
    """A time of day or a weather.

    Attributes:
        elevation: of the sun, degrees above the horizon. sun: share of its direct light, 0 when overcast.
        clouds: share of the sky that they cover. strength: of all light; kelvin: its colour, 6500 is neutral. exposure: stops by which the camera answers.
        phrase: as captions say it.
    """

    elevation: float
    phrase: str
    sun: float = 1.0
    clouds: float = 0.3
    strength: float = 1.0
    kelvin: float = 6500.0
    exposure: float = 0.0


LIGHTS: dict[str, Light] = {
    "day": Light(elevation=38, phrase="by day"),
    "noon": Light(elevation=68, phrase="at noon", exposure=-0.2),
    "evening": Light(elevation=9, phrase="in the evening", clouds=0.4, exposure=1.2),
    "overcast": Light(elevation=45, phrase="under an overcast sky", sun=0.03, clouds=1.0, exposure=0.5),
    "night": Light(elevation=35, phrase="at night", sun=0.5, clouds=0.15, strength=0.04, kelvin=11_000, exposure=3.4),
}
