"""Standardisation of features before a linear head."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

_NEGLIGIBLE = 1e-5  # of the largest feature's standard deviation; below it a feature holds rounding, not signal


@dataclass(frozen=True)
class Standardisation:
    """(x - mean) · factor for each feature: zero mean and unit variance on the rows it was fitted on.

    A feature that hardly varies there (less than 1e-5 of the widest one, or less than float32 resolves beside its mean)
    has factor 0: scaled up, its rounding noise would become signal, and a test row that differs would blow up.
    """

    mean: Float[Tensor, " d"]
    factor: Float[Tensor, " d"]

    @classmethod
    def of_moments(cls, mean: Float[Tensor, " d"], variance: Float[Tensor, " d"]) -> Standardisation:
        deviation = variance.clamp_min(0).sqrt()
        varies = (deviation > _NEGLIGIBLE * deviation.max()) & (deviation > 1e-6 * mean.abs())
        return cls(mean, torch.where(varies, 1 / deviation.clamp_min(1e-300), 0.0))

    @classmethod
    def of(cls, x: Float[Tensor, "n d"]) -> Standardisation:
        mean = x.mean(dim=0, dtype=torch.float64)
        centred = x - mean.to(x.dtype)
        # The second term mends the rounding of the mean (the corrected two-pass variance).
        variance = centred.square().mean(dim=0, dtype=torch.float64) - centred.mean(dim=0, dtype=torch.float64).square()
        return cls.of_moments(mean, variance)

    def __call__(self, x: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
        return (x - self.mean.to(x)) * self.factor.to(x)
