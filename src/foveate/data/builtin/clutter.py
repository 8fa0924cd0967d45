"""``builtin:clutter``: the scanned digits at a random place and size on a colour field that no other image has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from foveate.core.seeds import numpy_stream
from foveate.data.builtin.drawing import colour_field, enlarge, paste, png, scan_parts, scans
from foveate.data.columns import build, image_bytes
from foveate.data.library import library
from foveate.data.registry import Builtin

if TYPE_CHECKING:
    from datasets import Dataset

SIDE = 32
ROWS = {"train": 6000, "test": 1000}
SIZES = (14, 21)  # smallest and one above the largest digit, in pixels
CELLS = 6  # colours along a side of the field


def make(split: str, *, rows: int | None = None) -> Dataset:
    """6,000 train or 1,000 test images (or the first ``rows`` of them); no scan stands behind both.

    The place, the size and the field say nothing of the class, so neighbours in pixels find little, while a network
    that looks for shapes solves it.
    """
    datasets = library()
    images, targets = scans()
    sources = scan_parts()[0 if split == "train" else 1]
    draw = numpy_stream(0, "builtin", "clutter", split)
    files, labels, boxes = [], [], []
    for number in range(rows or ROWS[split]):
        source = sources[number % len(sources)]
        side = int(draw.integers(*SIZES))
        top, left = (int(place) for place in draw.integers(0, SIDE - side + 1, 2))
        canvas = colour_field(draw.uniform(0, 200, (CELLS, CELLS, 3)), SIDE)
        paste(canvas, enlarge(images[source], side), draw.uniform(190, 256, 3).clip(0, 255), top, left)
        files.append(png(canvas))
        labels.append(int(targets[source]))
        boxes.append([{"label": int(targets[source]), "box": [left, top, left + side, top + side]}])
    names = datasets.ClassLabel(names=[str(digit) for digit in range(10)])
    return build(
        {
            "image": image_bytes(files),
            "id": [f"clutter-{split}-{number:05d}" for number in range(len(files))],
            "label": labels,
            "objects": boxes,
        },
        {
            "image": datasets.Image(),
            "id": datasets.Value("string"),
            "label": names,
            "objects": datasets.List({"label": names, "box": datasets.List(datasets.Value("float32"), length=4)}),
        },
    )


SET = Builtin(splits=("train", "test"), build=make)
