"""Small sets of images on disk, written by the tests that use them."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


def picture(seed: int, height: int = 12, width: int = 16) -> Image.Image:
    """A picture that no other seed gives."""
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def as_bytes(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


@pytest.fixture
def class_folder(tmp_path: Path) -> Path:
    """Three classes of eight images: PNG and JPEG, one of them nested deeper."""
    root = tmp_path / "photos"
    for code, name in enumerate(("ant", "bee", "cat")):
        for number in range(8):
            kind, suffix = ("PNG", "png") if number % 2 else ("JPEG", "jpg")
            folder = root / name / ("deeper" if number == 7 else "")
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{number}.{suffix}").write_bytes(as_bytes(picture(100 * code + number), kind))
    return root


@pytest.fixture
def notes(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[str]]:
    """The notes that were said since the last call."""
    return lambda: [line for line in capsys.readouterr().err.splitlines() if line.startswith("note:")]
