"""The images of an audit by role: labels brought to one list of classes, crops, and pictures that stand in two roles."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from jaxtyping import Bool, Int, UInt8

from foveate.auditing import crops
from foveate.core.errors import FoveateError

if TYPE_CHECKING:
    from datasets import Dataset

CANVAS = 32  # side of the small pictures on which images are compared, px
LEAST = 10  # images of a role with which there is anything to measure


@dataclass(frozen=True)
class Labelled:
    """Labelled images of one role (``members``, ``public``, …); those that cannot be read are gone.

    Attributes:
        labels: int64 [n], positions in ``classes``. sizes: int32 [n 2], height and width of each image, px.
        small: uint8 [n 3 s s], the images squashed to a small square.
        left_out: (id, reason) of images that were not used.
    """

    role: str
    address: str
    dataset: Dataset
    labels: Int[np.ndarray, " n"]
    classes: tuple[str, ...]
    sizes: Int[np.ndarray, "n 2"]
    small: UInt8[np.ndarray, "n 3 s s"]
    left_out: tuple[tuple[str, str], ...] = field(default=())

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def ids(self) -> list[str]:
        return list(self.dataset["id"])

    def take(self, keep: Bool[np.ndarray, " n"], reason: str) -> Labelled:
        """The rows in ``keep``; the others are left out for ``reason``."""
        rows = np.flatnonzero(keep)
        ids = self.ids
        dropped = tuple((ids[i], reason) for i in np.flatnonzero(~keep))
        return replace(
            self,
            dataset=self.dataset.select(rows),
            labels=self.labels[rows],
            sizes=self.sizes[rows],
            small=self.small[rows],
            left_out=self.left_out + dropped,
        )


def open_set(role: str, address: str, *, classes: Sequence[str] | None = None) -> Labelled:
    """Load the images of one role.

    Args:
        classes: the public set's class names, to which labels are brought by name; None for the public set itself.

    Raises:
        FoveateError: no labels, fewer than two classes, or no class in common with the public set.
    """
    from foveate.data.columns import has_labels
    from foveate.data.columns import labels as labels_of
    from foveate.data.load import load
    from foveate.data.pixels import PixelStore

    flag = f"--{role.replace(' ', '-')}"
    dataset = load(address)
    if not has_labels(dataset):
        raise FoveateError(
            f"{address} has no labels, which {flag} needs.", "give class folders, or a table with a label column"
        )
    labels, names = labels_of(dataset)
    store = PixelStore(dataset, CANVAS)
    rows = np.asarray(store.rows)
    images = Labelled(
        role=role,
        address=address,
        dataset=dataset.select(rows),
        labels=labels[rows],
        classes=tuple(names),
        sizes=np.asarray(store.sizes),
        small=np.asarray(store.pixels),
        left_out=tuple(store.unreadable),
    )
    if classes is None:
        if len(np.unique(images.labels)) < 2:
            raise FoveateError(
                f"the images of {flag} {address} are all of one class.", "label inference needs two classes or more"
            )
        return images
    place = {name: index for index, name in enumerate(classes)}
    mapped = np.array([place.get(name, -1) for name in names], dtype=np.int64)[images.labels]
    if not (mapped >= 0).any():
        raise FoveateError(
            f"{flag} {address} and the public set have no class in common ({names[0]} … against {classes[0]} …).",
            "give sets labelled with the same class names",
        )
    known = mapped >= 0
    images = replace(images, labels=np.where(known, mapped, 0), classes=tuple(classes))
    return images if known.all() else images.take(known, "its class is not in the public set")


@dataclass(frozen=True)
class Crops:
    """What is shown of the images of one role: one box each.

    Attributes:
        images: those that have a large enough crop. boxes: int32 [n 4], ``x0, y0, x1, y1`` px.
    """

    images: Labelled
    boxes: Int[np.ndarray, "n 4"]

    def __len__(self) -> int:
        return len(self.images)


def cut(images: Labelled, rule: Literal["corner", "boxes", "masks"], *, share: float) -> Crops:
    """Choose each image's crop; images without one that is large enough are left out.

    Raises:
        FoveateError: the rule needs a column the set lacks, or nearly nothing is left.
    """
    needed = {"boxes": "objects", "masks": "mask"}.get(rule)
    if needed and needed not in images.dataset.column_names:
        raise FoveateError(
            f"{images.address} has no column '{needed}', which --crop {rule} needs.",
            "use --crop corner, or a set with boxes (coco:…) or masks",
        )
    column = images.dataset.select_columns([needed]) if needed else None
    boxes = np.zeros((len(images), 4), dtype=np.int32)
    keep = np.zeros(len(images), dtype=bool)
    for row, (height, width) in enumerate(images.sizes.tolist()):
        if column is None:
            box: crops.Box | None = crops.corner(width, height, share=share)
            keep[row] = crops.large_enough(box, width, height, share=0.0)
        else:
            cell = column[row][needed]
            box = _outside(cell, rule, width, height)
            keep[row] = crops.large_enough(box, width, height, share=share)
        if keep[row]:
            assert box is not None
            boxes[row] = box
    if keep.sum() < LEAST:
        raise FoveateError(
            f"only {int(keep.sum())} of {len(keep):,} images of {images.address} have a large enough crop.",
            "give more images, a smaller --crop-share, or another --crop",
        )
    return Crops(images.take(keep, f"no crop outside its {rule} is large enough"), boxes[keep])


def _outside(cell: Any, rule: str, width: int, height: int) -> crops.Box | None:
    if rule == "masks":
        mask = np.asarray(cell)
        if mask.shape != (height, width):
            raise FoveateError(
                f"a mask of {mask.shape[1]}×{mask.shape[0]} px belongs to an image of {width}×{height} px.",
                "give masks of their images' size",
            )
        return crops.outside_mask(mask)
    if not cell:
        return 0, 0, width, height
    boxes = cell["box"] if isinstance(cell, dict) else [item["box"] for item in cell]
    return crops.outside_boxes(width, height, boxes)


def same_pictures(images: Labelled, others: Labelled) -> tuple[Bool[np.ndarray, " n"], Bool[np.ndarray, " n"]]:
    """Which of ``images`` also stand in ``others``: with the same small picture to the last bit, and nearly so.

    Nearly: the same thumbnail. The first is contained in the second.
    """
    from foveate.measures.duplicates import near, thumbnails

    same = identical(images.small, others.small)
    return same, same | (near(thumbnails(images.small), thumbnails(others.small)) >= 0)


def identical(small: UInt8[np.ndarray, "n 3 s s"], others: UInt8[np.ndarray, "m 3 s s"]) -> Bool[np.ndarray, " n"]:
    """Which small pictures also stand among others, to the last bit."""
    seen = {_digest(item) for item in others}
    return np.array([_digest(item) in seen for item in small], dtype=bool)


def _digest(picture: UInt8[np.ndarray, "3 s s"]) -> bytes:
    return hashlib.blake2b(picture.tobytes(), digest_size=16).digest()
