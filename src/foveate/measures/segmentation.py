"""Class maps against class maps: intersection and union of each class, summed over images."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

VOID = -1
"""A pixel of no class: it is not scored."""


def counts(
    predicted: Int[np.ndarray, "h w"], truth: Int[np.ndarray, "h w"], classes: int
) -> Int[np.ndarray, "2 classes"]:
    """Pixels of one image in the intersection and in the union of each class; void ones of the truth count nowhere."""
    known = truth != VOID
    said, true = predicted[known].astype(np.int64), truth[known].astype(np.int64)
    both = np.bincount(true[said == true], minlength=classes)
    union = np.bincount(said, minlength=classes) + np.bincount(true, minlength=classes) - both
    return np.stack([both, union])


def iou(summed: Int[np.ndarray, "2 classes"]) -> Float[np.ndarray, " classes"]:
    """Intersection over union of each class; NaN for one that stands neither in the truth nor in the prediction."""
    both, union = summed.astype(np.float64)
    return np.divide(both, union, out=np.full(len(both), np.nan), where=union > 0)


def mean_iou(each: Int[np.ndarray, "images 2 classes"]) -> float:
    """The mean over classes of the IoU of all images together (as PASCAL VOC scores it, Everingham et al. 2010)."""
    found = iou(each.sum(axis=0))
    return float(np.nanmean(found)) if np.isfinite(found).any() else float("nan")
