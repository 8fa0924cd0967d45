"""Split names: their spellings, how files show theirs, and which one is meant when none is named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from foveate.core.address import Address
from foveate.core.errors import FoveateError, nearest

SPELLINGS = {
    "train": "train",
    "training": "train",
    "test": "test",
    "testing": "test",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "dev": "validation",
}
_IN_NAME = re.compile(rf"^({'|'.join(sorted(SPELLINGS, key=len, reverse=True))})(?![A-Za-z])", re.IGNORECASE)


def canonical(name: str) -> str:
    """``val`` → ``validation``, ``Train`` → ``train``; a name that is no known spelling stays as it is."""
    return SPELLINGS.get(name.lower(), name)


def choose(split: str | None, available: Sequence[str], address: Address) -> str | None:
    """The split that is meant, or None where the data has none.

    Without a name: ``train``, else the only one there is.

    Raises:
        FoveateError: a split that is not there, or several of which none is called train.
    """
    if split is None:
        if not available:
            return None
        if "train" in available:
            return "train"
        if len(available) == 1:
            return available[0]
        raise FoveateError(
            f"{address} has the splits {', '.join(available)}, none of them called train.",
            f"say which one, e.g. {address.scheme}:{address.rest}@{available[0]}",
        )
    for name in (split, canonical(split)):
        if name in available:
            return name
    if not available:
        raise FoveateError(f"{address} has no splits, so no '{split}'.", "leave @… out, or check the path")
    raise FoveateError(f"{address} has no split '{split}'.", nearest(split, available))


def by_split(files: Iterable[Path], root: Path) -> dict[str, list[Path]]:
    """Shard files by the split in their names (``train-00000-of-00003.parquet``, ``data/test/0.tar``).

    Returns:
        Split → sorted files; empty where not every file shows a split.
    """
    found: dict[str, list[Path]] = {}
    for file in sorted(files):
        inside = file.relative_to(root) if file.is_relative_to(root) else Path(file.name)
        match = _IN_NAME.match(file.name)
        name = match[1] if match else next((part for part in inside.parts[:-1] if part.lower() in SPELLINGS), None)
        if name is None:
            return {}
        found.setdefault(canonical(name), []).append(file)
    return found
