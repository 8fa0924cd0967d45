from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from foveate.pretraining.masked import standardised, within
from foveate.pretraining.masks import split

BASE = {"mask_kind": "inverse"}  # mask_unit is the side of what it shows


@pytest.mark.parametrize("normalise", [True, False])
def test_it_is_the_papers_loss(build_objective: Any, make_batch: Any, normalise: bool) -> None:
    """He et al. 2022: the mean squared error of (standardised) patches, hidden ones only; patch by patch in float64."""
    objective = build_objective("mae", normalise=normalise).eval()
    batch = make_batch(objective)
    mask = objective.config.draw((4, 4), batch)
    shown, hidden = split(mask)
    assert mask.sum(1).tolist() == [12] * 8
    images = batch.views[0].double().numpy()
    with torch.no_grad():
        tokens = objective.patches(objective.backbone, batch.views[0], keep=shown).patches
        painted = objective.decoder(tokens, shown, hidden).double().numpy()
    errors = []
    for i in range(8):
        for k, n in enumerate(hidden[i].tolist()):
            y, x = n // 4 * 4, n % 4 * 4
            patch = images[i, :, y : y + 4, x : x + 4].transpose(1, 2, 0).ravel()
            if normalise:
                patch = (patch - patch.mean()) / np.sqrt(patch.var(ddof=1) + 1e-6)
            errors.append(np.mean((painted[i, k] - patch) ** 2))
    assert float(objective.loss(batch).loss.detach()) == pytest.approx(np.mean(errors), rel=1e-5)


def test_hidden_pixels_do_not_reach_the_encoder(build_objective: Any, make_batch: Any) -> None:
    objective = build_objective("mae").eval()
    batch = make_batch(objective)
    before = objective.loss(batch).outputs["backbone"]
    hidden = objective.config.draw((4, 4), batch).view(8, 1, 4, 4)
    pixels = hidden.repeat_interleave(4, 2).repeat_interleave(4, 3)
    shown = batch.views[0].clone()
    batch.views[0] = torch.where(pixels, torch.full_like(shown, 7.0), shown)
    assert torch.equal(objective.loss(batch).outputs["backbone"], before)
    batch.views[0] = torch.where(pixels, shown, torch.full_like(shown, 7.0))
    assert not torch.allclose(objective.loss(batch).outputs["backbone"], before, atol=1e-3)


def test_means_are_within_an_image_first() -> None:
    values = torch.tensor([[1.0, 3.0, 100.0], [5.0, 100.0, 100.0]])
    hidden = torch.tensor([[True, True, False], [True, False, False]])
    assert float(within(values, hidden)) == (2.0 + 5.0) / 2


def test_standardised_patches_have_mean_0_and_deviation_1() -> None:
    z = standardised(torch.rand(2, 3, 50, dtype=torch.float64) * 9)
    torch.testing.assert_close(z.mean(-1), torch.zeros(2, 3, dtype=torch.float64))
    torch.testing.assert_close(z.std(-1), torch.ones(2, 3, dtype=torch.float64), rtol=1e-5, atol=1e-5)
