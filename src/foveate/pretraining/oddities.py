"""What is odd about the images of a run, counted and said before hours go into them: blank, nearly flat, or far below the view's size."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Int, UInt8
from torch import Tensor

from foveate.data.views import View
from foveate.pretraining.material import Material

ENLARGED = 4
"""A view may be so many times the side of an image before it is said: then one pixel in sixteen is the image's own, and what a
network's first layers see (they shrink by 4 in all usual ones) is the interpolation."""
FLAT = 32
"""Levels of 255 between an image's darkest and lightest value below which a set is said to be flat: five of eight bits."""
_NAMED, _CHUNK = 3, 256
_STEP = 8  # every so many-th pixel is looked at first: nearly all images are told by these


def oddities(material: Material, views: Sequence[View]) -> list[str]:
    """A sentence with its count for each kind of image that training can do little with; empty where there is none."""
    blanks, looked = blank(material)
    side = max(view.size for view in views)
    shorter = material.sizes[material.train].amin(1)
    small = material.train[shorter * ENLARGED < side]
    said = []
    if len(blanks):
        said.append(
            f"{_share(blanks, looked, material)} one colour all over, and say nothing: leave them out, and where something "
            "was drawn on a transparent ground (white then stands on white), give the files a ground"
        )
    levels = _levels(material.sample(material.base).pixels)
    if len(levels) and 0 < (middle := int(levels.median())) < FLAT:
        said.append(
            f"half of the images span at most {middle} of 255 levels from dark to light: where files of 16 bits hold values of 10 or 12, scale them to the "
            "whole range first"
        )
    if len(small):
        middle = int(shorter[shorter * ENLARGED < side].median())
        said.append(
            f"{_share(small, len(material.train), material)} enlarged more than {ENLARGED}-fold (their shorter side is {middle} px at "
            f"the median, the views' {side}): nearly all of what is seen is interpolated, and a smaller --image-size costs less"
        )
    return said


def blank(material: Material) -> tuple[Int[Tensor, " b"], int]:
    """The training rows whose kept squares are one colour, and how many were looked at: all of them that are in memory, else ``base``."""
    held = isinstance(material.pixels, Tensor)
    rows = material.train if held else material.base
    suspects = rows[_even(material.pixels[:, :, ::_STEP, ::_STEP][rows])] if held else rows
    found = [some[_even(material.sample(some).pixels)] for some in suspects.split(_CHUNK)]
    return torch.cat(found), len(rows)


def _even(pixels: UInt8[Tensor, "n 3 h w"]) -> Bool[Tensor, " n"]:
    """Whether all of an image's pixels are the same."""
    flat = pixels.flatten(2)
    return (flat == flat[:, :, :1]).all(-1).all(-1)


def _levels(pixels: UInt8[Tensor, "n 3 h w"]) -> Int[Tensor, " n"]:
    """From the darkest to the lightest value of each image."""
    flat = pixels.flatten(1)
    return flat.amax(1).int() - flat.amin(1).int() if len(flat) else flat.new_zeros(0, dtype=torch.int32)


def named(ids: Sequence[str]) -> str:
    """The first few of some ids."""
    return ", ".join(ids[:_NAMED]) + (" …" if len(ids) > _NAMED else "")


def _share(rows: Int[Tensor, " k"], of: int, material: Material) -> str:
    ids = [material.ids[row] for row in rows[: _NAMED + 1].tolist()]
    verb = "is" if len(rows) == 1 else "are"
    return f"{len(rows):,} of {of:,} training images ({named(ids)}) {verb}"
