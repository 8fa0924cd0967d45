"""Objects and worlds as files that the worker reads: built once per variant, kept in the cache."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from foveate.rendering.scene import Asset, Hair, Part, World


def write(thing: Asset | World, path: Path) -> Path:
    """An asset or a world into ``path`` (.npz): its arrays, and under ``about`` a JSON text that says what they are.

    Keys are ``p0.vertices``, ``p0.faces``, ``p0.colours`` for a part, ``p0.curves`` for hair, ``s0.places`` … for a scatter.
    """
    arrays: dict[str, np.ndarray] = {}
    about: dict[str, Any] = {"parts": _parts(thing.parts, thing.hair, "p", arrays)}
    if isinstance(thing, World):
        about |= {
            "fill": thing.fill,
            "exposure": thing.exposure,
            "sky": None if thing.sky is None else {"strength": thing.sky.strength, "haze": thing.sky.haze},
            "lamps": [
                {
                    "place": lamp.place,
                    "target": lamp.target,
                    "watts": lamp.watts,
                    "size": lamp.size,
                    "kelvin": lamp.kelvin,
                }
                for lamp in thing.lamps
            ],
            "scatters": [],
        }
        for number, scatter in enumerate(thing.scatters):
            key = f"s{number}"
            about["scatters"].append({"key": key, "parts": _parts(scatter.parts, scatter.hair, f"{key}p", arrays)})
            for name in ("places", "yaws", "sizes"):
                arrays[f"{key}.{name}"] = np.asarray(getattr(scatter, name), np.float32)
    arrays["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    with open(path, "wb") as stream:
        np.savez(stream, allow_pickle=False, **arrays)
    return path


def _parts(
    parts: Sequence[Part], hair: Sequence[Hair], prefix: str, arrays: dict[str, np.ndarray]
) -> list[dict[str, Any]]:
    about: list[dict[str, Any]] = []
    for part in parts:
        key, n = f"{prefix}{len(about)}", len(part.mesh.vertices)
        arrays[f"{key}.vertices"] = np.asarray(part.mesh.vertices, np.float32)
        arrays[f"{key}.faces"] = np.asarray(part.mesh.faces, np.int32)
        arrays[f"{key}.colours"] = np.broadcast_to(np.asarray(part.colour, np.float32), (n, 3))
        about.append(
            {"key": key, "material": part.material, "smooth": part.smooth, "keep": part.keep, "scale": part.scale}
        )
    for strands in hair:
        key = f"{prefix}{len(about)}"
        arrays[f"{key}.curves"] = np.asarray(strands.curves, np.float32)
        arrays[f"{key}.colours"] = np.asarray(strands.colours, np.float32)
        about.append({"key": key, "radius": strands.radius})
    return about
