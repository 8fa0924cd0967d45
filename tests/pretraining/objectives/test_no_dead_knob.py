"""Every knob does something: another value changes the views, the weights' shapes or rates, the loss, or what follows a step."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import types
import typing
from collections.abc import Iterator
from functools import cache
from typing import Any, Literal

import pytest
import torch

from foveate.core.errors import FoveateError
from foveate.pretraining.objective import Progress
from foveate.pretraining.registry import OBJECTIVES
from tests.pretraining.objectives.conftest import OWN, apart, batch_of, build, declared

# What a family's knob needs beside it, so that there is something for it to change.
NEEDS: dict[str, dict[str, Any]] = {
    "crop_size": {"crops": 1},
    "predictor_rate": {"predictor": (8,)},
    "projector_norm": {"projector": (24, 6)},
    "projector_bias": {"projector": (24, 6)},
}
SHARED = ("views", "projector", "projector_norm", "predictor")


def others(default: Any, kind: Any) -> Iterator[Any]:
    """Other values of a knob's declared kind; some of them an objective may refuse."""
    options = [option for option in typing.get_args(kind) if option is not type(None)]
    if typing.get_origin(kind) is types.UnionType:
        yield from (value for option in options for value in others(default, option))
    elif typing.get_origin(kind) is Literal:
        yield from (option for option in options if option != default)
    elif typing.get_origin(kind) is tuple:
        first, second = list(others(None, options[0]))[:2]
        values = [(second, first), (first, first), (first, second)]
        yield from ((value * len(options))[: len(options)] if ... not in options else value for value in values)
    else:
        known = {bool: (True, False), int: (12, 6, 3, 2, 1, 16), float: (0.3, 0.7, 0.1, 0.9, 3.0, 10.0)}
        yield from (value for value in known[kind] if value != default)


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
    base = declared(name, "BASE") | NEEDS.get(knob, {})
    config = OBJECTIVES.load(name).Config
    default = base.get(knob, declared(name, "SMALL").get(knob, getattr(config(), knob)))
    taken = 0
    for other in others(default, typing.get_type_hints(config)[knob]):
        try:
            changed = trace(name, base | {knob: other})
        except FoveateError:
            continue
        taken += 1
        if changed != plain(name, repr(base)):
            return
    assert taken, f"{name} takes no other {knob}: name what it needs beside it in BASE of test_{name}.py"
    pytest.fail(
        f"{knob} of {name} changes nothing; where it needs others beside it, name them in BASE of test_{name}.py"
    )


@cache
def plain(name: str, base: str) -> list[Any]:
    """Without the change; twice the same, else a difference would say nothing."""
    first, again = (trace(name, ast.literal_eval(base)) for _ in range(2))
    assert first == again
    return first
