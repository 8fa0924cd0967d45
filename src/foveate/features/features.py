"""Features of a dataset: a view of stored rows, read as arrays, in blocks, or as files for others."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from foveate.core.errors import FoveateError, nearest
from foveate.core.files import explain
from foveate.features.keys import BYTES
from foveate.features.store import Array, Locations, Store

if TYPE_CHECKING:
    import torch

IN_MEMORY = 1 << 29
"""Bytes above which ``array`` is mapped from a file."""
_BLOCK = 1 << 25


@dataclass(frozen=True, kw_only=True, eq=False)
class Features:
    """Features of the rows of one dataset under one encoder.

    Attributes:
        rows: int64 [n], the dataset's rows that could be read, ascending. ids: theirs.
        labels: int64 [n], or None where the dataset has none. class_names: what they mean.
        taps: canonical names, in the order asked for.
        unreadable: (id, reason) of the rows that are left out.
        computed: distinct images that went through the encoder now. reused: rows that did not have to.
        seconds: what it took.
    """

    rows: npt.NDArray[np.int64]
    ids: list[str]
    labels: npt.NDArray[np.int64] | None
    class_names: list[str]
    taps: tuple[str, ...]
    unreadable: list[tuple[str, str]]
    computed: int
    reused: int
    seconds: float
    _stores: Mapping[str, Store] = field(repr=False)
    _places: Mapping[str, Locations] = field(repr=False)
    _names: Mapping[str, str] = field(repr=False)  # any spelling that was asked for → the canonical tap
    _encoded: bytes = field(repr=False)
    _decoded: bytes = field(repr=False)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def encoded_digests(self) -> list[bytes]:
        """16 bytes for each row: equal where the files are equal byte by byte."""
        return [self._encoded[i : i + BYTES] for i in range(0, len(self._encoded), BYTES)]

    @property
    def digests(self) -> list[bytes]:
        """16 bytes for each row: equal where the decoded pixels are equal."""
        return [self._decoded[i : i + BYTES] for i in range(0, len(self._decoded), BYTES)]

    def shape(self, tap: str) -> tuple[int, ...]:
        """[n d], or [n t d] for ``:tokens``."""
        return (len(self), *(self._stores[self._canonical(tap)].row_shape or ()))

    def array(self, tap: str) -> Array:
        """All features of a tap, float32 [n d] (``:tokens``: [n t d]).

        Above ``IN_MEMORY`` bytes the array is mapped from a file beside the store, which has no name and goes when the
        array does: the system may drop its pages from memory and read them again.

        Raises:
            FoveateError: no such tap here, the disk is full, or the cache was cleared meanwhile.
        """
        shape = self.shape(tap)
        if 4 * int(np.prod(shape, dtype=np.int64)) <= IN_MEMORY:
            canonical = self._canonical(tap)
            return self._stores[canonical].read(self._places[canonical])
        folder = self._stores[self._canonical(tap)].folder
        try:
            with tempfile.TemporaryFile(dir=folder) as file:
                for block in self.blocks(tap):
                    file.write(block.data)  # written, not mapped: a full disk is an error here and a crash there
                file.flush()
                return np.memmap(file, dtype=np.float32, mode="c", shape=shape)
        except OSError as error:
            raise (explain(error, folder) or error) from error

    def blocks(self, tap: str, size: int | None = None) -> Iterator[Array]:
        """The features of a tap in order, ``size`` rows at a time (default: about 32 MB of them)."""
        shape = self.shape(tap)
        size = size or max(1, _BLOCK // (4 * int(np.prod(shape[1:]))))
        for start in range(0, len(self), size):
            yield self.take(tap, np.arange(start, min(start + size, len(self))))

    def take(self, tap: str, index: npt.NDArray[np.int64]) -> Array:
        """The rows of a tap at ``index`` (positions in these features, not in the dataset)."""
        canonical = self._canonical(tap)
        return self._stores[canonical].read(self._places[canonical][index])

    def folder(self, tap: str) -> Path:
        """Where the features of a tap are stored."""
        return self._stores[self._canonical(tap)].folder

    def tensor(self, tap: str, device: torch.device | str = "cpu") -> torch.Tensor:
        """``array`` as a tensor on a device."""
        import torch

        return torch.from_numpy(self.array(tap)).to(device)

    def _canonical(self, tap: str) -> str:
        if tap not in self._names:
            raise FoveateError(f"these features hold no tap '{tap}'.", nearest(tap, self._names))
        return self._names[tap]
