"""SimSiam (Chen and He 2021): BYOL without a teacher; stopping the gradient on one side is enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from torch import Tensor

from foveate.pretraining.distillation import Distillation, DistillationKnobs
from foveate.pretraining.joint import Compared
from foveate.pretraining.objective import Batch
from foveate.pretraining.objectives.byol import sphere_distance


@dataclass(frozen=True, kw_only=True)
class Knobs(DistillationKnobs):
    """SimSiam's knobs."""

    projector: tuple[int, ...] = (512, 512)
    """Widths of the projector's layers; its output is normalised over the batch too."""
    predictor: tuple[int, ...] = (128,)
    """Widths of the predictor's hidden layers: a bottleneck of a quarter of the projector's width."""
    teacher: Literal["all", "projector", "none"] = "none"
    """What follows the student slowly: nothing in SimSiam (none), the projector alone, or everything (all), which is BYOL."""


class SimSiam(Distillation):
    """One network, a bottleneck predictor, stopped gradient, negative cosine both ways."""

    Config = Knobs
    config: Knobs
    last_norm: ClassVar[bool] = True

    def distil(self, predicted: Tensor, target: Tensor, batch: Batch) -> Compared:
        return Compared(sphere_distance(predicted, target) / 2 - 1)  # the negative cosine
