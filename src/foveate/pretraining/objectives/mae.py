"""MAE (He et al. 2022): most patches are left out; a small decoder paints them from those that the encoder saw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import torch

from foveate.core.errors import FoveateError
from foveate.pretraining.masked import DecoderKnobs, Masked, MaskKnobs, standardised
from foveate.pretraining.masks import split
from foveate.pretraining.objective import Batch, LossOutput, Setting

if TYPE_CHECKING:
    from foveate.encoders.encoder import Encoder


@dataclass(frozen=True, kw_only=True)
class Knobs(MaskKnobs, DecoderKnobs):
    """MAE's knobs."""

    mask: float = 0.75
    """Share of the patches that is left out: the encoder runs on the others only, four times faster at .75."""
    normalise: bool = True
    """Predict each patch relative to its own mean and deviation; without it the loss is mostly about flat colour."""

    def __post_init__(self) -> None:
        MaskKnobs.__post_init__(self)
        DecoderKnobs.__post_init__(self)
        if self.mask_kind == "squares":
            raise FoveateError(
                "squares may hide different numbers of patches.", "use mask_kind=random, block or inverse"
            )


class MAE(Masked):
    """Encoder on the visible patches, decoder on all, squared distance at the hidden ones."""

    Config = Knobs
    config: Knobs
    called: ClassVar[str] = "MAE"

    def __init__(self, config: Knobs, encoder: Encoder, setting: Setting) -> None:
        super().__init__(config, encoder, setting)
        self.decoder = config.decoder(self.patches, 3 * self.patches.size**2)

    def loss(self, batch: Batch) -> LossOutput:
        images = batch.views[0]
        shown, hidden = split(self.config.draw(self.patches.grid, batch))
        tokens = self.patches(self.backbone, images, keep=shown)
        painted = self.decoder(tokens.patches, shown, hidden)
        with torch.autocast(images.device.type, enabled=False):
            pixels = self.patches.pixels(images)
            wanted = standardised(pixels) if self.config.normalise else pixels
            wanted = wanted.gather(1, hidden[..., None].expand(-1, -1, wanted.shape[-1]))
            loss = (painted.to(wanted.dtype) - wanted).square().mean()
        return LossOutput(loss=loss, outputs={"backbone": tokens.pooled.detach()})
