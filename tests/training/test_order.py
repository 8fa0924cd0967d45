from __future__ import annotations

import numpy as np
import pytest
import torch

from foveate.training.order import apportion, draws_by_class, shuffled, skewed

LABELS = torch.arange(10).repeat_interleave(40)
AMONG = torch.randperm(400, generator=torch.Generator().manual_seed(0)) + 7


def test_shuffled_is_every_image_once() -> None:
    order = shuffled(AMONG, 3)
    assert sorted(order(0).tolist()) == sorted(AMONG.tolist())
    assert not torch.equal(order(0), order(1))


@pytest.mark.parametrize("skew", [1.0, 10.0, 50.0])
def test_counts_follow_the_exponential_profile(skew: float) -> None:
    counts = np.array(list(draws_by_class(LABELS, skew, 0).values()))
    profile = skew ** (-np.arange(10) / 9)
    assert counts.sum() == 400
    assert np.abs(counts - 400 * profile / profile.sum()).max() < 1
    rows = skewed(AMONG, LABELS, skew, 0)(2)
    label_of = dict(zip(AMONG.tolist(), LABELS.tolist(), strict=True))
    drawn = torch.tensor([label_of[row] for row in rows.tolist()]).bincount(minlength=10)
    assert dict(enumerate(drawn.tolist())) == draws_by_class(LABELS, skew, 0)


def test_unequal_classes_are_drawn_alike_at_skew_one() -> None:
    labels = torch.cat([torch.zeros(380, dtype=torch.long), torch.ones(20, dtype=torch.long)])
    rows = skewed(torch.arange(400), labels, 1.0, 0)(0)
    assert labels[rows].bincount().tolist() == [200, 200]
    assert len(rows[labels[rows] == 0].unique()) == 200
    assert rows[labels[rows] == 1].unique(return_counts=True)[1].tolist() == [10] * 20


def test_an_image_comes_back_only_after_its_whole_class() -> None:
    rows = skewed(torch.arange(400), LABELS, 50.0, 1)(0)
    largest = next(iter(draws_by_class(LABELS, 50.0, 1)))
    own = rows[LABELS[rows] == largest]
    assert len(own) > 80
    assert all(len(own[start : start + 40].unique()) == 40 for start in range(len(own) - 39))


def test_it_is_a_function_of_seed_and_epoch() -> None:
    order = skewed(AMONG, LABELS, 20.0, 5)
    assert torch.equal(order(4), skewed(AMONG, LABELS, 20.0, 5)(4))
    assert not torch.equal(order(4), order(5))
    heads = {next(iter(draws_by_class(LABELS, 20.0, seed))) for seed in range(20)}
    assert len(heads) > 5, "the seed says which class is the largest"


def test_whole_parts_of_a_total() -> None:
    assert apportion(np.array([1.0, 1.0, 1.0]), 10).tolist() == [4, 3, 3]
    assert apportion(np.array([1000.0, 1.0, 1.0]), 10).tolist() == [8, 1, 1]
    assert apportion(np.array([3.0, 1.0]), 1).tolist() == [1, 0]
