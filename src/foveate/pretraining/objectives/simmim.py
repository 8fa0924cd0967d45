"""SimMIM (Xie et al. 2022): hidden patches are replaced by one learned token, and a linear layer paints them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import nn

from foveate.pretraining.masked import Masked, MaskKind, MaskKnobs, within
from foveate.pretraining.objective import Batch, LossOutput, Setting

if TYPE_CHECKING:
    from foveate.encoders.encoder import Encoder


@dataclass(frozen=True, kw_only=True)
class Knobs(MaskKnobs):
    """SimMIM's knobs."""

    mask_kind: MaskKind = "squares"
    """Squares of mask_unit patches (squares), single patches (random), rectangles (block), or all but a few squares (inverse)."""


class SimMIM(Masked):
    """Encoder on all positions, linear head, absolute distance of the pixels at the hidden ones."""

    Config = Knobs
    config: Knobs
    called: ClassVar[str] = "SimMIM"

    def __init__(self, config: Knobs, encoder: Encoder, setting: Setting) -> None:
        super().__init__(config, encoder, setting)
        self.mask_token = nn.Parameter(torch.zeros(self.patches.width))
        nn.init.trunc_normal_(self.mask_token, std=0.02)
        self.head = nn.Linear(self.patches.width, 3 * self.patches.size**2)

    def loss(self, batch: Batch) -> LossOutput:
        images = batch.views[0]
        hidden = self.config.draw(self.patches.grid, batch)
        tokens = self.patches(self.backbone, images, hide=hidden, token=self.mask_token)
        painted = self.head(tokens.patches)
        with torch.autocast(images.device.type, enabled=False):
            pixels = self.patches.pixels(images)
            loss = within((painted.to(pixels.dtype) - pixels).abs().mean(-1), hidden)
        return LossOutput(loss=loss, outputs={"backbone": tokens.pooled.detach()})
