"""Retrieval with planted text encoders of known accuracy; ties are worth chance."""

from __future__ import annotations

import numpy as np
import pytest

from foveate.measures.retrieval import accuracy, chance, top_k, two_way

CAPTIONS, WIDTH = 50, 64
TEXTS = np.linalg.qr(np.random.default_rng(7).normal(size=(WIDTH, WIDTH)))[0][:CAPTIONS]


def planted(n: int, known: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Images that lie at their own caption with probability ``known``, else at another."""
    random = np.random.default_rng(seed)
    own = random.integers(CAPTIONS, size=n)
    other = (own + random.integers(1, CAPTIONS, size=n)) % CAPTIONS
    seen = np.where(random.random(n) < known, own, other)
    return TEXTS[seen] * random.uniform(0.5, 2, (n, 1)), own


def test_the_planted_accuracy_is_covered() -> None:
    held = []
    for seed in range(200):
        images, own = planted(300, 0.7, seed)
        found = accuracy(top_k(images, TEXTS, own)[1])
        assert found.n == 300
        held.append(found.low <= 0.7 <= found.high)
    assert 0.9 <= np.mean(held) <= 0.99


def test_top_five_by_hand() -> None:
    captions = np.eye(6)
    image = np.array([[6.0, 5.0, 4.0, 3.0, 2.0, 1.0]])
    for own, first, five in ((0, 1, 1), (4, 0, 1), (5, 0, 0)):
        credit = top_k(image, captions, np.array([own]))
        assert (credit[1][0], credit[5][0]) == (first, five)


def test_an_encoder_that_says_one_thing_is_at_chance() -> None:
    images, own = planted(40, 1.0)
    credit = top_k(images, np.ones((CAPTIONS, WIDTH)), own, k=(1, 5, 80))
    assert credit[1] == pytest.approx(chance(CAPTIONS, 1))
    assert credit[5] == pytest.approx(chance(CAPTIONS, 5))
    assert credit[80] == pytest.approx(chance(CAPTIONS, 80))
    assert two_way(images, np.ones_like(images), np.ones_like(images)) == pytest.approx(0.5)
    assert top_k(np.zeros((3, WIDTH)), TEXTS, np.arange(3))[1] == pytest.approx(1 / CAPTIONS)


def test_two_captions_that_tie_share_the_place() -> None:
    captions = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    credit = top_k(np.array([[1.0, 0.1]]), captions, np.array([0]), k=(1, 2))
    assert (credit[1][0], credit[2][0]) == (0.5, 1)


def test_two_way_counts_the_nearer_and_halves_ties() -> None:
    images = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    right, wrong = np.tile([[2.0, 0.0]], (3, 1)), np.tile([[0.0, 9.0]], (3, 1))
    assert two_way(images, right, wrong).tolist() == [1, 0, 0.5]


def test_an_interval_over_assets_is_wider() -> None:
    random = np.random.default_rng(0)
    asset = np.repeat(np.arange(20), 15)
    credit = (random.random(20) < 0.5).astype(float)[asset]
    plain, clustered = accuracy(credit), accuracy(credit, asset)
    assert clustered.high - clustered.low > 2 * (plain.high - plain.low)
