"""``builtin:tabletop``: 2,000 rendered pictures of 64 px with masks, captions and factors, shipped with the package.

Shipped, and not rendered on first use, so that it is the same on every machine, needs no Blender and costs nobody twenty
minutes. Made by ``python -m foveate.rendering.tabletop.pack RUN`` from a run of ``foveate render tabletop``: without depth,
pictures as lossless WebP; of each class every fifth row of the fixed shuffle is for the test.
"""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from foveate.data.library import library
from foveate.data.registry import Builtin

if TYPE_CHECKING:
    from datasets import Dataset

SPLITS = ("train", "test")


def load(split: str) -> Dataset:
    """1,523 train or 381 test pictures."""
    from foveate.data.library import cache_folder

    file = resources.files(__package__) / f"{split}.parquet"
    with resources.as_file(file) as path:
        return library().Dataset.from_parquet(str(path), cache_dir=str(cache_folder() / "tabletop"))


SET = Builtin(splits=SPLITS, build=load)
