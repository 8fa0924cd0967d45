"""Which encoded image decodes to which pixels: what lets a second run find its features without decoding."""

from __future__ import annotations

import os
import secrets
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from foveate.core.files import atomic
from foveate.features.keys import BYTES, Keys, KeyTable, as_keys, key_column, keys_of

_DECODING = "1"  # to be raised with any change of what decoding an image gives
_MERGE_ABOVE = 48  # parts


class Digests:
    """Pairs of 16-byte digests on disk: of an image's encoded bytes, and of its decoded pixels.

    A folder of small Parquet parts; a damaged one is ignored (its images are decoded again), many are merged into one.

    Args:
        root: the folder of all digests; this version of decoding and of Pillow has its own below it.
    """

    def __init__(self, root: Path) -> None:
        import PIL

        self.folder = Path(root) / f"{_DECODING}-pillow-{PIL.__version__}"
        self._fresh: list[bytes] = []
        encoded, self._decoded = self._load()
        self._table = KeyTable(encoded)

    def __len__(self) -> int:
        return len(self._table)

    def find(self, encoded: list[bytes]) -> list[bytes | None]:
        """The pixels' digest of each encoded digest, or None."""
        at = self._table.find(as_keys(b"".join(encoded)))
        decoded = self._decoded[at].tobytes() if len(self) else b""
        return [decoded[i * BYTES : (i + 1) * BYTES] if place >= 0 else None for i, place in enumerate(at)]

    def add(self, encoded: bytes, decoded: bytes) -> None:
        """Remember a pair; ``flush`` writes it."""
        self._fresh.append(encoded + decoded)

    def flush(self) -> None:
        """Write what was added as one part.

        Raises:
            FoveateError: the disk is full or the cache cannot be written.
        """
        if self._fresh:
            pairs = np.frombuffer(b"".join(self._fresh), dtype="<u8").reshape(-1, 4)
            self._write(pairs[:, :2], pairs[:, 2:])
            self._fresh = []

    def _load(self) -> tuple[Keys, Keys]:
        paths = sorted(self.folder.glob("part-*.parquet"))
        pairs: list[tuple[Keys, Keys]] = []
        for path in paths:
            try:
                table = pq.read_table(path, page_checksum_verification=True)
                pairs.append((keys_of(table, "encoded"), keys_of(table, "decoded")))
            except (OSError, ValueError, KeyError, pa.ArrowException):
                continue
        if not pairs:
            return as_keys(b""), as_keys(b"")
        encoded, decoded = (np.concatenate(column) for column in zip(*pairs, strict=True))
        if len(paths) > _MERGE_ABOVE and os.access(self.folder, os.W_OK):
            # Written before the old ones go: whoever reads meanwhile sees pairs twice, or decodes a few images again.
            self._write(encoded, decoded)
            for path in paths:
                path.unlink(missing_ok=True)
        return encoded, decoded

    def _write(self, encoded: Keys, decoded: Keys) -> None:
        columns = {"encoded": key_column(encoded), "decoded": key_column(decoded)}
        sink = pa.BufferOutputStream()
        pq.write_table(pa.table(columns), sink, write_page_checksum=True)
        name = f"part-{time.time_ns():020d}-{os.getpid():x}{secrets.token_hex(3)}.parquet"
        with atomic(self.folder / name) as path:
            path.write_bytes(sink.getvalue())
