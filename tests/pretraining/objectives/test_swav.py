from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from foveate.pretraining.objectives.swav import swapped_prediction


def sinkhorn_by_formula(scores: np.ndarray, sharpness: float, rounds: int) -> np.ndarray:
    """Caron et al. 2020, appendix A.1, in float64: rows of the transposed matrix to 1/K, columns to 1/B, in turn."""
    q = np.exp(scores / sharpness).T
    q /= q.sum()
    k, b = q.shape
    for _ in range(rounds):
        q /= q.sum(1, keepdims=True) * k
        q /= q.sum(0, keepdims=True) * b
    return (q * b).T


def by_formula(scores: list[np.ndarray], temperature: float, sharpness: float) -> float:
    """Equation 2 with multi-crop: each of the two large views' codes against all other views' predictions."""
    losses = []
    for i in (0, 1):
        code = sinkhorn_by_formula(scores[i], sharpness, 3)
        for j, s in enumerate(scores):
            if j != i:
                p = np.exp(s / temperature) / np.exp(s / temperature).sum(1, keepdims=True)
                losses.append(-(code * np.log(p)).sum(1).mean())
    return float(np.mean(losses))


@pytest.mark.parametrize("views", [2, 4])
def test_it_is_the_papers_formula(views: int) -> None:
    scores = np.random.default_rng(0).uniform(-1, 1, size=(views, 9, 5))
    ours, code = swapped_prediction([torch.from_numpy(s) for s in scores], 0.1, 0.05)
    assert float(ours) == pytest.approx(by_formula(list(scores), 0.1, 0.05), rel=1e-9)
    np.testing.assert_allclose(code.numpy(), sinkhorn_by_formula(scores[0], 0.05, 3), rtol=1e-9)


def test_codes_carry_no_gradient_and_predictions_do() -> None:
    scores = [torch.rand(6, 4, dtype=torch.float64, requires_grad=True) for _ in range(2)]
    loss, code = swapped_prediction(scores, 0.1, 0.05)
    loss.backward()
    assert not code.requires_grad
    # d loss / d s₁ = (p₁ − code₀) / (τ n) / 2: no term through the code that the view itself gives
    p = torch.softmax(scores[1].detach() / 0.1, dim=1)
    torch.testing.assert_close(scores[1].grad, (p - code) / (0.1 * 6) / 2)


def test_prototypes_stay_at_first(build_objective: Any, make_batch: Any) -> None:
    import dataclasses

    objective = build_objective("swav", projector=(16, 8), frozen=0.5)
    batch = make_batch(objective)
    objective.loss(batch).loss.backward()
    assert not bool(objective.prototypes.weight.grad.any())
    objective.zero_grad()
    objective.loss(dataclasses.replace(batch, step=5)).loss.backward()
    assert bool(objective.prototypes.weight.grad.any())


def test_small_crops_predict_and_are_not_assigned(build_objective: Any, make_batch: Any) -> None:
    objective = build_objective("swav", projector=(16, 8), prototypes=5, crops=2, crop_size=8).eval()
    batch = make_batch(objective)
    w = objective.prototypes.weight.detach().double().numpy()
    w /= np.linalg.norm(w, axis=1, keepdims=True)
    with torch.no_grad():
        z = [objective.projector(objective.encoder.pooled(view)).double().numpy() for view in batch.views]
    scores = [each / np.linalg.norm(each, axis=1, keepdims=True) @ w.T for each in z]
    assert float(objective.loss(batch).loss.detach()) == pytest.approx(by_formula(scores, 0.1, 0.05), rel=1e-4)
