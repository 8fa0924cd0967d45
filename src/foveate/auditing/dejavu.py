"""Déjà vu scoring from neighbours alone: label inference, the paired score, its table, its curve and its verdict.

Source: Meehan, Bordes, Vincent, Chaudhuri and Guo, "Do SSL Models Have Déjà Vu?" (NeurIPS 2023), re-implemented from the
definition. The intervals, the chance expectation and the common ranking are additions: the paper prints none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float, Int

from foveate.core import stats
from foveate.core.estimate import Estimate

Outcome = Literal["PASS", "FAIL", "INCONCLUSIVE"]
SHARES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_BLOCK = 1 << 24  # cells of one [rows, classes] histogram


@dataclass(frozen=True)
class Inference:
    """What the neighbours of each crop say of its label.

    Attributes:
        predicted: int64 [n], the majority label; of labels with equally many neighbours, the one whose stand closer.
        confidence: float64 [n], minus the entropy (nats) of the neighbours' labels: 0 when all agree.
    """

    predicted: Int[np.ndarray, " n"]
    confidence: Float[np.ndarray, " n"]

    def right(self, labels: Int[np.ndarray, " n"]) -> Bool[np.ndarray, " n"]:
        return self.predicted == labels


def infer(neighbours: Int[np.ndarray, "n k"], classes: int) -> Inference:
    """Infer labels by majority vote.

    Args:
        neighbours: labels of each crop's k nearest public images, nearest first.
        classes: how many labels there are.
    """
    rows, k = neighbours.shape
    predicted = np.empty(rows, dtype=np.int64)
    confidence = np.empty(rows, dtype=np.float64)
    # Extra weight by rank adds up to less than one vote, so that it decides ties and nothing else.
    extra = (k - np.arange(k)) / (k * (k + 1))
    step = max(1, _BLOCK // classes)
    for start in range(0, rows, step):
        block = neighbours[start : start + step]
        flat = (np.arange(len(block))[:, None] * classes + block).ravel()
        size = len(block) * classes
        counts = np.bincount(flat, minlength=size).reshape(len(block), classes)
        ties = np.bincount(flat, weights=np.tile(extra, len(block)), minlength=size).reshape(counts.shape)
        predicted[start : start + step] = (counts + ties).argmax(1)
        share = counts / k
        confidence[start : start + step] = (share * np.log(np.where(counts > 0, share, 1.0))).sum(1)
    return Inference(predicted, confidence)


@dataclass(frozen=True)
class Score:
    """The déjà vu score of one target against one reference on the same crops.

    Attributes:
        score: share right of the target minus that of the reference, with its paired interval.
        target, reference: both shares, with Wilson intervals.
        both, target_only, reference_only, neither: the 2 × 2 table, in images.
        p: exact McNemar p-value on the two discordant cells.
        detectable: the score that this many images would show with power .8.
    """

    score: Estimate
    target: Estimate
    reference: Estimate
    both: int
    target_only: int
    reference_only: int
    neither: int
    p: float
    detectable: float

    @property
    def chance_only(self) -> float:
        """Images expected in each discordant cell if neither encoder knew more than the other.

        It is far from 0 even when nothing is memorised: "target right, reference wrong" alone counts no memorised image.
        """
        return (self.target_only + self.reference_only) / 2


def score(target_right: Bool[np.ndarray, " n"], reference_right: Bool[np.ndarray, " n"]) -> Score:
    """Compare two encoders on the same crops (0/1 per crop each, in the same order)."""
    assert target_right.shape == reference_right.shape
    n = len(target_right)
    assert n, "no crops to score"
    both = int((target_right & reference_right).sum())
    target_only = int((target_right & ~reference_right).sum())
    reference_only = int((~target_right & reference_right).sum())
    # One more image in each discordant cell, as in the interval: the spread is not 0 where none was seen.
    p, q = (target_only + 1) / (n + 2), (reference_only + 1) / (n + 2)
    return Score(
        score=stats.paired_difference(target_right.astype(float), reference_right.astype(float)),
        target=stats.wilson(int(target_right.sum()), n),
        reference=stats.wilson(int(reference_right.sum()), n),
        both=both,
        target_only=target_only,
        reference_only=reference_only,
        neither=n - both - target_only - reference_only,
        p=stats.mcnemar_p(target_right, reference_right),
        detectable=stats.detectable_effect(math.sqrt(p + q - (p - q) ** 2), n),
    )


def verdict(estimate: Estimate, threshold: float) -> Outcome:
    """PASS: the whole interval lies below ``threshold``. FAIL: above it. Else the images do not suffice."""
    if not np.isfinite(estimate[:3]).all():
        return "INCONCLUSIVE"
    if estimate.high < threshold:
        return "PASS"
    return "FAIL" if estimate.low > threshold else "INCONCLUSIVE"


@dataclass(frozen=True)
class CurvePoint:
    """Both encoders on the ``share`` of crops that the *target* is most confident of (the same crops for both)."""

    share: float
    target: Estimate
    reference: Estimate
    score: Estimate


def curve(
    target_right: Bool[np.ndarray, " n"],
    reference_right: Bool[np.ndarray, " n"],
    confidence: Float[np.ndarray, " n"],
    shares: Sequence[float] = SHARES,
) -> list[CurvePoint]:
    """Accuracy against confidence. Never a pass/fail figure: correlated crops fill the top for both encoders."""
    order = np.argsort(-confidence, kind="stable")
    points = []
    for share in shares:
        top = order[: max(1, round(share * len(order)))]
        if len(top) < 10 and share < 1:
            continue
        points.append(
            CurvePoint(
                share,
                stats.wilson(int(target_right[top].sum()), len(top)),
                stats.wilson(int(reference_right[top].sum()), len(top)),
                stats.paired_difference(target_right[top].astype(float), reference_right[top].astype(float)),
            )
        )
    return points


@dataclass(frozen=True)
class ClassScore:
    """One class of at least ``minimum`` crops; ``significant`` after Benjamini–Hochberg over the classes shown."""

    label: int
    target: Estimate
    reference: Estimate
    score: Estimate
    p: float
    significant: bool


def by_class(
    target_right: Bool[np.ndarray, " n"],
    reference_right: Bool[np.ndarray, " n"],
    labels: Int[np.ndarray, " n"],
    *,
    minimum: int = 20,
) -> tuple[list[ClassScore], int]:
    """Scores by class, highest first, and the number of classes left out for having fewer than ``minimum`` crops."""
    found, counts = np.unique(labels, return_counts=True)
    shown = found[counts >= minimum]
    scores = [score(target_right[labels == label], reference_right[labels == label]) for label in shown]
    kept = stats.benjamini_hochberg([one.p for one in scores], level=0.05) if scores else []
    rows = [
        ClassScore(int(label), one.target, one.reference, one.score, one.p, bool(significant))
        for label, one, significant in zip(shown, scores, kept, strict=True)
    ]
    return sorted(rows, key=lambda row: -row.score.value), int((counts < minimum).sum())


def default_k(public: int, classes: int) -> int:
    """100 neighbours as in the paper, or a quarter of what an average class has in the public set; at least 5."""
    return int(min(100, max(5, public // (4 * classes)), public))
