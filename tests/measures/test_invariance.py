"""Distances and displacements of planted features: additive, multiplicative, blind; intervals that cover in repeated draws."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest

from foveate.core.estimate import Estimate
from foveate.measures.invariance import equivariance, relative_distance

A, B, WIDTH = 4, 6, 40


def holds(estimate: Estimate, truth: float) -> bool:
    return estimate.low <= truth <= estimate.high


class Grid:
    """Every value of factor a and b, for several assets; pairs that differ in one of them alone."""

    def __init__(self, assets: int = 30) -> None:
        cells = np.array([(s, a, b) for s in range(assets) for a in range(A) for b in range(B)])
        self.asset, self.a, self.b = cells.T
        self.assets = assets

    def pairs(self, factor: str) -> tuple[np.ndarray, np.ndarray]:
        moving, held = (self.a, self.b) if factor == "a" else (self.b, self.a)
        stratum = self.asset * 100 + held
        rows = [np.flatnonzero(stratum == each) for each in np.unique(stratum)]
        both = [
            pair for members in rows for pair in combinations(members.tolist(), 2) if moving[pair[0]] != moving[pair[1]]
        ]
        first, second = np.array(both).T
        return first, second

    def oriented(self, factor: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        codes = self.a if factor == "a" else self.b
        first, second = self.pairs(factor)
        kept = codes[first] == 0
        return first[kept], second[kept], codes[second[kept]]


def additive(grid: Grid, random: np.random.Generator, *, noise: float = 0.0) -> np.ndarray:
    """Reads a and b, in orthogonal directions; each asset adds a vector of its own."""
    parts = (np.eye(A, WIDTH)[grid.a] * 2, np.eye(B, WIDTH, k=A)[grid.b])
    own = np.zeros((grid.assets, WIDTH))
    own[:, A + B :] = random.normal(0, 0.2, (grid.assets, WIDTH - A - B))
    return sum(parts) + own[grid.asset] + noise * random.normal(size=(len(grid.a), WIDTH))


def multiplicative(grid: Grid) -> np.ndarray:
    """One direction for each combination of a and b: what a change of a does depends on b."""
    return np.eye(A * B)[grid.a * B + grid.b]


def test_the_distance_is_the_share_of_the_variance() -> None:
    grid, random = Grid(), np.random.default_rng(0)
    x = additive(grid, random)
    total = 2 * np.square(x - x.mean(0)).sum() / (len(x) - 1)
    for factor, square in (("a", 8.0), ("b", 2.0)):
        found = relative_distance(x, *grid.pairs(factor), grid.asset)
        assert found.value == pytest.approx(square / total, rel=1e-6)
        assert found.low <= found.value <= found.high
        assert found.n == len(grid.pairs(factor)[0])


def test_blindness_is_zero_and_noise_is_one() -> None:
    grid, random = Grid(), np.random.default_rng(0)
    blind = np.eye(B)[grid.b] + np.eye(grid.assets, B)[grid.asset]
    found = relative_distance(blind, *grid.pairs("a"), grid.asset)
    assert found[:3] == (0, 0, 0)
    noise = relative_distance(random.normal(size=(len(grid.a), WIDTH)), *grid.pairs("a"), grid.asset)
    assert holds(noise, 1)
    assert noise.high - noise.low < 0.1


def test_the_distance_is_covered_in_repeated_draws() -> None:
    """Assets that react by different lengths: each draw has others. The truth is that of very many."""
    grid = Grid(40)

    def draw(random: np.random.Generator, many: Grid) -> np.ndarray:
        length = random.gamma(4, 0.25, many.assets)[many.asset]
        return length[:, None] * np.eye(A, WIDTH)[many.a] + random.normal(0, 0.1, (len(many.a), WIDTH))

    large = Grid(2000)
    truth = relative_distance(draw(np.random.default_rng(99), large), *large.pairs("a"), large.asset).value
    pairs = grid.pairs("a")
    held = [
        holds(relative_distance(draw(np.random.default_rng(s), grid), *pairs, grid.asset, seed=s), truth)
        for s in range(120)
    ]
    assert 0.88 <= np.mean(held) <= 0.99


def test_an_additive_encoder_moves_by_one_vector() -> None:
    grid = Grid()
    x = additive(grid, np.random.default_rng(0))
    first, second, change = grid.oriented("a")
    found = equivariance(x, first, second, change, grid.asset[first])
    assert found.translation.value == pytest.approx(1)
    assert found.linear.value == pytest.approx(1)
    assert found.changes == A - 1
    assert found.pairs == len(first)


def test_noise_takes_its_share_and_is_covered() -> None:
    """Of a displacement of squared length 8 with noise s² in each of two pictures, a translation explains 8 / (8 + 2ds²)."""
    grid, noise = Grid(25), 0.15
    truth = 8 / (8 + 2 * WIDTH * noise**2)
    first, second, change = grid.oriented("a")
    found = []
    for seed in range(40):
        x = additive(grid, np.random.default_rng(seed), noise=noise)
        found.append(equivariance(x, first, second, change, grid.asset[first], seed=seed).translation)
    # The mean displacement is itself estimated, of some hundred pairs: a bias of less than a hundredth.
    assert np.mean([each.value for each in found]) == pytest.approx(truth, abs=0.01)
    assert np.mean([holds(each, truth) for each in found]) >= 0.85


def test_a_multiplicative_encoder_needs_a_linear_map() -> None:
    grid = Grid()
    first, second, change = grid.oriented("a")
    found = equivariance(multiplicative(grid), first, second, change, grid.asset[first])
    assert found.translation.value == pytest.approx(1 / B, abs=0.02), "the mean over b explains one part in B"
    assert found.linear.value > 0.99


def test_features_that_do_not_move_have_no_direction() -> None:
    grid = Grid()
    first, second, change = grid.oriented("a")
    found = equivariance(np.eye(B)[grid.b], first, second, change, grid.asset[first])
    assert math.isnan(found.translation.value)
    assert found.pairs == 0


def test_a_change_of_one_asset_is_left_out() -> None:
    grid = Grid(1)
    first, second, change = grid.oriented("a")
    x = np.random.default_rng(0).normal(size=(len(grid.a), 5))
    assert equivariance(x, first, second, change, grid.asset[first]).pairs == 0
