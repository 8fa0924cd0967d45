"""The videos of a dataset: which rows are whose, their frames and the true masks of their objects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np
from jaxtyping import UInt8

from foveate.core.address import parse
from foveate.core.errors import FoveateError, nearest
from foveate.data.decode import Reader
from foveate.data.load import load
from foveate.data.registry import SCHEMES

if TYPE_CHECKING:
    from datasets import Dataset

VOID = 255
FEWEST = 3
"""Frames: the first is given and the last is not scored."""


@dataclass(frozen=True)
class Video:
    """One video.

    Attributes:
        name: its group. dataset, rows: where its frames are, in order. numbers: of the frames, for their files' names.
    """

    name: str
    dataset: Dataset
    rows: tuple[int, ...]
    numbers: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def folder(self) -> str:
        """Its name as the name of a folder."""
        return quote(self.name, safe=" ,()").replace(".", "%2E")

    def frames(self) -> Iterator[UInt8[np.ndarray, "h w 3"]]:
        """The frames in order, decoded as they are asked for."""
        for image in Reader(self.dataset, rows=self.rows, max_unreadable=0.0):
            assert image.pixels is not None
            yield image.pixels

    def masks(self) -> UInt8[np.ndarray, "n h w"]:
        """The true masks: 0 is background, 1 … k are the objects that the first frame shows.

        Masks of 0 and 255 alone are of one object (DAVIS 2016); beside other numbers 255 is void, which is background here.

        Raises:
            FoveateError: masks that are no indices, of different sizes, or without an object at first.
        """
        column = self.dataset.select_columns("mask")
        masks = np.stack(_alike([self._indices(column[row]["mask"]) for row in self.rows], self.name))
        if not np.any((masks > 0) & (masks < VOID)):
            masks = (masks == VOID).astype(np.uint8)
        masks[masks == VOID] = 0
        if not masks[0].any():
            raise FoveateError(
                f"the first mask of {self.name} shows no object, so there is nothing to follow.",
                "mark the objects in the first frame, or leave the video out with --videos",
            )
        masks[masks > masks[0].max()] = 0
        return masks

    def _indices(self, mask: Any) -> UInt8[np.ndarray, "h w"]:
        values = np.asarray(mask) if mask is not None else np.zeros(0)
        if values.ndim == 3 and (values[..., :1] == values[..., :3]).all():
            values = values[..., 0]
        if values.ndim != 2 or not values.size or values.min() < 0 or values.max() > VOID:
            raise FoveateError(
                f"a mask of {self.name} is no image of object numbers from 0 to {VOID}.",
                "give indexed or grey PNGs, 0 for the background",
            )
        return values.astype(np.uint8)


def find(data: str, test: str | None, names: tuple[str, ...]) -> list[Video]:
    """The videos to follow: those of ``test``, else of the set's own validation split, else all.

    Raises:
        FoveateError: as ``load``; a slice, no masks or groups, a name that is no video, a video that is too short.
    """
    address = test or data
    parsed = parse(address, SCHEMES)
    if parsed.rows is not None:
        raise FoveateError(
            f"{address} is a sample of single frames, and a video is followed through all of its.",
            "leave [a:b] out; --videos chooses videos",
        )
    scheme = SCHEMES.load(parsed.scheme)
    own = scheme.splits(parsed) if scheme.splits is not None and parsed.split_at()[1] is None else []
    dataset = load(address, split="validation" if test is None and "validation" in own else None)
    if missing := {"mask", "group"} - set(dataset.column_names):
        raise FoveateError(
            f"{address} has no column {' and '.join(sorted(missing))}: the task vos follows masks through videos.",
            "give videos with masks, e.g. davis:PATH",
        )
    table = dataset.with_format("arrow")[:]
    groups = table["group"].to_pylist()
    numbers = table["frame"].to_pylist() if "frame" in dataset.column_names else None
    rows: dict[str, list[int]] = {}
    for row, group in enumerate(groups):
        rows.setdefault(str(group), []).append(row)
    if unknown := [name for name in names if name not in rows]:
        raise FoveateError(f"{address} has no video '{unknown[0]}'.", nearest(unknown[0], rows))
    found = []
    for name in names or rows:
        own_numbers = range(len(rows[name])) if numbers is None else (numbers[row] for row in rows[name])
        found.append(Video(name, dataset, tuple(rows[name]), tuple(own_numbers)))
    if short := [video for video in found if len(video) < FEWEST]:
        raise FoveateError(
            f"the video {short[0].name} has {len(short[0])} frames; the first and the last are not scored.",
            f"give videos of {FEWEST} frames or more",
        )
    return found


def _alike(masks: list[UInt8[np.ndarray, "_ _"]], name: str) -> list[UInt8[np.ndarray, "h w"]]:
    odd = next((mask for mask in masks if mask.shape != masks[0].shape), None)
    if odd is not None:
        raise FoveateError(
            f"{name} has masks of {masks[0].shape[1]}×{masks[0].shape[0]} and of {odd.shape[1]}×{odd.shape[0]}.",
            "give all masks of a video in one resolution",
        )
    return masks
