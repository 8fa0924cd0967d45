"""What is true of a rendered picture, from the worker's passes: masks, boxes, relations; and whether the picture is worth keeping."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from foveate.rendering.scene import Array

APART = 0.08  # of the picture's width, by which two outlines' middles must differ for left and right to be said
DEEPER = 0.15  # metres, likewise for in front of and behind
HIGHER = 0.2  # metres, likewise for above and below: of what the objects stand on


@dataclass(frozen=True)
class Truth:
    """One picture with what is true of it.

    Attributes:
        image: (h, w, 3) uint8. mask: (h, w) uint8, instance numbers from 1, 0 background; a pixel is an object's where it covers at least half.
        depth: (h, w) float32 metres along the viewing axis. normal: (h, w, 3) float32 in the world, or None.
        boxes: per object [x0, y0, x1, y1] px of what is seen, end exclusive; None where nothing is. outlines: of the whole, seen or not.
        areas: share of the frame. visibility: share of the whole outline that is seen.
        poses: (4, 4) from an object's unit frame into the world. bounds: its extent in the world, [low, high].
        camera: intrinsics (3, 3) px, extrinsics (4, 4) world to camera (x right, y down, z ahead).
    """

    image: Array
    mask: Array
    depth: Array
    normal: Array | None
    boxes: list[list[float] | None]
    outlines: list[list[float]]
    areas: list[float]
    visibility: list[float]
    poses: list[Array]
    bounds: list[Array]
    camera: dict[str, Array]


def read(path: Path) -> Truth:
    """The truth of a picture that the worker wrote."""
    with np.load(path) as file:
        found = {name: file[name] for name in file.files}
    about: dict[str, Any] = json.loads(bytes(found["truth"]).decode())
    image = np.asarray(Image.open(io.BytesIO(bytes(found["png"]))).convert("RGB"))
    coverage = found["coverage"].astype(np.float32)
    mask = np.zeros(image.shape[:2], np.uint8)
    if len(coverage):
        mask = np.where(coverage.max(0) >= 0.5, coverage.argmax(0) + 1, 0).astype(np.uint8)
    numbers = range(1, len(coverage) + 1)
    return Truth(
        image=image,
        mask=mask,
        depth=np.where(found["depth"] > 1e6, np.inf, found["depth"]).astype(np.float32),  # the sky
        normal=found.get("normal"),
        boxes=[_box(mask == number) for number in numbers],
        outlines=about["outline"],
        areas=[float((mask == number).mean()) for number in numbers],
        visibility=about["visibility"],
        poses=[np.array(pose) for pose in about["poses"]],
        bounds=[np.array(bounds) for bounds in about["bounds"]],
        camera={name: np.array(about["camera"][name]) for name in ("intrinsics", "extrinsics")},
    )


def relations(truth: Truth) -> list[tuple[int, str, int]]:
    """(a, relation, b) for every ordered pair of objects that are seen, by the middles of their outlines and what they stand on."""
    found = []
    seen = [k for k, area in enumerate(truth.areas) if area > 0]
    width = truth.mask.shape[1]
    middle = {k: (truth.outlines[k][0] + truth.outlines[k][2]) / 2 / width for k in seen}
    centre = {k: truth.bounds[k].mean(0) for k in seen}
    rt = truth.camera["extrinsics"]
    depth = {k: float(rt[2, :3] @ centre[k] + rt[2, 3]) for k in seen}
    base = {k: float(truth.bounds[k][0, 2]) for k in seen}
    for a in seen:
        for b in seen:
            if a == b:
                continue
            if middle[a] < middle[b] - APART:
                found.append((a, "to the left of", b))
            if middle[a] > middle[b] + APART:
                found.append((a, "to the right of", b))
            if base[a] > base[b] + HIGHER:
                found.append((a, "above", b))
            if base[a] < base[b] - HIGHER:
                found.append((a, "below", b))
            if depth[a] < depth[b] - DEEPER:
                found.append((a, "in front of", b))
            if depth[a] > depth[b] + DEEPER:
                found.append((a, "behind", b))
    return found


def side(truth: Truth, index: int, meant: str) -> str:
    """The side of the picture that an object was meant to be at, if its outline's middle is indeed there; else ""."""
    x0, y0, x1, y1 = truth.outlines[index]
    h, w = truth.mask.shape
    x, y = (x0 + x1) / 2 / w, (y0 + y1) / 2 / h
    there = {
        "left": x < 0.5 - APART / 2,
        "right": x > 0.5 + APART / 2,
        "top": y < 0.5 - APART / 2,
        "bottom": y > 0.5 + APART / 2,
    }
    return meant if there.get(meant, False) else ""


def fault(truth: Truth, visible: tuple[float, float], factors: Mapping[str, Any]) -> str | None:
    """Why a picture is not kept, or None.

    Source: the gates that PUG's own set lacked (its README admits badly rendered ones) and Kubric's visibility rule.
    """
    for index, area in enumerate(truth.areas):
        alone = index == 0 and factors["position"] == "centre"  # elsewhere it is smaller, as all others are
        least, most = visible[0] if alone else visible[0] / 4, visible[1]
        who = "the main object" if index == 0 else f"object {index + 1}"
        if area < least:
            return f"{who} covers {area:.1%} of the frame, less than {least:.1%}"
        if area > most:
            return f"{who} covers {area:.0%} of the frame, more than {most:.0%}"
        if truth.visibility[index] < (0.5 if index == 0 and factors["position"] != "back" else 0.25):
            return f"only {truth.visibility[index]:.0%} of {who} is seen"
    light = truth.image.astype(np.float32).mean(-1) / 255
    if not 0.02 <= light.mean() <= 0.96:
        return f"the exposure is off: mean brightness {light.mean():.2f}"
    if light.std() < 0.01:
        return "the picture is one flat colour"
    return None


def _box(mask: Array) -> list[float] | None:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return None
    return [float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)]
