"""Neighbours against a literal search in float64, over every metric, block size and form of the base."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from foveate.core.errors import FoveateError
from foveate.measures.neighbours import nearest, vote


def literal(queries: np.ndarray, base: np.ndarray, metric: str) -> np.ndarray:
    q, b = queries.astype(np.float64), base.astype(np.float64)
    if metric == "l2":
        return -np.sqrt(((q[:, None] - b[None]) ** 2).sum(-1))
    if metric == "cosine":
        q, b = (x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12) for x in (q, b))
    return q @ b.T


@settings(max_examples=40, deadline=None)
@given(
    metric=st.sampled_from(["cosine", "l2", "dot"]),
    k=st.integers(1, 12),
    block=st.sampled_from([1, 5, 7, 64]),
    far=st.sampled_from([0.0, 50.0]),
    streamed=st.booleans(),
)
def test_nearest_is_the_literal_search(metric: str, k: int, block: int, far: float, streamed: bool) -> None:
    random = np.random.default_rng(k)
    queries, base = random.normal(far, 1, (9, 6)), random.normal(far, 1, (23, 6))
    given_base = (base[a : a + 4] for a in range(0, 23, 4)) if streamed else base
    similarity, index = nearest(queries, given_base, k, metric=metric, block=block)
    truth = literal(queries, base, metric)
    expected = np.argsort(-truth, axis=1, kind="stable")[:, :k]
    assert np.array_equal(index.numpy(), expected)
    assert np.allclose(similarity.numpy(), np.take_along_axis(truth, expected, 1), atol=1e-9)


def test_float32_far_from_the_origin() -> None:
    random = np.random.default_rng(0)
    queries, base = random.normal(100, 1, (20, 16)), random.normal(100, 1, (200, 16))
    similarity, index = nearest(queries.astype(np.float32), base.astype(np.float32), 5, metric="l2")
    truth = literal(queries.astype(np.float32), base.astype(np.float32), "l2")
    assert np.array_equal(index.numpy(), np.argsort(-truth, axis=1)[:, :5])
    assert np.allclose(similarity.numpy(), -np.sort(-truth, axis=1)[:, :5], atol=1e-4)


def test_many_queries_go_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    x = torch.randn(50, 4, generator=torch.Generator().manual_seed(0))
    whole = nearest(x, x, 3)
    monkeypatch.setattr("foveate.measures.neighbours._SCORES", 64)
    pieces = nearest(x, x, 3)
    assert torch.equal(whole[1], pieces[1])


def test_exclude_takes_out_the_row_itself() -> None:
    x = torch.randn(30, 4, generator=torch.Generator().manual_seed(1))
    _, index = nearest(x, x, 4, exclude=torch.arange(30), block=7)
    _, longer = nearest(x, x, 5)
    assert torch.equal(longer[:, 0], torch.arange(30))
    assert torch.equal(index, longer[:, 1:])


def test_equal_rows_come_by_index() -> None:
    base = torch.ones(10, 3)
    _, index = nearest(torch.ones(2, 3), base, 10, block=3)
    assert torch.equal(index[0], torch.arange(10))


def test_a_zero_feature_is_similar_to_nothing() -> None:
    similarity, _ = nearest(torch.zeros(1, 3), torch.eye(3), 2)
    assert torch.equal(similarity, torch.zeros(1, 2))


def test_more_neighbours_than_images() -> None:
    with pytest.raises(FoveateError, match="only 3 images"):
        nearest(torch.eye(3), torch.eye(3), 4)
    with pytest.raises(FoveateError, match="only 2 images"):
        nearest(torch.eye(3), torch.eye(3), 3, exclude=torch.arange(3))
    with pytest.raises(FoveateError, match="only 0 images"):
        nearest(torch.eye(3), iter(()), 1)


def test_features_that_are_not_finite() -> None:
    bad = torch.eye(3)
    bad[1, 2] = torch.nan
    with pytest.raises(FoveateError, match=r"1 of 3 images hold NaN.*row 1"):
        nearest(torch.eye(3), bad, 1)


def test_read_only_memory_map(tmp_path, recwarn: pytest.WarningsRecorder) -> None:  # type: ignore[no-untyped-def]
    np.save(tmp_path / "x.npy", np.eye(4, dtype=np.float32))
    base = np.load(tmp_path / "x.npy", mmap_mode="r")
    _, index = nearest(torch.eye(4), base, 1)
    assert index[:, 0].tolist() == [0, 1, 2, 3]
    assert not len(recwarn)


def test_majority_vote_counts() -> None:
    scores = vote(torch.tensor([[2, 0, 2, 1]]), torch.rand(1, 4), 4, temperature=None)
    assert scores.tolist() == [[0.25, 0.25, 0.5, 0.0]]


def test_weighted_vote_is_the_formula_and_does_not_overflow() -> None:
    labels, similarity = torch.tensor([[0, 1, 1]]), torch.tensor([[0.9, 0.8, 0.1]], dtype=torch.float64)
    weights = torch.exp(similarity / 0.07)
    expected = torch.stack([weights[0, 0], weights[0, 1] + weights[0, 2]]) / weights.sum()
    assert torch.allclose(vote(labels, similarity, 2)[0], expected)
    assert vote(labels, similarity * 1e4, 2).isfinite().all()
    one, several = torch.tensor([[0, 1, 1]]), torch.tensor([[0.9, 0.89, 0.88]])
    assert vote(one, several, 2).argmax() == 1, "two near ones outvote the nearest"
