"""Going through the images of a dataset: threads that decode, unreadable ones counted and named."""

from __future__ import annotations

import hashlib
import os
import stat
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

from foveate.core.console import warn
from foveate.core.cores import usable_cores
from foveate.core.errors import FoveateError
from foveate.data.images import Unreadable, decode_bytes

if TYPE_CHECKING:
    from datasets import Dataset
    from numpy.typing import NDArray

T = TypeVar("T")
MAX_UNREADABLE = 0.02
"""The share of images that may be left out; beyond it the data is not what its owner thinks."""

NAMED = 3
"""Unreadable images that a message names."""
_ARROW_ROWS = 512  # rows taken from the table at a time
_CHUNK_ROWS, _CHUNK_BYTES = 32, 1 << 19  # one task of a thread: bounded in memory also for large photos


@dataclass(frozen=True)
class Encoded:
    """One image as it is stored: ``data`` is its bytes, or None with ``path`` to read them from."""

    row: int
    id: str
    data: bytes | None
    path: str | None

    def read(self) -> bytes:
        """The encoded file.

        Raises:
            Unreadable: nothing is stored, or the file is gone or closed to us.
        """
        if self.data is not None:
            return self.data
        if not self.path:
            raise Unreadable("no image in this row")
        try:
            if not stat.S_ISREG(os.stat(self.path).st_mode):  # a pipe or a device would be waited for without end
                raise Unreadable("no ordinary file")
            with open(self.path, "rb") as stream:
                return stream.read()
        except FileNotFoundError:
            raise Unreadable("file missing") from None
        except PermissionError:
            raise Unreadable("no permission to read it") from None
        except OSError as error:
            raise Unreadable(f"cannot be read: {error.strerror}") from None


@dataclass(frozen=True)
class Decoded:
    """One image that could be read.

    Attributes:
        row: its row in the dataset. id: its id.
        pixels: uint8 RGB [h w 3]; None where ``skip`` said so.
        digest: 16 bytes of pixels and shape: the same from every format that stores the same picture losslessly
            or as the same file; None where skipped.
        encoded_digest: 16 bytes of the encoded file.
    """

    row: int
    id: str
    pixels: NDArray[np.uint8] | None
    digest: bytes | None
    encoded_digest: bytes


def digest_of(pixels: NDArray[np.uint8]) -> bytes:
    """16 bytes that name an image by what is seen: blake2b of its shape and pixels."""
    state = hashlib.blake2b(repr(pixels.shape).encode(), digest_size=16)
    state.update(np.ascontiguousarray(pixels).data)
    return state.digest()


def encoded_digest_of(data: bytes) -> bytes:
    """16 bytes that name an encoded file."""
    return hashlib.blake2b(data, digest_size=16).digest()


def encoded(dataset: Dataset, rows: Iterable[int] | None = None) -> Iterator[Encoded]:
    """The images of a dataset (of the given rows), undecoded, in order."""
    table = dataset.with_format("arrow")
    chosen = np.arange(dataset.num_rows) if rows is None else np.asarray(list(rows), dtype=np.int64)
    for start in range(0, len(chosen), _ARROW_ROWS):
        some = chosen[start : start + _ARROW_ROWS]
        batch = table[int(some[0]) : int(some[-1]) + 1] if rows is None else table[some]
        images = batch["image"].to_pylist()
        for row, name, image in zip(some.tolist(), batch["id"].to_pylist(), images, strict=True):
            yield Encoded(row, name, (image or {}).get("bytes"), (image or {}).get("path"))


def in_threads(items: Iterable[Encoded], work: Callable[[Encoded], T]) -> Iterator[tuple[Encoded, T | Unreadable]]:
    """``work`` on each item, in order, by threads (Pillow and hashing release the interpreter's lock).

    What raises ``Unreadable`` comes back as that; a bounded number of items is under way at a time.
    """

    def do(chunk: list[Encoded]) -> list[tuple[Encoded, T | Unreadable]]:
        done: list[tuple[Encoded, T | Unreadable]] = []
        for item in chunk:
            try:
                done.append((item, work(item)))
            except Unreadable as reason:
                done.append((item, reason))
        return done

    workers = min(8, usable_cores())
    pending: deque[Future[list[tuple[Encoded, T | Unreadable]]]] = deque()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="decode")
    try:
        for chunk in _chunks(items):
            pending.append(pool.submit(do, chunk))
            if len(pending) > workers + 1:
                yield from pending.popleft().result()
        while pending:
            yield from pending.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


class Tally(Generic[T]):
    """Counts and names unreadable images as they pass, and stops when they are too many.

    Attributes:
        unreadable: (id, reason) so far.
    """

    def __init__(self, total: int, max_unreadable: float = MAX_UNREADABLE) -> None:
        self.total, self.share = total, max_unreadable
        self.unreadable: list[tuple[str, str]] = []

    def readable(self, results: Iterable[tuple[Encoded, T | Unreadable]]) -> Iterator[tuple[Encoded, T]]:
        """Pass the readable ones on; say at the end how many were left out.

        Raises:
            FoveateError: more than the allowed share cannot be read; the first three are named.
        """
        try:
            for item, value in results:
                if not isinstance(value, Unreadable):
                    yield item, value
                    continue
                self.unreadable.append((item.id, str(value)))
                self._stop_when_too_many()
        finally:
            if isinstance(results, Generator):
                results.close()  # ends its threads now, not when the traceback of an error is forgotten
        self._stop_when_too_many(ended=True)
        self._mention()

    def check(self, unreadable: Iterable[tuple[str, str]]) -> None:
        """The same answer for images that an earlier reading found unreadable."""
        self.unreadable = list(unreadable)
        self._stop_when_too_many(ended=True)
        self._mention()

    def _stop_when_too_many(self, *, ended: bool = False) -> None:
        """Too many, and as many as are named: of a small set one may be too many, and the others are mended with it."""
        count = len(self.unreadable)
        if count > self.share * self.total and (ended or count >= NAMED):
            so_far = "" if ended else " so far"
            raise FoveateError(
                f"{count:,} of the {self.total:,} images cannot be read{so_far}, more than {self.share:.0%}: {self._names()}.",
                "mend or remove these files, then run the command again",
            )

    def _mention(self) -> None:
        if self.unreadable:
            count = len(self.unreadable)
            verb = "is" if count == 1 else "are"
            warn(f"{count:,} of {self.total:,} images cannot be read and {verb} left out: {self._names()}")

    def _names(self) -> str:
        shown = ", ".join(f"{name} ({reason})" for name, reason in self.unreadable[:NAMED])
        return shown + (" …" if len(self.unreadable) > NAMED else "")


class Reader:
    """Iterates the decoded images of a dataset in order.

    Args:
        dataset: with the columns image and id.
        max_unreadable: share of the rows that may be unreadable.
        rows: only these rows of the dataset, in this order.
        skip: asked with an encoded digest before decoding; where it answers True the row comes without pixels.

    Attributes:
        unreadable: (id, reason) of those met so far.

    Raises:
        FoveateError: while iterating, when too many are unreadable.
    """

    def __init__(
        self,
        dataset: Dataset,
        *,
        max_unreadable: float = MAX_UNREADABLE,
        rows: Iterable[int] | None = None,
        skip: Callable[[bytes], bool] | None = None,
    ) -> None:
        self._dataset, self._skip = dataset, skip
        self._rows = None if rows is None else list(rows)
        self._share = max_unreadable
        self._tally: Tally[Decoded] = Tally(len(self), max_unreadable)

    def __len__(self) -> int:
        return int(self._dataset.num_rows) if self._rows is None else len(self._rows)

    @property
    def unreadable(self) -> list[tuple[str, str]]:
        return self._tally.unreadable

    def __iter__(self) -> Iterator[Decoded]:
        self._tally = Tally(len(self), self._share)
        for _, image in self._tally.readable(in_threads(encoded(self._dataset, self._rows), self._decode)):
            yield image

    def _decode(self, item: Encoded) -> Decoded:
        data = item.read()
        name = encoded_digest_of(data)
        if self._skip is not None and self._skip(name):
            return Decoded(item.row, item.id, None, None, name)
        pixels = decode_bytes(data)
        return Decoded(item.row, item.id, pixels, digest_of(pixels), name)


def _chunks(items: Iterable[Encoded]) -> Iterator[list[Encoded]]:
    chunk: list[Encoded] = []
    size = 0
    for item in items:
        chunk.append(item)
        size += _size(item)
        if len(chunk) >= _CHUNK_ROWS or size >= _CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _size(item: Encoded) -> int:
    if item.data is not None:
        return len(item.data)
    try:
        return os.stat(item.path or "").st_size
    except OSError:
        return 0  # the thread that opens it will say why
