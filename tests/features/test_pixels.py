"""Small squares, colours and originals stand in the order of the rows that were asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from foveate.data.load import load
from foveate.features.pixels import CANVAS, colours, originals, small


def folder(path: Path) -> str:
    """One colour a picture, of a size of its own; the second cannot be read."""
    (path / "a").mkdir(parents=True)
    for index in range(4):
        Image.new("RGB", (20 + index, 30), (40 * index, 10, 200)).save(path / "a" / f"{index}.png")
    (path / "a" / "1.png").write_bytes(b"")
    for index in range(4, 60):
        Image.new("RGB", (20, 30), (4 * index, 10, 200)).save(path / "a" / f"x{index}.png")
    return f"folder:{path}"


def test_rows_keep_their_order(tmp_path):
    data = load(folder(tmp_path / "photos"))
    squares = small(data, np.array([3, 0, 2]))
    assert squares.shape == (3, 3, CANVAS, CANVAS)
    assert squares[:, 0, 0, 0].tolist() == [120, 0, 80]
    read = colours(squares)
    assert read.shape == (3, 3 * (CANVAS // 2) ** 2)
    assert read[0, :2].tolist() == [120, 120]
    assert read[0, -1] == 200
    shown = originals(data, np.array([3, 0, 2]), [0, 2])
    assert {position: pixels.shape[1] for position, pixels in shown.items()} == {0: 23, 2: 22}
