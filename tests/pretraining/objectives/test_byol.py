from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from foveate.core.errors import FoveateError
from foveate.pretraining.objective import Progress
from foveate.pretraining.objectives.byol import Knobs, sphere_distance


def unit(x: np.ndarray) -> np.ndarray:
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def test_it_is_the_papers_formula() -> None:
    """Equation 2 of Grill et al. 2020: the squared distance of unit vectors."""
    p, t = np.random.default_rng(0).normal(size=(2, 9, 4))
    ours = sphere_distance(torch.from_numpy(p), torch.from_numpy(t))
    assert float(ours) == pytest.approx(np.mean([np.sum((a - b) ** 2) for a, b in zip(unit(p), unit(t), strict=True)]))
    a, b = (torch.randn(4, 3, dtype=torch.float64, requires_grad=True) for _ in range(2))
    assert torch.autograd.gradcheck(sphere_distance, (a, b))


def test_the_loss_is_the_mean_of_both_ways(build_objective: Any, make_batch: Any) -> None:
    objective = build_objective("byol").eval()
    batch = make_batch(objective)
    one, two = batch.views
    with torch.no_grad():
        online = [objective.predictor(objective.projector(objective.encoder.pooled(v))) for v in (one, two)]
        teacher = objective.teacher
        slow = [teacher.projector.module(objective.encoder.pooled(v, teacher.backbone.module)) for v in (one, two)]
        expected = (sphere_distance(online[0], slow[1]) + sphere_distance(online[1], slow[0])) / 2
    torch.testing.assert_close(objective.loss(batch).loss.detach(), expected)


def test_small_crops_are_predicted_from_and_never_targets(build_objective: Any, make_batch: Any) -> None:
    objective = build_objective("byol", crops=2, crop_size=8).eval()
    batch = make_batch(objective)
    seen: list[tuple[int, int]] = []
    objective.distil = lambda p, t, batch: seen.append((0, 0)) or type(objective).distil(objective, p, t, batch)
    asked: list[int] = []
    target = type(objective).target
    objective.target = lambda images: asked.append(images.shape[-1]) or target(objective, images)
    objective.loss(batch)
    assert asked == [16, 16]  # the teacher sees the two large views alone
    assert len(seen) == 2 + 2 * 2  # each large target from the other large view and from both small ones


def test_the_teacher_follows_and_the_student_is_kept(build_objective: Any, make_batch: Any) -> None:
    objective = build_objective("byol", momentum=0.9, momentum_end=None)
    slow = objective.teacher.body
    before = {name: p.clone() for name, p in slow.named_parameters()}
    with torch.no_grad():
        for p in objective.backbone.parameters():
            p.add_(1.0)
    objective.loss(make_batch(objective)).loss.backward()
    assert all(p.grad is None for p in slow.parameters())
    objective.after_step(Progress(1, 10))
    for name, p in slow.named_parameters():
        torch.testing.assert_close(p, before[name] + 0.1)
    kept = objective.parts()
    assert (kept.backbone, kept.projector) == (objective.backbone, objective.projector)


@pytest.mark.parametrize(("teacher", "slow_body", "slow_head"), [("none", False, False), ("projector", False, True)])
def test_what_the_teacher_is_made_of(
    build_objective: Any, make_batch: Any, teacher: str, slow_body: bool, slow_head: bool
) -> None:
    objective = build_objective("byol", teacher=teacher)
    assert (objective.teacher.body is not objective.backbone) == slow_body
    assert (objective.teacher.head is not objective.projector) == slow_head
    with torch.no_grad():
        online = objective.projector(objective.encoder.pooled(make_batch(objective).views[1]))
    output = objective.loss(make_batch(objective))
    torch.testing.assert_close(output.outputs["target"], online)  # at first the slow side is a copy
    output.loss.backward()
    assert objective.teacher.state_dict() == {} or slow_head


def test_the_predictor_s_rate(build_objective: Any) -> None:
    from foveate.pretraining.build import _rate_factor

    objective = build_objective("byol", predictor_rate=10.0)
    factor = _rate_factor(objective, objective.encoder, None)
    assert factor("predictor.steps.0.0.weight") == 10.0
    assert factor("projector.steps.0.0.weight") == factor("backbone.stem.0.weight") == 1.0


def test_a_momentum_that_is_none_is_refused() -> None:
    with pytest.raises(FoveateError, match="momentum"):
        Knobs(momentum=1.5)
