"""A few rendered pictures with what the table knows of each laid over them, for the report."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from foveate.reporting.galleries import picture
from foveate.reporting.palette import colours
from foveate.reporting.sections import Exhibit, Picture

MOST = 6
SIDE = 224
FAR = 12.0  # metres that are drawn as the darkest depth


def exhibits(folder: Path) -> list[Exhibit]:
    """An even part of the rows of a run: picture with boxes, instances, depth."""
    return [Exhibit(row["caption"], list(_seen(row)), note=row["id"]) for row in _rows(folder)]


def _rows(folder: Path) -> Iterator[dict[str, Any]]:
    import pyarrow.parquet as pq

    files = sorted(folder.glob("*.parquet"))
    ends = np.cumsum([pq.read_metadata(file).num_rows for file in files])
    total = int(ends[-1]) if len(ends) else 0
    for place in np.unique(np.linspace(0, total - 1, min(MOST, total)).round().astype(int)):
        number = int(np.searchsorted(ends, place, side="right"))
        first = int(ends[number - 1]) if number else 0
        columns = ["id", "image", "mask", "depth", "objects", "caption"]
        yield pq.read_table(files[number], columns=columns).slice(int(place) - first, 1).to_pylist()[0]


def _seen(row: dict[str, Any]) -> Iterator[Picture]:
    image, mask, depth = (np.asarray(Image.open(io.BytesIO(row[key]["bytes"]))) for key in ("image", "mask", "depth"))
    shown = [one for one in row["objects"] if one["box"]]
    boxes = [(tuple(one["box"]), one["label"]) for one in shown]
    yield picture(image, boxes=boxes, caption="picture and boxes", alt=row["caption"], side=SIDE)
    tinted = image.astype(float).mean(-1, keepdims=True).repeat(3, -1)
    for one, colour in zip(row["objects"], colours(str(k) for k in range(len(row["objects"]))), strict=True):
        own = mask == one["mask_id"]
        tinted[own] = 0.4 * tinted[own] + 0.6 * np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)])
    sizes = ", ".join(f"{one['label']} {one['area']:.1%}" for one in shown)
    yield picture(tinted.astype(np.uint8), caption="instances", note=sizes, alt="instances by colour", side=SIDE)
    near = 255 * (1 - np.clip(np.nan_to_num(depth, posinf=FAR) / FAR, 0, 1))
    grey = np.repeat(near.astype(np.uint8)[..., None], 3, -1)
    yield picture(grey, caption="depth", note=f"white 0 m, black {FAR:.0f} m and beyond", alt="depth", side=SIDE)
