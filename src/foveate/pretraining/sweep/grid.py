"""Which settings a sweep varies, and how many of them go on from rung to rung."""

from __future__ import annotations

import dataclasses
import itertools
import math
import re
import typing
from collections.abc import Sequence
from dataclasses import dataclass

from foveate.core.errors import FoveateError, nearest
from foveate.pretraining import knobs
from foveate.pretraining.config import Pretrain
from foveate.pretraining.registry import OBJECTIVES
from foveate.pretraining.settings import resolve

MOST = 1000
FLAGS = (
    "objective", "encoder", "recipe", "batch", "lr", "lr_rule", "lr_end", "optimizer", "weight_decay",
    "weight_decay_end", "warmup", "clip", "image_size", "layer_decay", "dedup",
    "progressive", "subset", "subset_by", "subset_encoder", "class_skew",
)  # fmt: skip
"""Settings of the run itself that a sweep may vary, beside every knob of the objective and of its views."""


@dataclass(frozen=True)
class Candidate:
    """One setting: (name, value as it was written) of everything that is varied."""

    settings: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        return " ".join(f"{name}={value}" for name, value in self.settings)

    @property
    def folder(self) -> str:
        return re.sub(r"[^\w.=-]+", "_", self.name)

    def apply(self, config: Pretrain) -> Pretrain:
        """The configuration with this setting."""
        fields: dict[str, typing.Any] = {}
        own: list[str] = []
        hints = typing.get_type_hints(Pretrain)
        for name, value in self.settings:
            flag = name.replace("-", "_")
            if flag in FLAGS:
                fields[flag] = knobs.value(value, hints[flag], name)
            else:
                own.append(f"{name}={value}")
        names = {each.partition("=")[0] for each in own}
        kept = tuple(each for each in config.set if each.partition("=")[0] not in names)
        return dataclasses.replace(config, **fields, set=(*kept, *own))


def candidates(settings: Sequence[str]) -> list[Candidate]:
    """The grid of ``NAME=V1,V2``; values that hold commas themselves are parted by ``;``.

    Raises:
        FoveateError: no values, a name twice, or more combinations than anyone wants.
    """
    axes: dict[str, list[str]] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        # Between semicolons nothing is a value too: the empty tuple, as in --set projector=
        parts = text.split(";") if ";" in text else [value for value in text.split(",") if value.strip()]
        values = [value.strip() for value in parts]
        if not equals or not values:
            raise FoveateError(f"--sweep {setting} has no values.", f"write --sweep {name or 'NAME'}=V1,V2")
        if name in axes:
            raise FoveateError(f"--sweep names {name} twice.", "give all its values at once")
        axes[name] = list(dict.fromkeys(values))
    grid = [Candidate(tuple(zip(axes, combination, strict=True))) for combination in itertools.product(*axes.values())]
    if len(grid) > MOST:
        raise FoveateError(f"--sweep asks for {len(grid)} settings.", f"ask for at most {MOST}")
    return grid


def rungs(count: int, budget: float, halving: int) -> list[tuple[float, int]]:
    """(budget, candidates that enter) of each rung: a ``halving``-th go on, with that many times the budget.

    The last rung has all of it and, unless there is no halving, at least two candidates where there are as many.

    Args:
        budget: of the last rung: epochs if it is an int, and then of each at least one; else minutes.
    """
    if halving == 1 or count <= 2:
        return [(budget, count)]
    steps = []
    while count > 2:
        steps.append(count)
        count = max(2, math.ceil(count / halving))
    steps.append(count)
    shares = [budget / halving ** (len(steps) - 1 - i) for i in range(len(steps))]
    whole = [max(1, round(share)) for share in shares] if isinstance(budget, int) else shares
    return list(zip(whole, steps, strict=True))


def check(config: Pretrain) -> None:
    """Numbers and names of the sweep's own flags.

    Raises:
        FoveateError: one that cannot be.
    """
    if config.halving < 1:
        raise FoveateError(f"--halving {config.halving} is below 1.", "give 3, or 1 to train all settings to the end")
    if config.sweep_seeds < 1:
        raise FoveateError(f"--sweep-seeds {config.sweep_seeds} is below 1.", "give e.g. 3")
    for setting in config.sweep:
        name = setting.partition("=")[0].replace("-", "_")
        fields = {field.name for field in dataclasses.fields(Pretrain)}
        if name in fields - set(FLAGS):
            raise FoveateError(f"--sweep cannot vary {name}.", nearest(name, FLAGS))


def check_knobs(config: Pretrain) -> None:
    """Refuse names and values before the first run."""
    settings = resolve(config)
    assert settings.objective is not None
    kind = OBJECTIVES.load(settings.objective)
    told = knobs.read(settings.set, kind.Config, objective=settings.objective)
    kind.Config(**told.own)
