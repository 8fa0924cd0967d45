"""``--task decode`` end to end."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from foveate.core.errors import FoveateError
from foveate.probing.config import Probe
from foveate.probing.verb import run
from foveate.reporting.record import Report

SETTINGS: dict[str, Any] = {
    "encoder": "random:foveate:resnet9",
    "data": "builtin:digits@train[0:60]",
    "test": "builtin:digits@test[0:30]",
    "task": "decode",
    "epochs": 3,
}


def test_the_whole_task_at_two_places(tmp_path) -> None:
    report = Report.read(run(Probe(**SETTINGS, taps=("pooled", "stages.0"), out=str(tmp_path / "out"))).folder)
    taken = ("", ".colour", ".untrained", ".shuffled", "@pooled", "@stages.0:mean")
    expected = {f"decode.{quantity}{of}" for quantity in ("r2", "psnr") for of in taken}
    assert set(report.metrics) == expected | {"decode.psnr.mean", "decode.gain"}
    mine, untrained = report.metrics["decode.r2"], report.metrics["decode.r2.untrained"]
    assert (mine.n, mine.over, mine.chance) == (30, "images", 0)
    assert report.metrics["decode.gain"].value == pytest.approx(mine.value - untrained.value)
    assert mine.value > 0.1
    assert report.metrics["decode.r2.shuffled"].high < 0.05
    gallery = report.sections[0].blocks[0]
    assert [each.caption for each in gallery.items[0].pictures] == [
        "image", "from pooled", "from stages.0:mean", "from the untrained twin"
    ]  # fmt: skip


def table(path: Path, images: Sequence[np.ndarray]) -> str:
    """Images without labels; the address."""
    encoded = []
    for pixels in images:
        stream = io.BytesIO()
        Image.fromarray(pixels).save(stream, "PNG")
        encoded.append(stream.getvalue())
    pq.write_table(pa.table({"image": encoded, "id": [str(number) for number in range(len(images))]}), path)
    return f"parquet:{path}"


def test_it_needs_no_labels_and_no_controls(tmp_path) -> None:
    images = [np.full((20, 28, 3), 6 * shade, np.uint8) for shade in range(40)]
    data = table(tmp_path / "shades.parquet", images)
    changes = {"data": data, "test": None, "controls": False, "epochs": 1}
    report = run(Probe(**SETTINGS | changes, out=str(tmp_path / "out")))
    expected = {"decode.r2", "decode.psnr", "decode.r2.colour", "decode.psnr.colour", "decode.psnr.mean"}
    assert set(report.metrics) == expected
    assert report.metrics["decode.r2"].n == 8
    assert report.metrics["decode.r2.colour"].value == pytest.approx(1, abs=1e-4), "an even image is its mean colour"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"epochs": 0}, "--epochs 0"),
        ({"taps": ("stages.1:tokens",)}, "many vectors"),
        ({"taps": ("stages.9",)}, "stages.9"),
        ({"data": "builtin:digits@train[0:9]"}, "too few"),
        ({"test": "builtin:digits@test[0:1]"}, "too few"),
        ({"data": "grey", "test": None}, "all the same"),
        ({"k": 3, "masks": "foreground"}, "--masks"),
    ],
)
def test_a_mistake_has_a_remedy(changes: dict[str, Any], words: str, tmp_path) -> None:
    if changes.get("data") == "grey":
        changes = changes | {"data": table(tmp_path / "grey.parquet", [np.full((8, 8, 3), 90, np.uint8)] * 20)}
    with pytest.raises(FoveateError) as caught:
        run(Probe(**SETTINGS | changes, out=str(tmp_path / "out")))
    assert words in str(caught.value)
    assert caught.value.remedy
    assert not (tmp_path / "out").exists()
