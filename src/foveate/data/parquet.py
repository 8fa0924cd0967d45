"""``parquet:PATH[@split]``: a table with a column of encoded images; one file, a glob, or a folder of shards."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from foveate.core.address import Address
from foveate.core.errors import FoveateError
from foveate.data import shards
from foveate.data.columns import ALIASES, build, image_paths
from foveate.data.library import cache_folder, library
from foveate.data.registry import Scheme

if TYPE_CHECKING:
    from datasets import Dataset, IterableDataset

_SUFFIXES = (".parquet", ".parq", ".pq")


def load(address: Address, split: str | None = None) -> Dataset:
    """The rows of the shards in the order of their names, mapped from an Arrow copy in the cache.

    The image column is binary, or a struct of bytes and path as ``datasets`` writes it, or text that names files,
    relative to the table's folder.

    Raises:
        FoveateError: no such file, not Parquet, shards with different columns.
    """
    files = _whole(shards.find(address, split, _SUFFIXES))
    copy = cache_folder() / f"parquet-{shards.state(files)}"
    try:
        dataset = library().Dataset.from_parquet([str(file.absolute()) for file in files], cache_dir=str(copy))
    except Exception as error:  # datasets wraps what Arrow and the system say in errors of its own
        cause = error.__cause__ or error
        if isinstance(cause, OSError) and cause.errno:  # the disk, not the table
            raise FoveateError(
                f"{address} cannot be copied to {copy.parent}: {cause.strerror}.",
                "free some space there, or set FOVEATE_CACHE to another folder",
            ) from None
        raise _torn(files[0], cause) from None
    return _with_files(dataset, files[0].absolute().parent)


def splits(address: Address) -> list[str]:
    """The splits that the shards' names show."""
    return shards.splits(address, _SUFFIXES)


def stream(address: Address, split: str | None = None) -> IterableDataset:
    """The same rows one after the other, without a copy in the cache."""
    files = _whole(shards.find(address, split, _SUFFIXES))
    return library().load_dataset(
        "parquet", data_files=[str(file.absolute()) for file in files], split="train", streaming=True
    )


def _whole(files: list[Path]) -> list[Path]:
    """The shards that have rows; each is Parquet, with its end in place, and has the first one's columns."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    first: list[str] | None = None
    filled = []
    for file in files:
        try:
            with pq.ParquetFile(file) as table:
                names, rows = table.schema_arrow.names, table.metadata.num_rows
        except PermissionError:
            raise FoveateError(f"no permission to read {file}.", "change its permissions") from None
        except (pa.ArrowException, OSError) as error:
            raise _torn(file, error) from None
        first = first or names
        if set(names) != set(first):
            raise FoveateError(
                f"{file} has other columns ({', '.join(names)}) than {files[0].name} ({', '.join(first)}).",
                "give shards of one table",
            )
        if rows:
            filled.append(file)
    if not filled:
        raise FoveateError(f"{files[0]} has no rows.", "give a table with images")
    return filled


def _torn(file: Path, error: BaseException) -> FoveateError:
    reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
    return FoveateError(f"{file} cannot be read as Parquet: {reason}.", "check that the file is whole, and is Parquet")


def _with_files(dataset: Dataset, folder: Path) -> Dataset:
    """Where the image column holds file names, a column of images that points at them."""
    datasets = library()
    features: dict[str, Any] = dataset.features
    for name in ALIASES["image"]:
        feature = features.get(name)
        if isinstance(feature, datasets.Value) and feature.dtype in {"string", "large_string"}:
            paths = dataset.with_format("arrow").select_columns(name)[:][name].to_pylist()
            if "://" in (paths[0] or ""):
                raise FoveateError(
                    f"the column '{name}' holds web addresses such as {paths[0][:60]}.", "download the images first"
                )
            known = [str(folder / path) if path else None for path in paths]
            files = build({name: image_paths(known)}, {name: datasets.Image()})
            keys = {} if "id" in features else {"id": paths}
            dataset = datasets.concatenate_datasets([dataset.remove_columns(name), files], axis=1)
            return dataset.add_column("id", keys["id"]) if keys else dataset
        if feature is not None:
            break
    return dataset


SCHEME = Scheme(load=load, splits=splits, stream=stream, suffixes=(".parquet",))
