from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from foveate.pretraining.objectives.rotation import turned


def test_each_image_is_turned_by_its_own(build_objective: Any) -> None:
    images = torch.randn(6, 3, 5, 5)
    turns = torch.tensor([0, 1, 2, 3, 1, 0])
    for one, k, out in zip(images, turns.tolist(), turned(images, turns), strict=True):
        np.testing.assert_array_equal(out.numpy(), np.rot90(one.numpy(), k, (1, 2)))


def test_it_is_cross_entropy_over_turns(build_objective: Any, make_batch: Any) -> None:
    objective = build_objective("rotation").eval()
    batch = make_batch(objective)
    turns = (4 * batch.draw("turns")).long()
    with torch.no_grad():
        logits = objective.head(objective.encoder.pooled(turned(batch.views[0], turns))).double().numpy()
    expected = np.mean([np.log(np.exp(row).sum()) - row[k] for row, k in zip(logits, turns.tolist(), strict=True)])
    assert float(objective.loss(batch).loss.detach()) == pytest.approx(expected, rel=1e-5)
    assert set(turns.tolist()) <= {0, 1, 2, 3}
