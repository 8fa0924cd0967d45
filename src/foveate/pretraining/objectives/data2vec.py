"""data2vec 2.0 (Baevski et al. 2023): the teacher's tokens, averaged over its last blocks, are predicted where patches are left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import torch

from foveate.core.errors import FoveateError
from foveate.encoders.patches import normal
from foveate.pretraining.distillation import MomentumKnobs
from foveate.pretraining.masked import DecoderKnobs, MaskedDistillation, MaskKind, MaskKnobs
from foveate.pretraining.masks import split
from foveate.pretraining.objective import Batch, LossOutput, Setting

if TYPE_CHECKING:
    from foveate.encoders.encoder import Encoder


@dataclass(frozen=True, kw_only=True)
class Knobs(MomentumKnobs, MaskKnobs, DecoderKnobs):
    """data2vec's knobs."""

    momentum: float = 0.996
    """How slowly the teacher follows, at the first step; it goes to 1 on half a cosine (momentum_end)."""
    mask: float = 0.8
    """Share of the patches that is left out."""
    mask_kind: MaskKind = "inverse"
    """All but a few squares (inverse), single patches (random), or rectangles (block)."""
    mask_unit: int = 3
    """Side in patches of the squares that an inverse mask shows."""
    masks: int = 2
    """Masks of each image that share one pass of the teacher; 8 to 16 for large encoders, where that pass is dear."""
    blocks: int = 4
    """Last blocks of the teacher that targets are averaged over, at most as many as it has."""

    def __post_init__(self) -> None:
        for kind in (MomentumKnobs, MaskKnobs, DecoderKnobs):
            kind.__post_init__(self)
        for name in ("masks", "blocks"):
            if getattr(self, name) < 1:
                raise FoveateError(f"{name} = {getattr(self, name)} is below 1.", f"give {name} at least 1")
        if self.mask_kind == "squares":
            raise FoveateError(
                "squares may hide different numbers of patches.", "use mask_kind=inverse, random or block"
            )


class Data2Vec(MaskedDistillation):
    """Encoder on the visible patches, a small decoder, teacher by moving average on the whole view; squared distance."""

    Config = Knobs
    config: Knobs
    called: ClassVar[str] = "data2vec"

    def __init__(self, config: Knobs, encoder: Encoder, setting: Setting) -> None:
        super().__init__(config, encoder, setting)
        self.decoder = config.decoder(self.patches, self.patches.width)

    def loss(self, batch: Batch) -> LossOutput:
        images = batch.views[0]
        drawn = [self.config.draw(self.patches.grid, batch, name=f"mask {n}") for n in range(self.config.masks)]
        shown, hidden = split(torch.cat(drawn))
        with torch.no_grad():
            whole = self.patches(self.teacher.module, images, last=self.config.blocks)
            wanted = normal(whole.patches).repeat(len(drawn), 1, 1)
            wanted = wanted.gather(1, hidden[..., None].expand(-1, -1, wanted.shape[-1]))
        tokens = self.patches(self.backbone, images.repeat(len(drawn), 1, 1, 1), keep=shown)
        said = self.decoder(tokens.patches, shown, hidden)
        with torch.autocast(images.device.type, enabled=False):
            loss = (said.to(wanted.dtype) - wanted).square().mean()
        return self.answer(batch, loss, whole.pooled, said[: len(images)], wanted[: len(images)])
