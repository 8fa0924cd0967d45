"""What a run of ours was trained on: who is a member is looked up, not believed."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool

from foveate.auditing.sets import CANVAS, LEAST, Labelled, identical
from foveate.core import console
from foveate.core.address import parse
from foveate.core.errors import FoveateError


class Trained(NamedTuple):
    """The record of a run: the address of its data, and the ids of rows there that it was not trained on."""

    encoder: str
    data: str
    left: frozenset[str]


def trained(encoder: str | None) -> Trained | None:
    """The record of ``run:PATH``; None of an encoder that keeps none: then the audit takes the user's word."""
    from foveate.encoders import run

    scheme, _, rest = (encoder or "").partition(":")
    if scheme != "run":
        return None
    data, left = run.kept_back(rest)
    return Trained(str(encoder), data, left) if data else None


def only_seen(images: Labelled, record: Trained | None) -> Labelled:
    """``images`` without those that the run was not trained on.

    Raises:
        FoveateError: hardly any is left.
    """
    seen = _seen(images, record)
    return images if record is None or seen is None else _take(images, seen, f"{record.encoder} was not trained on it")


def never_seen(images: Labelled, record: Trained | None) -> Labelled:
    """``images`` without those that the run was trained on.

    Raises:
        FoveateError: hardly any is left.
    """
    seen = _seen(images, record)
    return images if record is None or seen is None else _take(images, ~seen, f"{record.encoder} was trained on it")


def _take(images: Labelled, keep: Bool[np.ndarray, " n"], reason: str) -> Labelled:
    if keep.all():
        return images
    if keep.sum() < LEAST:
        raise FoveateError(
            f"of {len(images) - int(keep.sum()):,} of the {len(images):,} images of --{images.role} {images.address}: {reason}.",
            "members are what the target was trained on and the reference was not; held-out images neither",
        )
    return images.take(keep, reason)


def _seen(images: Labelled, record: Trained | None) -> Bool[np.ndarray, " n"] | None:
    """Which images a run was trained on: by id where they are of the address of its data (in whole or a slice), else by
    picture, to the last bit of the small ones. None where that cannot be told."""
    from foveate.data.columns import ids
    from foveate.data.load import load
    from foveate.data.pixels import PixelStore
    from foveate.data.registry import SCHEMES

    if record is None:
        return None
    try:
        data = load(record.data)
    except FoveateError as error:
        console.warn(
            f"what {record.encoder} was trained on cannot be looked up ({error.what}): your word is taken for it"
        )
        return None
    theirs = parse(record.data, SCHEMES)
    if replace(theirs, rows=None) == replace(parse(images.address, SCHEMES), rows=None):
        known = set(ids(data)) - record.left
        return np.array([id in known for id in images.ids], dtype=bool)
    rows = [row for row, id in enumerate(ids(data)) if id not in record.left]
    return identical(images.small, np.asarray(PixelStore(data.select(rows), CANVAS).pixels))
