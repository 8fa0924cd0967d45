"""SimCLR (Chen et al. 2020): two views of an image attract, all other images of the batch repel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from foveate.core.errors import FoveateError
from foveate.data.views import View, simclr_views
from foveate.engine.distributed import gather, rank
from foveate.pretraining.heads import projector
from foveate.pretraining.objective import Batch, LossOutput, Objective, Setting

if TYPE_CHECKING:
    from foveate.encoders.encoder import Encoder


@dataclass(frozen=True, kw_only=True)
class Knobs:
    """SimCLR's knobs."""

    temperature: float = 0.2
    """Of the softmax over similarities. Lower weighs the hardest negatives more; .1 to .5 is the usual range."""
    projector: tuple[int, ...] = (512, 128)
    """Widths of the projector's layers. None at all costs many points (the loss then shapes the features themselves)."""
    jitter: float | None = None
    """Strength of the colour jitter, 1 = (.8, .8, .8, .2). Default: 1, and .5 up to 64 px."""

    def __post_init__(self) -> None:
        if not self.temperature > 0:
            raise FoveateError(f"temperature = {self.temperature:g} is not above 0.", "try temperature=0.2")


class SimCLR(Objective):
    """Two views, a projector, NT-Xent over the whole batch of all processes."""

    Config = Knobs
    advice: ClassVar[Mapping[str, Any]] = {"lr": 1.5e-3, "optimizer": "adamw", "weight_decay": 1e-4, "lr_rule": "sqrt"}
    config: Knobs

    def __init__(self, config: Knobs, encoder: Encoder, setting: Setting) -> None:
        super().__init__(config, encoder, setting)
        self.projector = projector(encoder.width, config.projector)

    def views(self) -> tuple[View, ...]:
        return simclr_views(self.setting.image_size, self.config.jitter)

    def loss(self, batch: Batch) -> LossOutput:
        features = [self.features(view) for view in batch.views]
        first, second = features if self.projector is None else map(self.projector, features)
        loss = nt_xent(first, second, self.config.temperature)
        outputs = {"backbone": features[0].detach()}
        if self.projector is not None:
            outputs["projector"] = first.detach()
        return LossOutput(loss=loss, outputs=outputs)


def nt_xent(first: Float[Tensor, "n d"], second: Float[Tensor, "n d"], temperature: float) -> Float[Tensor, ""]:
    """The normalised temperature-scaled cross entropy of Chen et al. 2020, equation 1, mean over both views.

    The 2n embeddings of this process are anchors; candidates are those of all processes. For each anchor the softmax
    runs over every embedding but itself, and the positive is the other view of its image.

    Args:
        first, second: embeddings of the two views, any scale. temperature: above 0.
    """
    with torch.autocast(first.device.type, enabled=False):
        kind = torch.promote_types(first.dtype, torch.float32)
        anchors = F.normalize(torch.stack([first, second]).to(kind), dim=2)  # [2 n d]
        count = anchors.shape[1]
        candidates = (
            gather(anchors.transpose(0, 1).contiguous()).transpose(0, 1).flatten(0, 1)
        )  # [2N d], view after view
        mine = torch.arange(count, device=first.device) + rank() * count
        own = torch.cat([mine, mine + len(candidates) // 2])
        logits = anchors.flatten(0, 1) @ candidates.T / temperature  # [2n 2N]
        logits = logits.scatter(1, own[:, None], float("-inf"))
        return F.cross_entropy(logits, own.roll(count))
