"""The agreed columns: which of a source's columns is the image, the label, the id, and what they become."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from foveate.core.console import warn
from foveate.core.errors import FoveateError
from foveate.data.library import library

if TYPE_CHECKING:
    import pyarrow as pa
    from datasets import Dataset
    from numpy.typing import NDArray

ALIASES: dict[str, tuple[str, ...]] = {
    "image": ("image", "img", "jpg", "jpeg", "png", "webp", "picture", "photo", "images"),
    "label": ("label", "labels", "class", "cls", "class_name", "category", "target", "fine_label", "y"),
    "id": ("id", "__key__", "key", "image_id", "file_name", "filename"),
    "caption": ("caption", "text", "txt"),
    "captions": ("captions", "sentences"),
}
"""Agreed column ← the names it goes by elsewhere, best first. The one such list, for every scheme."""


def build(columns: Mapping[str, Any], features: Mapping[str, Any]) -> Dataset:
    """A dataset in memory from lists or Arrow arrays; ``features`` are those of the ``datasets`` library."""
    import pyarrow as pa

    datasets = library()
    typed = datasets.Features(dict(features))
    arrays = [
        column if isinstance(column, pa.Array) else pa.array(column, type=typed.arrow_schema.field(name).type)
        for name, column in columns.items()
    ]
    table = pa.table(arrays, names=list(columns)).cast(datasets.Features({k: typed[k] for k in columns}).arrow_schema)
    return datasets.Dataset(table, info=datasets.DatasetInfo(features=typed))


def image_paths(paths: Sequence[str | None]) -> pa.Array:
    """An image column that points at files."""
    import pyarrow as pa

    return pa.StructArray.from_arrays(
        [pa.nulls(len(paths), pa.binary()), pa.array(paths, pa.string())], names=["bytes", "path"]
    )


def image_bytes(files: Sequence[bytes]) -> pa.Array:
    """An image column that holds the encoded files."""
    import pyarrow as pa

    return pa.StructArray.from_arrays(
        [pa.array(files, pa.binary()), pa.nulls(len(files), pa.string())], names=["bytes", "path"]
    )


def agree(dataset: Dataset, name: str) -> Dataset:
    """The dataset with the agreed columns ``image``, ``id`` (unique) and, where there is one, ``label`` (ClassLabel).

    Other columns are kept. Rows without a label are left out where others have one, with a note. An id that stands
    twice gets ``#2``, ``#3`` … in the order of the rows, with a note.

    Args:
        dataset: as a scheme gave it. name: its address, for messages.

    Raises:
        FoveateError: no image column; labels that are no classes.
    """
    datasets = library()
    dataset = _rename(dataset, "image", _image_column(dataset, name))
    if not isinstance(dataset.features["image"], datasets.Image):
        dataset = dataset.cast_column("image", datasets.Image())
    for agreed, fits in (("id", _is_id), ("caption", _is_text), ("captions", _is_texts), ("label", _is_label)):
        found = next((alias for alias in ALIASES[agreed] if fits(dataset.features.get(alias))), None)
        if found is not None:
            dataset = _rename(dataset, agreed, found)
    dataset = _put(dataset, "id", _ids(dataset, name), datasets.Value("string"))
    return _label(dataset, name) if _is_label(dataset.features.get("label")) else dataset


def labels(dataset: Dataset) -> tuple[NDArray[np.int64], list[str]]:
    """The labels of all rows and the names of the classes.

    Raises:
        FoveateError: the dataset has no labels.
    """
    datasets = library()
    feature = dataset.features.get("label")
    if not isinstance(feature, datasets.ClassLabel):
        raise FoveateError(
            "the data has no labels.",
            "give data with a label: class folders, a label column in the table, or .cls members in the shards",
        )
    column = dataset.with_format("arrow")[:]["label"] if dataset.num_rows else None
    values = np.zeros(0, np.int64) if column is None else column.to_numpy().astype(np.int64)
    return values, list(feature.names)


def has_labels(dataset: Dataset) -> bool:
    """Whether the agreed column ``label`` is there."""
    return isinstance(dataset.features.get("label"), library().ClassLabel)


def ids(dataset: Dataset) -> list[str]:
    """The ids of all rows."""
    return list(dataset.with_format("arrow").select_columns("id")[:]["id"].to_pylist()) if dataset.num_rows else []


def shuffle_order(names: Sequence[str]) -> NDArray[np.int64]:
    """The fixed shuffle: positions ordered by the blake2b hash of their id, whatever order they come in."""
    keys = b"".join(hashlib.blake2b(name.encode(), digest_size=8).digest() for name in names)
    return np.argsort(np.frombuffer(keys, dtype=">u8").astype(np.uint64), kind="stable")


def _image_column(dataset: Dataset, name: str) -> str:
    datasets = library()
    import pyarrow as pa

    def fits(feature: Any) -> bool:
        if isinstance(feature, datasets.Image):
            return True
        if isinstance(feature, datasets.Value):
            return pa.types.is_binary(feature.pa_type) or pa.types.is_large_binary(feature.pa_type)
        return isinstance(feature, dict) and set(feature) == {"bytes", "path"}

    for alias in ALIASES["image"]:
        if fits(dataset.features.get(alias)):
            return alias
    real = [column for column, feature in dataset.features.items() if isinstance(feature, datasets.Image)]
    if len(real) == 1:
        return real[0]
    if len(real) > 1:
        raise FoveateError(
            f"{name} has several image columns: {', '.join(real)}.", "rename the one that is meant to 'image'"
        )
    raise FoveateError(
        f"{name} has no image column; its columns are {', '.join(dataset.column_names) or 'none'}.",
        "store encoded images (PNG, JPEG) in a binary column called 'image'",
    )


def _rename(dataset: Dataset, agreed: str, found: str) -> Dataset:
    if found == agreed:
        return dataset
    if agreed in dataset.column_names:  # the agreed name on something that does not fit, e.g. an address of a picture
        dataset = dataset.remove_columns(agreed)
    return dataset.rename_column(found, agreed)


def _put(dataset: Dataset, column: str, values: Any, feature: Any) -> Dataset:
    if column in dataset.column_names:
        dataset = dataset.remove_columns(column)
    return dataset.add_column(column, values, feature=feature)


def _is_id(feature: Any) -> bool:
    return isinstance(feature, library().Value) and feature.dtype in {
        "string", "large_string", "int64", "int32", "uint64", "uint32", "int16", "uint16", "int8", "uint8",
    }  # fmt: skip


def _is_text(feature: Any) -> bool:
    return isinstance(feature, library().Value) and feature.dtype in {"string", "large_string"}


def _is_texts(feature: Any) -> bool:
    return isinstance(feature, library().List) and _is_text(feature.feature)


def _is_label(feature: Any) -> bool:
    datasets = library()
    if isinstance(feature, datasets.ClassLabel):
        return True
    return isinstance(feature, datasets.Value) and (
        feature.dtype in {"string", "large_string", "bool", "null"}
        or feature.dtype.startswith(("int", "uint", "float"))
    )


def _column(dataset: Dataset, name: str) -> pa.ChunkedArray:
    return dataset.with_format("arrow").select_columns(name)[:][name]


def _ids(dataset: Dataset, name: str) -> list[str]:
    """The source's own key; else the stored path, where each row has its own; else the row's number."""
    import pyarrow.compute as pc

    if not dataset.num_rows:
        return []
    if "id" in dataset.column_names:
        keys = [None if key is None else str(key) for key in _column(dataset, "id").to_pylist()]
        empty = sum(key is None for key in keys)
        if empty:
            warn(f"{name}: {empty:,} rows have no id and are named by their row number")
        return _unique([f"row-{row}" if key is None else key for row, key in enumerate(keys)], name)
    paths = pc.struct_field(_column(dataset, "image"), "path")
    if paths.null_count == 0 and len(paths.unique()) == len(paths):
        return [str(path) for path in paths.to_pylist()]
    return [str(row) for row in range(dataset.num_rows)]


def _unique(keys: list[str], name: str) -> list[str]:
    if len(set(keys)) == len(keys):
        return keys
    taken, count, result = set(keys), dict.fromkeys(keys, 0), []
    for key in keys:
        count[key] += 1
        fresh = key
        while count[key] > 1 and (fresh := f"{key}#{count[key]}") in taken:
            count[key] += 1
        taken.add(fresh)
        result.append(fresh)
    again = sorted(key for key, times in count.items() if times > 1)
    warn(f"{name}: {len(keys) - len(count):,} ids stand more than once and get #2, #3 …: {', '.join(again[:3])}")
    return result


def _label(dataset: Dataset, name: str) -> Dataset:
    """The label column as ClassLabel, without the rows that have none."""
    datasets = library()
    if not dataset.num_rows:
        return dataset
    feature, column = dataset.features["label"], _column(dataset, "label")
    if isinstance(feature, datasets.ClassLabel):
        names = list(feature.names)
        codes = column.fill_null(-1).to_numpy().astype(np.int64)
    else:
        codes, names = _codes(column.to_pylist(), name)
    keep = np.flatnonzero(codes >= 0)
    if not len(keep):
        return dataset.remove_columns("label")
    if not (isinstance(feature, datasets.ClassLabel) and column.null_count == 0):
        dataset = _put(dataset, "label", codes, datasets.ClassLabel(names=names))
    if len(keep) < len(codes):
        missing = np.flatnonzero(codes < 0)
        first = ", ".join(_column(dataset, "id").take(missing[:3].tolist()).to_pylist())
        warn(f"{name}: {len(missing):,} of {len(codes):,} rows have no label and are left out: {first}")
        dataset = dataset.select(keep)
    return dataset


def _codes(values: list[Any], name: str) -> tuple[NDArray[np.int64], list[str]]:
    """Class names in sorted order (numbers by size) and each row's place among them; -1 where there is none."""
    plain: list[Any] = []
    for value in values:
        if value is None or value == "" or value != value or (not isinstance(value, str) and value == -1):
            plain.append(None)
        elif isinstance(value, float):
            if not value.is_integer():
                raise FoveateError(
                    f"the label column of {name} holds fractions such as {value:g}, which are no classes.",
                    "rename that column if it is not the class, or store class names in it",
                )
            plain.append(int(value))
        else:
            plain.append(value)
    known = sorted({value for value in plain if value is not None})
    place: dict[Any, int] = {value: code for code, value in enumerate(known)}
    codes = np.array([-1 if value is None else place[value] for value in plain], dtype=np.int64)
    return codes, [str(value) for value in known]
