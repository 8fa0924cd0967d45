"""Rotation prediction (Gidaris et al. 2018): by which quarter turn was the image turned? A baseline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from foveate.core.errors import FoveateError
from foveate.data.views import View, mim_view
from foveate.pretraining.objective import Batch, LossOutput, Objective, Setting

if TYPE_CHECKING:
    from foveate.encoders.encoder import Encoder

TURNS = 4


@dataclass(frozen=True, kw_only=True)
class Knobs:
    """The knobs of rotation prediction."""

    least: float = 0.5
    """Smallest share of the image that a crop takes: what is up must still be seen."""

    def __post_init__(self) -> None:
        if not 0 < self.least <= 1:
            raise FoveateError(f"least = {self.least:g} is outside (0, 1].", "try least=0.5")


class Rotation(Objective):
    """One view, turned by a quarter turn of its own, one linear layer, cross entropy over the four turns."""

    Config = Knobs
    config: Knobs
    advice: ClassVar[Mapping[str, Any]] = {"lr": 1e-3, "optimizer": "adamw", "weight_decay": 1e-4, "lr_rule": "sqrt"}
    coupled = False

    def __init__(self, config: Knobs, encoder: Encoder, setting: Setting) -> None:
        super().__init__(config, encoder, setting)
        self.head = nn.Linear(encoder.width, TURNS)

    def views(self) -> tuple[View, ...]:
        return (replace(mim_view(self.setting.image_size), scale=(self.config.least, 1.0)),)

    def loss(self, batch: Batch) -> LossOutput:
        turns = (TURNS * batch.draw("turns")).long()
        features = self.features(turned(batch.views[0], turns))
        logits = self.head(features)
        with torch.autocast(logits.device.type, enabled=False):
            loss = F.cross_entropy(logits.to(torch.promote_types(logits.dtype, torch.float32)), turns)
        right = (logits.detach().argmax(1) == turns).float().mean()
        return LossOutput(loss=loss, terms={"accuracy": right}, outputs={"backbone": features.detach()})


def turned(images: Float[Tensor, "b 3 s s"], turns: Int[Tensor, " b"]) -> Float[Tensor, "b 3 s s"]:
    """Each image by its own number of quarter turns, counter-clockwise."""
    out = torch.empty_like(images)
    for k in range(TURNS):
        out[turns == k] = torch.rot90(images[turns == k], k, (2, 3))
    return out
