"""What a study is: claims fixed before the first run, cells of work that resume, and verdicts that follow from them.

A study's file holds its claims (direction and smallest effect of interest included), and one function that computes
a cell. Everything else is the same for all: the plan, resuming, the controls' say, Benjamini–Hochberg, the report.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from foveate.core import console, stats
from foveate.core.errors import FoveateError
from foveate.core.estimate import Estimate
from foveate.core.findings import Control, Finding, correct, judge, judge_equivalence
from foveate.core.run import Run
from foveate.studies.pool import computed

Values = Mapping[str, float]
"""What one cell measured: name → number."""

MIN_SEEDS = 5
"""Fewer runs than this are a pilot about training: printed, and inconclusive."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One statement of the paper (or of a definition), as it will be tested.

    Attributes:
        id: short and stable. text: the statement. source: where it stands.
        statistic: what is measured, in words, and which way a positive value points.
        effect: δ, the smallest effect of interest; its sign is the claimed direction. For ``no effect`` it is the margin.
        kind: ``effect`` or ``no effect``.
        over: the unit of the interval: ``seeds`` for claims about training, ``images`` for given encoders.
        measure: the cells' values, one for each seed → one number for each seed (over seeds), or → an Estimate.
        control: the same for the control; it behaves when its interval contains ``control_null``.
        sd: the spread expected over seeds (from earlier pilots), for the plan's detectable effect.
        conditions: which cells it reads; a scale without them skips it.
        real: what files it needs that the project does not ship, or nothing.
    """

    id: str
    text: str
    source: str
    statistic: str
    effect: float
    measure: Callable[[Sequence[Values]], Sequence[float] | Estimate]
    control_name: str
    control: Callable[[Sequence[Values]], Sequence[float] | Estimate]
    kind: Literal["effect", "no effect"] = "effect"
    over: Literal["seeds", "images"] = "seeds"
    control_null: float = 0.0
    control_margin: float = 0.0
    sd: float = 0.05
    trained: Callable[[Sequence[Values]], bool] | None = None
    conditions: tuple[str, ...]
    real: str = ""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What a scale means for a study: the conditions, how many seeds, and about how long one cell takes beside ``processes - 1`` others.

    ``real_conditions`` are computed when ``FOVEATE_REAL_DATA`` is set. Those in ``once`` are computed for the first seed
    only: they ask about encoders as they are given, which no seed changes, or are a pilot's. ``processes`` cells are
    computed at once: two trainings of small nets on a core each take four fifths of the time that they take in turn on both.
    """

    conditions: tuple[str, ...]
    real_conditions: tuple[str, ...] = ()
    once: tuple[str, ...] = ()
    seeds: int
    seconds_per_cell: float
    processes: int = 1
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Study:
    """A row of the mission table as a command.

    Attributes:
        name, title, source: what is re-run.
        claims: what is tested.
        scales: which scales it has.
        cell: ``cell(condition, seed, options) -> values``; pure: the same arguments give the same values.
    """

    name: str
    title: str
    source: str
    claims: tuple[Claim, ...]
    scales: Mapping[str, Setting]
    cell: Callable[[str, int, Mapping[str, Any]], Values]

    def setting(self, scale: str) -> Setting:
        if scale not in self.scales:
            raise FoveateError(f"the study '{self.name}' has no scale '{scale}'.", f"it has: {', '.join(self.scales)}")
        return self.scales[scale]

    def conditions(self, scale: str) -> tuple[str, ...]:
        """The conditions that this machine can run at a scale."""
        setting = self.setting(scale)
        return setting.conditions + (setting.real_conditions if os.environ.get("FOVEATE_REAL_DATA") else ())

    def cells(self, scale: str) -> list[tuple[int, str]]:
        """(seed index, condition) of all cells, in the order in which they are computed."""
        setting, conditions = self.setting(scale), self.conditions(scale)
        return [(i, name) for i in range(setting.seeds) for name in conditions if i == 0 or name not in setting.once]

    def minutes(self, scale: str) -> float:
        """About how long it takes."""
        setting = self.setting(scale)
        return len(self.cells(scale)) * setting.seconds_per_cell / setting.processes / 60

    def seeds(self, scale: str, claim: Claim) -> int:
        """How many seeds a claim's conditions are computed for."""
        setting = self.setting(scale)
        return 1 if set(claim.conditions) & set(setting.once) else setting.seeds

    def skipped(self, scale: str) -> dict[str, str]:
        """Claims that will not be measured at a scale here, and why."""
        here, setting = set(self.conditions(scale)), self.setting(scale)
        reasons = {}
        for claim in self.claims:
            if missing := set(claim.conditions) - here:
                wanted = missing <= set(setting.real_conditions)
                reasons[claim.id] = (
                    f"FOVEATE_REAL_DATA is not set: it needs {claim.real}"
                    if wanted
                    else f"not part of the scale {scale}"
                )
        return reasons

    def compute(self, scale: str, run: Run, seed: int) -> list[Values]:
        """All cells; those that the run's log already holds are not computed again, the others are entered as they are done.

        Returns one mapping for each seed, in which every condition's values stand as ``CONDITION.NAME``; those of
        conditions that are computed once stand in the first.
        """
        setting, cells = self.setting(scale), self.cells(scale)
        done = {(e["condition"], e["seed"]): e["values"] for e in run.read_log() if e["event"] == "cell"}
        run.rewind_log(len(run.read_log()))  # drop a line torn by a kill
        rows: list[dict[str, float]] = [{} for _ in range(setting.seeds)]
        keys = [(condition, seed + index) for index, condition in cells]
        missing = [key for key in keys if key not in done]
        with console.progress(self.name, len(cells), "cells") as display:
            display.advance(len(keys) - len(missing))
            for key, values, seconds in computed(self.cell, missing, setting.options, setting.processes):
                run.log("cell", condition=key[0], seed=key[1], values=values, seconds=seconds)
                done[key] = values
                display.advance(note=key[0])
        for condition, each in keys:
            rows[each - seed] |= {f"{condition}.{name}": value for name, value in done[condition, each].items()}
        return list(rows)

    def judge(self, scale: str, rows: Sequence[Values]) -> list[Finding]:
        """Findings of the claims that could be measured, corrected for how many were tested."""
        skipped = self.skipped(scale)
        measured = [claim for claim in self.claims if claim.id not in skipped]
        read = {claim.id: [*rows][: self.seeds(scale, claim)] for claim in measured}
        findings = {claim.id: _judge(claim, read[claim.id]) for claim in measured}
        # Only claims of an effect are rejections of 0, and so a family of tests.
        family = [claim for claim in measured if claim.kind == "effect"]
        p_values = [_p(claim, read[claim.id]) for claim in family]
        findings |= {f.id: f for f in correct([findings[claim.id] for claim in family], p_values)}
        return list(findings.values())


def _judge(claim: Claim, rows: Sequence[Values]) -> Finding:
    estimate = _estimate(claim.measure(rows))
    control = _estimate(claim.control(rows))
    margin = claim.control_margin
    behaves = control.low - margin <= claim.control_null <= control.high + margin
    note = "" if behaves else "the control does not behave"
    if claim.kind == "no effect":
        verdict = judge_equivalence(estimate, margin=claim.effect, controls_behave=behaves)
    else:
        verdict = judge(estimate, threshold=claim.effect, controls_behave=behaves)
    if claim.over == "seeds" and len(rows) < MIN_SEEDS:
        # Of one seed there is no interval, and so no value beside the claim: it is told here.
        read = "" if len(rows) > 1 else f", which reads {estimate.value:.3f}"
        verdict, note = "inconclusive", f"pilot: {len(rows)} seed{'s' * (len(rows) > 1)} of at least {MIN_SEEDS}{read}"
    if claim.trained is not None and not claim.trained(rows):
        verdict, note = "inconclusive", "undertrained: no gain over the untrained twin"
    finite = all(abs(x) < float("inf") for x in estimate[:3])  # false for NaN too
    value, low, high = estimate[:3] if finite else (None, None, None)
    return Finding(
        id=claim.id, claim=claim.text, source=claim.source, statistic=claim.statistic,
        value=value, low=low, high=high, n=estimate.n, over=claim.over, null=0.0, threshold=claim.effect,
        control=Control(claim.control_name, *(x if abs(x) < float("inf") else None for x in control[:3])),
        verdict=verdict, note=note,
    )  # fmt: skip


def _p(claim: Claim, rows: Sequence[Values]) -> float:
    estimate = _estimate(claim.measure(rows))
    return stats.p_of(estimate, freedom=max(1, estimate.n - 1) if claim.over == "seeds" else None)


def _estimate(measured: Sequence[float] | Estimate) -> Estimate:
    return measured if isinstance(measured, Estimate) else stats.seeds_interval(measured)
