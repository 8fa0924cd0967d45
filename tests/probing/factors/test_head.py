"""A classifier of 1000 classes that fails where it was told to: curves, paired drops, and assets at the floor."""

from __future__ import annotations

import numpy as np
import pytest
from datasets import ClassLabel, Dataset

from foveate.probing.factors import columns, head
from foveate.probing.factors.table import Table

ASSETS = 12
VIEWS = {"size": ("0.5", "1", "2"), "yaw": ("0", "90")}


def planted(*, varied: bool) -> tuple[Table, np.ndarray, list[list[int]]]:
    """Each asset in two scenes, by default and with one factor off; named right but at size 0.5, and asset 0 never."""
    fields, changes = [], []
    for asset in range(ASSETS):
        for scene in range(2):
            for change, size, yaw in [
                ("default", "1", "0"),
                *(("size", size, "0") for size in ("0.5", "2")),
                ("yaw", "1", "90"),
            ]:
                fields.append({"asset": f"a{asset:02d}", "scene": f"s{scene}", "size": size, "yaw": yaw})
                changes.append(change)
    asset = np.array([int(each["asset"][1:]) for each in fields])
    dataset = Dataset.from_dict({"label": asset % 3, "factors": fields}).cast_column(
        "label", ClassLabel(names=list("abc"))
    )
    if varied:
        dataset = dataset.add_column("varied", changes)
    read = columns.read(dataset)
    groups = asset * 2 + np.array([int(each["scene"][1:]) for each in fields])
    table = Table(
        dataset=dataset, labels=asset % 3, names=list("abc"), factors=read.factors, left_out=read.left_out, groups=groups,
        units=asset, unit="asset", test=asset % 4 == 0, how="", varied=columns.varied(dataset),
    )  # fmt: skip
    logits = np.zeros((len(asset), 1000), np.float32)
    fails = (np.array([each["size"] for each in fields]) == "0.5") | (asset == 0)
    logits[np.arange(len(asset)), np.where(fails, 999, 10 * asset + 1)] = 1
    return table, logits, [[10 * a, 10 * a + 1] if a != 1 else [] for a in asset.tolist()]


@pytest.mark.parametrize("varied", [True, False])
def test_the_planted_weakness_is_found_and_the_floor_is_named(varied: bool) -> None:
    table, logits, classes = planted(varied=varied)
    found = head.measure(logits, classes, table, columns.field(table.dataset, "asset"))
    assert found is not None
    assert found.floor == ("a00",)
    assert len(found.kept) == ASSETS - 2, "asset 1 has no class"
    scenes = 2 if varied else 1  # without the column the default has one scene, that of most rows
    assert found.default.sum() == scenes * (ASSETS - 1)
    size = found.curves["size"]
    assert size.default == "1"
    assert {value: one.value for value, one in size.top1.items()} == {"0.5": 0, "1": 1, "2": 1}
    assert size.drop["0.5"].value == -1
    assert size.drop["2"].value == 0
    assert size.drop["2"].low < 0 < size.drop["2"].high, "never certain"
    assert size.top1["2"].n == scenes * (ASSETS - 2)
    assert found.curves["yaw"].drop["90"].value == 0
    assert "asset" not in found.curves
    # Asset 0, of class a, is never named first; its true class has the logit of most others, and so may be among five.
    named = {name: first.value for name, (first, _) in found.by_class.items()}
    assert named["b"] == named["c"] == 1
    assert named["a"] == pytest.approx(1 - 1 / len(set(range(0, ASSETS, 3))))
    assert all(five.value >= first.value for first, five in found.by_class.values())
    assert found.top1.n == 8 * (ASSETS - 1)
    assert found.chance == pytest.approx(2 / 1000)


def test_a_half_named_asset_counts_and_differences_are_paired_by_scene() -> None:
    table, logits, classes = planted(varied=True)
    fields = table.dataset["factors"]
    # Asset 2 fails in scene 1, in every view: at size 2 nothing is lost there.
    for row, each in enumerate(fields):
        if each["asset"] == "a02" and each["scene"] == "s1":
            logits[row] = np.eye(1000)[500]
    found = head.measure(logits, classes, table, columns.field(table.dataset, "asset"))
    assert found is not None
    assert "a02" in found.kept
    assert found.curves["size"].top1["2"].value == pytest.approx(19 / 20)
    assert found.curves["size"].drop["2"].value == 0
    assert found.curves["size"].drop["0.5"].value == pytest.approx(-19 / 20)


def test_a_scene_is_held_against_the_usual_one_and_not_against_itself() -> None:
    """Default views of scene 1 fail: what no picture varies alone is compared among default views."""
    table, logits, classes = planted(varied=True)
    for row, each in enumerate(table.dataset["factors"]):
        if each["scene"] == "s1" and each["asset"] != "a03":
            logits[row] = np.eye(1000)[500]
    found = head.measure(logits, classes, table, columns.field(table.dataset, "asset"))
    assert found is not None
    scene = found.curves["scene"]
    assert scene.default == "s0"
    assert scene.top1["s1"].n == ASSETS - 2
    assert scene.drop["s1"].value == pytest.approx(-(ASSETS - 3) / (ASSETS - 2))


def test_without_a_class_in_any_default_view_there_is_nothing_to_say() -> None:
    table, logits, classes = planted(varied=True)
    assert head.measure(logits, [[] for _ in classes], table, None) is None


def test_a_model_that_names_nothing_has_no_curve() -> None:
    table, logits, classes = planted(varied=True)
    found = head.measure(np.eye(1000)[np.full(len(logits), 998)], classes, table, columns.field(table.dataset, "asset"))
    assert found is not None
    assert not found.kept
    assert not found.curves
    assert found.top1.value == 0
