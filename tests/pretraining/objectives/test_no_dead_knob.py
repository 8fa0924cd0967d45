"""Every knob does something: another value changes the views, the weights' shapes or rates, the loss, or what follows a step."""

from __future__ import annotations

import ast
import dataclasses
import inspect
from functools import cache
from typing import Any

import pytest
import torch

from foveate.pretraining.objective import Progress
from foveate.pretraining.registry import OBJECTIVES
from tests.pretraining.objectives.conftest import apart, batch_of, build

OWN = [name for name in OBJECTIVES.names() if OBJECTIVES.load(name).__module__.startswith("foveate.")]
# Knobs that both sides of a comparison have, so that there is something for the other to change.
BASE: dict[str, dict[str, Any]] = {
    "simclr": {"projector": ()},
    "wmse": {"projector": (16, 2), "slice": 4},
    "beit": {"vocabulary": 32, "mask_kind": "squares"},
    "ijepa": {"least": 1, "targets": 3},
    "ibot": {"prototypes": 12},
    "data2vec": {"mask_unit": 2},
    "mae": {"mask_kind": "inverse"},
    "meanshift": {"neighbours": 2},
    "dino": {"projector": (16, 8)},
}
OTHER: dict[str, Any] = {
    "views": "crop-gray",
    "jitter": 0.1,
    "crops": 1,
    "crop_size": 12,
    "projector": (24, 6),
    "projector_norm": "layer",
    "projector_bias": False,
    "temperature": 0.7,
    "direct": 9,
    "sigma": 0.5,
    "momentum": 0.5,
    "momentum_end": 0.6,
    "teacher": "projector",
    "predictor": (6,),
    "predictor_rate": 10.0,
    "queue": 3,
    "neighbours": 3,
    "prototypes": 5,
    "teacher_temperature": 0.2,
    "centering": "sinkhorn",
    "center_momentum": 0.2,
    "frozen": 0.9,
    "mask": 0.4,
    "mask_kind": "block",
    "mask_unit": 1,
    "masked": 1.0,
    "patch_weight": 3.0,
    "sharpness": 0.9,
    "balance": False,
    "prior_weight": 3.0,
    "prior": 0.5,
    "invariance": 3.0,
    "variance": 3.0,
    "covariance": 3.0,
    "redundancy": 3.0,
    "slice": 8,
    "cuts": 2,
    "rounds": 1,
    "gaussian": 0.5,
    "slices": 3,
    "vocabulary": 16,
    "code_momentum": 0.5,
    "decoder_width": 48,
    "decoder_depth": 1,
    "decoder_heads": 2,
    "normalise": False,
    "targets": 2,
    "target_scale": (0.3, 0.3),
    "target_aspect": (3.0, 3.0),
    "context_scale": (0.4, 0.4),
    "least": 12,
    "prefix": True,
    "masks": 3,
    "blocks": 1,
    "noise": 0.5,
    "smoothing": 0.2,
}
SHARED = ("views", "projector", "projector_norm", "predictor")
OWN_OTHER: dict[tuple[str, str], Any] = {
    ("beit", "mask"): 0.8,
    ("beit", "mask_kind"): "random",
    ("ibot", "mask"): (0.6, 0.8),
    ("simmim", "mask"): 0.9,
    ("rotation", "least"): 0.9,
    ("nnclr", "teacher"): "all",
}
NEEDS: dict[str, dict[str, Any]] = {
    "crop_size": {"crops": 1},
    "predictor_rate": {"predictor": (8,)},
    "projector_norm": {"projector": (24, 6)},
    "projector_bias": {"projector": (24, 6)},
}


def cases() -> list[tuple[str, str]]:
    """Each knob where it is declared first; and where a subclass declares it anew, but for views and heads."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for name in OWN:
        config = OBJECTIVES.load(name).Config
        for field in dataclasses.fields(config):
            declared = next(base for base in config.__mro__ if field.name in inspect.get_annotations(base))
            if field.name in SHARED and declared.__module__.startswith("foveate.pretraining.objectives."):
                continue
            found.setdefault((declared.__module__ + declared.__qualname__, field.name), (name, field.name))
    return sorted(found.values())


def trace(name: str, knobs: dict[str, Any]) -> list[Any]:
    """All that a step leaves: what is asked of the data, the shapes, the rates, loss, gradients and the state after."""
    objective = apart(build(name, knobs))
    batch = batch_of(objective)
    seen: list[Any] = [objective.views(), dict(objective.rate_factors), [p.shape for p in objective.parameters()]]
    output = objective.loss(dataclasses.replace(batch, step=5))
    output.loss.backward()
    objective.after_step(Progress(6, 10))
    seen += [float(output.loss.detach()), [float(p.grad.norm()) for p in objective.parameters() if p.grad is not None]]
    return [*seen, [float(v.double().sum()) for v in objective.state_dict().values() if isinstance(v, torch.Tensor)]]


@pytest.mark.parametrize(("name", "knob"), cases(), ids=lambda each: str(each))
def test_it_does_something(name: str, knob: str) -> None:
    base = BASE.get(name, {}) | NEEDS.get(knob, {})
    default = base.get(
        knob, next(f.default for f in dataclasses.fields(OBJECTIVES.load(name).Config) if f.name == knob)
    )
    other = OWN_OTHER.get((name, knob), OTHER[knob])
    assert other != default
    assert trace(name, base | {knob: other}) != plain(name, repr(base))


@cache
def plain(name: str, base: str) -> list[Any]:
    """Without the change; twice the same, else a difference would say nothing."""
    first, again = (trace(name, ast.literal_eval(base)) for _ in range(2))
    assert first == again
    return first
