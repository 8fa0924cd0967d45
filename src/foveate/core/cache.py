"""What can be computed again: where it is kept, how much there is, and how it goes away."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from foveate.core import console

PARTS = {
    "features": "features of images, by encoder and tap",
    "digests": "which files decode to which pixels",
    "pixels": "decoded images for training",
    "datasets": "Arrow copies of data that cannot be mapped as it is",
    "rendering": "objects and worlds as they were built for the renderer",
    "blender": "the renderer's own environment",
    "studies": "images that studies unpack",
    "reporting": "the chart library that reports carry with them",
}
"""Folders of the cache → what they hold. Only these are ever removed, and a new one is entered here."""
CLEARS = {"features": ("features", "digests"), "pixels": ("pixels",), "all": tuple(PARTS)}


def root() -> Path:
    """The folder of everything that can be computed again: ``FOVEATE_CACHE``, ``$XDG_CACHE_HOME/foveate``, or ``./.foveate``."""
    if chosen := os.environ.get("FOVEATE_CACHE"):
        return Path(chosen).expanduser().absolute()
    try:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").absolute() / "foveate"
    except RuntimeError:  # a user without a home directory, as in many containers
        return Path(".foveate").absolute()
    return home if _writable(home) else Path(".foveate").absolute()


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)


def folder_of(part: str) -> Path:
    """Where one part is kept."""
    assert part in PARTS, f"enter '{part}' in PARTS, so that doctor shows and clears it"
    return root() / part


def clear(parts: Iterable[str]) -> str:
    """Remove parts of the cache (``features``, ``pixels``, ``all``); what was removed, in one sentence.

    Each part is renamed before it is deleted, so that no other process ever sees half of it.
    """
    base = root()
    count = total = 0
    for name in dict.fromkeys(name for part in parts for name in CLEARS[part]):
        folder = base / name
        if not folder.is_dir() or folder.is_symlink():
            continue
        files, length = size(folder)
        try:
            grave = Path(tempfile.mkdtemp(prefix=".cleared-", dir=base))
            folder.rename(grave / name)
        except OSError as error:
            console.warn(f"{folder} was not removed: {error.strerror}")
            continue
        shutil.rmtree(grave, ignore_errors=True)
        count, total = count + files, total + length
    for left in base.glob(".cleared-*"):  # of a clearing that was killed
        shutil.rmtree(left, ignore_errors=True)
    return f"Removed {count:,} files ({total / 1e6:,.1f} MB) from {base}."


def encoders() -> list[list[Any]]:
    """Encoders whose features are stored, largest first: address, number of taps, MB."""
    taps: dict[str, int] = {}
    sizes: dict[str, int] = {}
    for path in folder_of("features").glob("*/manifest.json"):
        try:
            name = str(json.loads(path.read_text(encoding="utf-8")).get("encoder", "?"))
        except (OSError, ValueError, AttributeError):
            continue
        taps[name] = taps.get(name, 0) + 1
        sizes[name] = sizes.get(name, 0) + size(path.parent)[1]
    order = sorted(sizes, key=lambda name: -sizes[name])
    return [[name, taps[name], round(sizes[name] / 1e6, 1)] for name in order[:10]]


def size(folder: Path) -> tuple[int, int]:
    """Files below a folder, and their bytes; links are not followed."""
    count = total = 0
    for base, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(base, name)).st_size
                count += 1
            except OSError:
                continue  # gone meanwhile
    return count, total
