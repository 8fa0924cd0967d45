from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch

from foveate.core.errors import FoveateError
from foveate.pretraining.objectives.wmse import whiten, whitened_distance

SMALL = {"projector": (16, 2), "slice": 4}


def by_formula(a: np.ndarray, b: np.ndarray, order: list[int], size: int) -> float:
    """Section 3 of Ermolov et al. 2021, group by group, in float64: each view of a group by its own Cholesky factor."""

    def white(v: np.ndarray) -> np.ndarray:
        covariance = np.cov(v, rowvar=False)
        covariance += 1e-6 * np.mean(np.diag(covariance)) * np.eye(len(covariance))
        z = (v - v.mean(0)) @ np.linalg.inv(np.linalg.cholesky(covariance)).T
        return z / np.linalg.norm(z, axis=1, keepdims=True)

    distances = []
    for start in range(0, len(order) - size + 1, size):
        rows = order[start : start + size]
        distances += [2 - 2 * x @ y for x, y in zip(white(a[rows]), white(b[rows]), strict=True)]
    return float(np.mean(distances))


def test_it_is_the_papers_formula() -> None:
    a, b = np.random.default_rng(0).normal(size=(2, 13, 3))
    order = [5, 1, 0, 12, 4, 7, 9, 2, 3, 10, 8, 6, 11]
    ours = whitened_distance(torch.from_numpy(a), torch.from_numpy(b), torch.tensor([order]), 6)
    assert float(ours) == pytest.approx(by_formula(a, b, order, 6), rel=1e-7)


def test_more_cuts_are_averaged() -> None:
    a, b = np.random.default_rng(0).normal(size=(2, 8, 2))
    orders = [[0, 1, 2, 3, 4, 5, 6, 7], [7, 2, 4, 1, 0, 3, 6, 5]]
    ours = whitened_distance(torch.from_numpy(a), torch.from_numpy(b), torch.tensor(orders), 4)
    assert float(ours) == pytest.approx(np.mean([by_formula(a, b, order, 4) for order in orders]), rel=1e-7)


def test_a_view_that_is_a_linear_map_of_the_other_is_no_distance_away() -> None:
    """Each view has its own whitening, which a triangular mix of the dimensions and a shift do not change."""
    a = torch.randn(24, 3, dtype=torch.float64)
    mix = torch.tensor([[2.0, 0, 0], [1.0, 0.5, 0], [-1, 0.3, 3]], dtype=torch.float64)
    orders = torch.arange(24)[None]
    assert float(whitened_distance(a, a @ mix.T + 7, orders, 12)) == pytest.approx(0, abs=1e-5)
    assert float(whitened_distance(a, a.flip(1), orders, 12)) > 0.1


def test_whitening_makes_the_covariance_the_identity() -> None:
    mixed = torch.tensor([[1.0, 0.5, 0, 0], [0, 2, 0.3, 0], [0, 0, 1, -0.8], [0.2, 0, 0, 1]], dtype=torch.float64)
    x = torch.randn(2, 50, 4, dtype=torch.float64) @ mixed
    for group in whiten(x):
        torch.testing.assert_close(group.T.cov(), torch.eye(4, dtype=torch.float64), rtol=1e-4, atol=1e-4)


def test_gradients() -> None:
    a, b = (torch.randn(8, 2, dtype=torch.float64, requires_grad=True) for _ in range(2))
    orders = torch.stack([torch.randperm(8) for _ in range(2)])
    assert torch.autograd.gradcheck(lambda x, y: whitened_distance(x, y, orders, 4), (a, b))


def test_a_group_that_is_too_small_for_its_width_is_refused(build_objective: Any) -> None:
    with pytest.raises(FoveateError, match="whitening 32 dimensions"):
        build_objective("wmse", projector=(64, 32))


def test_the_batch_is_cut_into_slices_and_anew_for_each_cut(build_objective: Any, make_batch: Any) -> None:
    objective = build_objective("wmse", projector=(16, 2), slice=4, cuts=3).eval().double()
    batch = make_batch(objective)
    batch = dataclasses.replace(batch, views=[view.double() for view in batch.views])
    with torch.no_grad():
        a, b = (objective.projector(objective.encoder.pooled(view)).numpy() for view in batch.views)
    stream = batch.stream("whitening")
    orders = [torch.randperm(8, generator=stream).tolist() for _ in range(3)]
    expected = np.mean([by_formula(a, b, order, 4) for order in orders])
    assert float(objective.loss(batch).loss.detach()) == pytest.approx(expected, rel=1e-7)
