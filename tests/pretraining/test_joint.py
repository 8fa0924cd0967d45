"""Which views are compared: every pair with a large view in it, once."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
import torch

from foveate.pretraining.joint import JointEmbedding, ViewKnobs, pairs
from foveate.pretraining.objective import Objective
from tests.pretraining.objectives.conftest import batch_of, build, extending


@pytest.mark.parametrize("views", [2, 3, 6])
def test_two_small_crops_are_never_a_pair(views: int) -> None:
    assert pairs(views) == [(i, j) for i, j in combinations(range(views), 2) if i < 2]
    assert len(pairs(views)) == 1 + 2 * (views - 2)


def test_the_views_are_two_large_and_so_many_small() -> None:
    assert [view.size for view in ViewKnobs(crops=3, crop_size=8).build(32)] == [32, 32, 8, 8, 8]
    assert [view.size for view in ViewKnobs(crops=1).build(224)] == [224, 224, 96]  # DINO's and SwAV's sizes
    assert [view.size for view in ViewKnobs().build(32)] == [32, 32]


@pytest.mark.parametrize("name", extending(JointEmbedding))
def test_the_loss_is_the_mean_over_pairs(name: str) -> None:
    objective: Any = build(name, {"crops": 2, "crop_size": 8}).eval()
    batch = batch_of(objective)
    with torch.no_grad():
        z = [objective.projector(objective.encoder.pooled(view)) for view in batch.views]
        losses = [objective.compare(z[i], z[j], batch).loss for i, j in ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3))]
    torch.testing.assert_close(objective.loss(batch).loss.detach(), sum(losses) / 5)


@pytest.mark.parametrize("name", ["simclr", "dino", "ibot", "msn"])
def test_small_crops_go_through_the_encoder_together(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one pass for all of one size; each gets the features that it has alone."""
    objective: Any = build(name, {"crops": 3, "crop_size": 8}).eval()
    batch = batch_of(objective)
    seen: list[int] = []

    def features(images: torch.Tensor) -> torch.Tensor:
        seen.append(len(images))
        return type(objective).features(objective, images)

    monkeypatch.setattr(objective, "features", features)
    with torch.no_grad():
        together = objective.features_of_crops(batch)
        alone = [objective.encoder.pooled(view) for view in batch.views[2:]]
    assert seen == [3 * batch.size]
    torch.testing.assert_close(together, alone)


def spread(objective: Objective) -> tuple[Any, ...]:
    return tuple(view.jitter for view in objective.views())


def test_the_jitter_s_strength() -> None:
    """Chen et al. 2020: (.8 s, .8 s, .8 s, .2 s), hue at most a half turn."""
    assert spread(build("simclr", {"jitter": 0.5})) == (pytest.approx((0.4, 0.4, 0.4, 0.1)),) * 2
    assert spread(build("simclr", {"jitter": 4.0}))[0][3] == 0.5
