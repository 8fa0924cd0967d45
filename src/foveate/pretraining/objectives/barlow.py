"""Barlow Twins (Zbontar et al. 2021): the cross-correlation of two views' embeddings is driven to the identity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from foveate.core.errors import FoveateError
from foveate.engine.distributed import gather
from foveate.pretraining.joint import Compared, JointEmbedding, JointKnobs, ViewSet
from foveate.pretraining.objective import Batch


@dataclass(frozen=True, kw_only=True)
class Knobs(JointKnobs):
    """Barlow Twins' knobs."""

    views: ViewSet = "byol"
    """BYOL's unequal views (byol), SimCLR's equal ones (simclr), crop and grey only (crop-gray), or crop and flip (crop)."""
    redundancy: float = 0.0051
    """Weight of the squared correlations between different dimensions (λ). There are d times more of them: raise it as the projector narrows."""
    projector: tuple[int, ...] = (1024, 1024, 1024)
    """Widths of the projector's layers; wide ones help."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.redundancy < 0:
            raise FoveateError(f"redundancy = {self.redundancy:g} is below 0.", "try redundancy=0.0051")


class BarlowTwins(JointEmbedding):
    """Two views, a wide projector, one cross-correlation matrix over the whole batch of all processes."""

    Config = Knobs
    config: Knobs

    def compare(self, first: Tensor, second: Tensor, batch: Batch) -> Compared:
        terms = barlow_terms(first, second)
        loss = terms.invariance + self.config.redundancy * terms.redundancy
        # Summed over dimensions as in the paper; per dimension its size is that of other losses, and so is the learning rate.
        return Compared(loss / first.shape[1], terms._asdict())


class Terms(NamedTuple):
    """The two sums over the cross-correlation matrix, unweighted."""

    invariance: Tensor
    redundancy: Tensor


def barlow_terms(first: Float[Tensor, "n d"], second: Float[Tensor, "n d"]) -> Terms:
    """Equation 1 of Zbontar et al. 2021: Σ (1 − Cᵢᵢ)² and Σ Cᵢⱼ² over i ≠ j, of embeddings standardised over the batch.

    Deviations are the biased ones, with 1e-5 added to the variance, as batch norm has them.
    """
    with torch.autocast(first.device.type, enabled=False):
        kind = torch.promote_types(first.dtype, torch.float32)
        a, b = (_standardised(gather(z.to(kind))) for z in (first, second))
        correlation = a.T @ b / len(a)
        diagonal = correlation.diagonal()
        return Terms((1 - diagonal).square().sum(), correlation.square().sum() - diagonal.square().sum())


def _standardised(z: Tensor) -> Tensor:
    return (z - z.mean(0)) * torch.rsqrt(z.var(0, correction=0) + 1e-5)
