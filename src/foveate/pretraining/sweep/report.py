"""The table of a sweep, its plot and the command that trains the best setting anew."""

from __future__ import annotations

import dataclasses
import itertools
import shlex
import typing
from collections.abc import Sequence

from foveate.pretraining.config import Pretrain
from foveate.pretraining.sweep.outcome import Outcome
from foveate.reporting import charts
from foveate.reporting.numbers import interval, number
from foveate.reporting.record import Report
from foveate.reporting.sections import Section, Table, Text

LIMIT = "RankMe: necessary, not sufficient; it ranks settings within one objective, not objectives."

TIED = (
    "{best} is not shown to read more than {others} (95 %, one comparison at a time): the choice among them is arbitrary. It stands first "
    "because it read highest, or came first among equals; the cheapest does as well."
)


def tell(config: Pretrain, outcomes: Sequence[Outcome], count: int) -> Report:
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
    before = f" (untrained {number(best.untrained)})" if best.untrained is not None else ""
    report.answer = f"{best.candidate.name} did best: {measure} {_worded(best)} after {last:g} {unit}{before}."
    if alike := [
        each.candidate.name for each in ranked if each.budget == last and each is not best and not best.beats(each)
    ]:
        report.answer = f"{report.answer[:-1]}, tied with {', '.join(alike)}."
        blocks.append(Text(TIED.format(best=best.candidate.name, others=" and ".join(alike)), tone="warning"))
    if cut := _cut(ranked):
        blocks.append(
            Text(
                f"Left out on a shorter rung, though not shown there to read less than one that went on: {'; '.join(cut)}.",
                tone="note",
            )
        )
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


def _cut(ranked: Sequence[Outcome]) -> list[str]:
    """Settings that ended on a rung in a tie with one that went on from it."""
    budgets = sorted({each.budget for each in ranked})
    found = []
    for budget, longer in itertools.pairwise(budgets):
        here = [each for each in ranked if each.budget == budget]
        further = {each.candidate for each in ranked if each.budget == longer}
        went = [each for each in here if each.candidate in further]
        found += [
            each.candidate.name
            for each in here
            if each.candidate not in further and not all(other.beats(each) for other in went)
        ]
    return found


def _worded(outcome: Outcome) -> str:
    """The value with its interval, where there is one."""
    if not outcome.images and len(outcome.values) < 2:
        return number(outcome.mean)
    return interval(outcome.estimate._asdict())


def _shown(outcome: Outcome) -> typing.Any:
    return outcome.estimate if outcome.images else outcome.mean
