"""``render:PATH[@split]``: the pictures of a run of ``foveate render``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from foveate.core.address import Address
from foveate.core.console import warn
from foveate.core.errors import FoveateError
from foveate.core.files import read_json
from foveate.data import parquet
from foveate.data.registry import Scheme

if TYPE_CHECKING:
    from datasets import Dataset, IterableDataset


def _table(address: Address) -> Address:
    """The same rows as a Parquet address.

    Raises:
        FoveateError: the folder holds no rendered pictures; the remedy differs for a run that has not ended.
    """
    folder = Path(address.split_at()[0]).expanduser()
    if not folder.is_dir():
        raise FoveateError(f"{folder} is no folder.", "give the --out of a foveate render")
    record = folder / "config.json"
    about = read_json(record, what="the configuration of a run") if record.exists() else None
    if not isinstance(about, dict) or about.get("verb") != "render":
        raise FoveateError(f"{folder} holds no run of foveate render.", "give the --out of a foveate render")
    if not any(folder.glob("*.parquet")):
        raise FoveateError(f"{folder} has no finished shard.", "wait for it, or go on with foveate render … --resume")
    return Address("parquet", address.rest, address.rows)


def load(address: Address, split: str | None = None) -> Dataset:
    """The rows of a split, or of all shards; of a run that has not ended, with a note, those that are there."""
    folder = Path(address.split_at()[0]).expanduser()
    if any(folder.glob("*.parquet")) and not (folder / "report.json").exists():
        warn(f"{folder} has not been rendered to its end: its finished shards are read")
    return parquet.load(_table(address), split)


def splits(address: Address) -> list[str]:
    """train, and test where the design holds something out."""
    return parquet.splits(_table(address))


def stream(address: Address, split: str | None = None) -> IterableDataset:
    """The same rows one after the other."""
    return parquet.stream(_table(address), split)


SCHEME = Scheme(load=load, splits=splits, stream=stream)
