"""The lookup encoder: the score and its interval against the exact truth (dejavu-objectives C1)."""

from __future__ import annotations

import numpy as np
import pytest

from foveate.auditing import dejavu
from foveate.auditing.lookup import LookupWorld, draw
from foveate.measures.neighbours import nearest

SEEDS = 60
SETTINGS = [
    LookupWorld(memorized=0.0, correlated=0.1),
    LookupWorld(memorized=0.05, correlated=0.1),
    LookupWorld(memorized=0.2, correlated=0.1),
    LookupWorld(memorized=0.2, correlated=0.3),
    LookupWorld(memorized=0.5, correlated=0.0),
    LookupWorld(memorized=0.2, correlated=0.1, same_recipe=True),
]


@pytest.fixture(scope="module")
def draws() -> list[list[dejavu.Score]]:
    """Every setting under every seed, scored as the verb scores it."""
    import torch

    def right(crops: np.ndarray, sample) -> np.ndarray:
        k = dejavu.default_k(len(sample.public), 10)
        assert k == 20
        _, index = nearest(torch.from_numpy(crops), torch.from_numpy(sample.public), k, metric="cosine")
        return dejavu.infer(sample.public_labels[np.asarray(index)], 10).right(sample.labels)

    samples = [[draw(world, seed) for seed in range(SEEDS)] for world in SETTINGS]
    return [[dejavu.score(right(s.target, s), right(s.reference, s)) for s in group] for group in samples]


@pytest.mark.parametrize("setting", range(len(SETTINGS)))
def test_mean_error(draws, setting):
    mean = np.mean([one.score.value for one in draws[setting]])
    assert abs(mean - SETTINGS[setting].expected) <= 0.006


def test_coverage_over_all_draws(draws):
    covered = [
        one.score.low <= world.expected <= one.score.high
        for world, group in zip(SETTINGS, draws, strict=True)
        for one in group
    ]
    assert len(covered) >= 300
    assert 0.90 <= np.mean(covered) <= 0.99


def test_target_only_is_no_count_of_what_is_memorised(draws):
    """With nothing memorised, 6–8 % of the crops are still "target right, reference wrong", and so is the chance level."""
    nothing = draws[0]
    shares = np.mean([one.target_only / 1000 for one in nothing])
    assert 0.05 < shares < 0.10
    assert np.mean([one.chance_only / 1000 for one in nothing]) == pytest.approx(shares, abs=0.006)


def test_false_alarms_are_rare(draws):
    """Nothing memorised and same recipe: the verdict FAIL may come at most as often as the interval allows."""
    alarms = [dejavu.verdict(one.score, 0.02) == "FAIL" for one in draws[0] + draws[5]]
    assert np.mean(alarms) <= 0.025


def test_large_memory_fails_the_audit(draws):
    assert all(dejavu.verdict(one.score, 0.02) == "FAIL" for group in (draws[2], draws[3], draws[4]) for one in group)
