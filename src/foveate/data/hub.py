"""``hf:ORG/NAME[/CONFIG][@split]`` from the Hugging Face hub, or ``hf:FOLDER[@split]`` as ``save_to_disk`` wrote it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from foveate.core.address import Address
from foveate.core.errors import FoveateError
from foveate.data.library import cache_folder, library
from foveate.data.registry import Scheme
from foveate.data.splits import canonical, choose

if TYPE_CHECKING:
    from datasets import Dataset, IterableDataset


def load(address: Address, split: str | None = None) -> Dataset:
    """A data set of the hub (kept in the cache), or a saved one (mapped from where it lies).

    Raises:
        FoveateError: no such data set or split, no network, a folder of something else.
    """
    rest, named = address.split_at()
    split = split or named
    folder = Path(rest).expanduser()
    if folder.is_dir():
        saved = _from_disk(folder, address)
        if isinstance(saved, library().DatasetDict):
            return saved[_own_name(choose(split, _names(saved), address), saved)]
        choose(split, [], address)
        return saved
    available = _hub_splits(rest, address)
    name = _own_name(choose(split, list(map(canonical, available)), address), available)
    path, config = _name(rest)
    return _asking(address, lambda: library().load_dataset(path, config, split=name, cache_dir=str(cache_folder())))


def splits(address: Address) -> list[str]:
    """The splits of the saved folder or the hub's data set."""
    rest, _ = address.split_at()
    folder = Path(rest).expanduser()
    if folder.is_dir():
        saved = _from_disk(folder, address)
        return _names(saved) if isinstance(saved, library().DatasetDict) else []
    return list(map(canonical, _hub_splits(rest, address)))


def stream(address: Address, split: str | None = None) -> IterableDataset:
    """The rows of the hub's data set as they arrive; nothing is kept."""
    rest, named = address.split_at()
    if Path(rest).expanduser().is_dir():
        return load(address, split).to_iterable_dataset()
    available = _hub_splits(rest, address)
    name = _own_name(choose(split or named, list(map(canonical, available)), address), available)
    path, config = _name(rest)
    return _asking(address, lambda: library().load_dataset(path, config, split=name, streaming=True))


def _names(saved: Any) -> list[str]:
    return [canonical(name) for name in saved]


def _own_name(chosen: str | None, available: Any) -> str:
    """The split's own spelling (``val``) for the one that was chosen (``validation``)."""
    return next(name for name in available if chosen in {name, canonical(name)})


def _name(rest: str) -> tuple[str, str | None]:
    parts = rest.strip("/").split("/")
    return "/".join(parts[:2]), "/".join(parts[2:]) or None


def _from_disk(folder: Path, address: Address) -> Any:
    inside = {entry.name for entry in folder.iterdir()}
    if not inside & {"state.json", "dataset_dict.json"}:
        scheme = "parquet" if any(name.endswith(".parquet") for name in inside) else "folder"
        raise FoveateError(
            f"{folder} was not written by datasets' save_to_disk.", f"did you mean {scheme}:{address.rest}?"
        )
    try:
        return library().load_from_disk(str(folder))
    except Exception as error:  # a torn folder fails in as many ways as it has files
        raise FoveateError(
            f"{folder} cannot be read as a saved data set: {_reason(error)}.", "save it again with save_to_disk"
        ) from None


def _hub_splits(rest: str, address: Address) -> list[str]:
    if rest.startswith((".", "/", "~")) or rest.count("/") > 2:
        raise FoveateError(f"there is no folder {rest}.", "check the path, or write hf:ORG/NAME for the hub")
    path, config = _name(rest)
    return list(_asking(address, lambda: library().get_dataset_split_names(path, config)))


def _asking(address: Address, question: Any) -> Any:
    """The hub's answer, or in one line why there is none."""
    import os

    try:
        return question()
    except Exception as error:  # network, hub and builder each have their own families of errors
        offline = os.environ.get("HF_HUB_OFFLINE") or os.environ.get("HF_DATASETS_OFFLINE")
        if offline or isinstance(error, ConnectionError | TimeoutError):
            remedy = "check the network (HF_HUB_OFFLINE must be unset), or save it elsewhere and give hf:FOLDER"
        elif "onfig" in str(error):
            remedy = "name the configuration: hf:ORG/NAME/CONFIG"
        else:
            remedy = "check the name on huggingface.co/datasets; a private or gated set needs HF_TOKEN"
        raise FoveateError(f"{address} cannot be loaded: {_reason(error)}.", remedy) from None


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split()).rstrip(".")
    return (text[:160] + " …" if len(text) > 160 else text) or type(error).__name__


SCHEME = Scheme(load=load, splits=splits, stream=stream)
