"""Masked modelling: some patches are hidden, and something about them is predicted. What such objectives share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from jaxtyping import Bool, Float
from torch import Tensor

from foveate.core import console
from foveate.core.errors import FoveateError
from foveate.data.views import View, mim_view
from foveate.encoders.patches import Patches
from foveate.pretraining import masks
from foveate.pretraining.distillation import momentum_of
from foveate.pretraining.objective import Batch, LossOutput, Objective, Parts, Progress, Setting
from foveate.pretraining.predictor import PatchPredictor
from foveate.training.ema import EMA

if TYPE_CHECKING:
    from foveate.encoders.encoder import Encoder

MaskKind = Literal["random", "squares", "block", "inverse"]


@dataclass(frozen=True, kw_only=True)
class MaskKnobs:
    """The knobs of a mask."""

    mask: float = 0.6
    """Share of the patches that is hidden."""
    mask_kind: MaskKind = "random"
    """Single patches (random), squares of mask_unit patches (squares), rectangles (block), or all but a few squares (inverse)."""
    mask_unit: int = 2
    """Side in patches of squares, and of what an inverse mask shows."""

    def __post_init__(self) -> None:
        if self.mask_unit < 1:
            raise FoveateError(f"mask_unit = {self.mask_unit} is below 1.", "try mask_unit=2")
        masks.hidden_count((1000, 1000), self.mask)  # refuses what is no share

    def draw(self, grid: tuple[int, int], batch: Batch, *, name: str = "mask") -> Bool[Tensor, "b n"]:
        """The masks of this process's images; all hide equally many, but for ``squares`` on a grid that they do not divide."""
        count, stream = masks.hidden_count(grid, self.mask), batch.stream(name)
        if self.mask_kind == "random":
            hidden = masks.random_mask(grid, batch.size, count, stream)
        elif self.mask_kind == "squares":
            hidden = masks.coarse_mask(grid, batch.size, count, stream, unit=self.mask_unit)
        elif self.mask_kind == "block":
            hidden = masks.block_mask(grid, batch.size, count, stream)
        else:
            hidden = masks.inverse_block_mask(grid, batch.size, count, stream, side=self.mask_unit)
        return batch.own(hidden)


@dataclass(frozen=True, kw_only=True)
class DecoderKnobs:
    """The knobs of the small transformer behind the encoder."""

    decoder_width: int = 96
    """Width of the decoder (predictor) behind the encoder, which is thrown away after training."""
    decoder_depth: int = 2
    """Its blocks. A deeper one lets the encoder's last blocks be about the image rather than about pixels."""
    decoder_heads: int = 4
    """Its attention heads."""

    def __post_init__(self) -> None:
        for name, least in (("decoder_width", 4), ("decoder_depth", 0), ("decoder_heads", 1)):
            if getattr(self, name) < least:
                raise FoveateError(f"{name} = {getattr(self, name)} is below {least}.", f"give {name} at least {least}")

    def decoder(self, patches: Patches, outputs: int) -> PatchPredictor:
        """The decoder of these knobs, for tokens of ``patches``; ``outputs``: width of what it predicts."""
        width, depth, heads = self.decoder_width, self.decoder_depth, self.decoder_heads
        return PatchPredictor(
            patches.grid, inputs=patches.width, outputs=outputs, width=width, depth=depth, heads=heads
        )


class Masked(Objective):
    """One view, cropped and flipped; a vision transformer; a loss of each image by itself.

    A subclass names itself (``called``) for messages.
    """

    advice: ClassVar[Mapping[str, Any]] = {
        "lr": 1e-3,
        "optimizer": "adamw",
        "weight_decay": 5e-2,
        "lr_rule": "sqrt",
        "encoder": "foveate:vit-mini",
        "encoder_set": ("global_pool=avg",),
    }
    coupled = False
    any_size = False
    called: ClassVar[str]

    def __init__(self, config: Any, encoder: Encoder, setting: Setting) -> None:
        super().__init__(config, encoder, setting)
        self.patches = Patches(encoder, wanted_by=self.called)
        if isinstance(config, MaskKnobs):
            masks.hidden_count(self.patches.grid, config.mask)  # a grid of one patch is refused before the first step
        if not self.patches.pools_mean:
            console.warn(
                f"{encoder.address} pools by its class token, which {self.called} hardly trains: --encoder-set global_pool=avg"
            )

    def views(self) -> tuple[View, ...]:
        return (mim_view(self.setting.image_size),)


class MaskedDistillation(Masked):
    """Masked, with a teacher by moving average that sees the whole view, and is what is kept for use.

    ``Config`` extends ``MomentumKnobs``.
    """

    def __init__(self, config: Any, encoder: Encoder, setting: Setting) -> None:
        super().__init__(config, encoder, setting)
        self.teacher = EMA(self.backbone, momentum=config.momentum, final=config.momentum_end)

    def parts(self) -> Parts:
        return Parts(backbone=self.teacher.module)

    def after_step(self, progress: Progress) -> None:
        self.teacher.update(progress)

    def answer(self, batch: Batch, loss: Tensor, pooled: Tensor, said: Tensor, wanted: Tensor) -> LossOutput:
        """The loss with what monitors read: the teacher's pooled output, and means over the predicted patches [b m d]."""
        pair = {"prediction": said.mean(1).detach(), "target": wanted.mean(1)}
        terms = momentum_of(self.teacher, batch, self.setting)
        return LossOutput(loss=loss, terms=terms, outputs={"backbone": pooled, **pair})


def standardised(patches: Float[Tensor, "b n e"]) -> Float[Tensor, "b n e"]:
    """Each patch with its own mean taken away, over its own (unbiased) deviation: MAE's ``norm_pix_loss``."""
    mean, variance = patches.mean(-1, keepdim=True), patches.var(-1, keepdim=True)
    return (patches - mean) / (variance + 1e-6).sqrt()


def within(values: Float[Tensor, "b n"], hidden: Bool[Tensor, "b n"]) -> Float[Tensor, ""]:
    """The mean over the hidden patches of an image, then over images: it does not depend on how a batch is shared out."""
    return ((values * hidden).sum(1) / hidden.sum(1).clamp_min(1)).mean()
