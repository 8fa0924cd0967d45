"""Random streams: one seed a run, one independent stream for each named use of it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import torch


def derive(seed: int, *names: str | int) -> int:
    """A 63-bit seed for the stream called ``names``: the same on every machine, unrelated to that of any other name."""
    text = "\0".join([str(int(seed)), *map(str, names)])  # no name holds a zero byte: ("a", "b") is not ("a/b",)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little") >> 1


def numpy_stream(seed: int, *names: str | int) -> np.random.Generator:
    """A NumPy generator for the stream called ``names``."""
    import numpy as np

    return np.random.default_rng(derive(seed, *names))


def torch_stream(seed: int, *names: str | int, device: str | torch.device = "cpu") -> torch.Generator:
    """A torch generator for the stream called ``names``."""
    import torch

    return torch.Generator(device=device).manual_seed(derive(seed, *names))
