from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from foveate.core.errors import FoveateError
from foveate.pretraining.objectives.vicreg import Knobs, vicreg_terms


def by_formula(a: np.ndarray, b: np.ndarray) -> tuple[float, float, float]:
    """The three terms of Bardes et al. 2022, entry by entry, in float64."""
    invariance = float(np.mean((a - b) ** 2))
    variance = covariance = 0.0
    for z in (a, b):
        deviation = np.sqrt(z.var(axis=0, ddof=1) + 1e-4)
        variance += float(np.mean(np.maximum(0, 1 - deviation))) / 2
        c = np.atleast_2d(np.cov(z, rowvar=False))
        covariance += sum(c[i, j] ** 2 for i in range(len(c)) for j in range(len(c)) if i != j) / z.shape[1]
    return invariance, variance, covariance


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 12), st.integers(1, 6), st.floats(0.1, 3), st.integers(0, 999))
def test_the_terms_are_the_papers(n: int, d: int, scale: float, seed: int) -> None:
    a, b = scale * np.random.default_rng(seed).normal(size=(2, n, d))
    ours = vicreg_terms(torch.from_numpy(a), torch.from_numpy(b))
    for mine, theirs in zip(ours, by_formula(a, b), strict=True):
        assert float(mine) == pytest.approx(theirs, rel=1e-9, abs=1e-9)


def test_gradients() -> None:
    a, b = (torch.randn(5, 3, dtype=torch.float64, requires_grad=True) for _ in range(2))
    assert torch.autograd.gradcheck(lambda x, y: tuple(vicreg_terms(x, y)), (a, b))


def test_the_loss_is_25_25_1_of_the_reported_terms(build_objective: Any, make_batch: Any) -> None:
    objective = build_objective("vicreg", projector=(16, 16))
    output = objective.loss(make_batch(objective))
    terms = output.terms
    assert set(terms) == {"invariance", "variance", "covariance"}
    expected = 25 * terms["invariance"] + 25 * terms["variance"] + terms["covariance"]
    torch.testing.assert_close(output.loss.detach(), expected)


def test_weights_below_zero_are_refused() -> None:
    with pytest.raises(FoveateError, match="variance"):
        Knobs(variance=-1.0)
