"""SupCon (Khosla et al. 2020): SimCLR with labels; all images of one class attract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from jaxtyping import Float, Int
from torch import Tensor

from foveate.engine.distributed import gather
from foveate.pretraining.contrast import check_temperature, similarities
from foveate.pretraining.joint import Compared, JointEmbedding, JointKnobs
from foveate.pretraining.objective import Batch, Setting, needs_labels

if TYPE_CHECKING:
    from foveate.encoders.encoder import Encoder


@dataclass(frozen=True, kw_only=True)
class Knobs(JointKnobs):
    """SupCon's knobs."""

    temperature: float = 0.1
    """Of the softmax over similarities; .07 to .2 is the usual range."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_temperature(self.temperature, default=0.1)


class SupCon(JointEmbedding):
    """Two views, a projector, and as positives every view of every image of the same class."""

    Config = Knobs
    config: Knobs

    def __init__(self, config: Knobs, encoder: Encoder, setting: Setting) -> None:
        super().__init__(config, encoder, setting)
        needs_labels(setting, "SupCon")

    def compare(self, first: Tensor, second: Tensor, batch: Batch) -> Compared:
        assert batch.labels is not None
        return Compared(supervised_contrast(first, second, batch.labels, self.config.temperature))


def supervised_contrast(
    first: Float[Tensor, "n d"], second: Float[Tensor, "n d"], labels: Int[Tensor, " n"], temperature: float
) -> Float[Tensor, ""]:
    """Khosla et al. 2020, equation 2 (the mean stands outside of the logarithm), mean over images and both views."""
    with torch.autocast(first.device.type, enabled=False):
        similar = similarities(first, second)
        logits = similar.without_self(temperature)
        log_p = logits - logits.logsumexp(1, keepdim=True)
        same = labels.repeat(2)[:, None] == gather(labels).repeat(2)[None, :]
        same = same.scatter(1, similar.own[:, None], False)
        return -(log_p.masked_fill(~same, 0.0).sum(1) / same.sum(1)).mean()
