"""What every objective is tested on: a small encoder and a batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from foveate.encoders.load import load
from foveate.pretraining.objective import Batch, Objective, Setting
from foveate.pretraining.registry import OBJECTIVES

BATCH, SIZE = 8, 16
OWN = [name for name in OBJECTIVES.names() if OBJECTIVES.load(name).__module__.startswith("foveate.")]
# Knobs that a batch of 8 images of 16 patches needs: by default these want more.
FEW: dict[str, dict[str, Any]] = {"wmse": {"projector": (16, 2), "slice": 4}, "beit": {"vocabulary": 32}}


def build(name: str, knobs: dict[str, Any]) -> Objective:
    """An objective on the encoder that it asks for, else a narrow residual net with batch norms; the same weights each time."""
    kind = OBJECTIVES.load(name)
    encoder = load(kind.advice.get("encoder", "foveate:resnet18-narrow"), image_size=SIZE, seed=0)
    setting = Setting(image_size=SIZE, images=BATCH, batch=BATCH, steps=10, classes=4)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        objective: Objective = kind(kind.Config(**(FEW.get(name, {}) | knobs)), encoder, setting)
    return objective.train()


def apart(objective: Objective) -> Objective:
    """The same with every weight moved at random: a teacher is no copy of its student any more, a norm not the identity."""
    stream = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for p in objective.parameters():
            p.add_(0.05 * torch.randn(p.shape, generator=stream))
    return objective


def batch_of(objective: Objective) -> Batch:
    stream = torch.Generator().manual_seed(1)
    views = [torch.randn(BATCH, 3, view.size, view.size, generator=stream) for view in objective.views()]
    return Batch(
        views=views,
        labels=torch.arange(BATCH) % 4,
        rows=torch.arange(BATCH),
        size=BATCH,
        seed=1,
    )


@pytest.fixture
def build_objective() -> Callable[..., Objective]:
    return lambda name, **knobs: build(name, knobs)


@pytest.fixture
def make_batch() -> Callable[[Objective], Batch]:
    return batch_of
