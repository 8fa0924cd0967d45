from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from foveate.data.load import load
from foveate.encoders.preprocess import Preprocess
from foveate.pretraining.material import Prepare, fitting_canvas, gather_material


def folder(root: Path, sizes: list[tuple[int, int]], classes: int = 2) -> str:
    for i, size in enumerate(sizes):
        place = root / f"class{i % classes}"
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((*size, 3), i % 256, np.uint8)).save(place / f"{i:03d}.png")
    return f"folder:{root}"


def test_the_rows_are_parted(tmp_path: Path) -> None:
    data = folder(tmp_path, [(8, 8)] * 100)
    material = gather_material(data, None, image_size=8, canvas=None)
    assert material.test is not None
    assert len(material.test) == 20
    assert len(material.train) == 72
    assert len(material.held_out) == 8
    assert not set(material.train.tolist()) & set(material.held_out.tolist())
    assert set(material.base.tolist()) <= set(material.train.tolist())
    assert material.labels is not None
    assert material.labels[material.held_out].bincount().tolist() == [4, 4]
    known = material.dataset["id"]
    assert set(material.left) == {known[i] for i in material.held_out.tolist()} | set(material.test["id"])
    own = gather_material(data, data, image_size=8, canvas=None)
    assert len(own.dataset) == 100


def test_a_canvas_between_the_view_and_twice_it(tmp_path: Path) -> None:
    for side, expected in ((16, 32), (40, 40), (200, 64)):
        data = load(folder(tmp_path / f"{side}", [(side, 2 * side)] * 4))
        assert fitting_canvas(data, 32) == expected
    assert fitting_canvas(data, 224) == 224
    assert fitting_canvas(load(folder(tmp_path / "large", [(600, 700)] * 3)), 224) == 256


def test_monitors_see_what_the_encoder_expects() -> None:
    preprocess = Preprocess(size=(8, 8), mean=(0.5, 0.4, 0.3), std=(0.2, 0.3, 0.4), interpolation="bilinear")
    pixels = torch.randint(0, 256, (3, 3, 8, 8), dtype=torch.uint8)
    ours = Prepare(preprocess, 8, channels_last=True)(pixels)
    theirs = preprocess.batch([x.permute(1, 2, 0).numpy() for x in pixels])
    torch.testing.assert_close(ours, theirs)
    assert Prepare(preprocess, 4, channels_last=False)(pixels).shape == (3, 3, 4, 4)
