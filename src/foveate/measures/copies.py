"""Which images of one set show the same picture: encoded again, resized, or slightly cropped.

A crop moves a thumbnail by more than another picture may lie away (on CIFAR-10 up to 12 % off each side: 21 grey levels at
the median, the nearest other image 31), so thumbnails are compared with those of slight crops: the nearest of 36 × 36 boxes in
steps of 2.5 % of a side. Then crops of up to 12 % a side lie within 2.8 levels at the median and 6.4 for 99 of 100 on CIFAR-10 and
clothing photographs (JPEG of quality 75 besides); of 900 other pictures that looked most alike none came within 7.2.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from foveate.measures.duplicates import CONTRAST, LUMA, SIDE, averages, thumbnails
from foveate.measures.neighbours import nearest

CROPPED = 5.0
"""Grey levels, root mean square, that suit slight crops; what is only encoded again lies within ``duplicates.RADIUS``."""
_DETAIL = 32  # side of the grey pictures that boxes are cut from
_NEIGHBOURS = 5  # candidates of each image
_COARSE, _FINE = (0.0, 0.05, 0.1), (0.0, 0.025, 0.05, 0.075, 0.1, 0.125)
_SLACK = 8.0  # grey levels that the coarse boxes may be off by
_PAIRS = 256  # compared at once


@dataclass(frozen=True)
class Copy:
    """A row that shows the picture of an earlier one, and how far from it: grey levels, root mean square."""

    row: int
    of: int
    distance: float


def copies(images: UInt8[np.ndarray, "n 3 s s"], *, radius: float = CROPPED) -> list[Copy]:
    """The rows that can be left out, ascending: each shows the picture of an earlier row that stays.

    Candidates are each image's five nearest thumbnails among what stays, until none is left out any more. Each of a pair may be
    the crop of the other. Pictures of little contrast must lie nearer (within .3 of their own).
    """
    grey = _grey(images)
    small = torch.from_numpy(thumbnails(images)).float()
    limit = (CONTRAST * small.std(1, correction=0)).clamp_max(radius)
    kept = torch.arange(len(images))
    found: dict[int, Copy] = {}
    while len(kept) > 1:
        stays, fresh = set(), {}
        pairs, distance = _compared(grey, small, kept, radius)
        by_row: dict[int, list[tuple[float, int]]] = {}
        for (a, b), apart in zip(pairs.tolist(), distance.tolist(), strict=True):
            if apart <= min(float(limit[a]), float(limit[b])):
                by_row.setdefault(max(a, b), []).append((apart, min(a, b)))
        for row in kept.tolist():
            same = [(apart, other) for apart, other in by_row.get(row, ()) if other in stays]
            if same:
                apart, other = min(same)
                fresh[row] = Copy(row, other, apart)
            else:
                stays.add(row)
        found |= fresh
        if not fresh:
            break
        kept = torch.tensor(sorted(stays))
    return [found[row] for row in sorted(found)]


def _compared(
    grey: Float[Tensor, "n h w"], small: Float[Tensor, "n 64"], kept: Int[Tensor, " m"], radius: float
) -> tuple[Int[Tensor, "p 2"], Float[Tensor, " p"]]:
    """Pairs of kept rows that look alike, and how far apart they lie in the best boxes."""
    own = torch.arange(len(kept))
    _, index = nearest(small[kept], small[kept], min(_NEIGHBOURS, len(kept) - 1), metric="l2", exclude=own)
    pairs = torch.stack([own[:, None].expand_as(index), index], -1).reshape(-1, 2).sort(1).values.unique(dim=0)
    pairs = kept[pairs]
    for offsets, within in ((_COARSE, radius + _SLACK), (_FINE, float("inf"))):
        distance = torch.minimum(_in_boxes(grey, small, pairs, offsets), _in_boxes(grey, small, pairs.flip(1), offsets))
        pairs, distance = pairs[distance <= within], distance[distance <= within]
    return pairs, distance


def _in_boxes(
    grey: Float[Tensor, "n h w"], small: Float[Tensor, "n 64"], pairs: Int[Tensor, "p 2"], offsets: tuple[float, ...]
) -> Float[Tensor, " p"]:
    """How far the second of each pair lies from the nearest box of the first, which is cut off by ``offsets`` at each edge."""
    stretches = [(a, 1 - b) for a, b in itertools.product(offsets, offsets)]
    cut = torch.from_numpy(np.concatenate([averages(_DETAIL, SIDE, *each) for each in stretches]))
    count, found = len(stretches), []
    for some in pairs.split(_PAIRS):
        cells = (cut @ grey[some[:, 0]] @ cut.T).view(-1, count, SIDE, count, SIDE)
        apart = cells - small[some[:, 1]].view(-1, 1, SIDE, 1, SIDE)
        found.append(apart.square_().mean((2, 4)).sqrt().amin((1, 2)))
    return torch.cat(found) if found else torch.zeros(0)


def _grey(images: UInt8[np.ndarray, "n 3 s s"]) -> Float[Tensor, "n h w"]:
    """The luma of each image as means over 32 × 32 cells."""
    cells = averages(images.shape[-1], _DETAIL)
    parts = [
        cells @ np.einsum("nchw,c->nhw", images[start : start + _PAIRS].astype(np.float32), LUMA) @ cells.T
        for start in range(0, len(images), _PAIRS)
    ]
    return torch.from_numpy(np.concatenate(parts))
