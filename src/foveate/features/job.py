"""The computing part of embedding: batches of missing rows through the encoder and into the stores."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import torch

from foveate.core.errors import FoveateError
from foveate.features.digests import Digests
from foveate.features.keys import Keys, as_keys
from foveate.features.store import Array, Store

if TYPE_CHECKING:
    from foveate.encoders.encoder import Encoder

Pixels = npt.NDArray[np.uint8]
Precision = Literal["fp32", "bf16"]
PART_ROWS, PART_BYTES = 16384, 1 << 26
"""A part is committed at these rows or bytes (over all taps) …"""
PART_SECONDS = 15.0
"""… or after this time: what a kill can cost."""


@dataclass(frozen=True)
class Prepared:
    """One readable row.

    Attributes:
        key: of its features. encoded, digest: of the file, and of the decoded image.
        decoded: whether this row had to be decoded, so that the pair of digests is new.
        missing: bit t is set where the t-th tap is not in the store.
        pixels: uint8 as the encoder crops them, [h w 3]; None where nothing is missing.
    """

    key: bytes
    encoded: bytes
    digest: bytes
    decoded: bool
    missing: int
    pixels: Pixels | None


class Job:
    """Batches of missing rows through the encoder and into the stores, in the order of the dataset."""

    def __init__(
        self, encoder: Encoder, stores: dict[str, Store], digests: Digests, batch_size: int, precision: Precision
    ) -> None:
        self.encoder, self.stores, self.digests = encoder, stores, digests
        self.batch_size, self.precision = batch_size, precision
        self.pending: set[bytes] = set()
        self.computed = 0
        # Set while readers may work. On a CPU they rest while the network runs: threads that take turns with OpenMP's
        # on the same cores cost more than they give (measured: as fast alone, up to 1.9 times as fast on a busy machine).
        self.reading = threading.Event()
        self.reading.set()
        self._batch: list[tuple[str, Prepared]] = []
        self._running: deque[tuple[list[tuple[str, Prepared]], dict[str, torch.Tensor]]] = deque()
        self._ready: dict[str, list[tuple[bytes, Array]]] = {tap: [] for tap in stores}
        self._rows = self._bytes = 0
        self._committed = time.monotonic()
        # Networks of overlapping convolutions run up to twice as fast on pixels stored channels last; patches do not.
        self._convolves = any(
            isinstance(part, torch.nn.Conv2d) and part.kernel_size[0] > part.stride[0]
            for part in encoder.module.modules()
        )

    def missing(self, keys: Keys) -> npt.NDArray[np.int64]:
        """For each key [n 2] the bits of the taps that are not stored."""
        bits = np.zeros(len(keys), dtype=np.int64)
        for bit, store in enumerate(self.stores.values()):
            bits |= (store.find(keys) < 0).astype(np.int64) << bit
        return bits

    def add(self, name: str, row: Prepared) -> None:
        """Take a row in; computes when a batch is full."""
        if row.decoded:
            self.digests.add(row.encoded, row.digest)
        if row.pixels is None or row.key in self.pending:
            return
        self.pending.add(row.key)
        self._batch.append((name, row))
        if len(self._batch) == self.batch_size:
            self._launch()
            due = time.monotonic() - self._committed > PART_SECONDS
            if due or self._rows >= PART_ROWS or self._bytes >= PART_BYTES:
                self.commit()

    def finish(self) -> None:
        """Compute and store what is left."""
        if self._batch:
            self._launch()
        while self._running:
            self._collect()
        self.commit()

    def commit(self) -> None:
        """Write what has been computed as one part of each store."""
        self._committed = time.monotonic()
        ready, self._ready = self._ready, {tap: [] for tap in self.stores}
        self._rows = self._bytes = 0
        for tap, batches in ready.items():
            if batches:
                keys = as_keys(b"".join(keys for keys, _ in batches))
                self.stores[tap].write(keys, np.concatenate([values for _, values in batches]))
        self.digests.flush()

    def _launch(self) -> None:
        batch, self._batch = self._batch, []
        wanted = 0
        for _, row in batch:
            wanted |= row.missing
        taps = [tap for bit, tap in enumerate(self.stores) if wanted >> bit & 1]
        pixels = torch.from_numpy(np.stack([row.pixels for _, row in batch]))  # type: ignore[misc]
        self._running.append((batch, self._forward(pixels, taps)))
        # On an accelerator one batch runs while the one before it is copied back and the next is read.
        while len(self._running) > (self.encoder.device.type != "cpu"):
            self._collect()

    def _forward(self, pixels: torch.Tensor, taps: list[str]) -> dict[str, torch.Tensor]:
        device = self.encoder.device
        if device.type == "cpu":
            self.reading.clear()
        try:
            images = self.encoder.preprocess.normalize(pixels.to(device))
            if self._convolves:
                images = images.contiguous(memory_format=torch.channels_last)
            with torch.autocast(device.type, torch.bfloat16, enabled=self.precision == "bf16"):
                return self.encoder(images, taps)
        finally:
            self.reading.set()

    def _collect(self) -> None:
        batch, outputs = self._running.popleft()
        for tap, output in outputs.items():
            bit = list(self.stores).index(tap)
            values = output.float().cpu().numpy()
            _refuse_not_finite(tap, values, [name for name, _ in batch], self.encoder.address)
            lacking = np.array([row.missing >> bit & 1 for _, row in batch], dtype=bool)
            keys = b"".join(row.key for _, row in batch if row.missing >> bit & 1)
            self._ready[tap].append((keys, values[lacking]))
            self._bytes += values.nbytes
        self._rows += len(batch)
        self.computed += len(batch)


def _refuse_not_finite(tap: str, values: Array, names: list[str], address: str) -> None:
    bad = np.flatnonzero(~np.isfinite(values.reshape(len(values), -1)).all(axis=1))
    if bad.size:
        shown = [names[i] for i in bad]
        more = f" and {len(shown) - 3} more" if len(shown) > 3 else ""
        raise FoveateError(
            f"{address} gives NaN or infinite values at {tap} for {', '.join(shown[:3])}{more}.",
            "check the weights, or use --precision fp32; nothing of these images was stored",
        )
