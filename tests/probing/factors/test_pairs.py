"""Pairs differ in one factor alone; what cannot be held equal is said."""

from __future__ import annotations

from itertools import product

import numpy as np

from foveate.probing.factors.columns import Factor
from foveate.probing.factors.pairs import PARTNERS, Pairs, oriented, pairs, units


def factor(name: str, values: list[str]) -> Factor:
    names, codes = np.unique(values, return_inverse=True)
    return Factor(
        name=name,
        names=tuple(names.tolist()),
        codes=codes,
        exact=codes,
        texts=tuple(names.tolist()),
        numbers=None,
        applies=np.ones(len(values), bool),
    )


def table(**values: list[str]) -> dict[str, Factor]:
    return {name: factor(name, column) for name, column in values.items()}


def paired(factors: dict[str, Factor], name: str, seed: int = 0) -> Pairs:
    return pairs(factors[name], {other: each.exact for other, each in factors.items()}, seed=seed)


def test_a_small_grid_gives_every_pair_once() -> None:
    a, b, c = zip(*product("xyz", "pq", "123"), strict=True)
    factors = table(a=list(a), b=list(b), c=list(c))
    found = paired(factors, "a")
    expected = {
        frozenset((i, j)) for i, j in product(range(18), repeat=2) if a[i] != a[j] and (b[i], c[i]) == (b[j], c[j])
    }
    both = [frozenset(pair) for pair in zip(found.first.tolist(), found.second.tolist(), strict=True)]
    assert set(both) == expected
    assert len(both) == len(expected) == 18
    assert found.free == ()
    assert len(np.unique(found.stratum)) == 6


def test_many_twins_are_sampled_and_each_row_has_as_many() -> None:
    factors = table(a=["x", "y"] * 200, b=["p"] * 200 + ["q"] * 200)
    found = paired(factors, "a")
    assert 0.4 * 400 * PARTNERS < len(found) <= 400 * PARTNERS
    assert (factors["a"].codes[found.first] != factors["a"].codes[found.second]).all()
    assert (factors["b"].codes[found.first] == factors["b"].codes[found.second]).all()
    again = paired(factors, "a")
    assert (again.first == found.first).all()
    assert not np.array_equal(paired(factors, "a", seed=1).first, found.first)


def test_a_scene_changes_with_its_world_and_a_world_holds_for_its_scenes() -> None:
    scene, asset, view = zip(*product(["m#1", "m#2", "d#1", "d#2"], ["z", "w"], "ab"), strict=True)
    factors = table(world=[each[0] for each in scene], scene=list(scene), asset=list(asset), view=list(view))
    moved = paired(factors, "world")
    assert moved.free == ("scene",)
    assert len(moved) == 4 * 4, "four scenes of two worlds for each asset and view"
    within = paired(factors, "scene")
    assert (factors["world"].codes[within.first] == factors["world"].codes[within.second]).all()
    assert len(within) == 2 * 4


def test_one_at_a_time_is_paired_with_the_default() -> None:
    size, yaw = ["1", "1", "2", "3", "1", "1"], ["0", "0", "0", "0", "90", "45"]
    factors = table(asset=["z", "w", "z", "z", "z", "w"], size=size, yaw=yaw)
    found = paired(factors, "size")
    assert {frozenset(p) for p in zip(found.first.tolist(), found.second.tolist(), strict=True)} == {
        frozenset((0, 2)),
        frozenset((0, 3)),
        frozenset((2, 3)),
    }
    turned, change = oriented(found, factors["size"])
    assert turned.first.tolist() == [0, 0]
    assert sorted(turned.second.tolist()) == [2, 3]
    assert (change == factors["size"].codes[turned.second]).all()


def test_the_unit_is_the_asset_or_what_is_held_equal() -> None:
    asset, scene, view = zip(*product("zw", "12", "ab"), strict=True)
    factors = table(asset=list(asset), scene=list(scene), view=list(view))
    of_row = factors["asset"].codes
    seen = paired(factors, "view")
    assert (units(seen, of_row) == of_row[seen.first]).all()
    swapped = paired(factors, "asset")
    assert (units(swapped, of_row) == swapped.stratum).all()


def test_what_differs_in_every_row_is_not_held_equal() -> None:
    a, b = zip(*product("xyz", "pq"), strict=True)
    factors = table(a=list(a), b=list(b), azimuth=[str(i) for i in range(6)])
    found = paired(factors, "a")
    assert len(found) == 6
    assert found.free == ("azimuth",)
