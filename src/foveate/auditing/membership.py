"""What a run of ours was trained on: who is a member is looked up among its images, not believed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, UInt8

from foveate.auditing.sets import CANVAS, LEAST, Labelled, identical
from foveate.core import console
from foveate.core.errors import FoveateError

if TYPE_CHECKING:
    from foveate.encoders.run import TrainingRows


@dataclass(frozen=True)
class Record:
    """What is known of an encoder's training images.

    Attributes:
        small: uint8 [n 3 s s], the small pictures of all of them; None where they cannot be told.
        how: one sentence for the page: what was looked up, or why nothing was.
    """

    encoder: str
    small: UInt8[np.ndarray, "n 3 s s"] | None
    how: str

    def seen(self, images: Labelled) -> Bool[np.ndarray, " n"] | None:
        """Which images were trained on, as exact copies; None where that cannot be told."""
        return None if self.small is None else identical(images.small, self.small)


def look_up(encoder: str | None) -> Record:
    """The training images of an encoder: of a ``run:`` as they stand today at the address that the run recorded."""
    from foveate.encoders import run

    name = encoder or ""
    scheme, _, rest = name.partition(":")
    if scheme in {"", "random", "foveate"}:
        return Record(name, None, f"{name} is untrained." if name else "")
    if scheme != "run":
        return Record(name, None, f"What {name} was trained on is taken on your word: it keeps no record.")
    try:
        parts = [_pictures(rows) for rows in run.training_rows(rest)]
    except FoveateError as error:
        console.warn(f"what {name} was trained on cannot be looked up: {error.what} Your word is taken for it.")
        return Record(name, None, f"What {name} was trained on is taken on your word: {error.what}")
    small = np.concatenate([np.empty((0, 3, CANVAS, CANVAS), np.uint8), *parts])
    how = f"Images that stand as exact copies among the {len(small):,} that {name} was trained on count as seen by it."
    return Record(name, small, how)


def _pictures(rows: TrainingRows) -> UInt8[np.ndarray, "n 3 s s"]:
    from foveate.data.columns import ids
    from foveate.data.load import load
    from foveate.data.pixels import PixelStore

    data = load(rows.data)
    kept = [row for row, id in enumerate(ids(data)) if id not in rows.left]
    if len(kept) != rows.count:
        raise FoveateError(
            f"{rows.data} has {len(kept):,} images of which {rows.count:,} were trained on.", "bring the images back"
        )
    return np.asarray(PixelStore(data.select(kept), CANVAS).pixels)


def only_seen(images: Labelled, record: Record) -> Labelled:
    """``images`` without those that are not among the record's.

    Raises:
        FoveateError: hardly any is left.
    """
    seen = record.seen(images)
    return images if seen is None else _take(images, seen, f"not among the images that {record.encoder} was trained on")


def never_seen(images: Labelled, record: Record) -> Labelled:
    """``images`` without those that are among the record's.

    Raises:
        FoveateError: hardly any is left.
    """
    seen = record.seen(images)
    return images if seen is None else _take(images, ~seen, f"{record.encoder} was trained on it")


def _take(images: Labelled, keep: Bool[np.ndarray, " n"], reason: str) -> Labelled:
    if keep.all():
        return images
    if keep.sum() < LEAST:
        raise FoveateError(
            f"of --{images.role} {images.address} only {int(keep.sum()):,} of {len(images):,} images can be used; the others: {reason}.",
            "members are what the target was trained on (exact copies) and the reference was not; all other images neither",
        )
    return images.take(keep, reason)
