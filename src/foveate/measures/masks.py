"""J and F: how well the masks of a video's object fit, by region and by contour, as DAVIS defines them.

Perazzi et al. 2016 (the measures), Pont-Tuset et al. 2017 (several objects); the details are those of the official evaluator.
"""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float
from scipy import ndimage

TOLERANCE = 0.008
"""How far apart two contours may lie and still match, as a share of the image's diagonal; rounded up to pixels."""
RECALL = 0.5
"""A frame is recalled above this."""


class Statistics(NamedTuple):
    """One object over the scored frames of its video.

    Attributes:
        mean: of the frames. recall: the share of frames above ``RECALL``.
        decay: mean of the first quarter less that of the last; positive where the object is lost over time.
    """

    mean: float
    recall: float
    decay: float


def region(predicted: Bool[np.ndarray, "h w"], truth: Bool[np.ndarray, "h w"]) -> float:
    """J: intersection over union; 1 where both masks are empty."""
    union = np.count_nonzero(predicted | truth)
    return np.count_nonzero(predicted & truth) / union if union else 1.0


def boundary(mask: Bool[np.ndarray, "h w"]) -> Bool[np.ndarray, "h w"]:
    """The contour, one pixel wide: pixels that differ from the one to the right, below, or right below.

    The image's edge is no contour.
    """
    found = np.zeros_like(mask)
    found[:, :-1] |= mask[:, :-1] != mask[:, 1:]
    found[:-1] |= mask[:-1] != mask[1:]
    found[:-1, :-1] |= mask[:-1, :-1] != mask[1:, 1:]
    return found


def contour(
    predicted: Bool[np.ndarray, "h w"], truth: Bool[np.ndarray, "h w"], *, tolerance: float = TOLERANCE
) -> float:
    """F: the harmonic mean of contour precision and recall; 1 where neither has a contour, 0 where only one has.

    Args:
        predicted, truth: masks of one object.
        tolerance: in shares of the diagonal; a contour pixel matches where the other contour lies within that radius.
    """
    ours, theirs = boundary(predicted), boundary(truth)
    if not ours.any() or not theirs.any():
        return float(ours.any() == theirs.any())
    radius = math.ceil(tolerance * math.hypot(*truth.shape))
    window = _around(ours | theirs)
    ours, theirs = ours[window], theirs[window]
    precision, recall = _near(ours, theirs, radius), _near(theirs, ours, radius)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def statistics(scores: Float[np.ndarray, " frames"]) -> Statistics:
    """Mean, recall and decay of one object's J or F.

    The quarters of the decay share their end frames, as the official ones do. The official evaluator counts frames in 8 bits,
    so that its quarters are wrong beyond 256 scored frames; these are right there, and differ.

    Args:
        scores: of the scored frames in order, at least one: all but the first, whose mask is given, and the last.
    """
    scores = np.asarray(scores, dtype=np.float64)
    ends = np.round(np.linspace(1, len(scores), 5) + 1e-10).astype(int) - 1
    quarters = [scores[start : stop + 1].mean() for start, stop in itertools.pairwise(ends)]
    return Statistics(float(scores.mean()), float((scores > RECALL).mean()), float(quarters[0] - quarters[3]))


def _around(mask: Bool[np.ndarray, "h w"]) -> tuple[slice, slice]:
    """The smallest rectangle that holds all of a mask that is not empty: distances are sought nowhere else."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _near(points: Bool[np.ndarray, "h w"], others: Bool[np.ndarray, "h w"], radius: int) -> float:
    """The share of points with one of the others within the radius: what dilating the others by a disk would cover."""
    return float((ndimage.distance_transform_edt(~others)[points] <= radius).mean())
