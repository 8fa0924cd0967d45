"""Features as one file for other programs, written block by block: Parquet, or NumPy's npz."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from foveate.core.errors import FoveateError
from foveate.core.files import atomic
from foveate.features.features import Features

_ROWS = 4096


def check(path: str | Path, *, overwrite: bool = False) -> Path:
    """The path, if it can be exported to; called before any work.

    Raises:
        FoveateError: neither .parquet nor .npz, or it exists (and may be somebody's data).
    """
    path = Path(path).expanduser()
    if path.suffix not in _WRITERS:
        raise FoveateError(
            f"--export {path}: '{path.suffix}' is no format to export to.", "name it FILE.parquet or FILE.npz"
        )
    if path.is_dir():
        raise FoveateError(f"--export {path} is a folder.", f"name a file, e.g. {path}/features{path.suffix}")
    if path.exists() and not overwrite:
        raise FoveateError(f"--export {path} exists already.", "remove it, or choose another name")
    return path


def export(features: Features, path: Path) -> None:
    """Write all taps, ids, labels and class names to one file.

    ``.parquet``: columns ``id``, ``label`` and a list column of fixed size for each tap (``:tokens`` flattened; the shape
    stands in the column's metadata). ``.npz``: ``id``, ``label``, ``class_names`` and an array for each tap.

    Raises:
        FoveateError: the disk is full, or the place cannot be written. Nothing half-written is left.
    """
    with atomic(path) as temporary:
        _WRITERS[path.suffix](features, temporary)


def _parquet(features: Features, path: Path) -> None:
    names = json.dumps(features.class_names)
    fields = [pa.field("id", pa.string())]
    if features.labels is not None:
        fields.append(pa.field("label", pa.int64(), metadata={"class_names": names}))
    for tap in features.taps:
        shape = features.shape(tap)[1:]
        kind = pa.list_(pa.float32(), int(np.prod(shape)))
        fields.append(pa.field(tap, kind, metadata={"shape": json.dumps(shape)}))
    schema = pa.schema(fields)
    # Opened here, so that a full disk is reported by the operating system's own error.
    with open(path, "wb") as stream, pq.ParquetWriter(stream, schema, use_dictionary=False) as writer:
        for start in range(0, len(features), _ROWS):
            some = slice(start, start + _ROWS)
            columns: list[Any] = [pa.array(features.ids[some], pa.string())]
            if features.labels is not None:
                columns.append(pa.array(features.labels[some]))
            for tap in features.taps:
                rows = features.take(tap, np.arange(len(features))[some])
                flat = rows.reshape(len(rows), -1)
                columns.append(pa.FixedSizeListArray.from_arrays(pa.array(flat.ravel()), flat.shape[1]))
            writer.write_table(pa.table(columns, schema=schema))


def _npz(features: Features, path: Path) -> None:
    with open(path, "wb") as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        _member(archive, "id", np.array(features.ids, dtype=np.str_))
        if features.labels is not None:
            _member(archive, "label", features.labels)
            _member(archive, "class_names", np.array(features.class_names, dtype=np.str_))
        for tap in features.taps:
            _write(archive, tap, features.shape(tap), np.dtype(np.float32), features.blocks(tap))


def _member(archive: zipfile.ZipFile, name: str, array: np.ndarray) -> None:
    _write(archive, name, array.shape, array.dtype, iter([array]))


def _write(
    archive: zipfile.ZipFile, name: str, shape: tuple[int, ...], dtype: np.dtype, blocks: Iterator[np.ndarray]
) -> None:
    with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
        header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(member, header)
        for block in blocks:
            member.write(np.ascontiguousarray(block).tobytes())


_WRITERS = {".parquet": _parquet, ".npz": _npz}
