"""``--task heads`` end to end."""

from __future__ import annotations

from typing import Any

import pytest

from foveate.core.errors import FoveateError
from foveate.probing.config import Probe
from foveate.probing.verb import run
from foveate.reporting.record import Report

SETTINGS: dict[str, Any] = {
    "encoder": "random:foveate:vit-mini",
    "data": "builtin:digits@train[0:200]",
    "test": "builtin:digits@test[0:100]",
    "task": "heads",
    "epochs": 5,
    "rates": (0.01, 0.1),
    "last": (1, 2, 40),
}


def test_the_report_shows_every_head_and_tests_one(tmp_path):
    report = run(Probe(**SETTINGS, out=str(tmp_path / "out")))
    again = Report.read(report.folder)
    assert set(again.metrics) == {
        "heads.accuracy", "heads.untrained", "heads.pixels", "heads.shuffled", "linear.accuracy"
    }  # fmt: skip
    assert again.metrics["heads.accuracy"].n == again.metrics["linear.accuracy"].n == 100
    assert again.metrics["heads.shuffled"].over == "seeds"
    table = next(block for block in again.sections[1].blocks if getattr(block, "id", "") == "heads")
    assert len(table.rows) == 14
    assert ("the last 40 blocks", "the encoder has 6 blocks or stages") in again.skipped
    assert [finding.id for finding in again.findings] == ["gain-heads"]
    gain = again.metrics["heads.accuracy"].value - again.metrics["heads.untrained"].value
    assert again.findings[0].value == pytest.approx(gain)


def test_the_linear_accuracy_is_that_of_the_task_classify(tmp_path):
    heads = run(Probe(**SETTINGS, controls=False, out=str(tmp_path / "heads")))
    plain = {key: SETTINGS[key] for key in ("encoder", "data", "test")} | {"shots": (), "controls": False}
    classified = run(Probe(**plain, out=str(tmp_path / "classify")))
    assert heads.metrics["linear.accuracy"] == classified.metrics["linear.accuracy"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rates": ()}, "--rates"),
        ({"rates": (0.1, -1.0)}, "--rates"),
        ({"last": (0,)}, "--last"),
        ({"last": (40,)}, "--last 40"),
        ({"epochs": 0}, "--epochs 0"),
        ({"data": "builtin:digits@train[0:1]", "test": "builtin:digits@test[0:9]"}, "one class"),
    ],
)
def test_a_mistake_has_a_remedy(changes: dict[str, Any], words: str, tmp_path):
    with pytest.raises(FoveateError) as caught:
        run(Probe(**SETTINGS | changes, out=str(tmp_path / "out")))
    assert words in str(caught.value)
    assert caught.value.remedy
    assert not (tmp_path / "out").exists()
