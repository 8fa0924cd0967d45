"""Which images stand in two sets: by their file's bytes, by their decoded pixels, or by a small grey picture of them.

The thumbnail is the image's luma averaged over an 8 × 8 grid, one byte a cell. On CIFAR-10, clothing photographs and
scanned digits, saving as JPEG at quality 75 to 90, also at three quarters of the size, moves it by at most 1.4 grey levels
(root mean square), while the nearest other image is 8.9 or more away; so pictures within 2.5 levels count as the same one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8

SIDE = 8  # cells a side
RADIUS = 2.5  # grey levels, root mean square
CONTRAST = 0.3  # of a thumbnail's own standard deviation: dull pictures must lie nearer to count as the same
LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
_BLOCK = 4096  # rows of either set compared at once: 64 MB of distances


@dataclass(frozen=True, kw_only=True)
class Prints:
    """What is known of one set's images, row by row; what is None is not compared.

    Attributes:
        encoded: digests of the files' bytes. pixels: digests of the decoded pixels.
        thumbnails: uint8 [n, 64].
    """

    encoded: Sequence[bytes] | None = None
    pixels: Sequence[bytes] | None = None
    thumbnails: UInt8[np.ndarray, "n 64"] | None = None


@dataclass(frozen=True)
class Match:
    """A row of the test set that also stands in train, the (first) row there, and by what it was known."""

    test: int
    train: int
    how: Literal["bytes", "pixels", "thumbnail"]


def thumbnail(pixels: UInt8[np.ndarray, "h w 3"]) -> bytes:
    """The 64 bytes of one image's thumbnail, row by row."""
    return thumbnails(pixels.transpose(2, 0, 1)[None])[0].tobytes()


def thumbnails(images: UInt8[np.ndarray, "n 3 h w"]) -> UInt8[np.ndarray, "n 64"]:
    """The thumbnails of images of one size."""
    n, _, height, width = images.shape
    down, across = averages(height), averages(width)
    found = np.empty((n, SIDE * SIDE), dtype=np.uint8)
    step = max(1, 8_000_000 // (height * width))
    for start in range(0, n, step):
        grey = np.einsum("nchw,c->nhw", images[start : start + step].astype(np.float32), LUMA)
        cells = np.rint(down @ grey @ across.T)
        found[start : start + step] = cells.clip(0, 255).astype(np.uint8).reshape(-1, SIDE * SIDE)
    return found


def near(
    queries: UInt8[np.ndarray, "n 64"], base: UInt8[np.ndarray, "m 64"], *, radius: float = RADIUS
) -> Int[np.ndarray, " n"]:
    """For each thumbnail the row of ``base`` that shows the same picture, or -1.

    The nearest row by root mean square difference (the first of equal ones), if it lies within ``radius`` grey levels and
    within .3 of the query's own contrast. Distances are exact: sums of 64 squares of bytes are whole numbers in float32.
    """
    found = np.full(len(queries), -1, dtype=np.int64)
    for start in range(0, len(queries), _BLOCK):
        ours = torch.from_numpy(np.ascontiguousarray(queries[start : start + _BLOCK])).float()
        limit = torch.minimum(torch.tensor(radius), CONTRAST * ours.std(dim=1, correction=0)).square() * SIDE * SIDE
        best = torch.full((len(ours),), torch.inf)
        row = torch.full((len(ours),), -1, dtype=torch.long)
        for first in range(0, len(base), _BLOCK):
            theirs = torch.from_numpy(np.ascontiguousarray(base[first : first + _BLOCK])).float()
            squares = ours.square().sum(dim=1, keepdim=True) + theirs.square().sum(dim=1) - 2 * ours @ theirs.T
            value, place = squares.min(dim=1)
            nearer = value < best
            best, row = torch.where(nearer, value, best), torch.where(nearer, place + first, row)
        found[start : start + _BLOCK] = torch.where(best <= limit, row, -1).numpy()
    return found


def overlap(train: Prints, test: Prints, *, radius: float = RADIUS) -> list[Match]:
    """The rows of ``test`` that also stand in ``train``, ascending, each by the strictest likeness that holds."""
    matches: dict[int, Match] = {}
    by_thumbnail: list[tuple[int, int]] = []
    if train.thumbnails is not None and test.thumbnails is not None:
        rows = near(test.thumbnails, train.thumbnails, radius=radius)
        by_thumbnail = [(int(row), int(rows[row])) for row in np.flatnonzero(rows >= 0)]
    pairs: tuple[tuple[Literal["bytes", "pixels", "thumbnail"], list[tuple[int, int]]], ...] = (
        ("bytes", _equal(train.encoded, test.encoded)),
        ("pixels", _equal(train.pixels, test.pixels)),
        ("thumbnail", by_thumbnail),
    )
    for how, found in pairs:
        for row, other in found:
            matches.setdefault(row, Match(row, other, how))
    return [matches[row] for row in sorted(matches)]


def _equal(train: Sequence[bytes] | None, test: Sequence[bytes] | None) -> list[tuple[int, int]]:
    if train is None or test is None:
        return []
    first: dict[bytes, int] = {}
    for row, digest in enumerate(train):
        first.setdefault(digest, row)
    return [(row, first[digest]) for row, digest in enumerate(test) if digest in first]


@lru_cache(maxsize=256)
def averages(
    length: int, cells: int = SIDE, start: float = 0.0, stop: float = 1.0
) -> Float[np.ndarray, "cells length"]:
    """The share that each of ``length`` pixels has in each of equal stretches between two shares of the side, edge pixels in both."""
    edges = np.linspace(start * length, stop * length, cells + 1)
    pixels = np.arange(length)
    inside = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    return (inside.clip(0) * cells / ((stop - start) * length)).astype(np.float32)
