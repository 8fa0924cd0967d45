"""A student and its teacher: who predicts whom, and what the queue holds."""

from __future__ import annotations

import dataclasses
from collections import deque
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from foveate.pretraining.distillation import Distillation
from foveate.pretraining.objective import Progress
from tests.pretraining.objectives.conftest import apart, batch_of, build, extending, with_knob


@pytest.mark.parametrize("name", extending(Distillation))
def test_each_large_target_is_predicted_from_every_other_view(name: str) -> None:
    """The mean over six pairs of two targets and three other views; the teacher has no predictor."""
    objective: Any = apart(build(name, {"crops": 2, "crop_size": 8, "predictor": (8,)})).eval()
    batch = batch_of(objective)
    slow = objective.teacher
    with torch.no_grad():
        said = [objective.predictor(objective.projector(objective.encoder.pooled(view))) for view in batch.views]
        told = [slow.head(objective.encoder.pooled(view, slow.body)) for view in batch.views[:2]]
        losses = [objective.distil(said[j], told[i], batch).loss for i in range(2) for j in range(4) if j != i]
    torch.testing.assert_close(objective.loss(batch).loss.detach(), sum(losses) / 6)


@pytest.mark.parametrize("name", with_knob("queue"))
def test_the_queue_holds_the_second_view_s_targets_oldest_out_first(name: str) -> None:
    """Four steps of 8 images in a queue of 20; what a step is compared with are those before it."""
    made: Any = build(name, {"teacher": "all"})
    setting = dataclasses.replace(made.setting, images=20)
    objective: Any = type(made)(made.config, made.encoder, setting).eval()
    assert objective.queue.length == 20
    expected: deque[torch.Tensor] = deque(objective.queue.held.clone(), maxlen=20)
    batch = batch_of(objective)
    for number in range(4):
        views = [view + 0.3 * number for view in batch.views]
        slow = objective.teacher
        with torch.no_grad():
            told = F.normalize(slow.head(objective.encoder.pooled(views[1], slow.body)), dim=1)
        objective.loss(dataclasses.replace(batch, views=views))
        in_order = torch.roll(objective.queue.held, -int(objective.queue.at), 0)
        torch.testing.assert_close(in_order, torch.stack(list(expected)))
        objective.after_step(Progress(number + 1, 10))
        expected.extend(told)
    in_order = torch.roll(objective.queue.held, -int(objective.queue.at), 0)
    torch.testing.assert_close(in_order, torch.stack(list(expected)))
    assert not objective.queue.held.requires_grad


def test_a_mean_shift_to_one_neighbour_is_byol() -> None:
    one, two = build("meanshift", {"neighbours": 1}), build("byol", {})
    losses = [objective.loss(batch_of(objective)).loss for objective in (one, two)]
    torch.testing.assert_close(losses[0], losses[1])


@pytest.mark.parametrize("queue", [0, 8])
def test_another_image_s_key_matters_only_without_a_queue(queue: int) -> None:
    """MoCo: what pulls at the other images' queries, when the first image's key is turned round."""
    objective: Any = build("moco", {"queue": queue})
    queries, keys = torch.randn(2, 8, 128, generator=torch.Generator().manual_seed(0))
    turned = torch.cat([-keys[:1], keys[1:]])
    pulls = []
    for each in (keys, turned):
        q = queries.clone().requires_grad_()
        objective.distil(q, each, batch_of(objective)).loss.backward()
        pulls.append(q.grad)
    assert not torch.allclose(pulls[0][0], pulls[1][0], atol=1e-6)
    assert torch.allclose(pulls[0][1:], pulls[1][1:], atol=1e-8) == (queue > 0)
