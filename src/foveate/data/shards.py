"""Names of shards: brace ranges, globs, folders, and splits among them; shared by ``parquet:`` and ``wds:``."""

from __future__ import annotations

import glob
import hashlib
import re
from pathlib import Path

from foveate.core.address import Address
from foveate.core.errors import FoveateError, nearest
from foveate.data.splits import by_split, choose

_BRACES = re.compile(r"\{([^{}]*)\}")
_RANGE = re.compile(r"^(\d+)\.\.(\d+)$")


def find(address: Address, split: str | None, suffixes: tuple[str, ...]) -> list[Path]:
    """The shards that an address means, in order.

    Args:
        address: a file, a brace pattern ``shards-{000..003}.tar``, a glob, or a folder, with or without ``@split``.
        split: goes before the one in the address.
        suffixes: what the files' names end in, first the usual one.

    Raises:
        FoveateError: nothing there, a brace's file missing, no such split.
    """
    rest, named = address.split_at()
    files, root = _files(rest, suffixes)
    if not Path(rest).expanduser().is_dir() and not (split or named):
        return files  # named one by one: what their names say of splits is not asked about
    groups = by_split(files, root)
    chosen = choose(split or named, list(groups), address)
    return files if chosen is None else groups[chosen]


def splits(address: Address, suffixes: tuple[str, ...]) -> list[str]:
    """The splits that the names of a folder's shards show; none for shards that are named one by one."""
    rest, _ = address.split_at()
    if not Path(rest).expanduser().is_dir():
        return []
    files, root = _files(rest, suffixes)
    return list(by_split(files, root))


def state(files: list[Path]) -> str:
    """Hex that changes when a shard does: also one that was replaced with its size and date kept."""
    seen = hashlib.blake2b(digest_size=16)
    for file in files:
        found = file.stat()
        seen.update(f"{file.absolute()} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}\n".encode())
    return seen.hexdigest()


def expand(pattern: str) -> list[str]:
    """``a-{00..02}.tar`` → three names; ``{x,y}`` likewise; several braces multiply."""
    match = _BRACES.search(pattern)
    if not match:
        return [pattern]
    inside, head, tail = match[1], pattern[: match.start()], pattern[match.end() :]
    if numbers := _RANGE.match(inside):
        first, last = int(numbers[1]), int(numbers[2])
        words = [str(number).zfill(len(numbers[1])) for number in range(first, last + 1)]
    else:
        words = inside.split(",")
    return [name for word in words for name in expand(head + word + tail)]


def _files(rest: str, suffixes: tuple[str, ...]) -> tuple[list[Path], Path]:
    """All shards, and the folder below which their names are read for splits."""
    if "://" in rest or rest.startswith("pipe:"):
        raise FoveateError(f"{rest} is not on this machine.", "download the shards, then give their path")
    path = Path(rest).expanduser()
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if _ours(file, suffixes))
        if not files:
            raise FoveateError(
                f"{rest} holds no {suffixes[0]} files.", f"give a folder of {suffixes[0]} files, or one file"
            )
        return files, path
    if path.is_file():
        if not _ours(path, suffixes):
            raise FoveateError(f"{rest} is no {suffixes[0]} file.", f"give a {suffixes[0]} file or a folder of them")
        return [path], path.parent
    names = expand(str(path))
    if glob.has_magic(rest):
        found = sorted({Path(hit) for name in names for hit in glob.glob(name, recursive=True)})
        files = [file for file in found if _ours(file, suffixes)]
        if not files:
            raise FoveateError(
                f"no {suffixes[0]} file matches {rest}.",
                "check the pattern; quote it, so that the shell leaves it alone",
            )
    else:
        files = [Path(name) for name in names]
        missing = [file for file in files if not file.is_file()]
        if missing:
            raise FoveateError(f"there is no file {missing[0]}.", _beside(missing[0], suffixes))
    return files, files[0].parent


def _ours(file: Path, suffixes: tuple[str, ...]) -> bool:
    return file.name.lower().endswith(suffixes) and not file.name.startswith(".") and file.is_file()


def _beside(missing: Path, suffixes: tuple[str, ...]) -> str:
    try:
        beside = [entry.name for entry in missing.parent.iterdir() if entry.name.endswith(suffixes)]
    except OSError:
        beside = []
    return nearest(missing.name, beside) if beside else "check the path; it is read from the current folder"
