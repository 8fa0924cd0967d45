"""Metrics and findings: the two kinds of number a report holds, and the rule that turns one into a verdict."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from foveate.core.estimate import Estimate

Verdict = Literal["reproduced", "not reproduced", "inconclusive"]


@dataclass(frozen=True)
class Metric:
    """One measured quantity. Its key in a report is ``METHOD.QUANTITY[@TAP][/SLICE]``.

    Attributes:
        value, low, high: the estimate and its 95 % interval; all finite, or all None.
        n: units behind it. over: what a unit is (``images`` or ``seeds``).
        chance: what guessing gives, or None where there is no such level.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    over: str = "images"
    chance: float | None = None

    @classmethod
    def of(cls, estimate: Estimate, *, over: str = "images", chance: float | None = None) -> Metric:
        """From an estimate; one that is not finite becomes all None, since JSON has no NaN."""
        value, low, high = (float(x) for x in estimate[:3])
        if not all(map(math.isfinite, (value, low, high))):
            return cls(None, None, None, int(estimate.n), over, chance)
        return cls(value, low, high, int(estimate.n), over, chance)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Control:
    """A quantity whose value is known if the measurement is sound, e.g. the untrained encoder's score."""

    name: str
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Finding:
    """A claim, what was measured for it, and what follows.

    Attributes:
        id: short and stable. claim: the sentence that is tested. source: the paper, or the definition.
        statistic: what value is. over: the unit, ``images`` or ``seeds``.
        null: the value under no effect. threshold: the smallest effect of interest δ, fixed before the first run;
            its sign is the direction of the claim.
        verdict: ``reproduced``, ``not reproduced`` or ``inconclusive``.
    """

    id: str
    claim: str
    source: str
    statistic: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    over: str
    null: float
    threshold: float
    control: Control
    verdict: Verdict
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


FEWEST_SEEDS = 5  # below that a comparison of trainings is a pilot


def judge(
    estimate: Estimate, *, threshold: float, controls_behave: bool = True, null: float = 0.0, over: str = "images"
) -> Verdict:
    """The verdict on a directed claim.

    Reproduced: the interval lies wholly beyond ``null`` on the side of ``threshold`` and the controls behave.
    Not reproduced: the interval excludes ``threshold`` on the side of ``null``. Both at once (a real effect smaller
    than δ) is "not reproduced" as claimed. Anything else is inconclusive: controls that misbehave, values that are
    not finite, and fewer than five seeds where the unit is a training run.
    """
    if not _decidable(estimate, controls_behave, over):
        return "inconclusive"
    sign = 1.0 if threshold >= null else -1.0
    low, high = sorted((sign * (estimate.low - null), sign * (estimate.high - null)))
    delta = sign * (threshold - null)
    if high < delta:
        return "not reproduced"
    return "reproduced" if low > 0 else "inconclusive"


def judge_equivalence(
    estimate: Estimate, *, margin: float, controls_behave: bool = True, over: str = "images"
) -> Verdict:
    """The verdict on a claim of no effect: reproduced when the interval lies inside ±margin, not when it lies outside."""
    assert margin > 0, "an equivalence margin is a positive number"
    if not _decidable(estimate, controls_behave, over):
        return "inconclusive"
    if -margin < estimate.low and estimate.high < margin:
        return "reproduced"
    return "not reproduced" if estimate.low > margin or estimate.high < -margin else "inconclusive"


def _decidable(estimate: Estimate, controls_behave: bool, over: str) -> bool:
    enough = over != "seeds" or estimate.n >= FEWEST_SEEDS
    return controls_behave and enough and all(map(math.isfinite, estimate[:3]))


def correct(findings: Sequence[Finding], p_values: Sequence[float], *, level: float = 0.05) -> list[Finding]:
    """Benjamini–Hochberg within a study: a reproduced finding that does not survive becomes inconclusive."""
    from foveate.core.stats import benjamini_hochberg

    dropped = "did not survive Benjamini–Hochberg within the study"
    kept = benjamini_hochberg(p_values, level=level)
    return [
        finding
        if survives or finding.verdict != "reproduced"
        else replace(finding, verdict="inconclusive", note=f"{finding.note} {dropped}".strip())
        for finding, survives in zip(findings, kept, strict=True)
    ]
