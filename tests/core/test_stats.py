"""Statistics against known truth: the share of intervals that hold it, over many seeded draws."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as reference

from foveate.core import stats
from foveate.core.estimate import Estimate
from foveate.measures import cka

RANDOM = np.random.default_rng


def holds(estimate: Estimate, truth: float) -> bool:
    return estimate.low <= truth <= estimate.high


def coverage(draw, truth: float, times: int) -> float:  # type: ignore[no-untyped-def]
    return float(np.mean([holds(draw(seed), truth) for seed in range(times)]))


@settings(deadline=None)
@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_is_scipys(counts: tuple[int, int]) -> None:
    successes, n = counts
    ours = stats.wilson(successes, n)
    theirs = reference.binomtest(successes, n).proportion_ci(method="wilson")
    assert ours.value == successes / n
    assert ours.n == n
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-12)
    assert 0 <= ours.low <= ours.value <= ours.high <= 1


@pytest.mark.parametrize(("p", "n"), [(0.02, 100), (0.1, 50), (0.5, 30), (0.97, 400)])
def test_wilson_covers(p: float, n: int) -> None:
    wins = RANDOM(1).binomial(n, p, size=4000)
    assert 0.92 <= np.mean([holds(stats.wilson(int(k), n), p) for k in wins]) <= 0.985


def test_nothing_counted_gives_no_interval() -> None:
    assert all(math.isnan(x) for x in stats.wilson(0, 0)[:3])
    assert all(math.isnan(x) for x in stats.mean_interval([])[:3])
    assert stats.mean_interval([3.0]).value == 3.0
    assert math.isnan(stats.mean_interval([3.0]).low)
    assert math.isnan(stats.cluster_bootstrap([1.0, 2.0], ["a", "a"]).low)


@pytest.mark.parametrize(
    ("only_a", "only_b", "n"), [(0.0, 0.0, 200), (0.02, 0.02, 200), (0.2, 0.05, 100), (0.1, 0.3, 40)]
)
def test_paired_binary_covers(only_a: float, only_b: float, n: int) -> None:
    draws = RANDOM(2).multinomial(n, [only_a, only_b, 1 - only_a - only_b], size=2000)
    held = []
    for first, second, rest in draws:
        a = np.repeat([1, 0, 1], [first, second, rest])
        b = np.repeat([0, 1, 1], [first, second, rest])
        held.append(holds(stats.paired_difference(a, b), only_a - only_b))
    assert 0.935 <= np.mean(held) <= 1.0


def test_paired_binary_value_and_width() -> None:
    estimate = stats.paired_difference([1, 1, 1, 0], [0, 1, 0, 1])
    assert estimate.value == 0.25
    same = stats.paired_difference([True] * 50, [True] * 50)
    assert same.value == 0
    assert same.low < 0 < same.high
    wide = stats.paired_difference(np.ones(20000), RANDOM(0).random(20000) < 0.5)
    assert (wide.high - wide.low) / 2 == pytest.approx(1.96 * 0.5 / math.sqrt(20000), rel=0.01)


def test_paired_real_is_the_t_interval_of_the_differences() -> None:
    random = RANDOM(3)
    a, b = random.normal(size=30), random.normal(size=30)
    theirs = reference.ttest_rel(a, b).confidence_interval()
    ours = stats.paired_difference(a, b)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high))
    with pytest.raises(AssertionError, match="differ in number"):
        stats.paired_difference([1, 0], [1])


def test_mcnemar_is_the_exact_binomial_test() -> None:
    a = np.repeat([1, 0, 1, 0], [9, 2, 30, 5])
    b = np.repeat([0, 1, 1, 0], [9, 2, 30, 5])
    assert stats.mcnemar_p(a, b) == pytest.approx(reference.binomtest(2, 11).pvalue)
    assert stats.mcnemar_p(a, a) == 1.0
    assert stats.mcnemar_p([1, 0], [0, 1]) == 1.0


def clustered(seed: int, groups: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Units whose value is mostly their group's: intraclass correlation .8, mean .3."""
    random = RANDOM(seed)
    labels = np.repeat(np.arange(groups), random.integers(1, 2 * size, groups))
    return 0.3 + 2.0 * random.normal(size=groups)[labels] + random.normal(size=labels.size), labels


@pytest.mark.parametrize("groups", [8, 40])
def test_cluster_bootstrap_covers_where_the_plain_one_does_not(groups: int) -> None:
    def over_groups(seed: int) -> Estimate:
        return stats.cluster_bootstrap(*clustered(seed, groups, 10), draws=400, seed=seed)

    def over_images(seed: int) -> Estimate:
        return stats.cluster_bootstrap(clustered(seed, groups, 10)[0], draws=400, seed=seed)

    assert 0.89 <= coverage(over_groups, 0.3, 400) <= 0.985
    assert coverage(over_images, 0.3, 100) < 0.75


def test_bootstrap_of_any_statistic_agrees_with_the_mean_and_repeats() -> None:
    values, labels = clustered(5, 30, 6)
    fast = stats.cluster_bootstrap(values, labels, seed=1)
    slow = stats.cluster_bootstrap(values, labels, np.mean, seed=2)
    assert fast.value == pytest.approx(slow.value)
    assert (fast.low, fast.high) == pytest.approx((slow.low, slow.high), abs=0.15)
    assert stats.cluster_bootstrap(values, labels, seed=1) == fast
    assert stats.cluster_bootstrap(values, [f"scene {label}" for label in labels], seed=1)[0] == fast.value


def test_bootstrap_of_rows_keeps_pairs_together() -> None:
    random = RANDOM(0)
    x = random.normal(size=300)
    pairs = np.stack([x, x + random.normal(size=300)], axis=1)
    estimate = stats.cluster_bootstrap(pairs, None, lambda rows: float(np.corrcoef(rows.T)[0, 1]), draws=300)
    assert holds(estimate, math.sqrt(0.5))
    assert estimate.high - estimate.low < 0.2


def test_jackknife_of_the_mean_is_its_standard_error() -> None:
    x = RANDOM(0).normal(size=40)
    each = stats.jackknife(lambda rows: float(x[rows].mean()), 40, groups=40)
    assert (each.low, each.high) == pytest.approx(stats.mean_interval(x)[1:3])


def test_jackknife_parts_hold_every_unit_once() -> None:
    parts = stats.partition(103, 20, seed=4)
    assert sorted(np.concatenate(parts).tolist()) == list(range(103))
    assert {len(part) for part in parts} == {5, 6}
    assert len(stats.partition(6, 20)) == 6
    assert math.isnan(stats.jackknife(lambda rows: 1.0, 3).low)


def test_jackknife_covers_debiased_cka() -> None:
    """X ~ N(0, I), Y = X + s·noise: the population's linear CKA is 1 / (1 + s²)."""
    d, scale = 8, 1.0
    truth = 1 / (1 + scale**2)

    def draw(seed: int) -> Estimate:
        random = RANDOM(seed)
        x = random.normal(size=(150, d))
        y = x + scale * random.normal(size=(150, d))
        return cka.interval(x, y, groups=20, seed=seed)

    assert 0.90 <= coverage(draw, truth, 300) <= 0.985


def test_t_over_seeds_covers() -> None:
    assert 0.935 <= coverage(lambda s: stats.seeds_interval(RANDOM(s).normal(0.05, 0.1, 5)), 0.05, 3000) <= 0.965
    theirs = reference.ttest_1samp([0.1, 0.2, 0.4], 0).confidence_interval()
    assert stats.seeds_interval([0.1, 0.2, 0.4])[1:3] == pytest.approx((theirs.low, theirs.high))


def test_p_values() -> None:
    assert stats.p_normal(1.959964, 1.0) == pytest.approx(0.05, abs=1e-6)
    x = RANDOM(0).normal(0.4, 1, 12)
    theirs = reference.ttest_1samp(x, 0.1).pvalue
    error = x.std(ddof=1) / math.sqrt(12)
    assert stats.p_student(x.mean(), error, 11, null=0.1) == pytest.approx(theirs)
    assert stats.p_of(stats.mean_interval(x), null=0.1, freedom=11) == pytest.approx(theirs)
    assert stats.p_of(Estimate(0.2, 0.0, 0.4, 9)) == pytest.approx(0.05)
    assert stats.p_normal(0.0, 0.0) == 1.0
    assert stats.p_normal(0.1, 0.0) == 0.0
    assert math.isnan(stats.p_of(Estimate(math.nan, math.nan, math.nan, 0)))


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_benjamini_hochberg_is_scipys(p: list[float]) -> None:
    adjusted = reference.false_discovery_control(p, method="bh")
    ours = stats.benjamini_hochberg(p, level=0.1)
    for rejected, value in zip(ours, adjusted, strict=True):
        if abs(value - 0.1) > 1e-9:
            assert rejected == (value <= 0.1)


def test_benjamini_hochberg_holds_its_rate() -> None:
    """80 true nulls, 20 effects: the mean share of false discoveries stays below level × 80/100."""
    shares, found = [], []
    for seed in range(400):
        random = RANDOM(seed)
        z = random.normal(size=100) + np.repeat([0.0, 3.5], [80, 20])
        rejected = np.array(stats.benjamini_hochberg([stats.p_normal(v, 1.0) for v in z], level=0.1))
        shares.append(rejected[:80].sum() / max(rejected.sum(), 1))
        found.append(rejected[80:].mean())
    assert np.mean(shares) < 0.1
    assert np.mean(shares) > 0.05
    assert np.mean(found) > 0.7


def test_benjamini_hochberg_odd_input() -> None:
    assert stats.benjamini_hochberg([]) == []
    assert stats.benjamini_hochberg([math.nan, 0.001]) == [False, True]
    assert stats.benjamini_hochberg([0.04, 0.04]) == [True, True]
    assert stats.benjamini_hochberg([0.04, 0.9]) == [False, False]


@pytest.mark.parametrize("n", [5, 20, 200])
def test_detectable_effect_is_found_with_its_power(n: int) -> None:
    effect = stats.detectable_effect(0.3, n)
    draws = RANDOM(n).normal(effect, 0.3, size=(6000, n))
    t = draws.mean(1) / (draws.std(1, ddof=1) / math.sqrt(n))
    assert np.mean(np.abs(t) > reference.t.ppf(0.975, n - 1)) == pytest.approx(0.8, abs=0.02)
    assert stats.detectable_effect(0.3, n, power=0.9) > effect
    assert stats.detectable_effect(0.3, 1) == math.inf


def test_two_thousand_draws_over_ten_thousand_images_are_quick() -> None:
    values = RANDOM(0).random(10_000) < 0.7
    began = time.process_time()
    stats.cluster_bootstrap(values)
    assert time.process_time() - began < 20


def test_the_difference_of_two_shares_is_newcombes() -> None:
    """The example of Newcombe (1998), method 10: 56/70 and 48/80."""
    found = stats.share_difference(stats.wilson(56, 70), stats.wilson(48, 80))
    assert found == pytest.approx((0.2, 0.0524, 0.3339, 70), abs=5e-5)
    assert stats.share_difference(stats.wilson(0, 10), stats.wilson(0, 20))[:3] == pytest.approx(
        (0.0, -0.1611, 0.2775), abs=5e-5
    )
