"""Blank images, images far below the views' size, and test rows that are trained on are counted and said; the run goes on."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from foveate.data.views import View
from foveate.pretraining import verb
from foveate.pretraining.config import Pretrain
from foveate.pretraining.material import gather_material
from foveate.pretraining.oddities import blank, oddities


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """60 pictures in train/, 20 others in test/, of two kinds, 16 px."""
    stream = np.random.default_rng(0)
    for part, count in (("train", 60), ("test", 20)):
        for i in range(count):
            place = tmp_path / part / f"kind{i % 2}"
            place.mkdir(parents=True, exist_ok=True)
            Image.fromarray(stream.integers(0, 255, (16, 16, 3)).astype(np.uint8)).save(place / f"{i:03d}.png")
    return tmp_path


def said(root: Path, view: int = 16) -> list[str]:
    material = gather_material(f"folder:{root / 'train'}", f"folder:{root / 'test'}", image_size=16, canvas=None)
    return oddities(material, [View(size=view)])


def test_ordinary_images_are_passed_over(folders: Path) -> None:
    assert said(folders) == []
    assert said(folders, view=64) == []


def test_blank_images_are_counted_also_white_ink_on_nothing(folders: Path) -> None:
    for i in range(4):
        Image.new("RGB", (16, 16), (10 * i, 0, 200)).save(folders / f"train/kind{i % 2}/flat{i}.png")
    ink = np.zeros((16, 16, 4), np.uint8)
    ink[4:12, 4:12] = 255
    Image.fromarray(ink, "RGBA").save(folders / "train/kind0/ink.png")
    almost = np.full((16, 16, 3), 7, np.uint8)
    almost[15, 15, 2] = 8
    Image.fromarray(almost).save(folders / "train/kind0/almost.png")
    material = gather_material(f"folder:{folders / 'train'}", f"folder:{folders / 'test'}", image_size=16, canvas=None)
    rows, looked = blank(material)
    everything = {"kind0/flat0.png", "kind1/flat1.png", "kind0/flat2.png", "kind1/flat3.png", "kind0/ink.png"}
    assert {material.ids[row] for row in rows} == everything & {material.ids[row] for row in material.train}
    assert looked == len(material.train)
    (words,) = said(folders)
    assert words.startswith(f"{len(rows)} of {looked} training images (")
    mapped = replace(material, pixels=material.pixels.numpy())  # type: ignore[union-attr]
    assert blank(mapped)[0].tolist() == rows.tolist()


def test_values_in_a_corner_of_the_range_are_said(folders: Path) -> None:
    """Twelve bits in files of sixteen: what was from dark to light is a sixteenth of it."""
    stream = np.random.default_rng(1)
    for file in [*(folders / "train").rglob("*.png")]:
        Image.fromarray(stream.integers(0, 4096, (16, 16)).astype(np.uint16)).save(file)
    (words,) = said(folders)
    assert words.startswith("half of the images span at most 1")
    assert "16 bits" in words


def test_small_images_are_counted(folders: Path) -> None:
    (words,) = said(folders, view=72)
    assert words.startswith("54 of 54 training images (")
    assert "16 px at the median, the views' 72" in words


def test_a_run_says_it_on_the_console_and_in_its_report(folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for i in range(3):  # another file of the same picture
        copy = folders / f"train/kind{i % 2}/again{i}.bmp"
        Image.open(folders / f"test/kind{i % 2}/{i:03d}.png").save(copy)
        Image.new("RGB", (16, 16), (0, 20 * i, 0)).save(folders / f"train/kind{i % 2}/flat{i}.png")
    shutil.copy(folders / "train/kind0/000.png", folders / "train/kind0/twin.png")  # a copy within train is no leak
    config = Pretrain(
        data=f"folder:{folders / 'train'}", test=f"folder:{folders / 'test'}", epochs=1, image_size=16, device="cpu",
        encoder="foveate:resnet18-narrow", set=("projector=16,8",), out=str(folders / "run"),
    )  # fmt: skip
    report = verb.run(config)
    lines = capsys.readouterr().err
    text = json.dumps(report.to_json())
    leaked = "3 of 20 test images (kind0/000.png, kind0/002.png, kind1/001.png) stand among the training rows too"
    for words in (leaked, "one colour all over"):
        assert words in lines
        assert words in text
    assert "steps, and little is learned" in lines
