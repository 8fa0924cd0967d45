"""Mean shift (Koohpayegani et al. 2021): BYOL towards the nearest neighbours of the teacher's embedding, not it alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor

from foveate.core.errors import FoveateError
from foveate.pretraining.distillation import Distillation, DistillationKnobs
from foveate.pretraining.joint import Compared, ViewSet
from foveate.pretraining.objective import Batch, Setting
from foveate.pretraining.queue import Queue

if TYPE_CHECKING:
    from foveate.encoders.encoder import Encoder


@dataclass(frozen=True, kw_only=True)
class Knobs(DistillationKnobs):
    """Mean shift's knobs."""

    views: ViewSet = "byol"
    """BYOL's unequal views (byol), SimCLR's equal ones (simclr), crop and grey only (crop-gray), or crop and flip (crop)."""
    neighbours: int = 5
    """How many of the nearest, the teacher's embedding itself included, a prediction is drawn to. 1 is BYOL."""
    queue: int = 8192
    """Embeddings of the teacher's among which they are looked for, at most as many as there are images."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("neighbours", "queue"):
            if getattr(self, name) < 1:
                raise FoveateError(f"{name} = {getattr(self, name)} is below 1.", f"give {name} at least 1")


class MeanShift(Distillation):
    """Student with predictor, teacher, a memory of the teacher's embeddings."""

    Config = Knobs
    config: Knobs

    def __init__(self, config: Knobs, encoder: Encoder, setting: Setting) -> None:
        super().__init__(config, encoder, setting)
        self.queue = Queue(config.queue, self.embedding_width, images=setting.images)
        if config.neighbours > self.queue.length:
            raise FoveateError(
                f"neighbours = {config.neighbours}, but the queue holds {self.queue.length}, one of them maybe the image itself.",
                "give fewer neighbours, a longer queue, or more images",
            )

    def distil(self, predicted: Tensor, target: Tensor, batch: Batch) -> Compared:
        assert self.queue is not None
        own = self.queue.own(batch.rows)
        return Compared(shift_distance(predicted, target, self.queue.held, self.config.neighbours, without=own))


def shift_distance(
    predicted: Float[Tensor, "n d"],
    target: Float[Tensor, "n d"],
    memory: Float[Tensor, "q d"],
    neighbours: int,
    *,
    without: Bool[Tensor, "n q"] | None = None,
) -> Float[Tensor, ""]:
    """Koohpayegani et al. 2021, equation 1: 2 − 2 cos to each of the target's nearest in the memory, itself the first; their mean.

    Args:
        without: of the memory, what is no neighbour of a target, being of its own image.
    """
    with torch.autocast(predicted.device.type, enabled=False):
        kind = torch.promote_types(predicted.dtype, torch.float32)
        p, t, memory = F.normalize(predicted.to(kind), dim=1), F.normalize(target.to(kind), dim=1), memory.to(kind)
        cosine = (p * t).sum(1, keepdim=True)
        if neighbours > 1:
            closeness = t @ memory.T
            closeness = closeness if without is None else closeness.masked_fill(without, float("-inf"))
            near = closeness.topk(neighbours - 1, dim=1).indices
            cosine = torch.cat([cosine, (p @ memory.T).gather(1, near)], dim=1)
        return (2 - 2 * cosine).mean()
