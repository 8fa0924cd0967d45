"""From rows of a dataset to what the encoder still has to see: hashed, looked up and, if need be, decoded by threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from foveate.core.cores import usable_cores
from foveate.core.errors import FoveateError
from foveate.data.decode import Encoded, digest_of, encoded_digest_of
from foveate.data.images import Unreadable, decode_bytes
from foveate.features.job import Job, Pixels, Prepared
from foveate.features.keys import as_keys, row_key

if TYPE_CHECKING:
    from datasets import IterableDataset

T = TypeVar("T")
_CHUNK_ROWS, _CHUNK_BYTES = 16, 1 << 22  # what one thread takes at a time


class Preparer:
    """Prepares chunks of rows; called by several threads at once.

    Args:
        crop: decoded pixels → what the encoder wants.
        boxes: int32 [n 4] (x0, y0, x1, y1 px, x1 and y1 excluded), by the dataset's row; or None.
        job: who computes: knows what is missing, what is pending, and when reading may go on.
    """

    def __init__(self, crop: Callable[[Pixels], Pixels], boxes: npt.NDArray[np.int32] | None, job: Job) -> None:
        self._crop, self._boxes, self._job = crop, boxes, job

    def __call__(self, chunk: list[Encoded]) -> list[tuple[Encoded, Prepared | Unreadable]]:
        files: list[bytes | Unreadable] = []
        for item in chunk:
            try:
                files.append(item.read())
            except Unreadable as reason:
                files.append(reason)
        names = [encoded_digest_of(file) if isinstance(file, bytes) else bytes(16) for file in files]
        known = self._job.digests.find(names)
        keys = [row_key(digest, self._box(item)) if digest else None for digest, item in zip(known, chunk, strict=True)]
        missing = iter(self._job.missing(as_keys(b"".join(key for key in keys if key))).tolist())
        return [
            (item, self._row(item, file, name, digest, next(missing) if digest else None))
            for item, file, name, digest in zip(chunk, files, names, known, strict=True)
        ]

    def _row(
        self, item: Encoded, file: bytes | Unreadable, name: bytes, digest: bytes | None, missing: int | None
    ) -> Prepared | Unreadable:
        if isinstance(file, Unreadable):
            return file
        self._job.reading.wait()
        box = self._box(item)
        pixels = None
        fresh = digest is None
        if digest is None:
            try:
                pixels = decode_bytes(file)
            except Unreadable as reason:
                return reason
            digest = digest_of(pixels)
        key = row_key(digest, box)
        if missing is None:
            missing = int(self._job.missing(as_keys(key))[0])
        if not missing or key in self._job.pending:
            return Prepared(key, name, digest, fresh, missing, None)
        try:
            pixels = decode_bytes(file) if pixels is None else pixels
        except Unreadable as reason:  # its digest is known, so it could be read once: memory is short now
            return reason
        return Prepared(key, name, digest, fresh, missing, self._crop(_cut(pixels, box, item.id)))

    def _box(self, item: Encoded) -> npt.NDArray[np.int32] | None:
        return None if self._boxes is None else self._boxes[item.row]


def in_threads(
    items: Iterable[Encoded], work: Callable[[list[Encoded]], list[T]], threads: int
) -> Generator[T, None, None]:
    """``work`` on chunks of items, by threads, in order; few chunks are under way at a time, so memory stays bounded."""
    under_way: deque[Future[list[T]]] = deque()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="foveate-read")
    try:
        for chunk in _chunks(items):
            under_way.append(pool.submit(work, chunk))
            if len(under_way) > 2 * threads:
                yield from under_way.popleft().result()
        while under_way:
            yield from under_way.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def streamed(dataset: IterableDataset, labels: list[int]) -> Iterator[Encoded]:
    """The images of a stream, undecoded; labels, where there are any, are appended to ``labels`` row by row."""
    from datasets import Image

    if isinstance((dataset.features or {}).get("image"), Image):
        dataset = dataset.cast_column("image", Image(decode=False))
    for row, record in enumerate(dataset):
        image: Any = record.get("image")
        if isinstance(image, bytes):
            image = {"bytes": image}
        if image is not None and not isinstance(image, dict):
            raise FoveateError(
                f"the image column of the stream holds {type(image).__name__} objects, not encoded images.",
                "store encoded files (PNG, JPEG), or cast the column to datasets.Image()",
            )
        name = record.get("id", record.get("__key__"))
        if isinstance(record.get("label"), int):
            labels.append(record["label"])
        image = image or {}
        yield Encoded(row, str(row if name is None else name), image.get("bytes"), image.get("path"))


def default_threads() -> int:
    """One for each processor that this process may use, at most 16."""
    usable = usable_cores()
    return min(16, usable)


def _chunks(items: Iterable[Encoded]) -> Iterator[list[Encoded]]:
    chunk: list[Encoded] = []
    size = 0
    for item in items:
        chunk.append(item)
        size += len(item.data or b"")
        if len(chunk) >= _CHUNK_ROWS or size >= _CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _cut(pixels: Pixels, box: npt.NDArray[np.int32] | None, name: str) -> Pixels:
    if box is None:
        return pixels
    height, width = pixels.shape[:2]
    x0, y0, x1, y1 = (int(value) for value in box)
    if not (0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height):
        raise FoveateError(
            f"the box ({x0}, {y0}, {x1}, {y1}) does not lie inside {name}, which has {width} × {height} pixels.",
            "give boxes as x0, y0, x1, y1 in pixels of the upright image",
        )
    return pixels[y0:y1, x0:x1]
