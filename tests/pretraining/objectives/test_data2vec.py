from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from foveate.pretraining.masks import split
from tests.pretraining.objectives.conftest import apart

BASE = {"mask_unit": 2}


def normal(x: np.ndarray) -> np.ndarray:
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)


def test_targets_are_the_last_blocks_averaged(build_objective: Any, make_batch: Any) -> None:
    """Baevski et al. 2022, section 3.3: each of the top K blocks' outputs normalised, their mean normalised again."""
    objective = apart(build_objective("data2vec", blocks=2, masks=3, mask=0.75, mask_unit=2)).eval()
    batch = make_batch(objective)
    vit = objective.teacher.module
    outputs: list[np.ndarray] = []
    hooks = [
        block.register_forward_hook(lambda m, i, o: outputs.append(o[:, 1:].detach().double().numpy()))
        for block in vit.blocks[-2:]
    ]
    with torch.no_grad():
        vit.forward_features(batch.views[0])
    for hook in hooks:
        hook.remove()
    wanted = normal((normal(outputs[0]) + normal(outputs[1])) / 2)
    losses = []
    for number in range(3):
        shown, hidden = split(objective.config.draw((4, 4), batch, name=f"mask {number}"))
        assert shown.shape == (8, 4)
        with torch.no_grad():
            tokens = objective.patches(objective.backbone, batch.views[0], keep=shown).patches
            said = objective.decoder(tokens, shown, hidden).double().numpy()
        losses.append(np.mean([(said[i] - wanted[i, hidden[i].numpy()]) ** 2 for i in range(8)]))
    assert float(objective.loss(batch).loss.detach()) == pytest.approx(np.mean(losses), rel=1e-4)


def test_the_teacher_is_kept(build_objective: Any) -> None:
    objective = build_objective("data2vec")
    assert objective.parts().backbone is objective.teacher.module


def test_what_is_left_out_reaches_the_targets_alone(build_objective: Any, make_batch: Any) -> None:
    objective = build_objective("data2vec", masks=1, mask=0.75, mask_unit=2).eval()
    batch = make_batch(objective)
    before = objective.loss(batch).outputs
    hidden = objective.config.draw((4, 4), batch, name="mask 0").view(8, 1, 4, 4)
    pixels = hidden.repeat_interleave(4, 2).repeat_interleave(4, 3)
    batch.views[0] = torch.where(pixels, torch.full_like(batch.views[0], 7.0), batch.views[0])
    after = objective.loss(batch).outputs
    assert torch.equal(after["prediction"], before["prediction"])
    assert not torch.allclose(after["target"], before["target"], atol=1e-3)
