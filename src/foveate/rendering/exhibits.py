"""A few rendered pictures with what the table knows of each laid over them, for the report."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from foveate.rendering.scene import Array
from foveate.reporting.galleries import picture
from foveate.reporting.palette import colours
from foveate.reporting.sections import Exhibit, Picture

SHOWN, LAID_OPEN = 24, 6
SIDE = 224
FAR = 12.0  # metres that are drawn as the darkest depth


def pictures(folder: Path) -> list[Picture]:
    """An even part of the rows of a run, as they are."""
    return [
        picture(
            _pixels(row["image"]), caption=row["label"] or "no object", note=row["id"], alt=row["caption"], side=SIDE
        )
        for row in _rows(folder, SHOWN, ["id", "image", "label", "caption"])
    ]


def exhibits(folder: Path) -> list[Exhibit]:
    """A few of the rows, each as a picture with boxes, its instances and its depth."""
    columns = ["id", "image", "mask", "depth", "objects", "caption"]
    return [Exhibit(row["caption"], list(_laid_open(row)), note=row["id"]) for row in _rows(folder, LAID_OPEN, columns)]


def _rows(folder: Path, most: int, columns: list[str]) -> Iterator[dict[str, Any]]:
    import pyarrow.parquet as pq

    files = sorted(folder.glob("*.parquet"))
    sizes = [pq.read_metadata(file).num_rows for file in files]
    total, first = sum(sizes), 0
    places = np.unique(np.linspace(0, total - 1, min(most, total)).round().astype(int))
    for file, size in zip(files, sizes, strict=True):
        own = places[(places >= first) & (places < first + size)] - first
        if len(own):
            yield from pq.read_table(file, columns=columns).take(own).to_pylist()
        first += size


def _pixels(stored: dict[str, Any]) -> Array:
    return np.asarray(Image.open(io.BytesIO(stored["bytes"])))


def _laid_open(row: dict[str, Any]) -> Iterator[Picture]:
    image, mask, depth = (_pixels(row[key]) for key in ("image", "mask", "depth"))
    boxes = [(tuple(one["box"]), one["label"]) for one in row["objects"]]
    yield picture(image, boxes=boxes, caption="picture and boxes", alt=row["caption"], side=SIDE)
    tinted = image.astype(float).mean(-1, keepdims=True).repeat(3, -1)
    for one, colour in zip(row["objects"], colours(str(k) for k in range(len(row["objects"]))), strict=True):
        own = mask == one["mask_id"]
        tinted[own] = 0.4 * tinted[own] + 0.6 * np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)])
    sizes = ", ".join(f"{one['label']} {one['area']:.1%}" for one in row["objects"])
    yield picture(tinted.astype(np.uint8), caption="instances", note=sizes, alt="instances by colour", side=SIDE)
    near = 255 * (1 - np.clip(np.nan_to_num(depth, posinf=FAR) / FAR, 0, 1))
    grey = np.repeat(near.astype(np.uint8)[..., None], 3, -1)
    yield picture(grey, caption="depth", note=f"white 0 m, black {FAR:.0f} m and beyond", alt="depth", side=SIDE)
