"""The study's rendered sets, kept in the cache, and the encoders that are examined on them."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from foveate.core.cache import folder_of
from foveate.core.files import write_text
from foveate.data.load import load

ANIMALS = ("zebra", "elephant", "panda", "tiger", "flamingo", "goldfish", "turtle", "cow", "rabbit", "penguin")
WORLDS = (
    "meadow", "desert", "beach", "snow", "forest", "rocks", "street", "living_room", "kitchen", "studio", "library",
    "warehouse", "gym", "plain",
)  # fmt: skip
MATERIALS = ("own", "sky", "grass", "asphalt")
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

    if "designs" in options:
        design = Path(__file__).parent / options["designs"] / f"{name}.toml"
        text = design.read_text()
    else:
        text = json.dumps(_design(name, options), sort_keys=True)
        design = _home() / f"pug-{name}-{_digest(text)}.json"
        write_text(design, text)
    out = _home() / f"pug-{name}-{seed}-{_digest(text)}"
    if not (out / "report.json").exists():
        rendering.run(Render(design=str(design), seed=seed, out=str(out), resume=out.exists()))
    return f"render:{out}"


def _design(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    animals = list(ANIMALS[: options["classes"]])
    designs: dict[str, dict[str, Any]] = {
        # PUG: Animals: every animal in every world, material and view.
        "worlds": {
            "factors": {
                "object": animals,
                "world": list(WORLDS[: options["worlds"]]),
                "material": list(MATERIALS),
                "camera_yaw": options["yaws"],
            },
        },
        # PUG: ImageNet: one factor at a time; other individuals.
        "factors": {
            "scheme": "one-factor",
            "factors": {factor: list(values) for factor, values in FACTORS.items()},
            "each": {"object": animals, "asset": list(range(100, 100 + options["assets"]))},
        },
    }
    common = {"size": options["pixels"], "samples": options["samples"], "visible": [0.005, 0.8]}
    return designs[name] | common | {"fixed": {"camera_distance": 2.3}}


def real(name: str) -> str:
    """The address of one of the real encoders."""
    return f"local-dir:{Path(os.environ['FOVEATE_REAL_DATA']) / 'encoders' / name}"


def small(seed: int, options: Mapping[str, Any]) -> str:
    """A small network that learned to name the objects of the built-in rendered set, each cut out; trained once and kept in the cache."""
    from foveate.pretraining import verb as pretraining
    from foveate.pretraining.config import Pretrain

    out = _home() / f"pug-small-{seed}-{options['epochs']}"
    if not (out / "report.json").exists():
        with tempfile.TemporaryDirectory() as folder:
            cut_out("builtin:tabletop@train", Path(folder), pixels=64)
            pretraining.run(
                Pretrain(
                    data=f"folder:{folder}",
                    objective="supervised",
                    encoder="foveate:resnet9",
                    epochs=options["epochs"],
                    batch=64,
                    keep=max(1, options["epochs"] // 4),
                    seed=seed,
                    out=str(out),
                )
            )
    return f"run:{out}"


def cut_out(data: str, folder: Path, *, pixels: int) -> None:
    """Class folders of the objects of a set, each with a margin of a sixth around its box. Those of less than six pixels are left out."""
    for row in load(data):
        for number, thing in enumerate(row["objects"]):
            x0, y0, x1, y1 = thing["box"]
            if min(x1 - x0, y1 - y0) < 6:
                continue
            x, y, half = (x0 + x1) / 2, (y0 + y1) / 2, max(x1 - x0, y1 - y0) * 2 / 3
            place = folder / thing["label"] / f"{row['id']}-{number}.png"
            place.parent.mkdir(exist_ok=True)
            row["image"].crop((x - half, y - half, x + half, y + half)).resize((pixels, pixels)).save(place)


def _home() -> Path:
    home = folder_of("rendering") / "studies"
    home.mkdir(parents=True, exist_ok=True)
    return home


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()
