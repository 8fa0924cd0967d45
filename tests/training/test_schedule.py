from __future__ import annotations

import itertools

import pytest

from foveate.training.schedule import cosine, warmup_cosine


def test_warmup_rises_to_the_peak_and_the_cosine_falls_to_the_end() -> None:
    values = [warmup_cosine(step, 100, 10, peak=2.0, end=0.5) for step in range(100)]
    assert values[0] == pytest.approx(0.2)
    assert values[9] == values[10] == 2.0
    assert all(a > b for a, b in itertools.pairwise(values[10:]))
    assert values[55] == pytest.approx((2.0 + 0.5) / 2)
    assert values[-1] == pytest.approx(0.5, abs=1e-3)


def test_no_warmup_starts_at_the_peak() -> None:
    assert warmup_cosine(0, 7, 0, peak=3.0) == 3.0


def test_warmup_as_long_as_the_run() -> None:
    assert [warmup_cosine(s, 4, 4, peak=1.0) for s in range(4)] == [0.25, 0.5, 0.75, 1.0]


def test_cosine_is_flat_after_its_end() -> None:
    assert cosine(0, 10, start=1, end=0) == 1
    assert cosine(10, 10, start=1, end=0) == pytest.approx(0)
    assert cosine(99, 10, start=1, end=0) == pytest.approx(0)
    assert cosine(0, 0, start=1, end=0.25) == 0.25
