"""Scoring from neighbour arrays: hand-made cases with known answers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from foveate.auditing import dejavu
from foveate.core.estimate import Estimate


def test_infer_counts_votes_and_measures_agreement():
    found = dejavu.infer(np.array([[2, 2, 2, 2], [0, 1, 1, 0], [1, 0, 0, 2]]), 3)
    # The tie in the second row goes to the label whose ranks (0, 3) against (1, 2) weigh the same: the lower label wins.
    assert found.predicted.tolist() == [2, 0, 0]
    assert found.confidence == pytest.approx([0.0, -math.log(2), -1.5 * math.log(2)])


def test_a_tie_goes_to_the_closer_neighbours():
    assert dejavu.infer(np.array([[2, 0], [0, 2]]), 3).predicted.tolist() == [2, 0]
    assert dejavu.infer(np.array([[4, 4, 1, 1, 1]]), 5).predicted.tolist() == [1], (
        "closeness must not outvote a majority"
    )


def test_infer_in_blocks_equals_infer_at_once(monkeypatch):
    neighbours = np.random.default_rng(0).integers(0, 7, (200, 9))
    whole = dejavu.infer(neighbours, 7)
    monkeypatch.setattr(dejavu, "_BLOCK", 50)
    parts = dejavu.infer(neighbours, 7)
    assert (whole.predicted == parts.predicted).all()
    assert (whole.confidence == parts.confidence).all()


def test_score_table_adds_up():
    target = np.array([1, 1, 1, 0, 0, 1] * 20, dtype=bool)
    reference = np.array([1, 0, 0, 1, 0, 0] * 20, dtype=bool)
    one = dejavu.score(target, reference)
    assert (one.both, one.target_only, one.reference_only, one.neither) == (20, 60, 20, 20)
    assert one.score.value == pytest.approx(40 / 120)
    assert one.score.low < one.score.value < one.score.high
    assert one.chance_only == 40
    assert one.p < 1e-4
    assert one.detectable > 0


def test_the_score_against_itself_is_zero():
    right = np.random.default_rng(1).random(300) < 0.3
    one = dejavu.score(right, right)
    assert one.score.value == 0
    assert one.p == pytest.approx(1)


@pytest.mark.parametrize(
    ("low", "high", "outcome"),
    [(-0.01, 0.019, "PASS"), (0.021, 0.1, "FAIL"), (0.0, 0.1, "INCONCLUSIVE"), (math.nan, math.nan, "INCONCLUSIVE")],
)
def test_verdict(low, high, outcome):
    assert dejavu.verdict(Estimate((low + high) / 2, low, high, 100), 0.02) == outcome


def test_curve_ranks_both_by_the_target():
    confidence = np.linspace(0, -1, 100)
    target = np.arange(100) < 20
    reference = np.arange(100) >= 80
    points = {point.share: point for point in dejavu.curve(target, reference, confidence)}
    assert points[0.2].target.value == 1
    assert points[0.2].reference.value == 0
    assert points[1.0].score.value == 0
    assert 0.05 not in points, "five images are no point of a curve"


def test_by_class_hides_small_classes_and_corrects_for_many():
    random = np.random.default_rng(0)
    labels = np.repeat(np.arange(12), 40)
    labels = np.concatenate([labels, np.full(5, 12)])
    reference = random.random(len(labels)) < 0.1
    target = np.where(labels == 3, random.random(len(labels)) < 0.9, random.random(len(labels)) < 0.1)
    rows, hidden = dejavu.by_class(target, reference, labels)
    assert hidden == 1
    assert len(rows) == 12
    assert [row.label for row in rows if row.significant] == [3]
    assert rows[0].label == 3


def test_default_k_follows_the_paper_where_the_set_allows_it():
    assert dejavu.default_k(300_000, 1000) == 75
    assert dejavu.default_k(500_000, 1000) == 100
    assert dejavu.default_k(800, 10) == 20
    assert dejavu.default_k(30, 10) == 5
    assert dejavu.default_k(3, 2) == 3
