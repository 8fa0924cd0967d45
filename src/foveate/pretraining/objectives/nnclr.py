"""NNCLR (Dwibedi et al. 2021): SimCLR whose positive is the nearest neighbour of a view among earlier images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor

from foveate.core.errors import FoveateError
from foveate.engine.distributed import gather, rank
from foveate.pretraining.contrast import check_temperature
from foveate.pretraining.distillation import Distillation, DistillationKnobs, Taught
from foveate.pretraining.joint import Compared
from foveate.pretraining.objective import Batch, Setting
from foveate.pretraining.queue import Queue

if TYPE_CHECKING:
    from foveate.encoders.encoder import Encoder


@dataclass(frozen=True, kw_only=True)
class Knobs(DistillationKnobs):
    """NNCLR's knobs."""

    temperature: float = 0.1
    """Of the softmax over similarities."""
    queue: int = 8192
    """Embeddings of earlier images among which neighbours are looked for, at most as many as there are images."""
    teacher: Literal["all", "projector", "none"] = "none"
    """What follows the student slowly and fills the queue: nothing in NNCLR (none), the projector alone, or everything (all)."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_temperature(self.temperature, default=0.1)
        if self.queue < 1:
            raise FoveateError(f"queue = {self.queue} holds no neighbour.", "give queue=8192")


class NNCLR(Distillation):
    """A projector, a predictor, a support set; the softmax runs over the predictions of the batch of all processes."""

    Config = Knobs
    config: Knobs
    advice: ClassVar[Mapping[str, Any]] = Taught.advice

    def __init__(self, config: Knobs, encoder: Encoder, setting: Setting) -> None:
        super().__init__(config, encoder, setting)
        self.queue = Queue(config.queue, self.embedding_width, images=setting.images)

    def distil(self, predicted: Tensor, target: Tensor, batch: Batch) -> Compared:
        assert self.queue is not None
        own = self.queue.own(batch.rows)
        return Compared(neighbour_contrast(predicted, target, self.queue.held, self.config.temperature, without=own))


def neighbour_contrast(
    predicted: Float[Tensor, "n d"],
    target: Float[Tensor, "n d"],
    support: Float[Tensor, "q d"],
    temperature: float,
    *,
    without: Bool[Tensor, "n q"] | None = None,
) -> Float[Tensor, ""]:
    """Dwibedi et al. 2021, equation 4: cross entropy from each target's nearest supporter to its image's prediction.

    Args:
        predicted: of one view. target: embeddings of the other. support: of unit length. without: supporters that are no
            neighbours of a target, being of its own image.
    """
    with torch.autocast(predicted.device.type, enabled=False):
        kind = torch.promote_types(predicted.dtype, torch.float32)
        support = support.to(kind)
        closeness = F.normalize(target.to(kind), dim=1) @ support.T
        closeness = closeness if without is None else closeness.masked_fill(without, float("-inf"))
        near = support[closeness.argmax(1)]
        candidates = gather(F.normalize(predicted.to(kind), dim=1))
        own = torch.arange(len(near), device=near.device) + rank() * len(near)
        return F.cross_entropy(near @ candidates.T / temperature, own)
