from __future__ import annotations

import dataclasses
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


def test_a_crop_keeps_enough_to_tell_what_is_up(build_objective: Any) -> None:
    (view,) = build_objective("rotation", least=0.7).views()
    assert view.scale == (0.7, 1.0)


def test_turns_are_drawn_alike_and_by_image(build_objective: Any, make_batch: Any) -> None:
    """A quarter of the images each, within chance; an image's turn does not hang on how the batch is shared out."""
    batch = make_batch(build_objective("rotation"))
    many = dataclasses.replace(batch, size=4000, rows=torch.arange(4000))
    turns = (4 * many.draw("turns")).long()
    share = torch.bincount(turns, minlength=4) / 4000
    assert float((share - 0.25).abs().max()) < 4 * (0.25 * 0.75 / 4000) ** 0.5
    part = dataclasses.replace(many, rows=many.rows[1000:1010], first=1000)
    assert torch.equal((4 * part.draw("turns")).long(), turns[1000:1010])
