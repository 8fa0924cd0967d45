"""Features on disk: npy parts, each with a Parquet index that commits it, under one folder a tap.

``features/KEY/{manifest.json, part-….npy, part-….parquet}``. The index is written after its array, each under its
name only when it is whole: an array without an index does not exist. Parts have unique names, so that any number of
processes add to a store at once; where two hold the same row, the older part answers.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import threading
import time
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from foveate.core import console
from foveate.core.errors import FoveateError
from foveate.core.files import atomic, write_json
from foveate.features.keys import Keys, KeyTable, as_keys, digest16, key_column, keys_of

SCHEMA = "foveate.features/1"
_STALE = 3600.0  # seconds after which a temporary file belongs to a process that was killed
_BLOCK = 1 << 22  # bytes read at once while a part is checked
_OFFSET_BITS = 32  # a location is part << 32 | row within the part

Array = npt.NDArray[np.float32]
Locations = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Key:
    """What a feature depends on besides the image. Any difference is another store."""

    encoder: str
    """The fingerprint of weights and architecture."""
    preprocessing: str
    precision: str
    tap: str

    def folder(self) -> str:
        return digest16(json.dumps(asdict(self), sort_keys=True).encode()).hex()


@dataclass(eq=False)
class _Part:
    name: str
    keys: Keys
    checksum: int
    checked: bool = False


class Store:
    """The features of one key.

    Args:
        root: the folder of all stores. key: which one.
        about: what people want to know of it, kept in ``manifest.json`` (e.g. the encoder's address).
    """

    def __init__(self, root: Path, key: Key, about: dict[str, Any] | None = None) -> None:
        self.key = key
        self.folder = Path(root) / key.folder()
        self._about = about or {}
        self._parts: list[_Part] = []
        self._known: set[str] = set()
        self._own: set[str] = set()  # written by this process a moment ago: not checked again
        self._table = KeyTable(as_keys(b""))
        self._lock = threading.RLock()
        self.row_shape: tuple[int, ...] | None = None
        self._tidy()
        self.refresh()

    def __len__(self) -> int:
        return len(self._table)

    def refresh(self) -> None:
        """Take in the parts that were committed since, by this process or another."""
        with self._lock:
            names = sorted(path.stem for path in self.folder.glob("part-*.parquet"))
            fresh = {name: self._open(name) for name in names if name not in self._known}
            self._known.update(fresh)
            self._drop([name for name, part in fresh.items() if part is None])
            self._parts += [part for part in fresh.values() if part is not None]
            if fresh:
                self._parts.sort(key=lambda part: part.name)
                self._rebuild()

    def find(self, keys: Keys) -> Locations:
        """Where each row [n 2] stands → int64 [n], -1 where it is missing. What is found is known to be whole."""
        with self._lock:
            while True:
                found = self._table.find(keys)
                parts = np.unique(found[found >= 0] >> _OFFSET_BITS)
                broken = [part for p in parts if not self._whole(part := self._parts[p])]
                if not broken:
                    return found
                self._parts = [part for part in self._parts if part not in broken]
                self._drop([part.name for part in broken])
                self._rebuild()

    def read(self, locations: Locations) -> Array:
        """Rows by location → float32 [n …].

        Raises:
            FoveateError: a part was removed meanwhile.
        """
        assert self.row_shape is not None, "an empty store has no rows to read"
        out = np.empty((len(locations), *self.row_shape), dtype=np.float32)
        owner = locations >> _OFFSET_BITS
        for p in np.unique(owner):
            mine = owner == p
            path = self.folder / f"{self._parts[p].name}.npy"
            try:
                rows = np.load(path, mmap_mode="r")
            except (OSError, ValueError):
                raise FoveateError(
                    f"the stored features {path} were removed or damaged while they were in use.",
                    "run the command again: what is missing is computed anew",
                ) from None
            out[mine] = rows[locations[mine] & ((1 << _OFFSET_BITS) - 1)]
        return out

    def write(self, keys: Keys, values: Array) -> None:
        """Commit one part: keys [n 2] and float32 [n …]. It is read after the next ``refresh``.

        Raises:
            FoveateError: the disk is full or the cache cannot be written.
        """
        assert len(keys) == len(values)
        assert values.dtype == np.float32
        assert self.row_shape in (None, values.shape[1:]), f"{self.key}: {values.shape[1:]} after {self.row_shape}"
        if not len(keys):
            return
        if not (self.folder / "manifest.json").exists():
            write_json(self.folder / "manifest.json", self._manifest(values))
        # The time first, so that names sort by age; then what makes them unique.
        name = f"part-{time.time_ns():020d}-{os.getpid():x}{secrets.token_hex(3)}"
        values = np.ascontiguousarray(values)
        with atomic(self.folder / f"{name}.npy") as path, open(path, "wb") as stream:
            header = np.lib.format.header_data_from_array_1_0(values)
            np.lib.format.write_array_header_1_0(stream, header)
            stream.write(values.data)  # unlike numpy's own writer, this says why it fails
        self._write_index(name, keys, values)
        self._own.add(name)

    def size(self) -> int:
        """Bytes on disk."""
        return sum(path.stat().st_size for path in self.folder.glob("*") if path.is_file())

    def _write_index(self, name: str, keys: Keys, values: Array) -> None:
        facts = {"schema": SCHEMA, "checksum": zlib.crc32(values.data), "shape": list(values.shape)}
        table = pa.table({"key": key_column(keys), "offset": pa.array(np.arange(len(keys), dtype=np.int64))})
        sink = pa.BufferOutputStream()
        pq.write_table(
            table.replace_schema_metadata({b"foveate": json.dumps(facts).encode()}), sink, write_page_checksum=True
        )
        with atomic(self.folder / f"{name}.parquet") as path:
            path.write_bytes(sink.getvalue())

    def _manifest(self, values: Array) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "key": asdict(self.key),
            "row_shape": list(values.shape[1:]),
            "dtype": "float32",
            **self._about,
        }

    def _open(self, name: str) -> _Part | None:
        """A part by its index, or None when the index or the array is not what was written."""
        try:
            table = pq.read_table(self.folder / f"{name}.parquet", page_checksum_verification=True)
            facts = json.loads((table.schema.metadata or {})[b"foveate"])
            keys = keys_of(table, "key")
            array = np.load(self.folder / f"{name}.npy", mmap_mode="r")
        except (OSError, ValueError, KeyError, EOFError, pa.ArrowException):
            return None
        shape = tuple(facts["shape"])
        if array.shape != shape or array.dtype != np.float32 or len(table) != shape[0]:
            return None
        if self.row_shape not in (None, shape[1:]):
            return None
        self.row_shape = shape[1:]
        return _Part(name, keys, int(facts["checksum"]), checked=name in self._own)

    def _whole(self, part: _Part) -> bool:
        """Whether the array's bytes are those that were written: checked once a process, when it is first needed."""
        if not part.checked:
            try:
                part.checked = _checksum(self.folder / f"{part.name}.npy") == part.checksum
            except (OSError, ValueError):
                part.checked = False
        return part.checked

    def _rebuild(self) -> None:
        keys = [part.keys for part in self._parts]
        places = [np.arange(len(k), dtype=np.int64) | (p << _OFFSET_BITS) for p, k in enumerate(keys)]
        self._table = KeyTable(np.concatenate(keys), np.concatenate(places)) if keys else KeyTable(as_keys(b""))

    def _drop(self, names: list[str]) -> None:
        """Forget parts that are not what was written, and say so."""
        if not names:
            return
        count = "a part" if len(names) == 1 else f"{len(names)} parts"
        console.warn(f"{count} of the stored features of {self.key.tap} is damaged or missing; computed anew")
        for name in names:
            for suffix in (".parquet", ".npy"):
                with contextlib.suppress(OSError):  # the cache may be read-only, or another process faster
                    (self.folder / f"{name}{suffix}").unlink(missing_ok=True)

    def _tidy(self) -> None:
        """Remove what killed processes left: temporary files, and arrays that were never committed."""
        now = time.time()
        for path in [*self.folder.glob(".*.tmp"), *self.folder.glob("part-*.npy")]:
            try:
                orphan = path.suffix == ".tmp" or not path.with_suffix(".parquet").exists()
                if orphan and now - path.stat().st_mtime > _STALE:
                    path.unlink()
            except OSError:
                continue  # another process was faster, or the cache is read-only


def _checksum(path: Path) -> int:
    """CRC-32 of the values in an npy file."""
    value = 0
    with open(path, "rb") as stream:
        version = np.lib.format.read_magic(stream)
        assert version == (1, 0)
        np.lib.format.read_array_header_1_0(stream)
        while block := stream.read(_BLOCK):
            value = zlib.crc32(block, value)
    return value
