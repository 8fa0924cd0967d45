"""Intervals for units that come in groups (pictures of one asset, of one scene), in closed form.

Each has a twin in ``stats`` for units that are independent: ``share`` is ``wilson``, ``difference`` is ``paired_difference``.
For a statistic that is no ratio of sums there is ``stats.cluster_bootstrap``.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from foveate.core.estimate import Estimate
from foveate.core.stats import LEVEL, paired_difference, wilson

_NOTHING = (math.nan, math.nan)


def ratio(
    numerators: ArrayLike, denominators: ArrayLike, groups: ArrayLike | None = None, *, level: float = LEVEL
) -> Estimate:
    """Σ numerators / Σ denominators, with the linearised interval (Cochran 1977, §6.3) over groups.

    The variance is that of the groups' residuals about the ratio, the tails are Student's with one degree less than there are
    groups. Where the denominators are 1 it is a mean. NaN where they sum to 0.

    Args:
        numerators, denominators: one each a unit. groups: one label a unit; None: each unit is its own.
    """
    top, bottom = _sums(numerators, denominators, groups)
    n, total = np.size(numerators), float(bottom.sum())
    if not total > 0:
        return Estimate(math.nan, *_NOTHING, n)
    value = float(top.sum()) / total
    if len(top) < 2:
        return Estimate(value, *_NOTHING, n)
    half = _t(level, len(top) - 1) * math.sqrt(_variance(top, bottom))
    return Estimate(value, value - half, value + half, n)


def explained(
    residual: ArrayLike, total: ArrayLike, groups: ArrayLike | None = None, *, level: float = LEVEL
) -> Estimate:
    """R², 1 - Σ residual / Σ total of squares, with the interval of ``ratio``. At most 1; below 0 where the model only harms."""
    left = ratio(residual, total, groups, level=level)
    return Estimate(1 - left.value, 1 - left.high, min(1 - left.low, 1.0), left.n)


def share(right: ArrayLike, groups: ArrayLike, *, level: float = LEVEL) -> Estimate:
    """A proportion with Wilson's interval at the effective number of units (Korn and Graubard 1998).

    The variance between groups tells how many independent units would vary as much; Student's tails for few groups. Where all
    units agree nothing tells how alike those of a group are, and each group counts as one.

    Args:
        right: 0 or 1 a unit, or a share of several answers. groups: one label a unit.
    """
    right = np.asarray(right, dtype=np.float64).ravel()
    top, bottom = _sums(right, np.ones_like(right), groups)
    n, count = right.size, len(top)
    if n == 0 or count < 2:
        return Estimate(float(right.mean()) if n else math.nan, *_NOTHING, n)
    if count == n and np.isin(right, (0.0, 1.0)).all():
        return wilson(int(right.sum()), n, level=level)
    return _score(float(right.mean()), _variance(top, bottom), count - 1, units=count, n=n, level=level)


def difference(a: ArrayLike, b: ArrayLike, groups: ArrayLike, *, level: float = LEVEL) -> Estimate:
    """The mean of ``a - b`` over the same units, with the interval of ``ratio``.

    Groups that all differ by as much leave that no width, though agreement is not certainty: then it is that of
    ``paired_difference`` over the units, as wide as for so few groups; and where no unit differs, over as many units as there
    are groups.

    Args:
        a, b: right or wrong, or shares, a unit. groups: one label a unit.
    """
    a, b = np.asarray(a, dtype=np.float64).ravel(), np.asarray(b, dtype=np.float64).ravel()
    found = ratio(a - b, np.ones_like(a), groups, level=level)
    count = len(np.unique(np.asarray(groups)))
    if count < 2 or found.high - found.low > 1e-9:
        return found
    if (a != b).any():
        rows = paired_difference(a, b, level=level)
        low, high = ((end - rows.value) * math.sqrt(found.n / count) for end in (rows.low, rows.high))
        return Estimate(found.value, found.value + low, found.value + high, found.n)
    return paired_difference(np.zeros(count), np.zeros(count), level=level)._replace(n=found.n)


def crossed(values: ArrayLike, groups: ArrayLike, *, level: float = LEVEL) -> Estimate:
    """The mean of values that vary with two things drawn at once: draws of training rows, and groups of test rows.

    Each group counts as much as another. The variance is that of the draws' means and that of the groups' means added, which is
    never too little where the two act together; the tails are Student's with Satterthwaite's degrees of freedom.

    Args:
        values: [draws n], e.g. whether each draw's classifier is right at each test row. groups: one label a test row.
    """
    mean, variance, freedom, n = _crossed(values, groups)
    half = _t(level, freedom) * math.sqrt(variance) if freedom > 0 else math.nan
    return Estimate(mean, mean - half, mean + half, n)


def crossed_share(right: ArrayLike, groups: ArrayLike, *, level: float = LEVEL) -> Estimate:
    """``crossed`` for a proportion: Wilson's interval at the number of units that would vary as much, within [0, 1]."""
    mean, variance, freedom, n = _crossed(right, groups)
    if not freedom > 0:
        return Estimate(mean, *_NOTHING, n)
    return _score(mean, variance, freedom, units=len(np.unique(np.asarray(groups))), n=n, level=level)


def _crossed(values: ArrayLike, groups: ArrayLike) -> tuple[float, float, float, int]:
    """Mean, its variance, degrees of freedom (0 where there is no interval) and the number of test rows."""
    table = np.asarray(values, dtype=np.float64)
    labels = np.unique(np.asarray(groups), return_inverse=True)[1].ravel()
    assert table.ndim == 2, "values are [draws n]"
    assert table.shape[1] == len(labels), f"{table.shape[1]} test rows and {len(labels)} group labels"
    cells = np.stack([np.bincount(labels, row) / np.bincount(labels) for row in table])
    mean = float(cells.mean()) if cells.size else math.nan
    if min(cells.shape) < 2:
        return mean, math.nan, 0.0, len(labels)
    parts = [(means.var(ddof=1) / len(means), len(means) - 1) for means in (cells.mean(axis=0), cells.mean(axis=1))]
    variance = float(sum(part for part, _ in parts))
    pooled = float(sum(part**2 / freedom for part, freedom in parts))
    return mean, variance, variance**2 / pooled if pooled > 0 else float(min(cells.shape) - 1), len(labels)


def _score(value: float, variance: float, freedom: float, *, units: int, n: int, level: float) -> Estimate:
    """Wilson's interval at the number of independent units that vary as much; of ``units`` where nothing varies."""
    if not (variance > 0 and 0 < value < 1):
        return wilson(value * units, units, level=level)._replace(value=value, n=n)
    effective = min(value * (1 - value) / variance, n)
    normal = 2 * special.ndtr(_t(level, freedom)) - 1  # the level at which a normal has Student's quantile
    return wilson(value * effective, effective, level=float(normal))._replace(value=value, n=n)


def _sums(numerators: ArrayLike, denominators: ArrayLike, groups: ArrayLike | None) -> tuple[np.ndarray, np.ndarray]:
    """The sums of each group."""
    top, bottom = (np.asarray(each, dtype=np.float64).ravel() for each in (numerators, denominators))
    assert top.shape == bottom.shape, f"{top.size} numerators and {bottom.size} denominators"
    if groups is None:
        return top, bottom
    labels = np.unique(np.asarray(groups), return_inverse=True)[1].ravel()
    assert len(labels) == len(top), f"{len(top)} units and {len(labels)} group labels"
    return np.bincount(labels, top), np.bincount(labels, bottom)


def _variance(top: np.ndarray, bottom: np.ndarray) -> float:
    """The variance of Σ top / Σ bottom, from the groups' residuals about it."""
    residuals = top - top.sum() / bottom.sum() * bottom
    return float(len(top) / (len(top) - 1) * (residuals**2).sum() / bottom.sum() ** 2)


def _t(level: float, freedom: float) -> float:
    return float(special.stdtrit(freedom, (1 + level) / 2))
