from __future__ import annotations

import numpy as np
import pytest
import torch

from foveate.pretraining.prototypes import Prototypes, cross_entropy, entropy, sinkhorn


def test_scores_are_cosines() -> None:
    prototypes = Prototypes(4, 6)
    x = torch.randn(5, 4)
    scores = prototypes(3 * x)
    torch.testing.assert_close(scores, prototypes(x))
    expected = torch.cosine_similarity(x[:, None], prototypes.weight[None], dim=2)
    torch.testing.assert_close(scores, expected)


def test_sinkhorn_has_both_marginals() -> None:
    scores = 2 * torch.rand(60, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) - 1
    q = sinkhorn(scores, 0.1, rounds=200)
    torch.testing.assert_close(q.sum(1), torch.ones(60, dtype=torch.float64))
    torch.testing.assert_close(q.mean(0), torch.full((5,), 0.2, dtype=torch.float64), rtol=1e-3, atol=1e-4)
    # It is the assignment of that form: q = diag(u) exp(s/τ) diag(v), whose cross ratios are those of exp(s/τ).
    k = (scores / 0.1).exp()
    ratio = lambda m: m[0, 0] * m[1, 1] / (m[0, 1] * m[1, 0])  # noqa: E731
    torch.testing.assert_close(ratio(q), ratio(k))


@pytest.mark.parametrize("temperature", [0.03, 0.005, 0.001])
def test_it_stands_low_temperatures_in_float32(temperature: float) -> None:
    """Against the scaling as Cuturi 2013 writes it, in float64 with each row's largest taken out beforehand and put back."""
    scores = 2 * torch.rand(64, 16, generator=torch.Generator().manual_seed(0)) - 1
    q = sinkhorn(scores, temperature, rounds=3)
    torch.testing.assert_close(q.sum(1), torch.ones(64))
    k = np.exp(scores.double().numpy() / temperature, dtype=np.longdouble)  # e^±1000 has room in 80 bits alone
    for _ in range(3):
        k /= k.sum(0)
        k /= k.sum(1, keepdims=True)
    np.testing.assert_allclose(q.numpy(), k.astype(np.float64), atol=2e-3)


def test_entropy_and_cross_entropy() -> None:
    p = torch.tensor([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]], dtype=torch.float64)
    np.testing.assert_allclose(entropy(p).numpy(), [np.log(2), 0.0])
    logits = torch.randn(2, 3, dtype=torch.float64)
    expected = -(p * torch.log_softmax(logits, 1)).sum(1).mean()
    assert float(cross_entropy(p, logits)) == pytest.approx(float(expected))
