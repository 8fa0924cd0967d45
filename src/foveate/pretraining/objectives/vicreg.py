"""VICReg (Bardes, Ponce and LeCun 2022): views agree, each dimension varies, no two dimensions say the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from foveate.core.errors import FoveateError
from foveate.engine.distributed import gather
from foveate.pretraining.joint import Compared, JointEmbedding, JointKnobs, ViewSet
from foveate.pretraining.objective import Batch


@dataclass(frozen=True, kw_only=True)
class Knobs(JointKnobs):
    """VICReg's knobs."""

    views: ViewSet = "byol"
    """BYOL's unequal views (byol), SimCLR's equal ones (simclr), crop and grey only (crop-gray), or crop and flip (crop)."""
    invariance: float = 25.0
    """Weight of the distance between the views."""
    variance: float = 25.0
    """Weight of the hinge that keeps each dimension's deviation at 1. At 0 everything collapses to one point."""
    covariance: float = 1.0
    """Weight of the squared covariances. It is a sum over pairs divided by the width: raise it for narrow projectors."""
    projector: tuple[int, ...] = (1024, 1024, 1024)
    """Widths of the projector's layers; wide ones help VICReg more than other objectives."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("invariance", "variance", "covariance"):
            if getattr(self, name) < 0:
                raise FoveateError(f"{name} = {getattr(self, name):g} is below 0.", f"give {name} at least 0")


class VICReg(JointEmbedding):
    """Two views, a wide projector, three terms over the whole batch of all processes."""

    Config = Knobs
    config: Knobs

    def compare(self, first: Tensor, second: Tensor, batch: Batch) -> Compared:
        terms = vicreg_terms(first, second)
        loss = (
            self.config.invariance * terms.invariance
            + self.config.variance * terms.variance
            + self.config.covariance * terms.covariance
        )
        return Compared(loss, terms._asdict())


class Terms(NamedTuple):
    """VICReg's three terms, unweighted."""

    invariance: Tensor
    variance: Tensor
    covariance: Tensor


def vicreg_terms(first: Float[Tensor, "n d"], second: Float[Tensor, "n d"]) -> Terms:
    """The three terms, over the embeddings of all processes, scaled as in the authors' implementation.

    invariance: mean squared difference over images and dimensions. variance: mean over dimensions of
    max(0, 1 − √(var + 1e−4)), the mean of both views. covariance: squared off-diagonal entries of the covariance
    matrix, summed, divided by d, the sum of both views.
    """
    with torch.autocast(first.device.type, enabled=False):
        kind = torch.promote_types(first.dtype, torch.float32)
        first, second = gather(first.to(kind)), gather(second.to(kind))
        (hinge1, off1), (hinge2, off2) = _spread(first), _spread(second)
        return Terms(F.mse_loss(first, second), (hinge1 + hinge2) / 2, off1 + off2)


def _spread(z: Tensor) -> tuple[Tensor, Tensor]:
    centred = z - z.mean(0)
    covariance = centred.T @ centred / (len(z) - 1)
    variances = covariance.diagonal()
    hinge = F.relu(1 - torch.sqrt(variances + 1e-4)).mean()
    off = (covariance.square().sum() - variances.square().sum()) / z.shape[1]
    return hinge, off
