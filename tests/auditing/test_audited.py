"""What an audit concludes from its scores: the held-out control, and differences of estimates."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

from foveate.auditing import dejavu
from foveate.auditing.audited import Audited, minus
from foveate.core.estimate import Estimate


def score(target_only: int, reference_only: int, n: int = 1000) -> dejavu.Score:
    """A score with so many discordant crops of each kind."""
    target, reference = np.zeros(n, bool), np.zeros(n, bool)
    target[:target_only] = True
    reference[target_only : target_only + reference_only] = True
    return dejavu.score(target, reference)


@dataclass
class Stub:
    headline: dejavu.Score
    held_out: dejavu.Score | None
    threshold: float = 0.02
    named: str = "run:other"
    reference = SimpleNamespace(symmetric=True)
    adjusted = Audited.adjusted
    unequal = Audited.unequal
    judged = Audited.judged
    naive = Audited.naive
    odd = Audited.odd
    verdict = Audited.verdict

    @property
    def config(self) -> SimpleNamespace:
        return SimpleNamespace(threshold=self.threshold, reference=self.named)


def test_minus_of_independent_estimates():
    difference = minus(Estimate(0.5, 0.4, 0.6, 100), Estimate(0.2, 0.1, 0.3, 50))
    assert difference.value == pytest.approx(0.3)
    assert difference.low == pytest.approx(0.3 - 0.1 * 2**0.5)
    assert difference.high == pytest.approx(0.3 + 0.1 * 2**0.5)
    assert difference.n == 50


def test_minus_covers_the_true_difference():
    random = np.random.default_rng(0)
    covered = 0
    for _ in range(400):
        one = score(*random.binomial(1000, [0.2, 0.1]))
        two = score(*random.binomial(1000, [0.12, 0.1]))
        estimate = minus(one.score, two.score)
        covered += estimate.low <= 0.08 <= estimate.high
    assert 0.92 <= covered / 400 <= 0.99


def test_a_target_that_is_better_everywhere_is_not_accused():
    """Score .10 on members and .10 on images that neither saw: a better encoder, not one that remembers."""
    accused = Stub(score(150, 50), None)
    assert accused.verdict == "FAIL"
    cleared = Stub(score(150, 50), score(150, 50))
    assert cleared.unequal
    assert cleared.verdict != "FAIL"


def test_a_held_out_control_that_behaves_changes_nothing():
    found = Stub(score(150, 50), score(60, 55))
    assert not found.unequal
    assert found.judged == found.headline.score
    assert found.verdict == "FAIL"


def test_an_untrained_reference_proves_nothing_alone():
    """Any training tells more of a crop than none; images that neither saw say how much."""
    assert Stub(score(400, 50), None, named="random:foveate:resnet9").verdict == "INCONCLUSIVE"
    assert Stub(score(50, 60), None, named="random:foveate:resnet9").verdict == "PASS"
    assert Stub(score(400, 50), score(100, 40), named="random:foveate:resnet9").verdict == "FAIL"


def test_held_out_images_that_show_more_than_members_decide_nothing():
    assert Stub(score(70, 50), score(300, 50)).verdict == "INCONCLUSIVE"
    assert Stub(score(50, 55), score(60, 55)).verdict == "PASS"


def test_memory_beyond_a_general_advantage_still_fails():
    assert Stub(score(400, 50), score(100, 40)).verdict == "FAIL"
