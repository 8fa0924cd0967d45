"""In which order an epoch sees the training images, and how often each: a function of the seed and the epoch alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from foveate.core.seeds import torch_stream

Order = Callable[[int], Int[Tensor, " m"]]
"""Epoch → its rows, one after the other."""


def shuffled(among: Int[Tensor, " m"], seed: int) -> Order:
    """Every image once, in a new order each epoch."""
    return lambda epoch: among[torch.randperm(len(among), generator=torch_stream(seed, "order", epoch))]


def skewed(among: Int[Tensor, " m"], labels: Int[Tensor, " m"], skew: float, seed: int) -> Order:
    """As many draws as there are images, but of each class as many as ``draws_by_class`` says, in a mixed order.

    A class is gone through in one order an epoch, again and again where it is drawn more often than it has images: an image
    comes back only after all others of its class, so that a batch seldom holds it twice.

    Args:
        labels: of ``among``. skew: draws of the largest class over those of the smallest; 1: all alike.
    """
    draws = draws_by_class(labels, skew, seed)

    def order(epoch: int) -> Tensor:
        stream = torch_stream(seed, "order", epoch)
        slots = torch.repeat_interleave(torch.tensor(list(draws)), torch.tensor(list(draws.values())))
        slots = slots[torch.randperm(len(slots), generator=stream)]
        rows = torch.empty_like(slots)
        for name, count in draws.items():
            own = among[labels == name]
            own = own[torch.randperm(len(own), generator=stream)]
            rows[slots == name] = own.repeat(-(-count // len(own)))[:count]
        return rows

    return order


def draws_by_class(labels: Int[Tensor, " m"], skew: float, seed: int) -> dict[int, int]:
    """Class → draws in an epoch of m, the largest first; which class is the largest is drawn from the seed.

    n_c ∝ skew^(−c / (C − 1)) for c = 0 … C − 1, the exponential profile of CIFAR-LT (Cao et al. 2019), rounded so that the
    sum is m and none is left out.
    """
    present = labels.unique()
    ranked = present[torch.randperm(len(present), generator=torch_stream(seed, "class-skew"))].tolist()
    profile = skew ** -np.linspace(0, 1, len(ranked))
    return dict(zip(ranked, apportion(profile, len(labels)).tolist(), strict=True))


def apportion(weights: Float[np.ndarray, " c"], total: int) -> Int[np.ndarray, " c"]:
    """``total`` in whole parts as the weights say, by largest remainders; none is 0, where the total allows."""
    exact = weights / weights.sum() * total
    parts = np.floor(exact).astype(np.int64)
    parts[np.argsort(parts - exact, kind="stable")[: total - int(parts.sum())]] += 1
    for nothing in np.flatnonzero(parts == 0) if total >= len(parts) else ():
        parts[parts.argmax()] -= 1
        parts[nothing] = 1
    return parts
