from __future__ import annotations

import numpy as np
import pytest
import torch

from foveate.pretraining.objectives.dcl import decoupled
from foveate.pretraining.objectives.simclr import nt_xent


def by_formula(a: np.ndarray, b: np.ndarray, temperature: float, sigma: float | None) -> float:
    """Equations 6 and 7 of Yeh et al. 2022, anchor by anchor, in float64."""
    z = np.concatenate([a, b])
    z = z / np.linalg.norm(z, axis=1, keepdims=True)
    n = len(a)
    positive = [z[i] @ z[(i + n) % (2 * n)] for i in range(2 * n)]
    mean_pull = np.mean([np.exp(p / sigma) for p in positive]) if sigma is not None else 1.0
    total = 0.0
    for i in range(2 * n):
        weight = 2 - np.exp(positive[i] / sigma) / mean_pull if sigma is not None else 1.0
        others = [k for k in range(2 * n) if k % n != i % n]
        total += -weight * positive[i] / temperature + np.log(sum(np.exp(z[i] @ z[k] / temperature) for k in others))
    return total / (2 * n)


@pytest.mark.parametrize("sigma", [None, 0.5, 2.0])
def test_it_is_the_papers_formula(sigma: float | None) -> None:
    a, b = np.random.default_rng(0).normal(size=(2, 7, 5))
    ours = decoupled(torch.from_numpy(a), torch.from_numpy(b), 0.3, sigma)
    assert float(ours) == pytest.approx(by_formula(a, b, 0.3, sigma), rel=1e-9)


def test_the_positive_is_not_in_the_denominator() -> None:
    """So the loss lies below SimCLR's, which has it there."""
    a, b = (torch.randn(6, 4, dtype=torch.float64) for _ in range(2))
    assert float(decoupled(a, b, 0.2)) < float(nt_xent(a, b, 0.2))


def test_gradients() -> None:
    a, b = (torch.randn(4, 3, dtype=torch.float64, requires_grad=True) for _ in range(2))
    assert torch.autograd.gradcheck(lambda x, y: decoupled(x, y, 0.3), (a, b))


def test_weights_carry_no_gradient() -> None:
    """DCLW's gradient is that of its loss with the weights as given numbers."""
    a, b = (torch.randn(5, 3, dtype=torch.float64, requires_grad=True) for _ in range(2))
    decoupled(a, b, 0.3, 0.5).backward()
    x, y = (z.detach().clone().requires_grad_() for z in (a, b))
    z = torch.nn.functional.normalize(torch.cat([x, y]), dim=1)
    positive = torch.cat([(z[:5] * z[5:]).sum(1)] * 2)
    pull = np.exp(positive.detach().numpy() / 0.5)
    others = ~torch.eye(5, dtype=torch.bool).repeat(2, 2)
    below = (z @ z.T / 0.3).masked_fill(~others, float("-inf")).logsumexp(1)
    (-torch.from_numpy(2 - pull / pull.mean()) * positive / 0.3 + below).mean().backward()
    torch.testing.assert_close(a.grad, x.grad)
    torch.testing.assert_close(b.grad, y.grad)
