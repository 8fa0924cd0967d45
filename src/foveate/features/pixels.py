"""Pictures of the rows that a probe read: as small squares, as features without an encoder, and as they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Int, UInt8

if TYPE_CHECKING:
    from datasets import Dataset

    from foveate.encoders.preprocess import Preprocess

CANVAS = 32  # side of the small pictures on which rows are compared, px; pixels are read at half of it
PIXEL_GRID = (1e-4, 1e-2)
"""Settings of C that logistic regression on pixels tries."""


def small(dataset: Dataset, rows: Int[np.ndarray, " n"]) -> UInt8[np.ndarray, "n 3 s s"]:
    """The images of some rows, all of which can be read, squashed to small squares."""
    from foveate.data.pixels import PixelStore

    store = PixelStore(dataset, CANVAS)
    place = {int(row): index for index, row in enumerate(np.asarray(store.rows))}
    return np.asarray(store.pixels)[[place[int(row)] for row in rows]]


def colours(small: UInt8[np.ndarray, "n 3 s s"]) -> Float[np.ndarray, "n d"]:
    """Colours as features, at half the side: 16 × 16 × 3 numbers, 0 … 255."""
    n, channels, side, _ = small.shape
    halves = small.reshape(n, channels, side // 2, 2, side // 2, 2).mean((3, 5), dtype=np.float32)
    return np.ascontiguousarray(halves.reshape(n, -1), dtype=np.float32)


def as_seen(
    dataset: Dataset, rows: Int[np.ndarray, " n"], preprocess: Preprocess, size: tuple[int, int]
) -> UInt8[np.ndarray, "n h w 3"]:
    """The images of some rows, all of which can be read, cropped as a network sees them, then averaged to (h, w)."""
    from PIL import Image

    from foveate.data.decode import Reader

    made = [
        np.asarray(Image.fromarray(preprocess.crop(image.pixels)).resize(size[::-1], Image.Resampling.BOX))  # type: ignore[arg-type]
        for image in Reader(dataset, rows=rows.tolist(), max_unreadable=1.0)
    ]
    return np.stack(made)


def originals(
    dataset: Dataset, rows: Int[np.ndarray, " n"], positions: Iterable[int]
) -> dict[int, UInt8[np.ndarray, "h w 3"]]:
    """Pixels of the rows at ``positions`` of ``rows``, by position."""
    from foveate.data.decode import Reader

    place = {int(rows[position]): position for position in positions}
    return {place[image.row]: image.pixels for image in Reader(dataset, rows=sorted(place), max_unreadable=1.0)}  # type: ignore[misc]
