"""CKA against its literal O(n²) definition, closed forms, invariances, and the slow jackknife."""

from __future__ import annotations

import time

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from foveate.core import stats
from foveate.core.errors import FoveateError
from foveate.measures import cka as room
from foveate.measures.cka import cka, interval, intervals, matrix

RANDOM = np.random.default_rng


def literal_hsic(x: np.ndarray, y: np.ndarray) -> float:
    """Song et al. (2012), equation 5, with the n × n matrices written out.

    It does not depend on the means; without taking them away it cancels by itself where they are large.
    """
    n = len(x)
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    k, l = x @ x.T, y @ y.T  # noqa: E741
    np.fill_diagonal(k, 0)
    np.fill_diagonal(l, 0)
    one = np.ones(n)
    three = (
        np.trace(k @ l) + (one @ k @ one) * (one @ l @ one) / ((n - 1) * (n - 2)) - 2 / (n - 2) * (one @ k @ l @ one)
    )
    return float(three / (n * (n - 3)))


def literal(x: np.ndarray, y: np.ndarray) -> float:
    return literal_hsic(x, y) / np.sqrt(literal_hsic(x, x) * literal_hsic(y, y))


def related(seed: int, n: int, d: int, e: int) -> tuple[np.ndarray, np.ndarray]:
    random = RANDOM(seed)
    x = random.normal(size=(n, d)) * random.gamma(1, 1, d) + random.normal(size=d) * 3
    return x, x @ random.normal(size=(d, e)) + random.normal(size=(n, e))


@pytest.fixture(params=["features", "grams"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each of the two ways to the trace, whatever would be cheaper; with tiles small enough that there are several."""
    monkeypatch.setattr(room, "_traces", getattr(room, f"_traces_by_{request.param}"))
    monkeypatch.setattr(room, "_TILE", 7)
    monkeypatch.setattr(room, "_COLUMNS", 19)
    monkeypatch.setattr(room, "_PRODUCTS", 400)
    return request.param


@pytest.mark.parametrize(("n", "d", "e"), [(4, 2, 3), (23, 5, 1), (60, 7, 40), (50, 120, 90)])
def test_equals_the_literal_definition(way: str, n: int, d: int, e: int) -> None:
    x, y = related(n, n, d, e)
    assert cka(x, y) == pytest.approx(literal(x, y), rel=1e-9, abs=1e-12)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.integers(4, 40), st.integers(1, 60), st.integers(1, 60), st.integers(0, 99))
def test_equals_the_literal_definition_anywhere(n: int, d: int, e: int, seed: int) -> None:
    x, y = related(seed, n, d, e)
    assert cka(x, y) == pytest.approx(literal(x, y), rel=1e-9, abs=1e-12)


def test_matrix_is_cell_by_cell(way: str) -> None:
    random = RANDOM(0)
    a = [random.normal(size=(31, d)) for d in (3, 50, 8)]
    b = [a[1][:, :9] + random.normal(size=(31, 9)), random.normal(size=(31, 4))]
    expected = [[literal(x, y) for y in b] for x in a]
    assert np.allclose(matrix(a, b), expected, rtol=1e-9, atol=1e-12)
    own = matrix(a, a)
    assert np.allclose(np.diag(own), 1, atol=1e-12)
    assert np.allclose(own, own.T, atol=1e-12)


def test_batches_are_averages_of_the_definition() -> None:
    x, y = related(1, 50, 6, 9)
    parts = np.array_split(np.arange(50), 4)  # of 13, 13, 12, 12
    hsic = [np.mean([literal_hsic(a[p], b[p]) for p in parts]) for a, b in ((x, y), (x, x), (y, y))]
    assert matrix([x], [y], batch=12)[0, 0] == pytest.approx(hsic[0] / np.sqrt(hsic[1] * hsic[2]), rel=1e-9)
    big_x, big_y = related(2, 1000, 12, 12)
    assert matrix([big_x], [big_y], batch=100)[0, 0] == pytest.approx(cka(big_x, big_y), abs=0.01)


def test_independent_features_read_zero() -> None:
    values = []
    for seed in range(20):
        random = torch.Generator().manual_seed(seed)
        x, y = (torch.randn(500, 192, generator=random) for _ in range(2))
        values.append(cka(x, y))
    assert np.abs(values).max() < 0.02
    assert abs(np.mean(values)) < 0.003
    assert np.min(values) < 0, "an unbiased estimate of 0 must fall on both sides"


def test_rotation_scale_and_shift_change_nothing() -> None:
    random = RANDOM(3)
    x, y = related(3, 200, 24, 16)
    rotation = np.linalg.qr(random.normal(size=(24, 24)))[0]
    moved = 37.0 * x @ rotation + 5
    as32 = [each.astype(np.float32) for each in (x, y, moved)]
    assert cka(as32[2], as32[1]) == pytest.approx(cka(as32[0], as32[1]), abs=1e-5)
    assert cka(as32[2], as32[0]) == pytest.approx(1, abs=1e-5)
    assert cka(x, x) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(("shared", "noise"), [(16, 0.5), (16, 2.0), (4, 0.0)])
def test_known_mixture(shared: int, noise: float) -> None:
    """X ~ N(0, I_d); Y shares the first k of d coordinates, the others are fresh, and noise s is added to all.

    cov(X, Y) has k ones, cov(Y) = (1 + s²) I, hence CKA = k / (d (1 + s²)).
    """
    random, d, n = RANDOM(4), 16, 20000
    x = random.normal(size=(n, d))
    y = np.concatenate([x[:, :shared], random.normal(size=(n, d - shared))], axis=1) + noise * random.normal(
        size=(n, d)
    )
    estimate = interval(x, y)
    truth = shared / (d * (1 + noise**2))
    assert estimate.value == pytest.approx(truth, abs=0.01)
    assert estimate.low - 0.003 <= truth <= estimate.high + 0.003


def test_large_offset_in_float32_does_not_cancel() -> None:
    x, y = related(5, 300, 20, 20)
    far = ((x / x.std() + 300).astype(np.float32), (y / y.std() - 300).astype(np.float32))
    assert cka(*far) == pytest.approx(literal(x, y), abs=1e-6)


@pytest.mark.parametrize("n", [40, 53])
def test_jackknife_from_sums_is_the_slow_one(way: str, n: int) -> None:
    random = RANDOM(6)
    a = [random.normal(size=(n, d)) + 2 for d in (4, 30)]
    b = [a[0] + random.normal(size=(n, 4)), random.normal(size=(n, 11)), a[1] * 2]
    fast = intervals(a, b, groups=7, seed=5)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            slow = stats.jackknife(lambda rows, x=x, y=y: literal(x[rows], y[rows]), n, 7, seed=5)
            assert fast.at(i, j)[:3] == pytest.approx(slow[:3], rel=1e-8, abs=1e-10)
    assert fast.n == n
    assert np.allclose(fast.value, matrix(a, b), atol=1e-12)


def test_few_images_and_bad_features() -> None:
    with pytest.raises(FoveateError, match="at least 4 images, not 3"):
        cka(np.eye(3), np.eye(3))
    with pytest.raises(FoveateError, match="at least 8 images"):
        interval(np.eye(7), np.eye(7))
    assert np.isfinite(interval(RANDOM(0).normal(size=(8, 3)), RANDOM(1).normal(size=(8, 3))).low)
    with pytest.raises(FoveateError, match="batches of 3"):
        matrix([np.eye(9)], [np.eye(9)], batch=3)
    with pytest.raises(FoveateError, match="NaN or infinity"):
        cka(np.full((9, 2), np.nan), np.ones((9, 2)))
    with pytest.raises(AssertionError, match="different numbers of images"):
        cka(np.ones((9, 2)), np.ones((8, 2)))


def test_a_constant_layer_has_no_cka() -> None:
    values = matrix([np.ones((20, 3)), RANDOM(0).normal(size=(20, 3))], [RANDOM(0).normal(size=(20, 3))])
    assert np.isnan(values[0, 0])
    assert values[1, 0] == pytest.approx(1)


def test_half_precision_and_mixed_types() -> None:
    x, _ = related(7, 100, 8, 8)
    half = torch.from_numpy(x).half()
    assert cka(half, half.float().numpy()) == pytest.approx(1, abs=1e-5)
    for batch in (None, 20):
        assert matrix([half, x], [x, half], batch=batch) == pytest.approx(np.ones((2, 2)), abs=1e-3)


def test_twelve_by_twelve_with_intervals_is_quick() -> None:
    random = torch.Generator().manual_seed(0)
    a, b = ([torch.randn(2000, 192, generator=random) for _ in range(12)] for _ in range(2))
    began = time.process_time()
    intervals(a, b)
    assert time.process_time() - began < 15


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_equal_rows_but_for_rounding_have_no_similarity(dtype):
    random = np.random.default_rng(0)
    row = 5 * random.standard_normal(64)
    flat = (row * (1 + 2 * np.finfo(dtype).eps * random.integers(-1, 2, (40, 64)))).astype(dtype)
    other = random.standard_normal((40, 64)).astype(dtype)
    assert np.isnan(cka(flat, flat[::-1].copy()))
    assert np.isnan(cka(flat, other))
    assert not np.isnan(cka(other, other + 1e-3 * random.standard_normal((40, 64)).astype(dtype)))
