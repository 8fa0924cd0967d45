"""What the built-in sets are drawn with: the scanned digits, colour fields, pasting, PNG."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from foveate.data.load import divide

if TYPE_CHECKING:
    from numpy.typing import NDArray


@lru_cache(maxsize=1)
def scans() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """scikit-learn's scanned digits: strengths 0 … 1, [1797 8 8], and what they show."""
    from sklearn.datasets import load_digits

    found = load_digits()
    return (found.images / 16).astype(np.float32), found.target.astype(np.int64)


@lru_cache(maxsize=1)
def scan_parts() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The fixed division of the scans, stratified by class: indices of train and test."""
    from foveate.data.columns import build
    from foveate.data.library import library

    datasets = library()
    targets = scans()[1]
    features = {"id": datasets.Value("string"), "label": datasets.ClassLabel(names=[str(digit) for digit in range(10)])}
    table = build({"id": [scan_id(index) for index in range(len(targets))], "label": targets}, features)
    train, test = divide(table)
    return np.array(train), np.array(test)


def scan_id(index: int) -> str:
    return f"digit-{index:04d}"


def enlarge(strengths: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """A scan at another size, [side side], bicubic, within 0 … 1."""
    return np.clip(np.asarray(Image.fromarray(strengths).resize((side, side), Image.Resampling.BICUBIC)), 0, 1)


def colour_field(cells: NDArray[np.float64], side: int) -> NDArray[np.float32]:
    """A smooth field [side side 3], 0 … 255, through a coarse grid of colours [k k 3]."""
    image = Image.fromarray(np.rint(cells).astype(np.uint8)).resize((side, side), Image.Resampling.BICUBIC)
    return np.asarray(image).astype(np.float32)


def paste(
    canvas: NDArray[np.float32], strengths: NDArray[np.float32], colour: NDArray[np.float64], top: int, left: int
) -> None:
    """Lay a colour on the canvas [h w 3], in place, as strong as ``strengths`` says."""
    side = len(strengths)
    window = canvas[top : top + side, left : left + side]
    window += strengths[..., None] * (colour.astype(np.float32) - window)


def png(canvas: NDArray[np.float32]) -> bytes:
    """An image [h w 3], 0 … 255, as a PNG file."""
    return encode(Image.fromarray(np.rint(canvas).astype(np.uint8)), "PNG", compress_level=1)


def encode(image: Image.Image, kind: str, **options: int) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()
