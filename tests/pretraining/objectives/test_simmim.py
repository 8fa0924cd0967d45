from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch


def test_it_is_the_papers_loss(build_objective: Any, make_batch: Any) -> None:
    """Xie et al. 2022: the absolute error of raw pixels at hidden patches, by image, in float64."""
    objective = build_objective("simmim").eval()
    batch = make_batch(objective)
    hidden = objective.config.draw((4, 4), batch)
    with torch.no_grad():
        tokens = objective.patches(objective.backbone, batch.views[0], hide=hidden, token=objective.mask_token)
        painted = objective.head(tokens.patches).double().numpy()
    images, losses = batch.views[0].double().numpy(), []
    for i in range(8):
        errors = []
        for n in np.flatnonzero(hidden[i].numpy()):
            y, x = n // 4 * 4, n % 4 * 4
            patch = images[i, :, y : y + 4, x : x + 4].transpose(1, 2, 0).ravel()
            errors.append(np.mean(np.abs(painted[i, n] - patch)))
        losses.append(np.mean(errors))
    assert float(objective.loss(batch).loss.detach()) == pytest.approx(np.mean(losses), rel=1e-5)


def test_hidden_pixels_do_not_reach_the_encoder(build_objective: Any, make_batch: Any) -> None:
    objective = build_objective("simmim").eval()
    batch = make_batch(objective)
    before = objective.loss(batch).outputs["backbone"]
    hidden = objective.config.draw((4, 4), batch).view(8, 1, 4, 4)
    pixels = hidden.repeat_interleave(4, 2).repeat_interleave(4, 3)
    batch.views[0] = torch.where(pixels, torch.full_like(batch.views[0], 7.0), batch.views[0])
    assert torch.equal(objective.loss(batch).outputs["backbone"], before)
