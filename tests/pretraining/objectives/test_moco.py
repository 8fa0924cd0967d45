from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from foveate.pretraining.objective import Progress
from foveate.pretraining.objectives.moco import info_nce


def by_formula(q: np.ndarray, k: np.ndarray, negatives: np.ndarray, temperature: float) -> float:
    """Equation 1 of He et al. 2020: the query's own key against those of the queue, in float64."""
    q, k = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (q, k))
    total = 0.0
    for i in range(len(q)):
        own = np.exp(q[i] @ k[i] / temperature)
        total += -np.log(own / (own + sum(np.exp(q[i] @ n / temperature) for n in negatives)))
    return total / len(q)


def test_it_is_the_papers_formula() -> None:
    random = np.random.default_rng(0)
    q, k = random.normal(size=(2, 6, 4))
    queue = random.normal(size=(11, 4))
    queue /= np.linalg.norm(queue, axis=1, keepdims=True)
    ours = info_nce(*(torch.from_numpy(x) for x in (q, k, queue)), 0.2)
    assert float(ours) == pytest.approx(by_formula(q, k, queue, 0.2), rel=1e-9)


def test_without_a_queue_the_other_keys_of_the_batch_repel() -> None:
    random = np.random.default_rng(0)
    q, k = random.normal(size=(2, 6, 4))
    unit = k / np.linalg.norm(k, axis=1, keepdims=True)
    expected = np.mean([by_formula(q[i : i + 1], k[i : i + 1], np.delete(unit, i, 0), 0.2) for i in range(6)])
    assert float(info_nce(torch.from_numpy(q), torch.from_numpy(k), None, 0.2)) == pytest.approx(expected, rel=1e-9)


def test_keys_of_its_own_image_do_not_repel() -> None:
    random = np.random.default_rng(0)
    q, k, queue = random.normal(size=(4, 3)), random.normal(size=(4, 3)), random.normal(size=(9, 3))
    queue /= np.linalg.norm(queue, axis=1, keepdims=True)
    without = random.random((4, 9)) < 0.3
    expected = [by_formula(q[i : i + 1], k[i : i + 1], queue[~without[i]], 0.2) for i in range(4)]
    tensors = (torch.from_numpy(x) for x in (q, k, queue))
    ours = info_nce(*tensors, 0.2, without=torch.from_numpy(without))
    assert float(ours) == pytest.approx(np.mean(expected), rel=1e-9)


def test_gradients_reach_the_query() -> None:
    q, k = (torch.randn(4, 3, dtype=torch.float64, requires_grad=True) for _ in range(2))
    queue = torch.nn.functional.normalize(torch.randn(5, 3, dtype=torch.float64), dim=1)
    assert torch.autograd.gradcheck(lambda x, y: info_nce(x, y, queue, 0.3), (q, k))


def test_the_queue_takes_the_teacher_s_keys_and_no_more_than_there_are_images(
    build_objective: Any, make_batch: Any
) -> None:
    objective = build_objective("moco", queue=100)
    assert objective.queue.length == 8  # of the setting's images
    output = objective.loss(make_batch(objective))
    objective.after_step(Progress(1, 10))
    torch.testing.assert_close(objective.queue.held, torch.nn.functional.normalize(output.outputs["target"], dim=1))


def test_version_three(build_objective: Any, make_batch: Any) -> None:
    objective = build_objective("moco", queue=0, predictor=(16,))
    assert objective.queue is None
    assert objective.predictor is not None
    objective.loss(make_batch(objective)).loss.backward()
    objective.after_step(Progress(1, 10))
    assert build_objective("moco").predictor is None
