"""128-bit keys of rows, and the table that finds them."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Keys = npt.NDArray[np.uint64]  # [n 2]: the two halves of each 16-byte key
BYTES = 16


def digest16(*pieces: bytes) -> bytes:
    """BLAKE2b of the pieces, 16 bytes."""
    state = hashlib.blake2b(digest_size=BYTES)
    for piece in pieces:
        state.update(piece)
    return state.digest()


def row_key(digest: bytes, box: npt.NDArray[np.int32] | None) -> bytes:
    """The key of a row: the decoded image's digest, and the crop box (x0, y0, x1, y1 px) where there is one."""
    return digest if box is None else digest16(digest, b"box", box.astype("<i4").tobytes())


def as_keys(data: bytes | bytearray) -> Keys:
    """Concatenated 16-byte keys as an array [n 2]."""
    return np.frombuffer(bytes(data), dtype="<u8").reshape(-1, 2)


def key_column(keys: Keys) -> pa.Array:
    """Keys [n 2] as an Arrow column of 16-byte values."""
    data = pa.py_buffer(np.ascontiguousarray(keys, dtype="<u8"))
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(BYTES), len(keys), [None, data])


def keys_of(table: pa.Table, name: str) -> Keys:
    """The keys [n 2] in a column of 16-byte values.

    Raises:
        KeyError: no such column. ValueError: it holds something else.
    """
    column = table[name].combine_chunks()
    if column.type != pa.binary(BYTES) or column.null_count:
        raise ValueError(f"column {name} holds {column.type}")
    start = column.offset * BYTES
    return as_keys(column.buffers()[1].to_pybytes()[start : start + len(table) * BYTES])


class KeyTable:
    """Where each of many keys stands. Of equal keys the first one given wins.

    Args:
        keys: [n 2]. values: int64 [n]; their positions by default.
    """

    def __init__(self, keys: Keys, values: npt.NDArray[np.int64] | None = None) -> None:
        order = np.argsort(keys[:, 0], kind="stable")
        self._high, self._low = keys[order, 0], keys[order, 1]
        self._values = order.astype(np.int64) if values is None else values[order]

    def __len__(self) -> int:
        return len(self._high)

    def find(self, wanted: Keys) -> npt.NDArray[np.int64]:
        """The value of each key [m 2] → int64 [m]; -1 where it is not in the table."""
        found = np.full(len(wanted), -1, dtype=np.int64)
        if not len(self):
            return found
        at = np.searchsorted(self._high, wanted[:, 0], side="left")
        active = np.arange(len(wanted))
        while active.size:  # one round, but for keys that share their first half with another
            active = active[at[active] < len(self)]
            active = active[self._high[at[active]] == wanted[active, 0]]
            hit = self._low[at[active]] == wanted[active, 1]
            found[active[hit]] = self._values[at[active[hit]]]
            active = active[~hit]
            at[active] += 1
        return found
