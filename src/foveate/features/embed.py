"""Images through an encoder, once: what is stored is read, the rest is computed and stored, part by part."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch

from foveate.core import console
from foveate.core.cache import root as cache_root
from foveate.core.errors import FoveateError
from foveate.data.columns import has_labels, labels
from foveate.data.decode import MAX_UNREADABLE, Encoded, Tally, encoded
from foveate.features.digests import Digests
from foveate.features.features import Features
from foveate.features.job import Job, Precision, Prepared
from foveate.features.keys import as_keys
from foveate.features.source import Preparer, default_threads, in_threads, streamed
from foveate.features.store import Key, Locations, Store

if TYPE_CHECKING:
    from datasets import Dataset, IterableDataset

    from foveate.encoders.encoder import Encoder

_BATCH = {"cpu": 32}
_BATCH_ELSEWHERE = 256


def embed(
    encoder: Encoder,
    dataset: Dataset | IterableDataset,
    taps: Sequence[str] = ("pooled",),
    *,
    device: torch.device | str | None = None,
    batch_size: int | None = None,
    boxes: npt.ArrayLike | None = None,
    cache: Path | None = None,
    engine: str = "local",
    progress: bool = True,
    precision: Precision = "fp32",
    threads: int | None = None,
    max_unreadable: float = MAX_UNREADABLE,
) -> Features:
    """Features of every image of a dataset: rows that the store holds are reused, the others computed and stored.

    A row is known by its decoded pixels (and its box), so that slices, other formats and copies of an image cost
    nothing. Killed at any moment, the next call goes on after the last part that was committed.

    Args:
        encoder: on any device. dataset: with the columns image and id; an IterableDataset is streamed.
        taps: places inside the encoder, checked before any work.
        device: where to compute; by default where the encoder is.
        batch_size: images at a time; changes results by rounding only. Default: 32 on a CPU, else 256.
        boxes: int [n 4], a crop (x0, y0, x1, y1 px) of each row of the dataset.
        cache: the folder that holds ``features`` and ``digests``. Default: foveate's cache.
        engine: ``local``, or ``ray`` to spread ranges of rows over a cluster that shares the cache folder.
        precision: ``bf16`` computes under autocast; it is another key.
        threads: that read and decode. max_unreadable: the share of rows that may be left out.

    Raises:
        FoveateError: no such tap, too many unreadable images, features that are not finite (tap and images are
            named), or a full disk.
    """
    started = time.monotonic()
    names = {tap: encoder.check(tap) for tap in taps}
    if not names:
        raise FoveateError("no tap is asked for.", "give at least one, e.g. pooled")
    if batch_size is not None and batch_size < 1:
        raise FoveateError(f"a batch of {batch_size} images.", "give --batch-size 1 or more")
    root = Path(cache) if cache is not None else cache_root()
    if engine == "ray":
        _on_ray(encoder, dataset, names, boxes, device, batch_size, root, precision, max_unreadable)
    elif engine != "local":
        raise FoveateError(f"embedding does not run on the engine '{engine}'.", "use --engine local or ray")
    if device is not None:
        encoder = encoder.to(device)
    stores = {tap: _store(root, encoder, tap, precision) for tap in dict.fromkeys(names.values())}
    job = Job(encoder, stores, Digests(root / "digests"), batch_size or _batch_size(encoder.device), precision)
    boxed = _boxes(boxes, _count(dataset))
    seen, unreadable = _pass(dataset, job, boxed, threads or default_threads(), max_unreadable, progress)
    rows = np.frombuffer(bytes(seen.rows), dtype=np.int64)
    places = {tap: _places(store, seen.keys) for tap, store in stores.items()}
    values, class_names = _labels(dataset, rows, seen.labels)
    return Features(
        rows=rows,
        ids=seen.ids,
        labels=values,
        class_names=class_names,
        taps=tuple(stores),
        unreadable=unreadable,
        computed=job.computed,
        reused=len(rows) - job.computed,
        seconds=time.monotonic() - started,
        _stores=stores,
        _places=places,
        _names=names | {tap: tap for tap in stores},
        _encoded=bytes(seen.encoded),
        _decoded=bytes(seen.decoded),
    )


def _pass(
    dataset: Dataset | IterableDataset,
    job: Job,
    boxes: npt.NDArray[np.int32] | None,
    threads: int,
    max_unreadable: float,
    progress: bool,
) -> tuple[_Seen, list[tuple[str, str]]]:
    """Read every row and let the job compute what is not stored: what was seen, and which rows cannot be read."""
    started, total, seen = time.monotonic(), _count(dataset), _Seen()
    tally: Tally[Prepared] = Tally(total or 1 << 62, max_unreadable)
    preparer = Preparer(job.encoder.preprocess.crop, boxes, job)
    source = encoded(dataset) if total is not None else streamed(dataset, seen.labels)
    with contextlib.ExitStack() as stack:
        display = stack.enter_context(console.progress(f"embed {job.encoder.address}", total)) if progress else None
        prepared = in_threads(_counted(source, tally, total), preparer, threads)
        stack.callback(prepared.close)
        try:
            for item, row in tally.readable(prepared):
                seen.add(item, row)
                job.add(item.id, row)
                if display is not None:
                    rate = job.computed / (time.monotonic() - started)
                    display.advance(note=f"{rate:,.0f} computed/s" if job.computed else "")
            job.finish()
        except (FoveateError, KeyboardInterrupt):
            with contextlib.suppress(FoveateError):
                job.commit()  # whole batches are good, whatever came after them
            raise
    return seen, tally.unreadable


def _count(dataset: Dataset | IterableDataset) -> int | None:
    """Rows, where they are counted: None for a stream."""
    return int(dataset.num_rows) if hasattr(dataset, "num_rows") else None


def _places(store: Store, keys: bytearray) -> Locations:
    """Where the store holds each row."""
    store.refresh()
    places = store.find(as_keys(keys))
    if (places < 0).any():
        raise FoveateError(
            "stored features went away while they were in use.",
            "do not clear the cache meanwhile; run the command again",
        )
    return places


@dataclass
class _Seen:
    """What is kept of every row: about 120 bytes."""

    ids: list[str] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    rows: bytearray = field(default_factory=bytearray)
    keys: bytearray = field(default_factory=bytearray)
    encoded: bytearray = field(default_factory=bytearray)
    decoded: bytearray = field(default_factory=bytearray)

    def add(self, item: Encoded, row: Prepared) -> None:
        self.ids.append(item.id)
        self.rows += item.row.to_bytes(8, "little")
        self.keys += row.key
        self.encoded += row.encoded
        self.decoded += row.digest


def _store(root: Path, encoder: Encoder, tap: str, precision: str) -> Store:
    key = Key(encoder=encoder.fingerprint, preprocessing=encoder.preprocess.key, precision=precision, tap=tap)
    return Store(root / "features", key, {"encoder": encoder.address})


def _batch_size(device: torch.device) -> int:
    return _BATCH.get(device.type, _BATCH_ELSEWHERE)


def _boxes(boxes: npt.ArrayLike | None, total: int | None) -> npt.NDArray[np.int32] | None:
    if boxes is None:
        return None
    given = np.asarray(boxes)
    assert total is not None, "boxes need a dataset whose rows are counted"
    assert given.shape == (total, 4), f"{given.shape} boxes for {total} rows"
    return given.astype(np.int32)


def _counted(source: Iterator[Encoded], tally: Tally[Any], total: int | None) -> Iterator[Encoded]:
    """Pass rows on; at the end of a stream the tally learns how many there were."""
    count = 0
    for item in source:
        count += 1
        yield item
    if total is None:
        tally.total = count
    if not count:
        raise FoveateError("the data has no rows.", "check its address")


def _labels(
    dataset: Dataset | IterableDataset, rows: npt.NDArray[np.int64], streamed_labels: list[int]
) -> tuple[npt.NDArray[np.int64] | None, list[str]]:
    if not hasattr(dataset, "num_rows"):
        feature = (dataset.features or {}).get("label")
        # A stream of which only some rows have a label has none that could be matched.
        complete = bool(streamed_labels) and len(streamed_labels) > int(rows.max(initial=-1))
        values = np.array(streamed_labels, dtype=np.int64)[rows] if complete else None
        return values, list(getattr(feature, "names", None) or [])
    if not has_labels(dataset):
        return None, []
    all_labels, names = labels(dataset)
    return all_labels[rows], names


def _on_ray(
    encoder: Encoder,
    dataset: Any,
    names: dict[str, str],
    boxes: npt.ArrayLike | None,
    device: torch.device | str | None,
    batch_size: int | None,
    root: Path,
    precision: Precision,
    max_unreadable: float,
) -> None:
    """Fill the store from workers, a range of rows each; the caller then finds its rows there, and computes what is not."""
    from foveate.engine.ray import map_ranges

    if not hasattr(dataset, "num_rows"):
        raise FoveateError("a stream is not spread over workers.", "use --engine local, or data whose rows are counted")
    given = _boxes(boxes, int(dataset.num_rows))

    def work(start: int, stop: int) -> int:
        part = dataset.select(range(start, stop))
        chosen = None if given is None else given[start:stop]
        options: dict[str, Any] = {"batch_size": batch_size, "precision": precision, "cache": root, "progress": False}
        # A worker's own share may be worse than the whole: the caller judges that.
        return embed(
            encoder, part, list(names.values()), device=device, boxes=chosen, max_unreadable=1.0, **options
        ).computed

    map_ranges(work, int(dataset.num_rows), gpus=1 if torch.device(device or encoder.device).type == "cuda" else 0)
