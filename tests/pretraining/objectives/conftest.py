"""What every objective is tested on: a small encoder and a batch; and which objectives there are, of which kind.

No list of names stands here or in a test: names come from the registry, kinds from what a class extends and advises. What is
special to one objective stands in its own ``test_NAME.py``, as two mappings that may be left out:

- ``SMALL``: knobs → values that a batch of 8 images of 16 px needs, where it cannot do with the defaults.
- ``BASE``: knobs → values that both sides of ``test_no_dead_knob`` have, where a knob says nothing beside the defaults of others.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest
import torch

from foveate.pretraining.checks import batch_of, small
from foveate.pretraining.objective import Batch, Objective
from foveate.pretraining.registry import OBJECTIVES

OWN = OBJECTIVES.own


def extending(*kinds: type) -> list[str]:
    """The objectives whose class is one of ``kinds`` or extends one."""
    return [name for name in OWN if issubclass(OBJECTIVES.load(name), kinds)]


def with_knob(knob: str) -> list[str]:
    """The objectives that have a knob of that name."""
    return [name for name in OWN if knob in OBJECTIVES.load(name).Config.__dataclass_fields__]


def of_patches() -> list[str]:
    """The objectives that advise a vision transformer: they hide patches, and take no other encoder."""
    return [name for name in OWN if "vit" in OBJECTIVES.load(name).advice.get("encoder", "")]


def declared(name: str, what: str) -> dict[str, Any]:
    """``SMALL`` or ``BASE`` of an objective's own test, {} where it has none; that there is a test, ``test_all`` says."""
    module = f"tests.pretraining.objectives.test_{name}"
    return dict(getattr(import_module(module), what, {})) if find_spec(module) else {}


def build(name: str, knobs: dict[str, Any]) -> Objective:
    """An objective on the encoder that it asks for, else a narrow residual net with batch norms; the same weights each time."""
    return small(OBJECTIVES.load(name), **(declared(name, "SMALL") | knobs))


def apart(objective: Objective) -> Objective:
    """The same with every weight moved at random: a teacher is no copy of its student any more, a norm not the identity."""
    stream = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for p in objective.parameters():
            p.add_(0.05 * torch.randn(p.shape, generator=stream))
    return objective


@pytest.fixture
def build_objective() -> Callable[..., Objective]:
    return lambda name, **knobs: build(name, knobs)


@pytest.fixture
def make_batch() -> Callable[[Objective], Batch]:
    return batch_of
