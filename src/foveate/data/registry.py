"""The visible lists of the data room: schemes of addresses, and built-in sets. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from foveate.core.address import Address
from foveate.core.registry import Registry

if TYPE_CHECKING:
    from datasets import Dataset, IterableDataset


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """How one kind of data address is read.

    Attributes:
        load: ``(address, split) -> Dataset`` with an image column under any name of ``columns.ALIASES``. ``split``,
            where given, goes before the one in the address. The slice is not its business.
        splits: ``address -> names`` of the splits that stand there; None where the scheme has none: then none is ever asked for.
        stream: ``(address, split) -> IterableDataset`` for what does not fit; None where it always fits.
        suffixes: of files that are its, e.g. ``.csv``: to guess what a bare path means.
    """

    load: Callable[[Address, str | None], Dataset]
    splits: Callable[[Address], list[str]] | None = None
    stream: Callable[[Address, str | None], IterableDataset] | None = None
    suffixes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Builtin:
    """A set that foveate makes itself, the same on every machine.

    Attributes:
        splits: its parts; the first is what the bare name gives.
        build: ``split -> Dataset`` with the agreed columns.
    """

    splits: tuple[str, ...]
    build: Callable[[str], Dataset]


SCHEMES = Registry(
    "data scheme",
    {
        "folder": "foveate.data.folder:SCHEME",
        "parquet": "foveate.data.parquet:SCHEME",
        "wds": "foveate.data.webdataset:SCHEME",
        "hf": "foveate.data.hub:SCHEME",
        "coco": "foveate.data.coco:SCHEME",
        "davis": "foveate.data.davis:SCHEME",
        "render": "foveate.rendering.scheme:SCHEME",
        "builtin": "foveate.data.builtin.scheme:SCHEME",
    },
)

BUILTINS = Registry(
    "built-in data set",
    {
        "digits": "foveate.data.builtin.digits:SET",
        "clutter": "foveate.data.builtin.clutter:SET",
        "shapes": "foveate.data.builtin.shapes:SET",
        "tabletop": "foveate.rendering.tabletop:SET",
        "dejavu": "foveate.data.builtin.planted:DEJAVU",
        "dejavu-correlated": "foveate.data.builtin.planted:DEJAVU_CORRELATED",
        "duplicates": "foveate.data.builtin.planted:DUPLICATES",
    },
)
