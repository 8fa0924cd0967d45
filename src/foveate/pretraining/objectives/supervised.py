"""Cross-entropy on the labels: the baseline that self-supervision is measured against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import torch
import torch.nn.functional as F
from torch import nn

from foveate.core.errors import FoveateError
from foveate.data.views import View, simclr_views
from foveate.pretraining.objective import Batch, LossOutput, Objective, Setting, needs_labels

if TYPE_CHECKING:
    from foveate.encoders.encoder import Encoder


@dataclass(frozen=True, kw_only=True)
class Knobs:
    """The knobs of supervised training."""

    smoothing: float = 0.0
    """Label smoothing: the share of the target that is spread over all classes."""
    jitter: float = 0.25
    """Strength of the colour jitter, 1 = (.8, .8, .8, .2); weaker than for self-supervision."""

    def __post_init__(self) -> None:
        if not 0 <= self.smoothing < 1:
            raise FoveateError(f"smoothing = {self.smoothing:g} is outside [0, 1).", "try smoothing=0.1")


class Supervised(Objective):
    """One view, one linear layer, cross-entropy."""

    Config = Knobs
    advice: ClassVar[Mapping[str, Any]] = {"lr": 1e-3, "optimizer": "adamw", "weight_decay": 5e-2, "lr_rule": "sqrt"}
    coupled = False
    config: Knobs

    def __init__(self, config: Knobs, encoder: Encoder, setting: Setting) -> None:
        super().__init__(config, encoder, setting)
        self.head = nn.Linear(encoder.width, needs_labels(setting, "supervised training"))

    def views(self) -> tuple[View, ...]:
        return simclr_views(self.setting.image_size, self.config.jitter)[:1]

    def loss(self, batch: Batch) -> LossOutput:
        assert batch.labels is not None
        features = self.features(batch.views[0])
        logits = self.head(features)
        with torch.autocast(logits.device.type, enabled=False):
            kind = torch.promote_types(logits.dtype, torch.float32)
            loss = F.cross_entropy(logits.to(kind), batch.labels, label_smoothing=self.config.smoothing)
        accuracy = (logits.detach().argmax(1) == batch.labels).float().mean()
        return LossOutput(loss=loss, terms={"accuracy": accuracy}, outputs={"backbone": features.detach()})
