"""Additive features are a sum of main effects, multiplicative ones need pairs; R² is covered in repeated draws."""

from __future__ import annotations

import numpy as np
import pytest

from foveate.measures.additivity import Effects

A, B, C, N = 4, 5, 3, 600


def codes(random: np.random.Generator, n: int = N) -> np.ndarray:
    return np.stack([random.integers(size, size=n) for size in (A, B, C)], axis=1)


def explain(x: np.ndarray, known: np.ndarray, seed: int = 0):  # type: ignore[no-untyped-def]
    half = len(x) // 2
    effects = Effects(known[:half], known[half:], np.arange(len(x) - half), seed=seed)
    return effects.explain(x[:half], x[half:])


def test_a_sum_is_additive() -> None:
    known = codes(np.random.default_rng(0))
    found = explain(np.concatenate([np.eye(A)[known[:, 0]], 3 * np.eye(B)[known[:, 1]]], axis=1), known)
    assert found.main.value == pytest.approx(1, abs=1e-4)
    assert found.gain is not None
    assert found.gain.value == pytest.approx(0, abs=1e-3)
    assert found.cells == (A + B + C, A + B + C + A * B + A * C + B * C)


def test_a_product_is_not() -> None:
    """Of one direction for each of A·B cells, main effects hold (A - 1 + B - 1) of AB - 1 parts of the variance."""
    known = codes(np.random.default_rng(0), 6000)
    found = explain(np.eye(A * B)[known[:, 0] * B + known[:, 1]], known)
    assert found.main.value == pytest.approx((A + B - 2) / (A * B - 1), abs=0.02)
    assert found.pairwise is not None
    assert found.pairwise.value > 0.99
    assert found.gain is not None
    assert found.gain.low > 0.5


def test_the_share_is_covered_in_repeated_draws() -> None:
    """What a fitted sum explains of fresh rows: its A + B + C - 2 vectors cost that many parts in n of the noise."""
    noise, width, rows = 0.5, 12, 1000
    left = width * noise**2
    truth = 1 - left * (1 + (A + B + C - 2) / (rows / 2)) / (1 - 1 / A + left)
    held, values = [], []
    for seed in range(80):
        random = np.random.default_rng(seed)
        known = codes(random, rows)
        found = explain(np.eye(A, width)[known[:, 0]] + noise * random.normal(size=(rows, width)), known, seed)
        values.append(found.main.value)
        held.append(found.main.low <= truth <= found.main.high)
    assert np.mean(values) == pytest.approx(truth, abs=0.006)
    assert np.mean(held) >= 0.88


def test_pairs_without_rows_are_no_interaction() -> None:
    """An asset seen once in each place: nothing could tell the two together from each alone."""
    asset, place = (part.ravel() for part in np.meshgrid(np.arange(20), np.arange(10)))
    known = np.stack([asset, place], axis=1)[np.random.default_rng(0).permutation(200)]
    found = explain(np.eye(20)[known[:, 0]], known)
    assert found.pairwise is None
    assert found.gain is None


def test_a_value_that_train_rows_lack_has_no_vector() -> None:
    known = np.array([[0], [1], [0], [1], [2], [-1]])
    x = np.array([[0.0], [2.0], [0.0], [2.0], [5.0], [1.0]])
    effects = Effects(known[:4], known[4:], np.arange(2))
    assert effects.cells == (2, 2)
    # Both test rows are predicted by what no value adds to: the training mean, 1.
    assert effects.explain(x[:4], x[4:]).main.value == pytest.approx(0, abs=1e-6)
