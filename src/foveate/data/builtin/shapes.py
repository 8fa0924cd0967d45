"""``builtin:shapes``: four plain shapes in random colours; a small labelled set for trying things out and for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from foveate.core.seeds import numpy_stream
from foveate.data.builtin.drawing import encode
from foveate.data.columns import build, image_bytes
from foveate.data.library import library
from foveate.data.registry import Builtin

if TYPE_CHECKING:
    from datasets import Dataset

SIDE = 32
ROWS = {"train": 240, "test": 120}
SHAPES = ("circle", "cross", "square", "triangle")


def make(split: str) -> Dataset:
    """240 train or 120 test images, as many of each shape."""
    datasets = library()
    draw = numpy_stream(0, "builtin", "shapes", split)
    files, labels = [], []
    for number in range(ROWS[split]):
        label = number % len(SHAPES)
        paper, ink = (tuple(int(level) for level in draw.integers(low, low + 100, 3)) for low in (0, 155))
        radius = int(draw.integers(7, 12))
        x, y = (int(place) for place in draw.integers(radius, SIDE - radius, 2))
        image = Image.new("RGB", (SIDE, SIDE), paper)
        _draw(ImageDraw.Draw(image), SHAPES[label], x, y, radius, ink)
        files.append(encode(image, "PNG"))
        labels.append(label)
    return build(
        {
            "image": image_bytes(files),
            "id": [f"shape-{split}-{number:03d}" for number in range(len(files))],
            "label": labels,
        },
        {
            "image": datasets.Image(),
            "id": datasets.Value("string"),
            "label": datasets.ClassLabel(names=list(SHAPES)),
        },
    )


def _draw(pen: ImageDraw.ImageDraw, shape: str, x: int, y: int, radius: int, ink: tuple[int, ...]) -> None:
    box = (x - radius, y - radius, x + radius, y + radius)
    if shape == "circle":
        pen.ellipse(box, fill=ink)
    elif shape == "square":
        pen.rectangle(box, fill=ink)
    elif shape == "triangle":
        pen.polygon([(x, y - radius), (x + radius, y + radius), (x - radius, y + radius)], fill=ink)
    else:
        arm = max(radius // 3, 1)
        pen.rectangle((x - arm, y - radius, x + arm, y + radius), fill=ink)
        pen.rectangle((x - radius, y - arm, x + radius, y + arm), fill=ink)


SET = Builtin(splits=("train", "test"), build=make)
