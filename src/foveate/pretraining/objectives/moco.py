"""MoCo (He et al. 2020; Chen et al. 2020, 2021): SimCLR against a teacher's keys, from a queue (v2) or the batch (v3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

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
    """MoCo's knobs."""

    temperature: float = 0.1
    """Of the softmax over similarities; .1 to .3 is the usual range."""
    queue: int = 4096
    """Keys of earlier batches to tell apart from, at most as many as there are images. 0: the keys of this batch (v3)."""
    predictor: tuple[int, ...] | None = None
    """Widths of the hidden layers of a predictor on the student's side, as v3 has one: () is one linear layer. Default: none (v2)."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_temperature(self.temperature, default=0.1)
        if self.queue < 0:
            raise FoveateError(f"queue = {self.queue} is below 0.", "give queue=0 for the batch alone")


class MoCo(Distillation):
    """Student and teacher, InfoNCE over the teacher's keys, both ways.

    Keys are not shuffled among processes before batch norm, as He et al. do against its telling a key of the same batch from
    those of the queue: a monitor watches for that (*batch-norm leak*), and ``--sync-bn`` or ``queue=0`` (v3) end it.
    """

    Config = Knobs
    config: Knobs
    advice: ClassVar[Mapping[str, Any]] = Taught.advice

    def __init__(self, config: Knobs, encoder: Encoder, setting: Setting) -> None:
        super().__init__(config, encoder, setting)
        if config.queue:
            self.queue = Queue(config.queue, self.embedding_width, images=setting.images)

    def distil(self, predicted: Tensor, target: Tensor, batch: Batch) -> Compared:
        if self.queue is None:
            return Compared(info_nce(predicted, target, None, self.config.temperature))
        own = self.queue.own(batch.rows)
        return Compared(info_nce(predicted, target, self.queue.held, self.config.temperature, without=own))


def info_nce(
    queries: Float[Tensor, "n d"],
    keys: Float[Tensor, "n d"],
    negatives: Float[Tensor, "q d"] | None,
    temperature: float,
    *,
    without: Bool[Tensor, "n q"] | None = None,
) -> Float[Tensor, ""]:
    """Cross entropy of a query's own key among others, by cosine over ``temperature``, mean over images.

    Args:
        negatives: the other keys. None: the keys of this batch, of all processes. without: those that a query is not held
            against, being of its own image.
    """
    with torch.autocast(queries.device.type, enabled=False):
        kind = torch.promote_types(queries.dtype, torch.float32)
        q, k = F.normalize(queries.to(kind), dim=1), F.normalize(keys.to(kind), dim=1)
        if negatives is None:
            logits = q @ gather(k).T
            own = torch.arange(len(q), device=q.device) + rank() * len(q)
        else:
            others = q @ negatives.to(kind).T
            others = others if without is None else others.masked_fill(without, float("-inf"))
            logits = torch.cat([(q * k).sum(1, keepdim=True), others], dim=1)
            own = torch.zeros(len(q), dtype=torch.int64, device=q.device)
        return F.cross_entropy(logits / temperature, own)
