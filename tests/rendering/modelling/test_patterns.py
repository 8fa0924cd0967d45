"""Patterns: in range, the same each time, smooth where they say so."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from foveate.rendering.modelling import patterns
from foveate.rendering.scene import Array

POINTS = np.random.default_rng(0).uniform(-3, 3, (4000, 3))
FIELDS: dict[str, Callable[[Array], Array]] = {
    "noise": patterns.noise(0.5, 1),
    "ridges": patterns.ridges(0.5, 1),
    "stripes": lambda p: patterns.stripes(p, (1, 0, 0), 0.2, 0.1, 1),
    "spots": lambda p: patterns.spots(p, 0.4, 0.3, 1),
    "patches": lambda p: patterns.spots(p, 0.4, 0.9, 1),
    "mark": lambda p: patterns.mark(p, (1, 0, 0), 0.8),
}


@pytest.mark.parametrize("name", list(FIELDS))
def test_in_range_and_the_same_each_time(name: str) -> None:
    field = FIELDS[name]
    value = field(POINTS)
    assert value.shape == (len(POINTS),)
    assert value.min() >= 0
    assert value.max() <= 1
    assert np.ptp(value) > 0.5, "it hardly varies"
    assert np.array_equal(value, field(POINTS))


def test_noise_is_smooth_and_its_own() -> None:
    field, step = patterns.noise(0.5, 1, 1), np.array([1e-3, 0, 0])
    assert np.abs(field(POINTS + step) - field(POINTS)).max() < 5 * 1e-3 / 0.5
    assert np.abs(patterns.noise(0.5, 2, 1)(POINTS) - field(POINTS)).mean() > 0.1
    assert field(POINTS).mean() == pytest.approx(0.5, abs=0.05)


def test_noise_has_known_values() -> None:
    """The same on every machine: else the same seed would give another zebra."""
    assert patterns.noise(0.5, 1)(np.array([[0.1, 0.2, 0.3], [-1.0, 2.0, 0.7]])) == pytest.approx(
        [0.393403965, 0.149331527], abs=1e-8
    )


def test_a_ground_is_flat_in_the_middle() -> None:
    lift = patterns.height(10, 2.0, 3, flat=4.0)
    a = np.linspace(0, 6, 50)
    assert np.abs(lift(4 * np.cos(a), 4 * np.sin(a))).max() == 0
    assert lift(30 * np.cos(a), 30 * np.sin(a)).max() > 0.5


def test_steps() -> None:
    x = np.array([-1.0, 0.0, 0.5, 1.0, 2.0])
    assert patterns.smoothstep(0, 1, x) == pytest.approx([0, 0, 0.5, 1, 1])
    assert patterns.below(0, 1, x) == pytest.approx([1, 1, 0.5, 0, 0])
    with pytest.raises(AssertionError, match="below"):
        patterns.smoothstep(1, 0, x)


def test_stripes_lie_across_their_axis() -> None:
    p = np.array([[0.5, 0, 0], [0.5, 9, 4], [1.5, 0, 0]])
    assert patterns.stripes(p, (1, 0, 0), 1.0) == pytest.approx([1, 1, 0])


def test_a_mark_is_on_both_sides() -> None:
    p = np.array([[0.5, 0, 0], [-0.5, 0, 0], [0.5, 1, 0]])
    assert patterns.mark(p, (0.5, 0, 0), 0.2) == pytest.approx([1, 1, 0])


def test_colours() -> None:
    under = patterns.flat((1, 0, 0), 3)
    assert patterns.mix(under, (0, 0, 1), np.array([0, 0.5, 1])) == pytest.approx(
        np.array([(1, 0, 0), (0.5, 0, 0.5), (0, 0, 1)])
    )
    rng = np.random.default_rng(0)
    shades = np.array([patterns.vary((0.5, 0.99, 0.01), rng, 0.1) for _ in range(200)])
    assert shades.min() >= 0
    assert shades.max() <= 1
    assert 0 < np.ptp(shades[:, 0]) < 0.25


def test_pick_keeps_to_the_shares() -> None:
    rng = np.random.default_rng(0)
    drawn = [patterns.pick("ab", rng, (0.9, 0.1)) for _ in range(1000)]
    assert drawn.count("a") == pytest.approx(900, abs=40)
    assert {patterns.pick("abc", rng) for _ in range(50)} == set("abc")
