"""``--sweep``: runs over a grid of settings, halved rung by rung, chosen on held-out rows; test rows are never read."""

from __future__ import annotations

import dataclasses
import itertools
import math
import re
import shlex
import typing
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from foveate.core import console, stats
from foveate.core.errors import FoveateError, nearest
from foveate.core.estimate import Estimate
from foveate.core.run import Run, read_log
from foveate.pretraining import knobs
from foveate.pretraining.config import Pretrain
from foveate.pretraining.registry import OBJECTIVES
from foveate.pretraining.settings import resolve
from foveate.reporting import charts
from foveate.reporting.record import Report
from foveate.reporting.sections import Section, Table, Text

MOST = 1000
FLAGS = (
    "objective", "encoder", "recipe", "batch", "lr", "lr_rule", "lr_end", "optimizer", "weight_decay",
    "weight_decay_end", "warmup", "clip", "image_size", "layer_decay", "dedup",
    "progressive", "subset", "subset_by", "subset_encoder", "class_skew",
)  # fmt: skip
"""Settings of the run itself that a sweep may vary, beside every knob of the objective and of its views."""
LIMIT = "RankMe: necessary, not sufficient; it ranks settings within one objective, not objectives."


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


@dataclass(frozen=True)
class Outcome:
    """What a candidate came to on a rung: by seed, and why it dropped out.

    Attributes:
        budget: epochs or minutes that it was given. epochs: that it ran. values: by seed. images: held out.
        untrained: the same measure before the first step.
    """

    candidate: Candidate
    budget: float
    epochs: int = 0
    values: tuple[float, ...] = ()
    images: int = 0
    untrained: float | None = None
    failed: FoveateError | None = None

    @property
    def estimate(self) -> Estimate:
        """Over seeds; of a single one over held-out images."""
        if len(self.values) > 1:
            return stats.seeds_interval(self.values)
        return stats.wilson(self.values[0] * self.images, self.images)

    @property
    def mean(self) -> float:
        return sum(self.values) / len(self.values) if self.values and not self.failed else -math.inf


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


def run(config: Pretrain, train: typing.Callable[[Pretrain], Report]) -> Report:
    """Sweep, and say which setting did best on rows that are not trained on.

    Args:
        train: one pretraining without a look at test rows.

    Raises:
        FoveateError: what is asked cannot be varied or read; a setting that fails later is reported and left out.
    """
    if config.engine != "local":
        raise FoveateError(
            f"--sweep runs its settings one after another, not on {config.engine}.", "use --engine local"
        )
    check(config)
    grid = candidates(config.sweep)
    base = dataclasses.replace(config, sweep=())
    for candidate in grid:
        _check(candidate.apply(base))
    budget = base.minutes if base.minutes is not None else resolve(base).epochs
    assert budget is not None
    with Run(config.out, "sweep", dataclasses.replace(config, resume=False), resume=config.resume) as run:
        outcomes: list[Outcome] = []
        entering = grid
        plan = rungs(len(grid), budget, config.halving)
        seeds = [config.seed + i for i in range(config.sweep_seeds)]
        with console.progress("sweep", sum(n for _, n in plan) * len(seeds), "runs") as display:
            for share, count in plan:
                entering = entering[:count]
                done = []
                for candidate in entering:
                    done.append(_measure(candidate, base, share, seeds, run.folder, train, display))
                outcomes += done
                if (error := done[-1].failed) is not None and all(each.failed for each in done):
                    raise error  # it is no setting's fault: the data, the disk
                entering = [each.candidate for each in sorted(done, key=lambda o: -o.mean) if not each.failed]
        report = _tell(config, outcomes, len(grid))
        report.save(run)
    return report


def _check(config: Pretrain) -> None:
    """Refuse names and values before the first run."""
    settings = resolve(config)
    assert settings.objective is not None
    kind = OBJECTIVES.load(settings.objective)
    told = knobs.read(settings.set, kind.Config, objective=settings.objective)
    kind.Config(**told.own)


def _measure(
    candidate: Candidate,
    base: Pretrain,
    budget: float,
    seeds: Sequence[int],
    folder: Path,
    train: typing.Callable[[Pretrain], Report],
    display: typing.Any,
) -> Outcome:
    outcome = Outcome(candidate, budget)
    given: dict[str, typing.Any] = {"minutes" if base.minutes is not None else "epochs": budget}
    for seed in seeds:
        out = folder / "runs" / f"{candidate.folder}@{budget:g}" / f"seed-{seed}"
        config = dataclasses.replace(
            candidate.apply(base), **given, seed=seed, out=str(out), resume=out.exists(), json=False
        )
        try:
            train(config)
        except FoveateError as error:
            console.warn(f"{candidate.name} drops out: {error.what}")
            return dataclasses.replace(outcome, failed=error)
        outcome = _read(outcome, out)
        display.advance(note=f"{candidate.name}: {outcome.values[-1]:.3f}")
    return outcome


def _read(outcome: Outcome, out: Path) -> Outcome:
    """With a run's kNN accuracy on held-out rows; with RankMe (and 0 images) where there are no labels."""
    epochs = [line for line in read_log(out) if line["event"] == "epoch"]
    first, last = epochs[0], epochs[-1]
    name = "knn" if isinstance(last.get("knn"), int | float) else "rankme"
    return dataclasses.replace(
        outcome,
        epochs=int(last["epoch"]),
        values=(*outcome.values, float(last[name])),
        images=int(last["looked"]) if name == "knn" else 0,
        untrained=float(first[name]) if first["epoch"] == 0 else None,
    )


def _tell(config: Pretrain, outcomes: Sequence[Outcome], count: int) -> Report:
    last = max(each.budget for each in outcomes)
    unit = "epochs" if config.minutes is None else "minutes"
    report = Report("sweep", f"{count} settings of {' and '.join(each.partition('=')[0] for each in config.sweep)}")
    report.inputs = {"data": config.data}
    labelled = any(each.images for each in outcomes)
    measure = "kNN on held-out rows" if labelled else "RankMe"
    for each in outcomes:
        if each.failed:
            report.skip(each.candidate.name, each.failed.what)
    ranked = sorted((each for each in outcomes if not each.failed), key=lambda o: (-o.budget, -o.mean))
    rows = [[each.candidate.name, each.epochs, _shown(each), each.untrained, len(each.values)] for each in ranked]
    blocks: list[typing.Any] = [Table(["setting", "epochs", measure, "untrained", "seeds"], rows, id="sweep")]
    if labelled:
        points = [charts.Point(each.candidate.name, *each.estimate[:3], f"{each.budget:g} {unit}") for each in ranked]
        over = "seeds" if config.sweep_seeds > 1 else "held-out images of one run"
        blocks.append(
            charts.intervals(points, value=measure, alt=f"{measure} by setting, with 95 % intervals over {over}.")
        )
    else:
        blocks.append(Text(LIMIT, tone="note"))
    best = next(each for each in ranked if each.budget == last)
    report.answer = f"{best.candidate.name} did best: {measure} {best.mean:.3f} after {last:g} {unit}."
    command = _command(best, config, seed=config.seed + config.sweep_seeds)
    blocks.append(
        Text(
            f"The best of several is an upper figure: `{command}` trains it anew, with a seed that chose nothing, and reads the test rows."
        )
    )
    report.section(Section("What did best", blocks, lead=report.answer))
    return report


def _command(best: Outcome, config: Pretrain, *, seed: int) -> str:
    """The command of one setting on its own: what the sweep was given, and what it chose."""
    chosen = best.candidate.apply(config)
    free = {"sweep", "sweep_seeds", "halving", "minutes", "out", "resume", "json", "auto", "watch", "port"}
    words = ["foveate", "pretrain", config.data]
    for field in dataclasses.fields(Pretrain):
        value = {"epochs": best.epochs, "seed": seed}.get(field.name, getattr(chosen, field.name))
        if field.name in free | {"data"} or value == field.default or value is None:
            continue
        flag = field.name.replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{'' if value else 'no-'}{flag}")
        else:
            words += [f"--{flag}", *(map(str, value) if isinstance(value, tuple) else [str(value)])]
    return shlex.join(words)


def _shown(outcome: Outcome) -> typing.Any:
    return outcome.estimate if outcome.images else outcome.mean


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
