"""Figures measured elsewhere, on real photographs and real encoders (see the ORIGIN.txt of each)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from foveate.data.load import load
from foveate.probing.classify.measure import measure
from foveate.probing.classify.report import write
from foveate.probing.config import Probe
from foveate.probing.gain import accuracy
from tests.packing import pack

pytestmark = [pytest.mark.real, pytest.mark.slow]


def config(root: Path, encoder: str, rows: tuple[str, str] = ("", ""), **changes: Any) -> Probe:
    return Probe(
        encoder=f"local-dir:{root}/encoders/{encoder}",
        data=f"folder:{root}/clothing10@train{rows[0]}",
        test=f"folder:{root}/clothing10@test{rows[1]}",
        **changes,
    )


def test_mobilenet_on_clothing_from_every_format(real_data: Path, tmp_path: Path):
    """Linear .863 and kNN-20 .841 by scikit-learn on the same features; untrained about .26. And the same numbers from class
    folders, Parquet, WebDataset tars and a saved ``datasets`` folder, whose images are embedded once, as they are the same."""
    report = write(measure(config(real_data, "mobilenetv2_100.coral_in1k")))
    values = {key: metric.value for key, metric in report.metrics.items()}
    assert report.metrics["linear.accuracy"].n == 372
    assert values["linear.accuracy"] == pytest.approx(0.863, abs=0.02)
    assert values["knn.accuracy"] == pytest.approx(0.841, abs=0.02)
    assert values["linear.untrained"] == pytest.approx(0.26, abs=0.05)
    assert values["lowshot.accuracy/1"] < values["lowshot.accuracy/5"] < values["lowshot.accuracy/10"]
    assert [finding.verdict for finding in report.findings] == ["reproduced", "reproduced"]

    for split in ("train", "test"):
        folder = load(f"folder:{real_data}/clothing10@{split}")
        folder.to_parquet(tmp_path / f"{split}.parquet")
        folder.save_to_disk(tmp_path / "saved" / split)
        half = folder.num_rows // 2
        pack(tmp_path / f"{split}-0.tar", folder.select(range(half)))
        pack(tmp_path / f"{split}-1.tar", folder.select(range(half, folder.num_rows)))
    formats = {
        "folder": f"folder:{real_data}/clothing10@{{split}}",
        "parquet": f"parquet:{tmp_path}/{{split}}.parquet",
        "wds": f"wds:{tmp_path}/{{split}}-*.tar",
        "hf": f"hf:{tmp_path}/saved/{{split}}",
    }
    encoder = f"local-dir:{real_data}/encoders/mobilenetv2_100.coral_in1k"
    found = {}
    for name, address in formats.items():
        data, test = address.format(split="train"), address.format(split="test")
        report = write(measure(Probe(encoder=encoder, data=data, test=test, shots=(5,))))
        found[name] = {key: (metric.value, metric.low, metric.high) for key, metric in report.metrics.items()}
    assert all(values == found["folder"] for values in found.values())


def test_efficientnet_on_clothing(real_data: Path):
    found = measure(config(real_data, "tf_efficientnet_lite0.in1k", controls=False, shots=(0,)))
    assert found.readouts["knn"].right.mean() == pytest.approx(0.841, abs=0.02)


def test_the_saliency_vit_reads_best_before_its_end(real_data: Path):
    taps = ("blocks.7:mean", "blocks.11:mean")
    rows = ("[0:250]", "[0:120]")
    found = measure(config(real_data, "vit_small_patch14_saliency", rows, taps=taps, controls=False, shots=(0,)))
    middle, last = (accuracy(found.sweep[tap][0]) for tap in taps)
    assert middle.value > last.value + 0.05
