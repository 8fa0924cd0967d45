"""Planted truths: sets in which the right answer of a measurement is known because it was put there."""

from __future__ import annotations

import colorsys
import io
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from foveate.core.seeds import numpy_stream
from foveate.data.builtin import clutter
from foveate.data.builtin.drawing import colour_field, encode, enlarge, paste, png, scans
from foveate.data.columns import build, image_bytes, shuffle_order
from foveate.data.library import library
from foveate.data.registry import Builtin

if TYPE_CHECKING:
    from datasets import Dataset

SIDE, DIGIT, CELLS = 32, 16, 6
PARTS = {"members-a": 1000, "members-b": 1000, "public": 1000, "held-out": 1000}
CORRELATED = 0.3
"""The share of images in ``dejavu-correlated`` whose field tells the class without anything remembered."""

DUPLICATES_ROWS = {"train": 200, "test": 100}
DUPLICATES_SHARE = 0.2
"""The share of test rows of ``duplicates`` that stand in train: half as the same file, half encoded again."""


def make_dejavu(split: str, *, correlated: float = 0.0) -> Dataset:
    """One part of the memorisation set: a colour field of its own for each image, and a digit in its class's colour in
    one quadrant.

    The field says nothing of the digit, so who tells the digit from the opposite quadrant has remembered the image.
    With ``correlated`` that share of images has the field of its class, which tells it to anyone.

    ``objects`` holds the digit's box; ``factors``: ``quadrant`` (0 upper left, 1 upper right, 2 lower left, 3 lower
    right) and ``correlated``. The parts share no scan.
    """
    datasets = library()
    images, targets = scans()
    sources = _sources(split)
    draw = numpy_stream(0, "builtin", "dejavu", split)
    class_fields = numpy_stream(0, "builtin", "dejavu", "fields").uniform(0, 256, (10, CELLS, CELLS, 3)).clip(0, 255)
    files, labels, objects, factors = [], [], [], []
    for number in range(PARTS[split]):
        source = sources[number % len(sources)]
        label, quadrant = int(targets[source]), int(draw.integers(4))
        own_field = draw.uniform(0, 256, (CELLS, CELLS, 3)).clip(0, 255)
        shown = bool(draw.uniform() < correlated)
        canvas = colour_field(class_fields[label] if shown else own_field, SIDE)
        canvas = np.clip(canvas + draw.normal(0, 2, canvas.shape), 0, 255).astype(np.float32)
        top, left = DIGIT * (quadrant // 2), DIGIT * (quadrant % 2)
        paste(canvas, enlarge(images[source], DIGIT), _class_colour(label), top, left)
        files.append(png(canvas))
        labels.append(label)
        objects.append([{"label": label, "box": [left, top, left + DIGIT, top + DIGIT]}])
        factors.append({"quadrant": quadrant, "correlated": shown})
    names = datasets.ClassLabel(names=[str(digit) for digit in range(10)])
    return build(
        {
            "image": image_bytes(files),
            "id": [f"{split}-{number:04d}" for number in range(len(files))],
            "label": labels,
            "objects": objects,
            "factors": factors,
        },
        {
            "image": datasets.Image(),
            "id": datasets.Value("string"),
            "label": names,
            "objects": datasets.List({"label": names, "box": datasets.List(datasets.Value("float32"), length=4)}),
            "factors": {"quadrant": datasets.Value("int32"), "correlated": datasets.Value("bool")},
        },
    )


def make_duplicates(split: str) -> Dataset:
    """Images of ``clutter``, where some test rows stand in train too; ``factors.copy_of`` names the train row or is "".

    ``factors.copy``: ``""``, ``same`` (the same file) or ``encoded`` (the same picture as a JPEG of quality 90).
    """
    datasets = library()
    source = clutter.make(split, rows=DUPLICATES_ROWS[split])
    table = source.with_format("arrow")[:]
    files = [image["bytes"] for image in table["image"].to_pylist()]
    labels = table["label"].to_pylist()
    names = [f"duplicates-{split}-{number:03d}" for number in range(len(files))]
    factors = [{"copy_of": "", "copy": ""} for _ in files]
    if split == "test":
        train = make_duplicates("train").with_format("arrow")[:]
        for number in range(round(DUPLICATES_SHARE * len(files))):
            place, original = 5 * number % len(files), 7 * number % len(train)
            copy = "same" if number % 2 == 0 else "encoded"
            data = train["image"][original].as_py()["bytes"]
            files[place] = data if copy == "same" else encode(Image.open(io.BytesIO(data)), "JPEG", quality=90)
            labels[place] = train["label"][original].as_py()
            factors[place] = {"copy_of": train["id"][original].as_py(), "copy": copy}
    return build(
        {"image": image_bytes(files), "id": names, "label": labels, "factors": factors},
        {
            "image": datasets.Image(),
            "id": datasets.Value("string"),
            "label": datasets.ClassLabel(names=[str(digit) for digit in range(10)]),
            "factors": {"copy_of": datasets.Value("string"), "copy": datasets.Value("string")},
        },
    )


def _sources(split: str) -> np.ndarray:
    """The scans of one part: every fourth of the fixed shuffle."""
    order = shuffle_order([f"scan {index}" for index in range(len(scans()[1]))])
    return order[list(PARTS).index(split) :: len(PARTS)]


def _class_colour(label: int) -> np.ndarray:
    """The hue of a class, so that a small encoder reads the class from the digit without labels (from shapes it does not)."""
    return 255 * np.array(colorsys.hsv_to_rgb(label / 10, 1.0, 1.0))


DEJAVU = Builtin(splits=tuple(PARTS), build=make_dejavu)
DEJAVU_CORRELATED = Builtin(splits=tuple(PARTS), build=partial(make_dejavu, correlated=CORRELATED))
DUPLICATES = Builtin(splits=("train", "test"), build=make_duplicates)
