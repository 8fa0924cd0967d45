"""All images of a dataset as one array, decoded once and kept on disk: what training reads from."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from foveate.core.cache import folder_of
from foveate.core.console import progress
from foveate.core.errors import FoveateError
from foveate.core.files import write_json
from foveate.data.columns import has_labels, labels
from foveate.data.decode import MAX_UNREADABLE, Encoded, Tally, encoded, encoded_digest_of, in_threads
from foveate.data.images import decode_squashed

if TYPE_CHECKING:
    from datasets import Dataset
    from numpy.typing import NDArray

_FORMAT = "pixels/1"  # part of the key: another way of decoding or storing is another store
MEMORY_BUDGET = 2 << 30
"""Bytes up to which the array is held in memory; a larger one is mapped from the disk."""
DISK_MARGIN = 1 << 30
"""Bytes that are left free on the cache's disk."""


class PixelStore:
    """Decoded images, squashed to one canvas.

    The first use decodes; later ones, and other processes that wait meanwhile, read ``CACHE/pixels/KEY``. The key holds
    the images' bytes (for files: path, size and the file system's change time) and the canvas.

    Args:
        dataset: with the columns image and id.
        canvas: side, or (height, width), in pixels. Bicubic, antialiased, aspect not kept: ``sizes`` tells the true one.
        max_unreadable: share of images that may be left out.
        memory_budget: bytes up to which the array is read into memory.

    Attributes:
        pixels: uint8 [n 3 height width].
        sizes: int32 [n 2], each image's own (height, width), upright.
        rows: int64 [n], the dataset's rows that could be read.
        labels: int64 [n], or None where the data has none. class_names: their names, empty where there are none.
        unreadable: (id, reason) of the others.

    Raises:
        FoveateError: too many unreadable images; no room on the disk, nor in memory.
    """

    def __init__(
        self,
        dataset: Dataset,
        canvas: int | tuple[int, int],
        *,
        max_unreadable: float = MAX_UNREADABLE,
        memory_budget: int = MEMORY_BUDGET,
    ) -> None:
        self.canvas = (canvas, canvas) if isinstance(canvas, int) else canvas
        assert min(self.canvas) > 0
        size = dataset.num_rows * 3 * self.canvas[0] * self.canvas[1]
        folder = folder_of("pixels") / _key(dataset, self.canvas)
        fits = size <= memory_budget
        if (folder / "manifest.json").exists() or _room(folder, size, fits, len(dataset)):
            with _only_one(folder):
                if not (folder / "manifest.json").exists():
                    _write(folder, dataset, self.canvas, max_unreadable)
            self._read(folder, fits, dataset.num_rows, max_unreadable)
        else:
            self.pixels: NDArray[np.uint8] = np.empty((dataset.num_rows, 3, *self.canvas), np.uint8)
            self._take(*_decode(dataset, self.canvas, self.pixels, max_unreadable))
            self.pixels = self.pixels[: len(self.rows)]
        self.labels: NDArray[np.int64] | None = None
        self.class_names: list[str] = []
        if has_labels(dataset):
            every, self.class_names = labels(dataset)
            self.labels = every[self.rows]

    def __len__(self) -> int:
        return len(self.rows)

    def _read(self, folder: Path, fits: bool, total: int, max_unreadable: float) -> None:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        unreadable = [(name, reason) for name, reason in manifest["unreadable"]]
        Tally[None](total, max_unreadable).check(unreadable)
        table = np.load(folder / "rows.npy")
        self._take(table[:, 0], table[:, 1:].astype(np.int32), unreadable)
        mapped = np.load(folder / "pixels.npy", mmap_mode="r")[: len(self.rows)]
        self.pixels = np.array(mapped) if fits else mapped

    def _take(self, rows: NDArray[np.int64], sizes: NDArray[np.int32], unreadable: list[tuple[str, str]]) -> None:
        self.rows, self.sizes, self.unreadable = rows, sizes, unreadable


def _decode(
    dataset: Dataset, canvas: tuple[int, int], out: NDArray[np.uint8], max_unreadable: float
) -> tuple[NDArray[np.int64], NDArray[np.int32], list[tuple[str, str]]]:
    """Fill ``out`` with the readable images, one after the other; return rows, sizes and the unreadable ones."""

    def work(item: Encoded) -> tuple[NDArray[np.uint8], tuple[int, int]]:
        return decode_squashed(item.read(), *canvas)

    tally: Tally[tuple[NDArray[np.uint8], tuple[int, int]]] = Tally(dataset.num_rows, max_unreadable)
    rows: list[int] = []
    sizes: list[tuple[int, int]] = []
    with progress("decoding", dataset.num_rows) as display:
        for item, (pixels, size) in tally.readable(in_threads(encoded(dataset), work)):
            out[len(rows)] = pixels.transpose(2, 0, 1)
            rows.append(item.row)
            sizes.append(size)
            display.advance()
    return np.array(rows, np.int64), np.array(sizes, np.int32).reshape(-1, 2), tally.unreadable


def _write(folder: Path, dataset: Dataset, canvas: tuple[int, int], max_unreadable: float) -> None:
    """Build beside the folder and give it its name at the end; the caller holds the lock, so an older try is dead."""
    temporary = folder.with_name(f".{folder.name}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    try:
        temporary.mkdir(parents=True)
        shape = (dataset.num_rows, 3, *canvas)
        out = np.lib.format.open_memmap(temporary / "pixels.npy", mode="w+", dtype=np.uint8, shape=shape)
        if hasattr(os, "posix_fallocate"):  # a disk that fills later would end the process without a word
            with open(temporary / "pixels.npy", "r+b") as stream:
                os.posix_fallocate(stream.fileno(), 0, temporary.joinpath("pixels.npy").stat().st_size)
        rows, sizes, unreadable = _decode(dataset, canvas, out, max_unreadable)
        out.flush()
        del out
        np.save(temporary / "rows.npy", np.column_stack([rows, sizes.astype(np.int64)]))
        write_json(temporary / "manifest.json", {"format": _FORMAT, "canvas": canvas, "unreadable": unreadable})
        os.replace(temporary, folder)
    except OSError as error:
        raise _cannot_keep(folder.parent, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _key(dataset: Dataset, canvas: tuple[int, int]) -> str:
    """Hex of what the pixels depend on: the images' bytes or files, and the canvas.

    Files are named by path, inode, size, and modification and change times: no edit leaves the change time as it was.
    """
    state = hashlib.blake2b(f"{_FORMAT} {canvas}".encode(), digest_size=16)
    for item in encoded(dataset):
        if item.data is not None:
            state.update(encoded_digest_of(item.data))
            continue
        try:
            found = os.stat(item.path or "")
        except OSError:
            state.update(b"missing")
            continue
        state.update(f"{item.path} {found.st_ino} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}\n".encode())
    return state.hexdigest()


def _room(folder: Path, size: int, fits: bool, count: int) -> bool:
    """Whether the cache's disk takes ``size`` bytes more; False where it does not but memory would."""
    place = folder.parent
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot_keep(place, error) from None
    free = shutil.disk_usage(place).free - DISK_MARGIN
    if size <= free:
        return True
    if fits:
        return False
    raise FoveateError(
        f"the decoded images need {size / 1e9:,.1f} GB ({count:,} images); {place} has {max(free, 0) / 1e9:,.1f} GB to spare.",
        "set FOVEATE_CACHE to a larger disk, use a smaller image size, or take a slice such as DATA[0:100000]",
    )


def _cannot_keep(place: Path, error: OSError) -> FoveateError:
    return FoveateError(
        f"the decoded images cannot be kept in {place}: {error.strerror or error}.",
        "free some space there, or set FOVEATE_CACHE to another folder",
    )


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """One builder at a time, across processes; the others wait, and then find what it made."""
    with open(folder.with_name(f".{folder.name}.lock"), "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
