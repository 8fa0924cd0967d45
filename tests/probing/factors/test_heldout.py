"""Held-out values: a planted gain from more worlds is found, none is found where there is none, sizes stay equal."""

from __future__ import annotations

import numpy as np
import pytest
from datasets import ClassLabel, Dataset

from foveate.core.errors import FoveateError
from foveate.probing.factors import columns, heldout
from foveate.probing.factors.table import Table

WORLDS, ROWS = 12, 60


def table(worlds: int = WORLDS, rows: int = ROWS, *, twins: bool = False, seed: int = 0) -> Table:
    random = np.random.default_rng(seed)
    world = np.repeat(np.arange(worlds), rows)
    labels = random.integers(2, size=len(world))
    fields = [
        {"world": f"w{w:02d}", "view": f"v{v}"} for w, v in zip(world, random.integers(3, size=len(world)), strict=True)
    ]
    dataset = Dataset.from_dict({"label": labels, "factors": fields}).cast_column("label", ClassLabel(names=["a", "b"]))
    groups = np.tile(np.arange(rows), worlds) if twins else np.arange(len(world))
    read = columns.read(dataset)
    return Table(
        dataset=dataset, labels=labels, names=["a", "b"], factors=read.factors, left_out=read.left_out, groups=groups,
        units=groups, unit="image", test=groups % 5 == 0, how="", varied=None,
    )  # fmt: skip


def shortcut(rows: Table, seed: int = 0) -> np.ndarray:
    """Each world shifts the feature that tells the label, and a second feature tells the shift: one world cannot teach that."""
    random = np.random.default_rng(seed)
    shift = random.permutation(np.linspace(-2, 2, len(rows.factors["world"].names)))[rows.factors["world"].codes]
    x = np.stack([2.0 * rows.labels - 1 + shift, shift], axis=1)
    return (x + 0.1 * random.normal(size=x.shape)).astype(np.float32)


def test_more_worlds_teach_what_one_cannot() -> None:
    rows = table()
    plain = np.random.default_rng(9).normal(size=(len(rows), 2)).astype(np.float32)
    found = heldout.measure({"trained": shortcut(rows), "untrained": plain}, rows, rows.factors["world"], seed=0)
    assert found is not None
    assert list(found.curve["trained"]) == [1, 2, 4, 8]
    assert len(found.held) == 4
    assert found.rows == ROWS
    assert found.tests == 4 * ROWS
    assert found.curve["trained"][8].value > 0.85
    assert found.curve["trained"][1].value < 0.75
    assert found.gain["trained"].low > 0
    assert found.gain["untrained"].low < 0 < found.gain["untrained"].high
    for one in found.curve["untrained"].values():
        assert one.low < 0.55
    assert found.curve["trained"][1].n == found.tests


def test_where_worlds_do_not_matter_there_is_no_gain() -> None:
    held = []
    for seed in range(12):
        rows = table(seed=seed)
        random = np.random.default_rng(seed)
        x = ((2.0 * rows.labels - 1)[:, None] + random.normal(0, 1, (len(rows), 3))).astype(np.float32)
        found = heldout.measure({"trained": x}, rows, rows.factors["world"], seed=seed)
        assert found is not None
        held.append(found.gain["trained"].low <= 0 <= found.gain["trained"].high)
    assert np.mean(held) >= 0.8


def test_each_classifier_has_as_many_rows_and_no_held_out_value(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = table()
    names = {tuple(row): index for index, row in enumerate(shortcut(rows).tolist())}
    seen: list[tuple[int, int, set[int]]] = []
    real = heldout.logistic.fit

    def spy(X, y, classes, grid, *validation):  # type: ignore[no-untyped-def]
        world = rows.factors["world"].codes[[names[tuple(row)] for row in X.tolist()]]
        seen.append((len(X), len(grid), set(world.tolist())))
        return real(X, y, classes, grid, *validation)

    monkeypatch.setattr(heldout.logistic, "fit", spy)
    found = heldout.measure({"trained": shortcut(rows)}, rows, rows.factors["world"], seed=0)
    assert found is not None
    held = {rows.factors["world"].names.index(name) for name in found.held}
    assert not any(worlds & held for _, _, worlds in seen)
    fits = [(count, len(worlds)) for count, grid, worlds in seen if grid == 1]
    assert fits == [(ROWS, k) for k in (1, 2, 4, 8) for _ in range(heldout.DRAWS)]


def test_twins_of_test_rows_are_not_trained_on() -> None:
    """The same scene from every value (a size, say): then only rows of both parts of the division are compared."""
    rows = table(twins=True)
    train, test = heldout._parts(rows, rows.factors["world"], np.arange(4), np.arange(4, 12))
    assert not set(rows.groups[train]) & set(rows.groups[test])
    found = heldout.measure({"trained": shortcut(rows)}, rows, rows.factors["world"], seed=0)
    assert found is not None
    assert found.tests == 4 * ROWS // 5


def test_the_default_is_world_and_what_does_not_serve_is_said() -> None:
    rows = table()
    assert heldout.choose(rows, None)[0] is rows.factors["world"]
    none, reason = heldout.choose(table(worlds=3), None)
    assert none is None
    assert "3 values" in reason
    few = Table(**{**rows.__dict__, "factors": {"view": rows.factors["view"]}})
    assert "no factor world" in heldout.choose(few, None)[1]
    for asked, where, words in (
        ("wurld", rows, "did you mean world"),
        ("view", rows, "4 are needed"),
        ("world", table(worlds=30, rows=5), "0 values"),
    ):
        with pytest.raises(FoveateError, match=words):
            heldout.choose(where, asked)
