from __future__ import annotations

import numpy as np
import pytest

from foveate.pretraining.selection import clusters


def concepts(seed: int, counts: tuple[int, ...] = (900, 80, 20), width: int = 32) -> tuple[np.ndarray, np.ndarray]:
    """Three round clouds of unit radius whose centres lie 4 to 6 apart, and which each row is of."""
    random = np.random.default_rng(seed)
    centre = random.normal(size=(len(counts), width))
    label = np.repeat(np.arange(len(counts)), counts)
    spread = random.normal(size=(len(label), width)) / np.sqrt(width)
    return spread + 4 * (centre / np.linalg.norm(centre, axis=1, keepdims=True))[label], label


@pytest.mark.parametrize("seed", [0, 1])
def test_a_curated_draw_is_near_even_over_concepts_and_a_uniform_one_is_not(seed: int) -> None:
    features, label = concepts(seed)
    stream = np.random.default_rng(seed)
    rows = clusters.draw(clusters.levels(features, seed), 1000, 60, stream)
    assert len(np.unique(rows)) == 60
    assert np.bincount(label[rows], minlength=3).min() >= 12
    uniform = np.bincount(label[stream.permutation(1000)[:60]], minlength=3)
    assert uniform.min() <= 5


def test_centres_of_centres_nearest_points_are_what_evens(monkeypatch: pytest.MonkeyPatch) -> None:
    features, label = concepts(3)

    def head() -> int:
        rows = clusters.draw(clusters.levels(features, 3), 1000, 60, np.random.default_rng(0))
        return int(np.bincount(label[rows], minlength=3)[0])

    resampled = head()
    monkeypatch.setattr(clusters, "ROUNDS", 0)
    assert resampled + 8 < head()


def test_clusters_are_a_tree_and_few_rows_have_none() -> None:
    features, _ = concepts(0, (300, 30))
    levels = clusters.levels(features, 0)
    assert [len(level) for level in levels] == [330, int(levels[0].max()) + 1]
    assert clusters.levels(features[:15], 0) == []
    assert len(clusters.draw([], 15, 6, np.random.default_rng(0))) == 6


def test_shares_are_even_as_far_as_groups_allow() -> None:
    stream = np.random.default_rng(0)
    assert sorted(clusters.shares(np.array([50, 50, 50]), 31, stream).tolist()) == [10, 10, 11]
    assert clusters.shares(np.array([2, 100, 100]), 62, stream).tolist() == [2, 30, 30]
    assert clusters.shares(np.array([2, 3]), 99, stream).tolist() == [2, 3]
