"""``builtin:digits``: scikit-learn's 1,797 real scanned digits (8 × 8) as 32 px images, in a fixed stratified division."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from foveate.data.builtin.drawing import enlarge, png, scan_id, scan_parts, scans
from foveate.data.columns import build, image_bytes
from foveate.data.library import library
from foveate.data.registry import Builtin

if TYPE_CHECKING:
    from datasets import Dataset

SIDE = 32


def make(split: str) -> Dataset:
    """1,438 train or 359 test images. Nearest neighbours in pixels solve them: no claim about training rests on these."""
    datasets = library()
    images, targets = scans()
    chosen = scan_parts()[0 if split == "train" else 1]
    files = [png(np.repeat(255 * enlarge(images[index], SIDE)[..., None], 3, axis=2)) for index in chosen]
    return build(
        {"image": image_bytes(files), "id": [scan_id(index) for index in chosen], "label": targets[chosen]},
        {
            "image": datasets.Image(),
            "id": datasets.Value("string"),
            "label": datasets.ClassLabel(names=[str(digit) for digit in range(10)]),
        },
    )


SET = Builtin(splits=("train", "test"), build=make)
