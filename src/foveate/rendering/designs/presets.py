"""The named designs. Counts are those of foveate's own objects and worlds; a user's objects take their place where given."""

from __future__ import annotations

from foveate.core.registry import Registry
from foveate.rendering.catalogue import MATERIALS, OBJECTS, WORLDS
from foveate.rendering.designs.design import Block, Design, Levels, Range
from foveate.rendering.factors import Value
from foveate.rendering.palette import Palette

PRESETS = Registry(
    "design",
    {
        "animals": "foveate.rendering.designs.presets:animals",
        "imagenet-like": "foveate.rendering.designs.presets:imagenet_like",
        "spar": "foveate.rendering.designs.presets:spar",
        "ar4t": "foveate.rendering.designs.presets:ar4t",
        "tabletop": "foveate.rendering.designs.presets:tabletop",
        "video": "foveate.rendering.designs.presets:video",
    },
)


# SPAR's cast is fixed: a class or world that is added does not change its captions.
_SPAR_ANIMALS = ("zebra", "elephant", "giraffe", "panda", "cow", "pig", "tiger", "rabbit", "camel", "penguin", "duck", "flamingo")  # fmt: skip
_SPAR_WORLDS = ("meadow", "desert", "beach", "snow", "forest", "rocks", "street", "living_room", "kitchen", "studio")


def _objects(palette: Palette, group: str | None = None) -> tuple[str, ...]:
    """The user's objects, or ours: all of them or those of a group."""
    if palette.own_objects:
        return tuple(palette.own_objects)
    return tuple(name for name in OBJECTS if group is None or OBJECTS.load(name).group == group)


def _worlds(palette: Palette, *, plain: bool = False) -> tuple[str, ...]:
    """The user's worlds, or ours."""
    if palette.own_worlds:
        return tuple(palette.own_worlds)
    return tuple(name for name in WORLDS if plain or name != "plain")


def _materials(palette: Palette) -> tuple[str, ...]:
    """Its own and the user's, or its own and three that PUG's textures are like."""
    return ("own", *(palette.own_materials or ("sky", "grass", "asphalt")))


def animals(palette: Palette) -> Design:
    """Animal × world × size × material × camera yaw: PUG: Animals' full grid."""
    factors: dict[str, Levels] = {
        "object": _objects(palette, "animal"),
        "world": _worlds(palette),
        "size": (0.7, 1.0, 1.3),
        "material": _materials(palette),
        "camera_yaw": (0.0, 45.0, 225.0, 315.0),
    }
    return Design(
        name="animals",
        about="animals in every world, size, material and view: hold out worlds or pairs",
        blocks=(Block(factors=factors),),
    )


def imagenet_like(palette: Palette) -> Design:
    """One factor at a time from a default picture, for three individuals of each class: PUG: ImageNet's ten subsets."""
    turns = tuple(float(angle) for angle in range(-90, 91, 30))
    tilts = tuple(float(angle) for angle in range(-45, 46, 15))
    classes = _objects(palette)
    named = tuple(name for name in classes if palette.imagenet(name)) or classes
    factors: dict[str, Levels] = {
        "world": _worlds(palette, plain=True),
        "camera_yaw": tuple(float(angle) for angle in range(-135, 181, 45)),
        "camera_pitch": (10.0, 2.0, 20.0, 35.0, 50.0),
        "camera_roll": tilts,
        "object_yaw": (35.0, *(35.0 + angle for angle in turns if angle)),
        "object_pitch": tilts,
        "object_roll": tilts,
        "size": (1.0, 0.4, 0.55, 0.7, 0.85, 1.2, 1.4),
        "material": ("own", *(palette.own_materials or (name for name in MATERIALS if name != "own"))),
        "light_intensity": (1.0, 0.15, 0.3, 0.6, 1.6, 2.5, 4.0),
        "light": ("day", "noon", "evening", "overcast", "night"),
        "fog": (0.0, 0.3, 0.6),
        "blur": (0.0, 0.01, 0.03),
    }
    block = Block(
        scheme="one-factor", factors=factors, each={"object": named, "asset": (0, 1, 2)}, fixed={"camera_distance": 2.2}
    )
    return Design(
        name="imagenet-like",
        about="one factor at a time from a default view, for classifiers with ImageNet heads",
        blocks=(block,),
        visible=(0.005, 0.8),
    )


def spar(palette: Palette) -> Design:
    """Scene, position, attribute, relation in stages of rising difficulty: PUG: SPAR."""
    beasts, worlds = tuple(palette.own_objects)[:12] or _SPAR_ANIMALS, tuple(palette.own_worlds)[:10] or _SPAR_WORLDS
    materials = (*palette.own_materials, "grass", "stone")[:2]
    places = (("left", "right"), ("right", "left"), ("top", "bottom"), ("bottom", "top"))
    far: dict[str, Value] = {"camera_pitch": 12.0, "object_yaw": 20.0, "object2_yaw": -20.0}
    blocks = [
        Block(factors={"world": worlds, "scene": tuple(range(4))}, fixed={"object": "none"}, stage="background"),
        Block(factors={"world": worlds, "object": beasts}, fixed=far, stage="one"),
        Block(
            factors={"world": worlds, "object": beasts, "position": ("left", "right", "top", "bottom")},
            fixed=far,
            stage="one_position",
        ),
    ]
    pairs = tuple((a, b) for k, a in enumerate(beasts) for b in beasts[k + 1 :])
    for a, b in pairs:
        two: dict[str, Value] = {**far, "object": a, "object2": b}
        blocks += [
            Block(
                factors={"world": worlds}, fixed={**two, "position": first, "position2": second}, stage="two_positions"
            )
            for first, second in places
        ]
        blocks += [
            Block(
                factors={"world": worlds},
                fixed={**two, "position": "left", "material": m, "material2": n},
                stage="two_attributes",
            )
            for m, n in (materials, materials[::-1])
        ]
    return Design(
        name="spar",
        about="caption exams: scene, position, attribute, relation",
        blocks=tuple(blocks),
        visible=(0.01, 0.7),
    )


def ar4t(palette: Palette) -> Design:
    """Attributes and relations in captions, to train on: PUG: AR4T."""
    block = Block(
        scheme="random",
        count=20_000,
        factors={
            "world": _worlds(palette),
            "object": _objects(palette),
            "object2": _objects(palette),
            "relation": ("left of", "right of", "above", "below", "in front of", "behind"),
            "material": tuple(palette.materials),
            "material2": tuple(palette.materials),
            "light": ("day", "noon", "evening", "overcast"),
            "object_yaw": Range(-60, 60),
            "object2_yaw": Range(-60, 60),
            "camera_yaw": Range(-180, 180),
            "camera_pitch": Range(6, 25),
        },
    )
    return Design(
        name="ar4t", about="captions of attributes and relations, to train on", blocks=(block,), visible=(0.008, 0.7)
    )


def tabletop(palette: Palette) -> Design:
    """Small pictures of several objects in any place and material: the built-in set."""
    factors: dict[str, Levels] = {
        "world": _worlds(palette),
        "object": _objects(palette),
        "count": (1, 2, 3, 4),
        "material": ("own", "own", "own", *(name for name in palette.materials if name != "own")),
        "light": ("day", "noon", "evening", "overcast"),
        "object_yaw": Range(-180, 180),
        "camera_yaw": Range(-180, 180),
        "camera_pitch": Range(8, 40),
        "size": Range(0.8, 1.2),
    }
    block = Block(scheme="random", factors=factors, count=2000)
    return Design(
        name="tabletop", about="small pictures of one to four objects", blocks=(block,), size=64, visible=(0.02, 0.7)
    )


def video(palette: Palette) -> Design:
    """Sequences of 24 frames: the camera moves around an object, or the object turns; with optical flow."""
    common: dict[str, Levels] = {"world": _worlds(palette), "object": _objects(palette)}
    orbit = Block(
        scheme="latin", factors=common, count=12, frames=24, path={"camera_yaw": (-40.0, 40.0)}, stage="orbit"
    )
    turn = Block(scheme="latin", factors=common, count=12, frames=24, path={"object_yaw": (-60.0, 60.0)}, stage="turn")
    return Design(name="video", about="short sequences with optical flow", blocks=(orbit, turn), size=128, flow=True)
