from __future__ import annotations

from pathlib import Path

import pytest

import foveate
from foveate.core.errors import FoveateError
from foveate.pretraining.config import Pretrain
from foveate.pretraining.material import gather_material
from foveate.pretraining.selection.skew import draws, order_of
from foveate.reporting.sections import Table


def test_the_order_is_skewed_and_the_report_says_how(tmp_path: Path) -> None:
    report = foveate.pretrain(
        "builtin:digits[0:120]", encoder="foveate:resnet18-narrow", image_size=8, epochs=1, class_skew=8.0,
        set=("projector=16,8",), out=str(tmp_path / "run"), device="cpu",
    )  # fmt: skip
    settings = next(
        b for section in report.sections for b in section.blocks if isinstance(b, Table) and b.id == "settings"
    )
    text = dict(settings.rows)["draws an epoch"]  # type: ignore[arg-type]
    counts = [int(part.split()[-1]) for part in text.split(", ")]
    assert len(counts) == 10
    assert counts == sorted(counts, reverse=True)
    assert counts[0] >= 6 * counts[-1]


def test_held_out_rows_and_pixels_are_untouched() -> None:
    material = gather_material("builtin:digits[0:120]", None, image_size=8, canvas=None)
    order = order_of(material, Pretrain(data="", class_skew=8.0))
    assert order is not None
    assert set(order(0).tolist()) <= set(material.train.tolist())
    assert order_of(material, Pretrain(data="")) is None
    assert draws(material, Pretrain(data="")) == {}


def test_without_labels_there_is_nothing_to_skew(tmp_path: Path) -> None:
    from PIL import Image

    for i in range(24):
        Image.new("RGB", (8, 8), (10 * i, 0, 0)).save(tmp_path / f"{i}.png")
    with pytest.raises(FoveateError, match="no labels"):
        foveate.pretrain(f"folder:{tmp_path}", epochs=1, class_skew=8.0, image_size=8, out=str(tmp_path / "run"))
