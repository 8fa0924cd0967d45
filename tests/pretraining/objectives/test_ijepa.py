from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from foveate.pretraining.masks import multi_block
from foveate.pretraining.objective import Progress
from tests.pretraining.objectives.conftest import apart

BASE = {"least": 1, "targets": 3}  # on four by four patches little else is left to show


def normal(x: np.ndarray) -> np.ndarray:
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)


def test_it_is_the_papers_loss(build_objective: Any, make_batch: Any) -> None:
    """Assran et al. 2023: smooth L1 to the teacher's normalised tokens, block by block, in float64."""
    objective = apart(build_objective("ijepa", least=1)).eval()
    batch = make_batch(objective)
    context, blocks = multi_block((4, 4), 8, batch.stream("blocks"), least=1)
    with torch.no_grad():
        tokens = objective.patches(objective.backbone, batch.views[0], keep=context).patches
        whole = normal(objective.patches(objective.teacher.module, batch.views[0]).patches.double().numpy())
        losses = []
        for at in blocks:
            said = objective.predictor(tokens, context, at).double().numpy()
            gap = np.abs(said - np.stack([whole[i, at[i].numpy()] for i in range(8)]))
            losses.append(np.where(gap < 1, gap**2 / 2, gap - 0.5).mean())
    assert float(objective.loss(batch).loss.detach()) == pytest.approx(np.mean(losses), rel=1e-4)


def test_the_teacher_is_kept_and_follows(build_objective: Any, make_batch: Any) -> None:
    objective = build_objective("ijepa", least=1, momentum=0.5, momentum_end=None)
    assert objective.parts().backbone is objective.teacher.module
    assert objective.parts().projector is None
    objective.loss(make_batch(objective)).loss.backward()
    assert all(p.grad is None for p in objective.teacher.parameters())
    before = objective.teacher.module.cls_token.clone()
    with torch.no_grad():
        objective.backbone.cls_token.add_(1.0)
    objective.after_step(Progress(1, 10))
    torch.testing.assert_close(objective.teacher.module.cls_token, before + 0.5)


def test_what_is_asked_for_is_told_by_its_place(build_objective: Any, make_batch: Any) -> None:
    """The same context, asked for two places, answers differently; asked in another order, it answers the same."""
    objective = build_objective("ijepa", least=1).eval()
    context, blocks = multi_block((4, 4), 8, make_batch(objective).stream("blocks"), least=1)
    tokens = torch.randn(8, context.shape[1], objective.patches.width)
    at = blocks[0]
    said = objective.predictor(tokens, context, at).detach()
    assert float((said[:, 0] - said[:, 1]).abs().max()) > 1e-4
    torch.testing.assert_close(objective.predictor(tokens, context, at.flip(1)).flip(1).detach(), said)


def test_what_lies_outside_of_the_context_reaches_the_targets_alone(build_objective: Any, make_batch: Any) -> None:
    objective = build_objective("ijepa", least=1).eval()
    batch = make_batch(objective)
    before = objective.loss(batch).outputs
    context, _ = objective._draw(8, batch.stream("blocks"))
    shown = torch.zeros(8, 16, dtype=torch.bool).scatter(1, context, True).view(8, 1, 4, 4)
    pixels = shown.repeat_interleave(4, 2).repeat_interleave(4, 3)
    batch.views[0] = torch.where(pixels, batch.views[0], torch.full_like(batch.views[0], 7.0))
    after = objective.loss(batch).outputs
    assert torch.equal(after["prediction"], before["prediction"])
    assert not torch.allclose(after["target"], before["target"], atol=1e-3)


@pytest.mark.parametrize(
    "knobs",
    [
        {"targets": 2},
        {"target_scale": (0.3, 0.3)},
        {"target_aspect": (3.0, 3.0)},
        {"context_scale": (0.4, 0.4)},
        {"prefix": True},
        {"least": 12},
    ],
)
def test_the_knobs_of_its_blocks(build_objective: Any, make_batch: Any, knobs: dict[str, Any]) -> None:
    objective = build_objective("ijepa", **({"least": 1, "targets": 3} | knobs))
    stream = make_batch(objective).stream
    ours = objective._draw(500, stream("blocks"))
    asked = multi_block((4, 4), 500, stream("blocks"), **({"least": 1, "targets": 3} | knobs))
    plain = multi_block((4, 4), 500, stream("blocks"), least=1, targets=3)
    assert all(torch.equal(a, b) for a, b in zip(ours, asked, strict=True))
    assert any(a.shape != b.shape or not torch.equal(a, b) for a, b in zip(ours, plain, strict=True))
