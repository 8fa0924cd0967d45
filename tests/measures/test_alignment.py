"""Mutual nearest neighbours and Procrustes against literal definitions and known cases."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from foveate.core.errors import FoveateError
from foveate.measures.alignment import mutual_knn, procrustes

RANDOM = np.random.default_rng


def literal_overlap(x: np.ndarray, y: np.ndarray, k: int) -> float:
    def sets(z: np.ndarray) -> list[set[int]]:
        z = z / np.linalg.norm(z, axis=1, keepdims=True)
        similarity = z @ z.T
        np.fill_diagonal(similarity, -np.inf)
        return [set(row[:k].tolist()) for row in np.argsort(-similarity, axis=1)]

    return float(np.mean([len(a & b) / k for a, b in zip(sets(x), sets(y), strict=True)]))


def test_mutual_knn_is_the_literal_overlap() -> None:
    random = RANDOM(0)
    x = random.normal(size=(60, 5))
    y = np.concatenate([x, random.normal(size=(60, 2))], axis=1)
    estimate = mutual_knn(x, y, k=7)
    assert estimate.value == pytest.approx(literal_overlap(x, y, 7))
    assert estimate.low < estimate.value < estimate.high


def test_mutual_knn_of_known_pairs() -> None:
    random = RANDOM(1)
    x, other = random.normal(size=(400, 16)), random.normal(size=(400, 16))
    rotation = np.linalg.qr(random.normal(size=(16, 16)))[0]
    assert mutual_knn(x, 3 * x @ rotation).value == pytest.approx(1, abs=1e-3)
    independent = mutual_knn(x, other)
    assert independent.low <= 10 / 399 <= independent.high
    assert independent.high < 0.05
    with pytest.raises(FoveateError, match="neighbours"):
        mutual_knn(x[:8], other[:8], k=10)


@pytest.mark.parametrize(("n", "d", "e"), [(50, 6, 9), (12, 40, 5), (12, 40, 31)])
def test_procrustes_is_the_best_rotation(n: int, d: int, e: int) -> None:
    random = RANDOM(n)
    x, y = random.normal(size=(n, d)) + 4, random.normal(size=(n, e))
    u, v = x - x.mean(0), y - y.mean(0)
    expected = np.linalg.svd(u.T @ v, compute_uv=False).sum() / np.linalg.norm(u) / np.linalg.norm(v)
    assert procrustes(x, y) == pytest.approx(expected, rel=1e-9)


def test_procrustes_of_known_pairs() -> None:
    random = RANDOM(2)
    x = random.normal(size=(300, 8))
    rotation = np.linalg.qr(random.normal(size=(8, 8)))[0]
    assert procrustes(x, 5 * x @ rotation - 2) == pytest.approx(1)
    assert procrustes(torch.from_numpy(x), random.normal(size=(300, 8))) < 0.3
    assert np.isnan(procrustes(x, np.ones((300, 2))))
