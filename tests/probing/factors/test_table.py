"""Twins never stand on both sides; what is given is kept, and what cannot be divided is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from foveate.core.errors import FoveateError
from foveate.probing.config import Probe
from foveate.probing.factors import table

from .conftest import LABELS, grid, paint, write


def config(data: str, **changes: Any) -> Probe:
    return Probe(encoder="random:foveate:resnet9", data=data, task="factors", **changes)


def views(assets: int = 4, scenes: int = 3, angles: int = 3, first: int = 0) -> list[dict[str, Any]]:
    """Assets of each class, in scenes, from several sides."""
    random, rows = np.random.default_rng(0), []
    for code, label in enumerate(LABELS):
        for asset in range(first, first + assets):
            for scene in range(scenes):
                for yaw in range(angles):
                    factors = {"asset": f"{label}#{asset}", "scene": f"w#{scene}", "camera_yaw": 30 * yaw}
                    rows.append(
                        {"image": paint({"label": code, "tilt": yaw}, random), "label": label, "factors": factors}
                    )
    return rows


def built(data: str, **changes: Any) -> table.Table:
    return table.build(table.load(config(data, **changes)), config(data, **changes))


def test_a_fifth_of_the_assets_in_their_scenes_is_held_out(tmp_path: Path) -> None:
    found = built(write(tmp_path / "t.parquet", views()))
    assert not set(found.groups[found.test]) & set(found.groups[found.train])
    assert len(set(found.groups)) == 36
    for code in range(3):
        mine = found.labels == code
        assert len(set(found.groups[mine & found.test])) == 2, "a fifth of twelve, of each class"
    assert "asset and scene" in found.how
    assert found.unit == "asset"
    assert len(set(found.units)) == 12


def test_one_scene_still_parts_the_assets(tmp_path: Path) -> None:
    found = built(write(tmp_path / "t.parquet", views(scenes=1)))
    assert "scene" in dict(found.left_out)
    assert not set(found.groups[found.test]) & set(found.groups[found.train])
    assert set(found.units[found.test]).isdisjoint(found.units[found.train])


def test_without_assets_and_scenes_rows_are_divided_by_id(tmp_path: Path) -> None:
    found = built(write(tmp_path / "t.parquet", grid(repeats=1)))
    assert found.unit == "image"
    assert "by id" in found.how
    assert found.test.sum() == pytest.approx(0.2 * len(found), abs=3)
    assert list(found.around) == ["colour", "place", "tilt"]
    assert list(found.fields) == ["label", "colour", "place", "tilt"]


def test_given_test_rows_cost_their_twins_in_train(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, test = (write(tmp_path / f"{name}.parquet", views(first=first)) for name, first in (("a", 0), ("b", 2)))
    found = built(data, test=test)
    assert found.test.sum() == 108
    assert found.train.sum() == 54, "assets 0 and 1; 2 and 3 are tested on"
    assert "54 training rows" in capsys.readouterr().err
    with pytest.raises(FoveateError, match="every training image"):
        built(data, test=data)


def test_extra_columns_come_through(tmp_path: Path) -> None:
    rows = views()
    data = write(tmp_path / "t.parquet", rows, varied=["default"] * len(rows), imagenet=[[1, 2], []] * (len(rows) // 2))
    loaded = table.load(config(data))
    assert set(loaded.column_names) == {*table.COLUMNS, "part"}
    assert built(data).varied == ["default"] * len(rows)


def test_a_mistake_has_a_remedy(tmp_path: Path) -> None:
    one = [row for row in views() if row["label"] == "ant"]
    lonely = views(assets=1, scenes=1)
    unlabelled = write(tmp_path / "none.parquet", [row | {"label": None} for row in views()])
    other = write(tmp_path / "other.parquet", [row | {"factors": {"fog": 1.0}} for row in views()])
    data = write(tmp_path / "data.parquet", views())
    for address, changes, words in (
        (write(tmp_path / "one.parquet", one), {}, "one class"),
        (write(tmp_path / "lonely.parquet", lonely), {}, "too few assets and scenes"),
        (unlabelled, {}, "no labels"),
        ("builtin:shapes", {}, "no column 'factors'"),
        (data, {"test": other}, "same fields"),
    ):
        with pytest.raises(FoveateError, match=words):
            built(address, **changes)
