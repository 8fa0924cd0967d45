"""Intervals over groups against known truth: the share of them that hold it, over many seeded draws."""

from __future__ import annotations

import math

import numpy as np
import pytest

from foveate.core import clusters, stats
from foveate.core.estimate import Estimate


def holds(estimate: Estimate, truth: float) -> bool:
    return estimate.low <= truth <= estimate.high


def pictures(random: np.random.Generator, p: float, groups: int, size: int, alike: float) -> tuple[np.ndarray, ...]:
    """Right answers with mean p, those of a group alike: beta-binomial with that intraclass correlation."""
    scale = (1 - alike) / alike
    chances = random.beta(p * scale, (1 - p) * scale, groups)
    labels = np.repeat(np.arange(groups), size)
    return (random.random(groups * size) < chances[labels]).astype(float), labels


@pytest.mark.parametrize(("p", "groups", "size", "alike"), [(0.5, 12, 20, 0.3), (0.9, 40, 10, 0.2), (0.2, 25, 4, 0.05)])
def test_a_share_covers_where_units_are_alike(p: float, groups: int, size: int, alike: float) -> None:
    random = np.random.default_rng(0)
    draws = [pictures(random, p, groups, size, alike) for _ in range(800)]
    assert 0.92 <= np.mean([holds(clusters.share(*draw), p) for draw in draws]) <= 0.985
    naive = np.mean([holds(stats.wilson(int(right.sum()), len(right)), p) for right, _ in draws])
    assert naive < 0.93, "the groups matter here, or the test shows nothing"


def test_units_that_are_their_own_groups_are_wilsons() -> None:
    assert clusters.share([1, 1, 0, 1], list("abcd")) == stats.wilson(3, 4)


def test_all_right_is_as_sure_as_there_are_groups() -> None:
    few, many = (clusters.share(np.ones(200), np.arange(200) % groups) for groups in (4, 100))
    assert few.value == many.value == few.high == 1
    assert (few.low, many.low) == (stats.wilson(4, 4).low, stats.wilson(100, 100).low)


def test_a_ratio_is_covered_and_a_mean_is_students() -> None:
    random, held = np.random.default_rng(1), []
    for _ in range(1000):
        group = np.repeat(np.arange(30), random.integers(1, 9, 30))
        size = random.uniform(1, 3, len(group))
        held.append(holds(clusters.ratio(size * (0.7 + random.normal(0, 0.2, 30)[group]), size, group), 0.7))
    assert 0.92 <= np.mean(held) <= 0.975
    values = random.normal(size=40)
    assert clusters.ratio(values, np.ones(40)) == pytest.approx(stats.mean_interval(values))


def test_explained_is_r_squared() -> None:
    found = clusters.explained([0.1, 0.2, 0.3], [1.0, 1.0, 2.0])
    assert found.value == pytest.approx(1 - 0.6 / 4)
    assert found.low < found.value < found.high <= 1
    assert clusters.explained([0.0, 0.0], [1.0, 2.0])[:3] == (1, 1, 1)


def test_a_difference_is_covered_and_never_certain() -> None:
    random, held = np.random.default_rng(2), []
    for _ in range(1000):
        shift = random.normal(0, 0.1, 25)
        group = np.repeat(np.arange(25), 8)
        a = random.random(200) < 0.6 + shift[group]
        b = random.random(200) < 0.5 + shift[group]
        held.append(holds(clusters.difference(a, b, group), 0.1))
    assert 0.92 <= np.mean(held) <= 0.98
    same = clusters.difference(np.ones(60), np.ones(60), np.arange(60) % 6)
    assert same.value == 0
    assert same.low < -0.1 < 0.1 < same.high
    assert same.n == 60


def test_nothing_and_one_group_have_no_interval() -> None:
    for found in (clusters.share([], []), clusters.ratio([1.0], [0.0]), clusters.difference([], [], [])):
        assert all(math.isnan(x) for x in found[:3])
    one = clusters.share([1, 0], ["a", "a"])
    assert one.value == 0.5
    assert math.isnan(one.low)


def test_what_varies_with_draws_and_with_groups_is_covered() -> None:
    """Five draws of training rows and six held-out worlds, each with an effect of its own: neither alone tells the spread."""
    random, mean, share, over_groups = np.random.default_rng(3), [], [], []
    group = np.repeat(np.arange(6), 20)
    for _ in range(600):
        chance = 0.6 + random.normal(0, 0.06, (5, 1)) + random.normal(0, 0.06, 6)[group]
        right = (random.random((5, 120)) < chance).astype(float)
        mean.append(holds(clusters.crossed(right, group), 0.6))
        share.append(holds(clusters.crossed_share(right, group), 0.6))
        over_groups.append(holds(clusters.ratio(right.mean(axis=0), np.ones(120), group), 0.6))
    assert 0.93 <= np.mean(mean) <= 0.995
    assert 0.93 <= np.mean(share) <= 0.995
    assert np.mean(over_groups) < 0.9, "draws matter here, or the test shows nothing"
    assert clusters.crossed_share(np.ones((5, 12)), np.arange(12) % 3).low < 0.5
    assert math.isnan(clusters.crossed(np.ones((1, 4)), [0, 0, 1, 1]).low)


def test_groups_that_differ_by_just_as_much_are_not_certain() -> None:
    a, b = np.tile([0, 0, 0, 1], 3), np.tile([1, 0, 0, 1], 3)
    found = clusters.difference(a, b, np.repeat([0, 1, 2], 4))
    assert found.value == -0.25
    assert found.high - found.low > stats.paired_difference(a, b).high - stats.paired_difference(a, b).low
