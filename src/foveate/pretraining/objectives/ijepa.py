"""I-JEPA (Assran et al. 2023): from one block of an image the teacher's tokens of other blocks are predicted; no pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from foveate.core.errors import FoveateError
from foveate.encoders.patches import normal
from foveate.pretraining.distillation import MomentumKnobs
from foveate.pretraining.masked import DecoderKnobs, MaskedDistillation
from foveate.pretraining.masks import multi_block
from foveate.pretraining.objective import Batch, LossOutput, Setting

if TYPE_CHECKING:
    from foveate.encoders.encoder import Encoder


@dataclass(frozen=True, kw_only=True)
class Knobs(MomentumKnobs, DecoderKnobs):
    """I-JEPA's knobs."""

    momentum: float = 0.996
    """How slowly the teacher follows, at the first step; it goes to 1 on half a cosine (momentum_end; the paper's rises on a line)."""
    decoder_depth: int = 4
    """Blocks of the predictor."""
    targets: int = 4
    """Blocks to predict in each image."""
    target_scale: tuple[float, float] = (0.15, 0.2)
    """Share of the image that a target takes; large ones make the task about content."""
    target_aspect: tuple[float, float] = (0.75, 1.5)
    """Height over width of a target."""
    context_scale: tuple[float, float] = (0.85, 1.0)
    """Share of the image that the context takes, before the targets are cut out of it."""
    least: int = 4
    """Patches that a context keeps at least; 10 for 224 px."""
    prefix: bool = False
    """Cut contexts to a common length as the public code does, which drops their lower rows, instead of at random."""

    def __post_init__(self) -> None:
        MomentumKnobs.__post_init__(self)
        DecoderKnobs.__post_init__(self)
        for name in ("targets", "least"):
            if getattr(self, name) < 1:
                raise FoveateError(f"{name} = {getattr(self, name)} is below 1.", f"give {name} at least 1")
        for name in ("target_scale", "context_scale", "target_aspect"):
            low, high = getattr(self, name)
            if not (0 < low <= high and (high <= 1 or name == "target_aspect")):
                raise FoveateError(f"{name} = {low:g},{high:g} is no range.", "give 0 < low <= high, shares at most 1")


class IJEPA(MaskedDistillation):
    """Encoder on the context, predictor, teacher by moving average on the whole view; smooth absolute distance of tokens."""

    Config = Knobs
    config: Knobs
    called: ClassVar[str] = "I-JEPA"

    def __init__(self, config: Knobs, encoder: Encoder, setting: Setting) -> None:
        super().__init__(config, encoder, setting)
        self._draw(64, torch.Generator().manual_seed(0))  # a grid that has no room is refused before the first step
        self.predictor = config.decoder(self.patches, self.patches.width)

    def loss(self, batch: Batch) -> LossOutput:
        images = batch.views[0]
        context, targets = self._draw(batch.size, batch.stream("blocks"))
        context = batch.own(context)
        blocks = torch.stack([batch.own(each) for each in targets])  # [t b m]
        with torch.no_grad():
            whole = self.patches(self.teacher.module, images)
            wanted = normal(whole.patches)
            wanted = torch.stack([wanted.gather(1, at[..., None].expand(-1, -1, wanted.shape[-1])) for at in blocks])
        tokens = self.patches(self.backbone, images, keep=context)
        # The blocks are predicted apart from one another, in one pass: block after block along the batch.
        count = len(blocks)
        said = self.predictor(tokens.patches.repeat(count, 1, 1), context.repeat(count, 1), blocks.flatten(0, 1))
        with torch.autocast(images.device.type, enabled=False):
            loss = F.smooth_l1_loss(said.to(wanted.dtype), wanted.flatten(0, 1))
        return self.answer(batch, loss, whole.pooled, said[: len(images)], wanted[0])

    def _draw(self, images: int, stream: torch.Generator) -> tuple[Tensor, Tensor]:
        c = self.config
        return multi_block(
            self.patches.grid,
            images,
            stream,
            targets=c.targets,
            target_scale=c.target_scale,
            target_aspect=c.target_aspect,
            context_scale=c.context_scale,
            least=c.least,
            prefix=c.prefix,
        )
