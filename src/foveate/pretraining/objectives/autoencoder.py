"""A (denoising) autoencoder (Vincent et al. 2008): pooled features are painted back to pixels. A baseline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import torch

from foveate.core.errors import FoveateError
from foveate.data.views import View, mim_view
from foveate.pretraining.objective import Batch, LossOutput, Objective, Setting
from foveate.training.decoder import PixelDecoder

if TYPE_CHECKING:
    from foveate.encoders.encoder import Encoder


@dataclass(frozen=True, kw_only=True)
class Knobs:
    """The autoencoder's knobs."""

    noise: float = 0.0
    """Deviation of the noise that is added to the normalised view before it is encoded; .5 makes it a denoising one."""
    decoder_width: int = 32
    """Channels of the decoder's last step."""

    def __post_init__(self) -> None:
        if self.noise < 0:
            raise FoveateError(f"noise = {self.noise:g} is below 0.", "try noise=0.5")
        if self.decoder_width < 1:
            raise FoveateError(f"decoder_width = {self.decoder_width} is below 1.", "try decoder_width=32")


class Autoencoder(Objective):
    """One view, a convolutional decoder, squared distance of the pixels."""

    Config = Knobs
    config: Knobs
    advice: ClassVar[Mapping[str, Any]] = {"lr": 1e-3, "optimizer": "adamw", "weight_decay": 1e-4, "lr_rule": "sqrt"}
    coupled = False
    any_size = False

    def __init__(self, config: Knobs, encoder: Encoder, setting: Setting) -> None:
        super().__init__(config, encoder, setting)
        self.decoder = PixelDecoder(encoder.width, setting.image_size, width=config.decoder_width)

    def views(self) -> tuple[View, ...]:
        return (mim_view(self.setting.image_size),)

    def loss(self, batch: Batch) -> LossOutput:
        images = batch.views[0]
        seen = images
        if self.config.noise:
            seen = images + self.config.noise * batch.draw("noise", *images.shape[1:], normal=True).to(images.dtype)
        features = self.features(seen)
        painted = self.decoder(features)
        with torch.autocast(images.device.type, enabled=False):
            loss = (painted.to(images.dtype) - images).square().mean()
        return LossOutput(loss=loss, outputs={"backbone": features.detach()})
