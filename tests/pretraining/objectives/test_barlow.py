from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from foveate.pretraining.objectives.barlow import barlow_terms


def by_formula(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """Equation 1 of Zbontar et al. 2021, entry by entry, in float64; 1e-5 as batch norm adds it."""
    n, d = a.shape
    a, b = ((z - z.mean(0)) / np.sqrt(z.var(0) + 1e-5) for z in (a, b))
    on = off = 0.0
    for i in range(d):
        for j in range(d):
            c = sum(a[k, i] * b[k, j] for k in range(n)) / n
            if i == j:
                on += (1 - c) ** 2
            else:
                off += c**2
    return on, off


def test_it_is_the_papers_formula() -> None:
    a, b = np.random.default_rng(0).normal(size=(2, 11, 4))
    ours = barlow_terms(torch.from_numpy(a), torch.from_numpy(b))
    assert [float(x) for x in ours] == pytest.approx(by_formula(a, b), rel=1e-9)


def test_equal_views_of_independent_dimensions_are_the_optimum() -> None:
    z = torch.linalg.qr(torch.randn(64, 6, dtype=torch.float64) - 0).Q
    z = torch.linalg.qr(z - z.mean(0)).Q * 100  # centred, orthogonal: the correlation matrix is the identity
    assert [float(x) for x in barlow_terms(z, z)] == pytest.approx([0, 0], abs=1e-6)


def test_the_loss_is_per_dimension(build_objective: Any, make_batch: Any) -> None:
    objective = build_objective("barlow", projector=(16, 12), redundancy=0.5)
    output = objective.loss(make_batch(objective))
    expected = (output.terms["invariance"] + 0.5 * output.terms["redundancy"]) / 12
    torch.testing.assert_close(output.loss.detach(), expected)


def test_gradients() -> None:
    a, b = (torch.randn(6, 3, dtype=torch.float64, requires_grad=True) for _ in range(2))
    assert torch.autograd.gradcheck(lambda x, y: tuple(barlow_terms(x, y)), (a, b))
