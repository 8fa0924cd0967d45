"""Readouts on planted features with known answers; choices never see the test rows."""

from __future__ import annotations

import numpy as np
import pytest

from foveate.probing import readouts
from foveate.probing.readouts import Rows, TapFeatures, knn, linear, ridge_sweep

CLASSES, WIDTH = 5, 20


def planted(n: int = 300, m: int = 200, *, noise: float = 0.1, seed: int = 0) -> tuple[TapFeatures, Rows]:
    """Classes as directions plus noise."""
    random = np.random.default_rng(seed)
    train, test = random.integers(CLASSES, size=n), random.integers(CLASSES, size=m)
    places = np.eye(CLASSES, WIDTH)

    def around(labels: np.ndarray) -> np.ndarray:
        return (places[labels] + noise * random.normal(size=(len(labels), WIDTH))).astype(np.float32)

    return (
        TapFeatures(train=around(train), test=around(test)),
        Rows(train=train, test=test, classes=CLASSES, seed=0),
    )


def test_all_read_separable_classes():
    features, rows = planted()
    for answers in (knn(features, rows, k=20), linear(features, rows), ridge_sweep(features, rows)):
        assert answers.right.mean() > 0.98
        assert (answers.right == (answers.predicted == rows.test)).all()


def test_none_reads_what_is_not_there():
    """Labels that mean nothing: chance on average, over fresh draws of them."""
    readers = (lambda f, r: knn(f, r, k=20), linear, ridge_sweep)
    accuracies = [[] for _ in readers]
    for seed in range(8):
        features, rows = planted(noise=1.0, seed=seed)
        shuffled = rows.shuffled(np.random.default_rng(seed).permutation(len(rows.train)))
        for values, read in zip(accuracies, readers, strict=True):
            values.append(read(features, shuffled).right.mean())
    assert all(abs(np.mean(values) - 1 / CLASSES) < 0.05 for values in accuracies)


def test_knn_is_weighted_cosine():
    """By hand: one very near neighbour of class 1 outweighs two far ones of class 0; lengths do not count."""
    train = np.array([[0.0, 5.0], [1.0, 1.0], [1.0, 1.1]], np.float32)
    features = TapFeatures(train=train, test=np.array([[0.0, 1.0]], np.float32))
    rows = Rows(train=np.array([1, 0, 0]), test=np.array([1]), classes=2, seed=0)
    answers = knn(features, rows, k=3)
    assert answers.predicted.tolist() == [1]
    assert answers.neighbours is not None
    assert answers.neighbours[0].tolist() == [0, 2, 1]
    weights = np.exp(np.array([1, 1 / np.sqrt(2), 1.1 / np.sqrt(2.21)]) / 0.07)
    assert answers.confidence[0] == pytest.approx(weights[0] / weights.sum(), rel=1e-4)


def test_linear_chooses_without_the_test_rows(monkeypatch):
    features, rows = planted()
    seen = []
    real = readouts.logistic.fit

    def spy(X, y, classes, grid, X_val=None, y_val=None):
        seen.append((X, X_val))
        return real(X, y, classes, grid, X_val, y_val)

    monkeypatch.setattr(readouts.logistic, "fit", spy)
    linear(features, rows)
    ((fit, held),) = seen
    both = np.concatenate([fit, held])
    assert len(both) == len(features.train)
    assert {row.tobytes() for row in both} == {row.tobytes() for row in features.train}


def test_test_rows_change_nothing_of_the_model():
    features, rows = planted()
    other = TapFeatures(train=features.train, test=features.test[:50])
    fewer = Rows(train=rows.train, test=rows.test[:50], classes=CLASSES, seed=0)
    assert np.allclose(linear(features, rows).confidence[:50], linear(other, fewer).confidence)


def test_shuffled_permutes_training_labels_alone():
    _, rows = planted()
    order = np.random.default_rng(0).permutation(len(rows.train))
    shuffled = rows.shuffled(order)
    assert (shuffled.test == rows.test).all()
    assert np.bincount(shuffled.train).tolist() == np.bincount(rows.train).tolist()
    assert not np.array_equal(shuffled.train, rows.train)
