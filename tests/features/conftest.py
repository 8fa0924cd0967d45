"""A planted encoder that counts what it sees, and small datasets of known pictures."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import numpy as np
import pytest
import torch
from datasets import ClassLabel, Dataset, Features, Image, Value
from PIL import Image as Pillow

from foveate.core.errors import FoveateError
from foveate.encoders.preprocess import Preprocess


class Planted:
    """Mean colour (``pooled``), thumbnail (``thumb``) and tokens of an image; behaves as ``Encoder`` does."""

    address = "planted:colors"
    device = torch.device("cpu")

    def __init__(self, fingerprint: str = "f0", size: int = 8) -> None:
        self.fingerprint = fingerprint
        self.preprocess = Preprocess(size=(size, size), mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))
        self.module = torch.nn.Conv2d(3, 3, 1)
        self.images = 0  # how many it was given
        self.asked: list[list[str]] = []
        self.poison: Callable[[torch.Tensor], torch.Tensor] = lambda features: features

    def check(self, tap: str) -> str:
        names = {"pooled": "pooled", "thumb": "thumb:mean", "thumb:mean": "thumb:mean", "grid:tokens": "grid:tokens"}
        if tap not in names:
            raise FoveateError(f"no tap '{tap}'.", "use pooled")
        return names[tap]

    def to(self, device: torch.device | str) -> Planted:
        return self

    def __call__(self, images: torch.Tensor, taps: Sequence[str]) -> dict[str, torch.Tensor]:
        self.images += len(images)
        self.asked.append(list(taps))
        made = {
            "pooled": self.poison(images.mean((2, 3))),
            "thumb:mean": images.flatten(1),
            "grid:tokens": images.flatten(2).transpose(1, 2).contiguous(),
        }
        return {tap: made[tap] for tap in taps}


def png(pixels: np.ndarray) -> bytes:
    sink = io.BytesIO()
    Pillow.fromarray(pixels).save(sink, format="png")
    return sink.getvalue()


def pictures(count: int, seed: int = 0, side: int = 8) -> list[np.ndarray]:
    stream = np.random.default_rng(seed)
    return [stream.integers(0, 256, (side, side, 3), dtype=np.uint8) for _ in range(count)]


def table(files: Sequence[bytes], *, labels: bool = True) -> Dataset:
    """A dataset as ``foveate.data.load`` gives it."""
    columns = {"image": [{"bytes": file, "path": None} for file in files], "id": [f"p{i}" for i in range(len(files))]}
    features = {"image": Image(), "id": Value("string")}
    if labels:
        columns["label"] = [i % 2 for i in range(len(files))]
        features["label"] = ClassLabel(names=["even", "odd"])
    return Dataset.from_dict(columns, features=Features(features))


@pytest.fixture
def planted() -> Planted:
    return Planted()
