from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch

from foveate.pretraining.objective import Progress
from tests.pretraining.objectives.conftest import apart

BASE = {"prototypes": 12}


def softmax(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def unit(x: torch.Tensor) -> np.ndarray:
    values = x.detach().double().numpy()
    return values / np.linalg.norm(values, axis=-1, keepdims=True)


def test_the_patches_loss_is_the_papers(build_objective: Any, make_batch: Any) -> None:
    """Zhou et al. 2022, equation 3: at hidden patches only, the teacher's word for the same patch of the same view."""
    objective = apart(build_objective("ibot", prototypes=12, projector=(16, 8))).eval()
    objective.patch_center.copy_(torch.linspace(-0.3, 0.3, 12))
    batch = make_batch(objective)
    output = objective.loss(batch)
    center, losses = objective.patch_center.double().numpy(), []
    prototypes, slow = unit(objective.prototypes.weight), unit(objective.slow_prototypes.module.weight)
    for view, (hidden, _) in zip(batch.views, objective.draw(batch), strict=True):
        with torch.no_grad():
            seen = objective.patches(objective.backbone, view, hide=hidden, token=objective.mask_token).patches
            whole = objective.patches(objective.teacher.body, view).patches
            student = unit(objective.projector(seen.flatten(0, 1))).reshape(8, 16, 8) @ prototypes.T
            teacher = unit(objective.teacher.head(whole.flatten(0, 1))).reshape(8, 16, 8) @ slow.T
        images = []
        for i in range(8):
            rows = [n for n in range(16) if bool(hidden[i, n])]
            if rows:
                p_t, p_s = softmax((teacher[i, rows] - center) / 0.04), softmax(student[i, rows] / 0.1)
                images.append(-(p_t * np.log(p_s)).sum(1).mean())
        losses.append(np.mean(images))
    assert float(output.terms["patches"]) == pytest.approx(np.mean(losses), rel=1e-4)
    torch.testing.assert_close(output.loss.detach(), output.terms["pooled"] + output.terms["patches"])


def test_half_of_the_images_hide_something_and_only_the_student_s(build_objective: Any, make_batch: Any) -> None:
    objective = build_objective("ibot", prototypes=12, projector=(16, 8), mask=(0.25, 0.25))
    batch = make_batch(objective)
    first = objective.loss(batch).outputs["target"]
    for hidden, images in objective.draw(batch):
        assert images == 4
        assert sorted(hidden.sum(1).tolist()) == [0] * 4 + [4] * 4
    other = objective.loss(dataclasses.replace(batch, seed=9)).outputs["target"]
    assert torch.equal(first, other)  # other masks, the same teacher


def test_the_patches_weight(build_objective: Any, make_batch: Any) -> None:
    objective = build_objective("ibot", prototypes=12, projector=(16, 8), patch_weight=0.0)
    output = objective.loss(make_batch(objective))
    assert float(output.loss.detach()) == float(output.terms["pooled"])


def test_the_pooled_loss_is_dino_s_of_masked_views(build_objective: Any, make_batch: Any) -> None:
    """Zhou et al. 2022, equation 4 on the class token: the student's from a view with patches hidden, the teacher's whole."""
    objective = apart(build_objective("ibot", prototypes=12, projector=(16, 8))).eval()
    objective.center.copy_(torch.linspace(-0.3, 0.3, 12))
    batch = make_batch(objective)
    output = objective.loss(batch)
    center, prototypes = objective.center.double().numpy(), unit(objective.prototypes.weight)
    slow = unit(objective.slow_prototypes.module.weight)
    said, told = [], []
    for view, (hidden, _) in zip(batch.views, objective.draw(batch), strict=True):
        with torch.no_grad():
            seen = objective.patches(objective.backbone, view, hide=hidden, token=objective.mask_token).pooled
            whole = objective.encoder.pooled(view, objective.teacher.body)
            said.append(softmax(unit(objective.projector(seen)) @ prototypes.T / 0.1))
            told.append(softmax((unit(objective.teacher.head(whole)) @ slow.T - center) / 0.04))
    expected = np.mean([-(told[i] * np.log(said[1 - i])).sum(1).mean() for i in range(2)])
    assert float(output.terms["pooled"]) == pytest.approx(expected, rel=1e-4)


def test_patches_have_a_centre_of_their_own(build_objective: Any, make_batch: Any) -> None:
    """c ← .9 c + .1 of the teacher's mean score over the hidden patches of both views."""
    objective = apart(build_objective("ibot", prototypes=12, projector=(16, 8), center_momentum=0.9)).eval()
    before = torch.linspace(-0.3, 0.3, 12)
    objective.patch_center.copy_(before)
    batch = make_batch(objective)
    objective.loss(batch)
    scores = []
    with torch.no_grad():
        for view, (hidden, _) in zip(batch.views, objective.draw(batch), strict=True):
            tokens = objective.patches(objective.teacher.body, view).patches[hidden]
            scores.append(unit(objective.teacher.head(tokens)) @ unit(objective.slow_prototypes.module.weight).T)
    objective.after_step(Progress(1, 10))
    expected = 0.9 * before.double().numpy() + 0.1 * np.concatenate(scores).mean(0)
    np.testing.assert_allclose(objective.patch_center.numpy(), expected, rtol=1e-4, atol=1e-6)
    assert not torch.allclose(objective.patch_center, objective.center, atol=1e-3)
