"""``wds:SHARDS[@split]``: WebDataset tars on this machine; members that share a key are one sample."""

from __future__ import annotations

import json
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from foveate.core.address import Address
from foveate.core.console import warn
from foveate.core.errors import FoveateError
from foveate.core.files import atomic
from foveate.data import shards
from foveate.data.columns import ALIASES
from foveate.data.library import cache_folder, library
from foveate.data.registry import Scheme

if TYPE_CHECKING:
    from datasets import Dataset, IterableDataset

_SUFFIXES = (".tar", ".tar.gz", ".tgz")
_IMAGES = ("jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "ppm", "avif", "img", "image")
_COLUMNS = ("id", "image", "label", "caption")
_ROWS = 256  # samples in one batch of the copy


def load(address: Address, split: str | None = None) -> Dataset:
    """The samples of the shards, in order, mapped from an Arrow copy in the cache (made once for each state of the shards).

    A sample's members: an image; ``cls`` (class number or name); ``txt`` (caption); ``json`` (an object, in which
    label, caption and id are looked up under their usual names). The id is the key.

    Raises:
        FoveateError: no such shard, a torn one, members of one key apart, no images.
    """
    import pyarrow as pa

    files = shards.find(address, split, _SUFFIXES)
    copy = cache_folder() / f"wds-{shards.state(files)}.arrow"
    if not copy.exists():
        schema = _features().arrow_schema
        bare = 0
        with atomic(copy) as temporary, pa.OSFile(str(temporary), "wb") as sink, pa.ipc.new_stream(sink, schema) as out:
            batch: list[dict[str, Any]] = []
            for sample in _samples(files):
                bare += sample["image"] is None
                if sample["image"] is not None:
                    batch.append(sample)
                if len(batch) == _ROWS:
                    out.write_batch(pa.RecordBatch.from_pylist(batch, schema=schema))
                    batch = []
            if batch:
                out.write_batch(pa.RecordBatch.from_pylist(batch, schema=schema))
        if bare:
            warn(f"{address}: {bare:,} samples have no image and are left out")
    dataset = library().Dataset.from_file(str(copy))
    if not dataset.num_rows:
        raise FoveateError(
            f"{address} holds no images.",
            "a sample's members share a name up to its first dot, e.g. 0001.jpg and 0001.cls",
        )
    empty = [name for name in ("label", "caption") if dataset.data.column(name).null_count == dataset.num_rows]
    return dataset.remove_columns(empty)


def splits(address: Address) -> list[str]:
    """The splits that the shards' names show."""
    return shards.splits(address, _SUFFIXES)


def stream(address: Address, split: str | None = None) -> IterableDataset:
    """The same samples one after the other, without a copy; ``label`` is text as it stands in the shards."""
    files = shards.find(address, split, _SUFFIXES)

    def rows(files: list[Path]) -> Iterator[dict[str, Any]]:
        return (sample for sample in _samples(files) if sample["image"] is not None)

    return library().IterableDataset.from_generator(rows, features=_features(), gen_kwargs={"files": files})


def _features() -> Any:
    datasets = library()
    text = datasets.Value("string")
    return datasets.Features({"id": text, "image": datasets.Image(), "label": text, "caption": text})


def _samples(files: list[Path]) -> Iterator[dict[str, Any]]:
    for file in files:
        closed: set[str] = set()
        key: str | None = None
        members: dict[str, bytes] = {}
        for name, kind, data in _members(file):
            if name != key:
                if key is not None:
                    yield _sample(key, members, file)
                    closed.add(key)
                if name in closed:
                    raise FoveateError(
                        f"{file}: the members of '{name}' do not stand side by side.",
                        "pack the shard sorted by name (tar --sort=name)",
                    )
                key, members = name, {}
            members[kind] = data
        if key is not None:
            yield _sample(key, members, file)


def _members(file: Path) -> Iterator[tuple[str, str, bytes]]:
    """(key, extension, content) of the members that belong to samples."""
    torn = FoveateError(f"the shard {file} is truncated or damaged.", "download or pack it again")
    if file.suffix == ".tar" and file.stat().st_size % tarfile.BLOCKSIZE:
        raise torn  # a tar is made of whole blocks; the reader itself takes a torn header for the end
    try:
        with tarfile.open(file, "r:*") as archive:
            for member in archive:
                path = member.name.removeprefix("./")
                folder, slash, name = path.rpartition("/")
                stem, dot, kind = name.partition(".")
                if not member.isfile() or not stem or not dot or name.startswith("__"):
                    continue
                stream = archive.extractfile(member)
                data = stream.read() if stream is not None else b""
                if len(data) != member.size:
                    raise torn
                yield folder + slash + stem, kind.lower(), data
    except PermissionError:
        raise FoveateError(f"no permission to read {file}.", "change its permissions") from None
    except (tarfile.TarError, EOFError, zlib.error, OSError):
        raise torn from None


def _sample(key: str, members: dict[str, bytes], file: Path) -> dict[str, Any]:
    found: dict[str, Any] = dict.fromkeys(_COLUMNS)
    found["id"] = key
    image = next((members[kind] for kind in _IMAGES if kind in members), None)
    found["image"] = None if image is None else {"bytes": image, "path": None}
    if "json" in members:
        try:
            record = json.loads(members["json"])
        except ValueError:
            raise FoveateError(f"{file}: {key}.json is not JSON.", "mend or remove that sample") from None
        if isinstance(record, dict):
            for column in ("id", "label", "caption"):
                known = (record[alias] for alias in ALIASES[column] if isinstance(record.get(alias), str | int))
                value = next(known, None)
                found[column] = found[column] if value is None else str(value)
    for kind, column in (("cls", "label"), ("txt", "caption")):
        if kind in members:
            found[column] = members[kind].decode("utf-8", "replace").strip()
    return found


SCHEME = Scheme(load=load, splits=splits, stream=stream, suffixes=(".tar",))
