from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch

from foveate.pretraining.objective import Progress
from foveate.pretraining.objectives import dino
from foveate.pretraining.prototypes import cross_entropy
from tests.pretraining.objectives.conftest import apart

BASE = {"projector": (16, 8)}


def softmax(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - x.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def scores(objective: Any, head: Any, prototypes: Any, module: Any, view: torch.Tensor) -> np.ndarray:
    with torch.no_grad():
        z = head(objective.encoder.pooled(view, module)).double().numpy()
    w = prototypes.weight.detach().double().numpy()
    z, w = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (z, w))
    return z @ w.T


@pytest.mark.parametrize("crops", [0, 2])
def test_it_is_the_papers_loss(build_objective: Any, make_batch: Any, crops: int) -> None:
    """Equations 2 to 4 of Caron et al. 2021: H(softmax((t − c)/τ_t), softmax(s/τ_s)), over different views.

    Teacher: the two large views; student: those and the small crops. The centre follows the teacher's scores.
    """
    objective = apart(build_objective("dino", prototypes=12, projector=(16, 8), crops=crops, crop_size=8)).eval()
    objective.center.copy_(torch.linspace(-0.3, 0.3, 12))
    batch = make_batch(objective)
    student = [scores(objective, objective.projector, objective.prototypes, None, v) for v in batch.views]
    teacher = objective.teacher
    slow = [
        scores(objective, teacher.projector.module, objective.slow_prototypes.module, teacher.backbone.module, v)
        for v in batch.views[:2]
    ]
    center = objective.center.double().numpy()
    losses = []
    for i in range(2):
        for j in range(2 + crops):
            if i != j:
                p_t, p_s = softmax((slow[i] - center) / 0.04), softmax(student[j] / 0.1)
                losses.append(-(p_t * np.log(p_s)).sum(1).mean())
    output = objective.loss(batch)
    assert float(output.loss.detach()) == pytest.approx(np.mean(losses), rel=1e-4)
    objective.after_step(Progress(1, 10))
    expected = 0.9 * center + 0.1 * np.concatenate(slow).mean(0)
    np.testing.assert_allclose(objective.center.numpy(), expected, rtol=1e-4, atol=1e-6)


def test_every_small_crop_meets_both_large_targets(
    build_objective: Any, make_batch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    objective = build_objective("dino", prototypes=12, projector=(16, 8), crops=3, crop_size=8)
    calls: list[int] = []
    monkeypatch.setattr(dino, "cross_entropy", lambda p, t: calls.append(1) or cross_entropy(p, t))
    objective.loss(make_batch(objective))
    assert len(calls) == 2 * (1 + 3)


def test_prototypes_stay_at_first_and_follow_later(build_objective: Any, make_batch: Any) -> None:
    objective = build_objective("dino", prototypes=12, projector=(16, 8), frozen=0.5)
    batch = make_batch(objective)
    objective.loss(batch).loss.backward()
    assert not bool(objective.prototypes.weight.grad.any())
    objective.zero_grad()
    objective.loss(dataclasses.replace(batch, step=5)).loss.backward()
    assert bool(objective.prototypes.weight.grad.any())
    assert all(p.grad is None for p in objective.slow_prototypes.parameters())


def test_sinkhorn_uses_prototypes_alike(build_objective: Any) -> None:
    scores = torch.rand(256, 4, generator=torch.Generator().manual_seed(0)) / 5 + torch.tensor([0.0, 0.0, 0.0, 0.1])
    plain = build_objective("dino", prototypes=4, projector=(16, 8))
    balanced = build_objective("dino", prototypes=4, projector=(16, 8), centering="sinkhorn")
    used = [objective.assign(scores, objective.center).mean(0) for objective in (plain, balanced)]
    assert float(used[0].max() - used[0].min()) > 0.3
    assert float(used[1].max() - used[1].min()) < 0.03
