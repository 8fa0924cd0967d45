"""Planted features: what is in them is read, value by value, and what is not is at chance; intervals hold the truth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from datasets import ClassLabel, Dataset

from foveate.probing.factors import columns, reading
from foveate.probing.factors.table import Table

N = 900


def planted(seed: int = 0, *, share: float = 0.6, groups: int = 0) -> tuple[Table, np.ndarray]:
    """Three labels, told by features always in the light and with probability ``share`` in fog, else another; a yaw and a colour."""
    random = np.random.default_rng(seed)
    labels, fog = random.integers(3, size=N), random.integers(2, size=N)
    yaw, colour = random.uniform(0, 360, N), random.integers(4, size=N)
    fields = [
        {"fog": f"f{f}", "camera_yaw": y, "colour": f"c{c}", "hidden": f"h{h}"}
        for f, y, c, h in zip(fog, yaw, colour, random.integers(3, size=N), strict=True)
    ]
    dataset = Dataset.from_dict({"label": labels, "factors": fields}).cast_column(
        "label", ClassLabel(names=list("abc"))
    )
    test = np.arange(N) >= N // 2
    told = np.where((fog == 1) & (random.random(N) > share), (labels + random.integers(1, 3, N)) % 3, labels)
    turned = np.radians(yaw)
    x = np.concatenate(
        [4 * np.eye(3)[told], np.stack([np.cos(turned), np.sin(turned)], 1), np.eye(4)[colour]], axis=1
    ) + 0.05 * random.normal(size=(N, 9))
    fields_read = columns.read(dataset, train=~test)
    group = np.arange(N) if not groups else np.arange(N) % groups
    table = Table(
        dataset=dataset,
        labels=labels,
        names=list("abc"),
        factors=fields_read.factors,
        left_out=(),
        groups=group,
        units=group,
        unit="image",
        test=test,
        how="",
        varied=None,
    )
    return table, x.astype(np.float32)


def test_accuracy_is_one_in_the_light_and_the_planted_share_in_fog() -> None:
    held = []
    for seed in range(30):
        table, x = planted(seed)
        answers = reading.read_label({"trained": x}, table, seed=seed)["trained"]
        found = reading.by_value(answers.right, table.factors["fog"], table)
        assert found["f0"].value == 1
        held.append(found["f1"].low <= 0.6 <= found["f1"].high)
        assert found["f0"].n + found["f1"].n == N // 2
    assert np.mean(held) >= 0.86


def test_what_is_there_is_decoded_and_what_is_not_is_chance() -> None:
    table, x = planted()
    noise = np.random.default_rng(5).normal(size=x.shape).astype(np.float32)
    features = {"trained": x, "untrained": noise, "pixels": noise}
    colour = reading.decode(features, table.factors["colour"], table, seed=0)
    assert colour is not None
    assert colour.value["trained"].low > 0.98
    assert colour.value["untrained"].low < colour.chance < colour.value["untrained"].high + 0.05
    assert colour.gain is not None
    assert colour.gain.low > 0.6
    hidden = reading.decode(features, table.factors["hidden"], table, seed=0)
    assert hidden is not None
    assert hidden.value["trained"].low < hidden.chance + 0.02
    assert hidden.gain is not None
    assert hidden.gain.low < 0.02


def test_an_angle_is_read_round_the_clock() -> None:
    table, x = planted()
    yaw = table.factors["camera_yaw"]
    found = reading.decode({"trained": x, "untrained": np.ones_like(x)}, yaw, table, seed=0)
    assert found is not None
    assert found.kind == "r2"
    assert found.value["trained"].value == pytest.approx(1 / (1 + 2 * 0.05**2), abs=0.01)
    assert found.value["untrained"].value == pytest.approx(0, abs=0.02)
    assert found.gain is None
    assert found.chance == 0


def test_groups_widen_the_interval() -> None:
    """Twins are read alike: all rows of a group together are right or wrong."""
    table, _ = planted(groups=18)
    right = (table.groups[table.test] % 2).astype(bool)
    wide = reading.by_value(right, table.factors["fog"], table)["f1"]
    narrow = reading.by_value(right, planted()[0].factors["fog"], planted()[0])["f1"]
    assert wide.high - wide.low > 3 * (narrow.high - narrow.low)


def test_too_few_rows_are_not_decoded() -> None:
    table, x = planted()
    colour = table.factors["colour"]
    few: Any = columns.Factor(**{**colour.__dict__, "applies": np.arange(N) % 60 == 0})
    assert reading.decode({"trained": x}, few, table, seed=0) is None
    alone: Any = columns.Factor(**{**colour.__dict__, "applies": table.test | (colour.codes == 1)})
    assert reading.decode({"trained": x}, alone, table, seed=0) is None


def test_test_rows_choose_nothing(tmp_path: Path) -> None:
    table, x = planted()
    other = x.copy()
    other[table.test] = np.random.default_rng(1).permutation(x[table.test])
    one, two = (reading.read_label({"trained": each}, table, seed=0)["trained"] for each in (x, other))
    assert one.setting == two.setting
