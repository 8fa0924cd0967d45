"""The rule that turns a number into a verdict, at every place an interval can lie."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foveate.core.estimate import Estimate
from foveate.core.findings import Control, Finding, Metric, correct, judge, judge_equivalence


def around(low: float, high: float, n: int = 100) -> Estimate:
    return Estimate((low + high) / 2, low, high, n)


@pytest.mark.parametrize(
    ("low", "high", "threshold", "verdict"),
    [
        (0.03, 0.09, 0.05, "reproduced"),
        (0.06, 0.09, 0.05, "reproduced"),
        (-0.01, 0.09, 0.05, "inconclusive"),
        (-0.01, 0.04, 0.05, "not reproduced"),
        (-0.09, -0.03, 0.05, "not reproduced"),
        (0.01, 0.04, 0.05, "not reproduced"),  # real, but smaller than the effect that was claimed
        (0.0, 0.09, 0.05, "inconclusive"),
        (-0.09, -0.03, -0.05, "reproduced"),
        (-0.09, 0.01, -0.05, "inconclusive"),
        (-0.04, 0.01, -0.05, "not reproduced"),
        (0.03, 0.09, -0.05, "not reproduced"),
    ],
)
def test_judge(low: float, high: float, threshold: float, verdict: str) -> None:
    assert judge(around(low, high), threshold=threshold) == verdict
    assert judge(around(low + 7, high + 7), threshold=threshold + 7, null=7) == verdict, "any null"


@settings(deadline=None)
@given(st.floats(-1, 1), st.floats(0.001, 0.5), st.floats(-0.5, 0.5).filter(lambda x: abs(x) > 1e-3))
def test_a_claim_and_its_mirror_image_agree(middle: float, half: float, threshold: float) -> None:
    one = judge(around(middle - half, middle + half), threshold=threshold)
    other = judge(around(-middle - half, -middle + half), threshold=-threshold)
    assert one == other


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (-0.01, 0.015, "reproduced"),
        (-0.01, 0.03, "inconclusive"),
        (-0.05, 0.05, "inconclusive"),
        (0.03, 0.05, "not reproduced"),
        (-0.05, -0.03, "not reproduced"),
        (0.02, 0.03, "inconclusive"),
    ],
)
def test_judge_equivalence(low: float, high: float, verdict: str) -> None:
    assert judge_equivalence(around(low, high), margin=0.02) == verdict


def test_what_makes_any_verdict_inconclusive() -> None:
    clear, broken = around(0.1, 0.2), Estimate(0.1, math.nan, math.nan, 9)
    assert judge(clear, threshold=0.05, controls_behave=False) == "inconclusive"
    assert judge(broken, threshold=0.05) == "inconclusive"
    assert judge(around(0.1, 0.2, n=4), threshold=0.05, over="seeds") == "inconclusive", "a pilot"
    assert judge(around(0.1, 0.2, n=5), threshold=0.05, over="seeds") == "reproduced"
    flat = around(-0.001, 0.001)
    assert judge_equivalence(flat, margin=0.02, controls_behave=False) == "inconclusive"
    assert judge_equivalence(broken, margin=0.02) == "inconclusive"
    assert judge_equivalence(around(-0.001, 0.001, n=4), margin=0.02, over="seeds") == "inconclusive"


def finding(name: str, verdict: str, note: str = "") -> Finding:
    return Finding(
        id=name,
        claim="A is better than B.",
        source="the definition",
        statistic="mean difference",
        value=0.1,
        low=0.05,
        high=0.15,
        n=100,
        over="images",
        null=0.0,
        threshold=0.05,
        control=Control("untrained", 0.0, -0.01, 0.01),
        verdict=verdict,  # type: ignore[arg-type]
        note=note,
    )


def test_correct_takes_back_what_does_not_survive() -> None:
    found = [
        finding("strong", "reproduced"),
        finding("weak", "reproduced", "small n."),
        finding("none", "not reproduced"),
        finding("open", "inconclusive"),
    ]
    corrected = correct(found, [0.001, 0.04, 0.9, 0.5])
    assert [each.verdict for each in corrected] == ["reproduced", "inconclusive", "not reproduced", "inconclusive"]
    assert corrected[1].note == "small n. did not survive Benjamini–Hochberg within the study"
    assert corrected[0] == found[0]
    assert [each.verdict for each in correct(found[:2], [0.001, 0.04])] == ["reproduced", "reproduced"]
    with pytest.raises(ValueError, match="zip"):
        correct(found, [0.1])


def test_a_metric_is_finite_or_null_and_goes_into_json() -> None:
    metric = Metric.of(Estimate(0.5, 0.4, 0.6, 10), chance=0.1)
    assert json.loads(json.dumps(metric.to_json(), allow_nan=False)) == {
        "value": 0.5,
        "low": 0.4,
        "high": 0.6,
        "n": 10,
        "over": "images",
        "chance": 0.1,
    }
    for estimate in (Estimate(math.nan, math.nan, math.nan, 0), Estimate(0.5, -math.inf, 0.6, 3)):
        metric = Metric.of(estimate, over="seeds")
        assert (metric.value, metric.low, metric.high, metric.over) == (None, None, None, "seeds")
    assert json.loads(json.dumps(finding("a", "reproduced").to_json()))["control"]["name"] == "untrained"
