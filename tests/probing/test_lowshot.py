"""Few labels: more help, each draw differs, and what the data is too small for is said."""

from __future__ import annotations

import numpy as np
import pytest

from foveate.probing.lowshot import label_shares, low_shot
from foveate.probing.readouts import Rows, TapFeatures, linear
from foveate.probing.rows import draw_share


def planted(noise: float, per_class: int = 30) -> tuple[TapFeatures, Rows]:
    random = np.random.default_rng(0)
    train, test = np.repeat(np.arange(5), per_class), np.repeat(np.arange(5), 60)
    places = random.normal(size=(5, 32))

    def around(labels: np.ndarray) -> np.ndarray:
        return (places[labels] + noise * random.normal(size=(len(labels), 32))).astype(np.float32)

    return TapFeatures(train=around(train), test=around(test)), Rows(train=train, test=test, classes=5, seed=3)


def test_more_labels_read_more():
    measured, skipped = low_shot(*planted(1.5), (1, 5, 20), draws=6)
    values = [one.mean.value for one in measured]
    assert not skipped
    assert values == sorted(values)
    assert values[0] > 0.3
    assert values[-1] > 0.85
    assert all(one.mean.low < one.mean.value < one.mean.high for one in measured)
    assert [one.mean.n for one in measured] == [6, 6, 6]
    assert measured[0].mean.value == pytest.approx(np.mean(measured[0].accuracies))
    assert len(set(measured[0].accuracies)) > 1


def test_one_shot_of_clear_classes_is_enough():
    measured, _ = low_shot(*planted(0.1), (1,), draws=3)
    assert measured[0].mean.value > 0.99


def test_what_the_data_is_too_small_for_is_named():
    measured, skipped = low_shot(*planted(1.0, per_class=4), (0, 1, 5), draws=2)
    assert [one.shots for one in measured] == [1]
    assert skipped == [(5, "the smallest class has 4 training images")]


def test_the_same_seed_draws_the_same_images():
    assert low_shot(*planted(1.5), (2,), draws=3) == low_shot(*planted(1.5), (2,), draws=3)


def test_a_share_of_the_labels_is_drawn_class_by_class():
    labels = np.repeat([0, 1, 2], [100, 40, 3])
    chosen = draw_share(labels, 0.1, np.random.default_rng(0))
    assert np.bincount(labels[chosen]).tolist() == [10, 4, 1]
    assert len(set(chosen.tolist())) == 15
    assert np.bincount(labels[draw_share(labels, 0.001, np.random.default_rng(0))]).tolist() == [1, 1, 1]
    assert sorted(draw_share(labels, 1.0, np.random.default_rng(0)).tolist()) == list(range(143))


def test_more_of_the_labels_read_more_and_all_of_them_what_the_linear_probe_reads():
    features, rows = planted(1.5)
    few, more, every = label_shares(features, rows, (1.0, 0.03, 0.3), draws=4)
    assert [one.name for one in (few, more, every)] == ["3%", "30%", "100%"]
    assert [one.images for one in (few, more, every)] == [5, 45, 150]
    assert few.mean.value < more.mean.value < every.mean.value
    assert every.accuracies == (linear(features, rows).right.mean(),) * 4
    assert few.mean.n == 4
    assert label_shares(features, rows, (0.03,), draws=4) == [few]


def test_one_shot_and_the_least_share_are_the_same_probe():
    """One image a class and the fixed strength: the two differ in what they draw only."""
    features, rows = planted(0.1)
    shot, _ = low_shot(features, rows, (1,), draws=3)
    share = label_shares(features, rows, (0.01,), draws=3)
    assert shot[0].mean.value == pytest.approx(share[0].mean.value, abs=0.02)
