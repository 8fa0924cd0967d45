"""The images: cluttered digits that come with foveate, and CIFAR-10 where the real data is at hand."""

from __future__ import annotations

import os
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from foveate.core.cache import folder_of

# Digits lie on unique colour fields: views have to disturb what the class does not rest on (see studies/estimators.py).
VIEWS = {
    "clutter": ("view.flip=0", "view.scale=0.4,1", "view.jitter=0.8,0.8,0.8,0.5", "view.grayscale=0.5", "view.solarize=0.5")
}  # fmt: skip


def train_and_test(world: str, options: Mapping[str, Any]) -> tuple[str, str]:
    """The addresses of so many rows of a world."""
    base = "builtin:clutter@" if world == "clutter" else f"folder:{cifar()}/"
    return f"{base}train[0:{options['rows']}]", f"{base}test[0:{options.get('test', '')}]"


def cifar(archive: Path | None = None) -> Path:
    """The folder of CIFAR-10's images, unpacked once into the cache."""
    archive = archive or Path(os.environ["FOVEATE_REAL_DATA"]) / "cifar10" / "cifar10_jpeg.tar.gz"
    home = folder_of("studies") / "cifar10"
    if not home.exists():
        home.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home.parent) as unfinished, tarfile.open(archive) as tar:
            tar.extractall(unfinished, filter="data")
            Path(unfinished).chmod(0o755)
            try:
                Path(unfinished).rename(home)
            except OSError:
                if not home.exists():  # else another process was faster
                    raise
            else:
                Path(unfinished).mkdir()  # for the context to remove
    return home
