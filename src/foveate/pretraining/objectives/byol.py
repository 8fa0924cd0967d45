"""BYOL (Grill et al. 2020): the student predicts the teacher's embedding of the other view; nothing repels."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from foveate.pretraining.distillation import Distillation, DistillationKnobs
from foveate.pretraining.joint import Compared, ViewSet
from foveate.pretraining.objective import Batch


@dataclass(frozen=True, kw_only=True)
class Knobs(DistillationKnobs):
    """BYOL's knobs."""

    views: ViewSet = "byol"
    """BYOL's unequal views (byol), SimCLR's equal ones (simclr), crop and grey only (crop-gray), or crop and flip (crop)."""
    projector: tuple[int, ...] = (512, 128)
    """Widths of the projector's layers."""


class BYOL(Distillation):
    """Student with predictor, teacher by moving average, squared distance on the unit sphere, both ways."""

    Config = Knobs
    config: Knobs

    def distil(self, predicted: Tensor, target: Tensor, batch: Batch) -> Compared:
        return Compared(sphere_distance(predicted, target))


def sphere_distance(predicted: Float[Tensor, "n d"], target: Float[Tensor, "n d"]) -> Float[Tensor, ""]:
    """Grill et al. 2020, equation 2: |p/|p| − t/|t||² = 2 − 2 cos, mean over images."""
    with torch.autocast(predicted.device.type, enabled=False):
        kind = torch.promote_types(predicted.dtype, torch.float32)
        return 2 - 2 * F.cosine_similarity(predicted.to(kind), target.to(kind)).mean()
