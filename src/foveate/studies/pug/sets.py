"""The study's two rendered sets, kept in the cache, and the encoders that are examined on them."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from foveate.core.cache import folder_of
from foveate.core.files import write_text

ANIMALS = ("zebra", "elephant", "panda", "tiger", "flamingo", "goldfish", "turtle", "ladybug")
WORLDS = (
    "meadow", "desert", "beach", "snow", "forest", "rocks", "street", "living_room", "kitchen", "studio", "library",
    "warehouse", "gym", "plain",
)  # fmt: skip
FACTORS: dict[str, tuple[Any, ...]] = {
    "world": ("meadow", "beach", "street", "kitchen", "warehouse"),
    "light": ("day", "noon", "evening", "overcast", "night"),
    "camera_roll": (0.0, -40.0, -20.0, 20.0, 40.0),
    "material": ("own", "wood", "stone", "sky", "grass"),
    "size": (1.0, 0.5, 0.7, 1.3),
}


def rendered(name: str, seed: int, options: Mapping[str, Any]) -> str:
    """The address of one of the study's sets, rendered once and kept in the cache.

    Where the options name a folder of ``designs``, its file NAME.toml is rendered; else the other options say what.
    """
    from foveate.rendering import verb as rendering
    from foveate.rendering.config import Render

    home = folder_of("rendering") / "studies"
    home.mkdir(parents=True, exist_ok=True)
    if "designs" in options:
        design = Path(__file__).parent / options["designs"] / f"{name}.toml"
        text = design.read_text()
    else:
        text = json.dumps(_design(name, options), sort_keys=True)
    stem = f"pug-{name}-{seed}-{hashlib.blake2b(text.encode(), digest_size=6).hexdigest()}"
    if "designs" not in options:
        design = home / f"{stem}.json"
        write_text(design, text)
    out = home / stem
    if not (out / "report.json").exists():
        rendering.run(Render(design=str(design), seed=seed, out=str(out), resume=out.exists()))
    return f"render:{out}"


def _design(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    each: dict[str, Any] = {"object": list(ANIMALS[: options["classes"]]), "asset": list(range(options["assets"]))}
    worlds = list(WORLDS[: options["worlds"]])
    blocks: dict[str, Any] = {
        # As many pictures of every class in every world, each from its own side.
        "worlds": {
            "factors": each | {"world": worlds, "camera_yaw": options["yaws"]},
            "fixed": {"camera_distance": 2.3},
        },
        "factors": {
            "scheme": "one-factor",
            "factors": {factor: list(values) for factor, values in FACTORS.items()},
            "each": each | {"asset": [number + 100 for number in each["asset"][:2]]},
            "fixed": {"camera_distance": 2.3},
        },
    }
    return blocks[name] | {"size": options["pixels"], "samples": options["samples"], "visible": [0.005, 0.8]}


def real(name: str) -> str:
    return f"local-dir:{Path(os.environ['FOVEATE_REAL_DATA']) / 'encoders' / name}"


def small(seed: int, options: Mapping[str, Any], folder: Path) -> str:
    """A small network that learned the classes of the built-in set."""
    from foveate.pretraining import verb as pretraining
    from foveate.pretraining.config import Pretrain

    out = str(folder / "small")
    pretraining.run(
        Pretrain(
            data="builtin:tabletop@train",
            objective="supervised",
            encoder="foveate:resnet9",
            epochs=options["epochs"],
            seed=seed,
            out=out,
        )
    )
    return f"run:{out}"
