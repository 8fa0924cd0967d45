"""RankMe of planted spectra, and differences that leave the same images out."""

from __future__ import annotations

import numpy as np
import pytest

from foveate.measures.spectrum import rankme
from foveate.probing.rankme import MOST, chosen, rank_of, ranks_of


def test_planted_ranks() -> None:
    random = np.random.default_rng(0)
    x = np.linalg.qr(random.normal(size=(400, 12)))[0].astype(np.float32)
    assert rank_of(x, seed=0).value == pytest.approx(12, abs=1e-3)
    line = np.outer(random.normal(size=400), random.normal(size=12)).astype(np.float32)
    assert rank_of(line, seed=0).value == pytest.approx(1, abs=1e-2)
    found = rank_of((x * np.exp(-np.arange(12))).astype(np.float32), seed=0)
    share = np.exp(-np.arange(12.0))
    share /= share.sum()
    assert found.value == pytest.approx(np.exp(-(share * np.log(share)).sum()), rel=1e-3)
    assert found.low < found.value < found.high
    assert found.n == 400


def test_differences_are_paired_over_images() -> None:
    random = np.random.default_rng(1)
    x = random.normal(size=(300, 16)).astype(np.float32)
    wide, same, narrow = ranks_of([x, 2 * x, x * (np.arange(16) < 8)], seed=0)
    assert wide[0].value == pytest.approx(same[0].value, rel=1e-5)
    assert wide[1][:3] == pytest.approx((0, 0, 0), abs=1e-3)
    assert same[1][:3] == pytest.approx((0, 0, 0), abs=1e-2), "the same features at another scale: no width at all"
    assert narrow[1].high < -5
    assert narrow[1].value == pytest.approx(narrow[0].value - wide[0].value)


def test_the_interval_covers() -> None:
    """Half of all images, many times: the interval of each half covers the rank of the whole about as often as it says."""
    random = np.random.default_rng(2)
    scale = np.exp(-np.arange(10) / 4)
    whole = rankme((random.normal(size=(200_000, 10)) * scale).astype(np.float32))
    inside = 0
    for draw in range(60):
        found = rank_of((random.normal(size=(400, 10)) * scale).astype(np.float32), seed=draw)
        inside += found.low <= whole <= found.high
    assert inside >= 50


def test_of_many_images_a_fixed_sample() -> None:
    assert len(chosen(MOST + 5, seed=0)) == MOST
    assert (chosen(MOST + 5, seed=0) == chosen(MOST + 5, seed=0)).all()
    assert chosen(7, seed=0).tolist() == list(range(7))
