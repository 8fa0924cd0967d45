"""A planted table whose pixels hold its factors, and encoders that read exactly some of them."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from foveate.encoders.anatomy import Anatomy
from foveate.encoders.architecture import Architecture, Body
from foveate.encoders.encoder import Encoder
from foveate.encoders.preprocess import Preprocess

CELLS, CELL = 8, 4
FACTORS = {"colour": 4, "place": 5, "tilt": 3}
LABELS = ("ant", "bee", "cat")
ROW = {name: row for row, name in enumerate((*FACTORS, "label"))}
NOISE = 6.0  # of each pixel, in levels; a cell's mean has a quarter of it


def paint(codes: dict[str, int], random: np.random.Generator) -> bytes:
    """A PNG of 8 × 8 cells: in the row of each factor the cell of its value is light."""
    canvas = np.full((CELLS, CELLS), 60.0)
    for name, code in codes.items():
        if code >= 0:
            canvas[ROW[name], code] = 180
    pixels = np.kron(canvas, np.ones((CELL, CELL)))[..., None] + random.normal(
        0, NOISE, (CELLS * CELL, CELLS * CELL, 3)
    )
    stream = io.BytesIO()
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(stream, "PNG")
    return stream.getvalue()


def write(path: Path, rows: Sequence[dict[str, Any]], **columns: Any) -> str:
    """Rows of image, label and factors as a Parquet table; its address."""
    table = {
        "image": pa.array([row["image"] for row in rows], pa.binary()),
        "label": [row["label"] for row in rows],
        "id": [f"row-{index:05d}" for index in range(len(rows))],
        "factors": [row["factors"] for row in rows],
    }
    pq.write_table(pa.table(table | columns), path)
    return f"parquet:{path}"


def grid(*, repeats: int = 3, blind_at: str = "", seed: int = 0) -> list[dict[str, Any]]:
    """Every combination of the factors and the label; where ``tilt`` is ``blind_at`` the label is not painted."""
    random, rows = np.random.default_rng(seed), []
    for _ in range(repeats):
        for combination in np.ndindex(*FACTORS.values(), len(LABELS)):
            codes = dict(zip((*FACTORS, "label"), combination, strict=True))
            factors = {name: f"{name[0]}{codes[name]}" for name in FACTORS}
            shown = codes | {"label": -1} if factors["tilt"] == blind_at else codes
            rows.append({"image": paint(shown, random), "label": LABELS[codes["label"]], "factors": factors})
    return rows


class Reader(nn.Module):
    """The light of cells in the rows of some factors, 1 at a value that is shown; ``multiply``: all products of two rows."""

    def __init__(self, reads: Sequence[str], *, multiply: bool = False) -> None:
        super().__init__()
        self.rows = [(ROW[name], FACTORS.get(name, len(LABELS))) for name in reads]
        self.multiply = multiply
        # Loading and fingerprints ask for weights; this one tells readers of other rows apart.
        self.weight = nn.Parameter(torch.tensor([float(row) for row, _ in self.rows] + [float(multiply)]))

    def forward(self, images: Tensor) -> Tensor:
        cells = (nn.functional.avg_pool2d(images.mean(1, keepdim=True), CELL)[:, 0] * 255 - 60) / 120
        parts = [cells[:, row, :values] for row, values in self.rows]
        if self.multiply:
            return torch.einsum("na,nb->nab", *parts).flatten(1)
        return torch.cat(parts, dim=1)

    @property
    def width(self) -> int:
        sizes = [values for _, values in self.rows]
        return int(np.prod(sizes)) if self.multiply else sum(sizes)


class Namer(nn.Module):
    """A classifier of 1000 classes: names the label by its light, class 10 · label; in the dark it says class 999."""

    def __init__(self) -> None:
        super().__init__()
        self.reader = Reader(["label"])
        self.weight = nn.Parameter(torch.tensor([0.5]))

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        light = self.reader(images)
        logits = images.new_zeros(len(images), 1000)
        logits[:, 0 : 10 * len(LABELS) : 10] = light
        logits[:, 999] = self.weight
        return {"pooled": light, "logits": logits}


def encoder(module: nn.Module, width: int, *, outputs: tuple[str, ...] = ("pooled",)) -> Encoder:
    """An encoder around a module; its untrained twin is resnet9."""
    size = CELLS * CELL
    preprocess = Preprocess(size=(size, size), mean=(0.0,) * 3, std=(1.0,) * 3)

    def forward(network: nn.Module, images: Tensor) -> dict[str, Tensor]:
        found = network(images)
        return found if isinstance(found, dict) else {"pooled": found}

    body = Body(module, Anatomy(forward=forward, width=width, outputs=outputs), preprocess)
    return Encoder(address="planted", architecture=Architecture(kind="foveate", name="resnet9"), body=body)


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """``reading("colour", "place", multiply=True)``: the address of an encoder that reads these factors alone."""
    from foveate.encoders import load as loading

    def make(*reads: str, multiply: bool = False, module: Encoder | None = None) -> str:
        network = Reader(reads, multiply=multiply)
        made = module or encoder(network, network.width)
        real = loading.load
        monkeypatch.setattr(
            loading, "load", lambda address, **o: made if address == "planted:it" else real(address, **o)
        )
        return "planted:it"

    return make
