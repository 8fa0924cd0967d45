"""``builtin:NAME[@split]``: sets that need no download and are the same on every machine."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from foveate.core.address import Address
from foveate.data.registry import BUILTINS, Scheme
from foveate.data.splits import choose

if TYPE_CHECKING:
    from datasets import Dataset


def load(address: Address, split: str | None = None) -> Dataset:
    """One split of a built-in set; without a name the first.

    Raises:
        FoveateError: no such set or split; the nearest name is given.
    """
    name, named = address.split_at()
    available = BUILTINS.load(name).splits
    return _built(name, choose(split or named or available[0], available, address) or available[0])


def splits(address: Address) -> list[str]:
    """The parts of the set."""
    return list(BUILTINS.load(address.split_at()[0]).splits)


@lru_cache(maxsize=16)
def _built(name: str, split: str) -> Dataset:
    return BUILTINS.load(name).build(split)


SCHEME = Scheme(load=load, splits=splits)
