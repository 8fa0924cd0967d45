"""Running means of a step's scalars."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from foveate.engine.distributed import mean_over_ranks


class Sums:
    """Means of named scalars over steps, kept on the device so that no step waits for them."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self._sums: dict[str, Tensor] = {}
        self._count = 0

    def add(self, scalars: Mapping[str, Tensor]) -> None:
        for name, value in scalars.items():
            wide = value.detach().to(_wide(self.device))
            self._sums[name] = self._sums[name] + wide if name in self._sums else wide
        self._count += 1

    def across_ranks(self) -> Sums:
        """The same, averaged over processes, which all call it: each has added its own share of every batch."""
        other = Sums(self.device)
        other._count = self._count
        other._sums = {name: mean_over_ranks(value) for name, value in self._sums.items()}
        return other

    def means(self) -> dict[str, float]:
        return {name: float(value) / max(self._count, 1) for name, value in self._sums.items()}

    def note(self) -> str:
        """The loss, for the progress display; empty on an accelerator, which would have to wait for it."""
        if self.device.type != "cpu" or "loss" not in self._sums:
            return ""
        loss = float(self._sums["loss"]) / max(self._count, 1)
        return f"loss {loss:.3f}" if math.isfinite(loss) else ""

    def clear(self) -> None:
        self._sums, self._count = {}, 0

    def plain(self) -> dict[str, float]:
        return {"": float(self._count), **{name: float(value) for name, value in self._sums.items()}}

    def restore(self, plain: Mapping[str, float]) -> None:
        self._count = int(plain.get("", 0))
        kind = _wide(self.device)
        self._sums = {n: torch.tensor(v, dtype=kind, device=self.device) for n, v in plain.items() if n}


def _wide(device: torch.device) -> torch.dtype:
    return torch.float32 if device.type == "mps" else torch.float64
