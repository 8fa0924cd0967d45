"""Figures measured elsewhere, on real photographs and real encoders (see the ORIGIN.txt of each)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from foveate.probing.classify import measure
from foveate.probing.config import Probe
from foveate.probing.report import accuracy, write

pytestmark = [pytest.mark.real, pytest.mark.slow]


def config(root: Path, encoder: str, rows: tuple[str, str] = ("", ""), **changes: Any) -> Probe:
    return Probe(
        encoder=f"local-dir:{root}/encoders/{encoder}",
        data=f"folder:{root}/clothing10@train{rows[0]}",
        test=f"folder:{root}/clothing10@test{rows[1]}",
        **changes,
    )


def test_mobilenet_on_clothing(real_data: Path):
    """Linear .863 and kNN-20 .841 by scikit-learn on the same features; untrained about .26."""
    report = write(measure(config(real_data, "mobilenetv2_100.coral_in1k")))
    values = {key: metric.value for key, metric in report.metrics.items()}
    assert report.metrics["linear.accuracy"].n == 372
    assert values["linear.accuracy"] == pytest.approx(0.863, abs=0.02)
    assert values["knn.accuracy"] == pytest.approx(0.841, abs=0.02)
    assert values["linear.untrained"] == pytest.approx(0.26, abs=0.05)
    assert values["lowshot.accuracy/1"] < values["lowshot.accuracy/5"] < values["lowshot.accuracy/10"]
    assert [finding.verdict for finding in report.findings] == ["reproduced", "reproduced"]


def test_efficientnet_on_clothing(real_data: Path):
    found = measure(config(real_data, "tf_efficientnet_lite0.in1k", controls=False, shots=(0,)))
    assert found.readouts["knn"].right.mean() == pytest.approx(0.841, abs=0.02)


def test_the_saliency_vit_reads_best_before_its_end(real_data: Path):
    taps = ("blocks.7:mean", "blocks.11:mean")
    rows = ("[0:250]", "[0:120]")
    found = measure(config(real_data, "vit_small_patch14_saliency", rows, taps=taps, controls=False, shots=(0,)))
    middle, last = (accuracy(found.sweep[tap][0]) for tap in taps)
    assert middle.value > last.value + 0.05
