"""What the masks say: a class at each pixel that the network sees, and the class of most of a patch's pixels."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Int, Shaped

from foveate.core.errors import FoveateError
from foveate.measures.segmentation import VOID

if TYPE_CHECKING:
    from datasets import Dataset

    from foveate.encoders.preprocess import Preprocess

BACKGROUND = "background"
_MOST = 254  # classes that fit a byte beside void


def with_masks(dataset: Dataset, address: str) -> Dataset:
    """The dataset with a column ``mask``; drawn from the objects' outlines where the data has only these.

    Raises:
        FoveateError: neither masks nor outlines.
    """
    if "mask" in dataset.column_names:
        return dataset
    kind = getattr(dataset.features.get("objects"), "feature", {})
    if "segmentation" in kind:
        from foveate.data import coco

        return coco.with_masks(dataset)
    raise FoveateError(
        f"{address} has no column 'mask', and no outlines of objects to draw one from.",
        "give data with masks, e.g. builtin:tabletop, render:PATH or coco:instances.json",
    )


def class_names(dataset: Dataset, *, by_label: bool) -> list[str]:
    """Background first, then the objects' labels; ``object`` alone where they have none or are not to be told apart.

    Raises:
        FoveateError: more labels than can be scored.
    """
    feature = getattr(dataset.features.get("objects"), "feature", None)
    if not by_label or not isinstance(feature, Mapping) or "label" not in feature:
        return [BACKGROUND, "object"]
    listed = getattr(feature["label"], "names", None)
    if listed is None:
        found = {thing["label"] for things in dataset["objects"] for thing in things if thing["label"] is not None}
        listed = sorted(map(str, found))
    if len(listed) >= _MOST:
        raise FoveateError(f"{len(listed)} labels of objects are too many to tell apart.", "use --masks foreground")
    return [BACKGROUND, *listed]


def class_map(
    row: Mapping[str, Any], names: Sequence[str], labels: Sequence[str] | None = None
) -> Int[np.ndarray, "h w"]:
    """A class for each pixel of one row's mask: 0 is background, VOID an instance whose label is not known.

    Args:
        row: with ``mask`` (instance ids, 0 = background) and ``objects`` (mask_id, label). names: from ``class_names``.
        labels: names of the label's codes, where labels are numbers.
    """
    ids = np.asarray(row["mask"])
    ids = (ids if ids.ndim == 2 else ids[..., 0]).astype(np.int64)
    if len(names) == 2 and names[1] == "object":
        return (ids > 0).astype(np.int64)
    place = {name: code for code, name in enumerate(names)}
    table = np.full(int(ids.max(initial=0)) + 1, VOID, np.int64)
    table[0] = 0
    for thing in row["objects"] or ():
        number, label = thing.get("mask_id"), thing["label"]
        if number is not None and number < len(table) and label is not None:
            table[number] = place.get(labels[label] if labels is not None else str(label), VOID)
    return table[ids]


def seen(classes: Int[np.ndarray, "h w"], preprocess: Preprocess) -> Int[np.ndarray, "h2 w2"]:
    """The class map as the network sees the image: resized and cropped alike, without blending; padding is void."""
    bytes_ = (classes + 1).astype(np.uint8)  # void is 0, as what ``fill`` pads with
    nearest = dataclasses.replace(preprocess, interpolation="nearest", fill=0)
    return nearest.crop(np.repeat(bytes_[..., None], 3, axis=2))[..., 0].astype(np.int64) - 1


def spread(
    cells: Shaped[np.ndarray, "cells ..."], grid: tuple[int, int], size: tuple[int, int]
) -> Shaped[np.ndarray, "h w ..."]:
    """Each pixel's value from the cell that it lies in, row-major."""
    rows, columns = (np.arange(side) * count // side for side, count in zip(size, grid, strict=True))
    return cells[rows[:, None] * grid[1] + columns]


def majority(truth: Int[np.ndarray, "h w"], grid: tuple[int, int], classes: int) -> Int[np.ndarray, " cells"]:
    """The class of most of a cell's pixels, the lower one of equals; VOID where all of them are void."""
    cells = grid[0] * grid[1]
    place = spread(np.arange(cells), grid, (truth.shape[0], truth.shape[1]))
    known = truth != VOID
    votes = np.bincount(place[known] * classes + truth[known], minlength=cells * classes).reshape(cells, classes)
    return np.where(votes.sum(1) > 0, votes.argmax(1), VOID)
