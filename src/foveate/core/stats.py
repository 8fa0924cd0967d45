"""Intervals, tests and corrections. Every interval is two-sided at 95 % unless ``level`` says otherwise.

Which one to use: a share of images, ``wilson``; two encoders on the same images, ``paired_difference``; images that come in
groups, ``core.clusters`` or ``cluster_bootstrap``; U-statistics such as debiased CKA, ``jackknife``; trained runs, ``seeds_interval``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from foveate.core.estimate import Estimate
from foveate.core.seeds import numpy_stream

LEVEL = 0.95
_NOTHING = (math.nan, math.nan)


def wilson(successes: float, n: float, *, level: float = LEVEL) -> Estimate:
    """A proportion with Wilson's score interval (Wilson 1927); all NaN where ``n`` is 0.

    ``n`` is a whole number but where units depend on one another, and it is the effective number of them.
    """
    assert 0 <= successes <= n, f"{successes} successes of {n}"
    if n == 0:
        return Estimate(math.nan, *_NOTHING, 0)
    z, share = _z(level), successes / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    # Rounding must not push an end past the share at 0 and 1.
    return Estimate(share, min(low, share), max(high, share), int(n))


def mean_interval(x: ArrayLike, *, level: float = LEVEL) -> Estimate:
    """A mean with Student's interval; the ends are NaN for fewer than two values."""
    x = np.asarray(x, dtype=np.float64).ravel()
    n = x.size
    if n < 2:
        return Estimate(float(x[0]) if n else math.nan, *_NOTHING, n)
    return _student(float(x.mean()), float(x.std(ddof=1)) / math.sqrt(n), n - 1, n, level)


def paired_difference(a: ArrayLike, b: ArrayLike, *, level: float = LEVEL) -> Estimate:
    """The mean of ``a - b`` over the same units, with an interval.

    Where both are 0/1 (right or wrong per image) the interval is Bonett and Price's (2012): it stays honest where few
    images are discordant, and is not a point where none is. Real values take Student's interval on the differences.
    """
    a, b = np.asarray(a, dtype=np.float64).ravel(), np.asarray(b, dtype=np.float64).ravel()
    assert a.shape == b.shape, f"paired values differ in number: {a.size} and {b.size}"
    if not (_is_binary(a) and _is_binary(b)):
        return mean_interval(a - b, level=level)
    n = a.size
    if n == 0:
        return Estimate(math.nan, *_NOTHING, 0)
    only_a, only_b = int(((a == 1) & (b == 0)).sum()), int(((a == 0) & (b == 1)).sum())
    p, q = (only_a + 1) / (n + 2), (only_b + 1) / (n + 2)
    half = _z(level) * math.sqrt((p + q - (p - q) ** 2) / (n + 2))
    return Estimate((only_a - only_b) / n, max(-1.0, p - q - half), min(1.0, p - q + half), n)


def share_difference(a: Estimate, b: Estimate) -> Estimate:
    """The difference of two shares of which only ``wilson``'s intervals are known: Newcombe's (1998, method 10).

    For two encoders on the same images it is wider than ``paired_difference``, where they are right on the same ones.
    """
    low = math.hypot(a.value - a.low, b.high - b.value)
    high = math.hypot(a.high - a.value, b.value - b.low)
    return Estimate(a.value - b.value, a.value - b.value - low, a.value - b.value + high, min(a.n, b.n))


def mcnemar_p(a: ArrayLike, b: ArrayLike) -> float:
    """The exact two-sided p-value that two paired 0/1 vectors have the same mean (McNemar 1947, binomial form)."""
    a, b = np.asarray(a).astype(bool).ravel(), np.asarray(b).astype(bool).ravel()
    assert a.shape == b.shape, f"paired values differ in number: {a.size} and {b.size}"
    only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
    return float(min(1.0, 2 * special.bdtr(min(only_a, only_b), only_a + only_b, 0.5))) if only_a + only_b else 1.0


def cluster_bootstrap(
    values: ArrayLike,
    groups: ArrayLike | None = None,
    statistic: Callable[[np.ndarray], float] | None = None,
    *,
    draws: int = 2000,
    seed: int = 0,
    level: float = LEVEL,
) -> Estimate:
    """A statistic of units that come in groups, with a bootstrap interval over whole groups.

    The percentile interval is widened to Student's tails and by √(G/(G-1)) for G groups (Hesterberg 2015), without which
    few groups give intervals that are too short. Never for U-statistics: a unit drawn twice undoes their debiasing.

    Args:
        values: one row a unit. groups: one label a unit (class, near-duplicate set, scene); None: each unit is its own.
        statistic: of an array of rows; None is the mean, which is computed without gathering rows.
    """
    values = np.asarray(values)
    n = len(values)
    labels = np.arange(n) if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1].ravel()
    assert len(labels) == n, f"{n} values and {len(labels)} group labels"
    count = int(labels.max()) + 1 if n else 0
    center = (float(values.mean()) if statistic is None else float(statistic(values))) if n else math.nan
    if count < 2:
        return Estimate(center, *_NOTHING, n)
    random = numpy_stream(seed, "bootstrap")
    if statistic is None:
        drawn = _bootstrap_means(values, labels, count, draws, random)
    else:
        members = np.split(np.argsort(labels, kind="stable"), np.cumsum(np.bincount(labels))[:-1])
        drawn = np.empty(draws)
        for draw in range(draws):
            chosen = random.integers(count, size=count)
            drawn[draw] = statistic(values[np.concatenate([members[group] for group in chosen])])
    tail = special.ndtr(-math.sqrt(count / (count - 1)) * _t(level, count - 1))
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return Estimate(center, float(low), float(high), n)


def _bootstrap_means(
    values: np.ndarray, labels: np.ndarray, count: int, draws: int, random: np.random.Generator
) -> np.ndarray:
    sums = np.bincount(labels, weights=values.astype(np.float64).ravel(), minlength=count)
    sizes = np.bincount(labels, minlength=count).astype(np.float64)
    means = []
    step = max(1, 4_000_000 // count)  # resampling weights of one step: at most 32 MB
    for start in range(0, draws, step):
        weights = random.multinomial(count, np.full(count, 1 / count), size=min(step, draws - start))
        means.append((weights @ sums) / (weights @ sizes))
    return np.concatenate(means)


def jackknife(
    statistic: Callable[[np.ndarray], float], n: int, groups: int = 20, *, seed: int = 0, level: float = LEVEL
) -> Estimate:
    """A U-statistic with a delete-a-group jackknife interval: no unit is ever used twice.

    Args:
        statistic: takes the indices of the units to use, in ascending order.
        n: units. groups: parts of a random partition, each left out once (fewer where ``n`` is smaller).
    """
    full = float(statistic(np.arange(n)))
    if n < 4:
        return Estimate(full, *_NOTHING, n)
    parts = partition(n, groups, seed=seed)
    without = np.array([statistic(np.delete(np.arange(n), part)) for part in parts], dtype=np.float64)
    low, high = jackknife_ends(full, without, level=level)
    return Estimate(full, float(low), float(high), n)


def partition(n: int, groups: int, *, seed: int = 0) -> list[np.ndarray]:
    """``n`` units at random in ``groups`` parts whose sizes differ by at most one; each part ascending."""
    order = numpy_stream(seed, "jackknife").permutation(n)
    return [np.sort(part) for part in np.array_split(order, min(groups, n))]


def jackknife_ends(full: ArrayLike, without: ArrayLike, *, level: float = LEVEL) -> tuple[np.ndarray, np.ndarray]:
    """The ends of the interval from the full values and those without each group (groups first), cell by cell."""
    full, without = np.asarray(full, dtype=np.float64), np.asarray(without, dtype=np.float64)
    groups = len(without)
    error = np.sqrt((groups - 1) * np.mean((without - without.mean(axis=0)) ** 2, axis=0))
    half = _t(level, groups - 1) * error
    return full - half, full + half


def seeds_interval(differences: ArrayLike, *, level: float = LEVEL) -> Estimate:
    """The mean of one difference for each paired seed, with Student's interval. Below five seeds it is a pilot."""
    return mean_interval(differences, level=level)


def p_normal(value: float, error: float, *, null: float = 0.0) -> float:
    """The two-sided p-value of a value with a known standard error."""
    return _two_sided(value - null, error, special.ndtr)


def p_student(value: float, error: float, freedom: float, *, null: float = 0.0) -> float:
    """The two-sided p-value of a value whose standard error was estimated with ``freedom`` degrees of freedom."""
    return _two_sided(value - null, error, lambda t: special.stdtr(freedom, t))


def p_of(estimate: Estimate, *, null: float = 0.0, freedom: float | None = None, level: float = LEVEL) -> float:
    """The two-sided p-value that belongs to an interval: normal, or Student's with ``freedom``. NaN stays NaN.

    The distance is measured from the middle of the interval, so that p < 1 - level exactly where it excludes ``null``.
    """
    quantile = _z(level) if freedom is None else _t(level, freedom)
    middle, error = (estimate.low + estimate.high) / 2, (estimate.high - estimate.low) / (2 * quantile)
    return p_normal(middle, error, null=null) if freedom is None else p_student(middle, error, freedom, null=null)


def benjamini_hochberg(p: Sequence[float] | np.ndarray, level: float = 0.05) -> list[bool]:
    """Which hypotheses are rejected at a false-discovery rate of ``level`` (1995). A NaN counts as a test that failed."""
    values = np.nan_to_num(np.asarray(p, dtype=np.float64), nan=1.0)
    if not values.size:
        return []
    order = np.argsort(values, kind="stable")
    passes = values[order] <= level * np.arange(1, values.size + 1) / values.size
    rejected = np.zeros(values.size, dtype=bool)
    if passes.any():
        rejected[order[: int(np.flatnonzero(passes)[-1]) + 1]] = True
    return rejected.tolist()


def detectable_effect(sd: float, n: int, power: float = 0.8, *, level: float = LEVEL) -> float:
    """The smallest true mean that a two-sided t test of ``n`` (paired) values with this spread finds with ``power``.

    Infinite for fewer than two values.
    """
    if n < 2:
        return math.inf
    critical, freedom = _t(level, n - 1), n - 1

    def reached(shift: float) -> float:
        # The noncentral t's upper tail; the lower one is below 1e-3 wherever the power is worth asking for.
        return 1.0 - float(special.nctdtr(freedom, shift, critical))

    low, high = 0.0, critical + 10.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if reached(middle) < power else (low, middle)
    return sd * high / math.sqrt(n)


def _student(value: float, error: float, freedom: int, n: int, level: float) -> Estimate:
    half = _t(level, freedom) * error
    return Estimate(value, value - half, value + half, n)


def _two_sided(distance: float, error: float, lower_tail: Callable[[float], float]) -> float:
    if math.isnan(distance) or math.isnan(error):
        return math.nan
    if error == 0:
        return 1.0 if distance == 0 else 0.0
    return float(2 * lower_tail(-abs(distance) / error))


def _z(level: float) -> float:
    return float(special.ndtri((1 + level) / 2))


def _t(level: float, freedom: float) -> float:
    return float(special.stdtrit(freedom, (1 + level) / 2))


def _is_binary(x: np.ndarray) -> bool:
    return bool(np.isin(x, (0.0, 1.0)).all())
