"""iBOT (Zhou et al. 2022): DINO, and the same for single patches that the student does not see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, nn

from foveate.core.errors import FoveateError
from foveate.encoders.patches import Patches
from foveate.engine.distributed import mean_over_ranks, world
from foveate.pretraining import masks
from foveate.pretraining.distillation import Seen
from foveate.pretraining.joint import LARGE
from foveate.pretraining.objective import Batch, LossOutput, Progress, Setting
from foveate.pretraining.objectives import dino
from foveate.training.chunks import in_chunks

if TYPE_CHECKING:
    from foveate.encoders.encoder import Encoder


@dataclass(frozen=True, kw_only=True)
class Knobs(dino.Knobs):
    """iBOT's knobs."""

    mask: tuple[float, float] = (0.1, 0.5)
    """Share of a large view's patches that is hidden in blocks, drawn between these at each step."""
    masked: float = 0.5
    """Share of the images of which anything is hidden."""
    patch_weight: float = 1.0
    """Weight of the patches' loss beside that of the pooled embedding."""

    def __post_init__(self) -> None:
        super().__post_init__()
        low, high = self.mask
        if not 0 < low <= high < 1:
            raise FoveateError(f"mask = {low:g},{high:g} is no range of shares.", "give 0 < low <= high < 1")
        if not 0 < self.masked <= 1:
            raise FoveateError(f"masked = {self.masked:g} is outside (0, 1].", "try masked=0.5")
        if self.patch_weight < 0:
            raise FoveateError(f"patch_weight = {self.patch_weight:g} is below 0.", "try patch_weight=1")


class IBOT(dino.DINO):
    """DINO on a vision transformer; the head and the prototypes are shared between pooled embeddings and patches."""

    Config = Knobs
    config: Knobs
    advice: ClassVar[Mapping[str, Any]] = {**dino.DINO.advice, "encoder": "foveate:vit-mini"}
    patch_center: Tensor

    def __init__(self, config: Knobs, encoder: Encoder, setting: Setting) -> None:
        super().__init__(config, encoder, setting)
        self.patches = Patches(encoder, wanted_by="iBOT")
        if self.patches.width != encoder.width:
            raise FoveateError(
                f"the pooled output of {encoder.address} is not as wide as its patches.",
                "use another vision transformer, e.g. foveate:vit-mini",
            )
        self.mask_token = nn.Parameter(torch.zeros(self.patches.width))
        self.register_buffer("patch_center", torch.zeros(config.prototypes))
        self._patch_scores: Tensor | None = None

    def loss(self, batch: Batch) -> LossOutput:
        self._hidden = self._draw(batch)
        self._seen: list[Tensor] = []
        self._asked: list[Tensor] = []
        output = super().loss(batch)
        patch = self._patch_loss(batch)
        return replace(
            output,
            loss=output.loss + self.config.patch_weight * patch,
            terms={**output.terms, "pooled": output.loss.detach(), "patches": patch.detach()},
        )

    def features_of(self, batch: Batch) -> list[Tensor]:
        def embed(images: Tensor, hidden: Tensor) -> Tensor:
            return self.patches.hiding(self.backbone, images, hidden, self.mask_token)

        features = []
        for number, view in enumerate(batch.views):
            if number >= LARGE:
                features.append(self.features(view))
                continue
            hidden = self._hidden[number]
            tokens = in_chunks(embed, view, self.chunk, self.backbone, hidden)
            features.append(tokens[:, 0])
            self._seen.append(tokens[:, 1:][hidden])  # [m d], of all images one after another
        return features

    @torch.no_grad()
    def target(self, images: Float[Tensor, "n 3 h w"]) -> Float[Tensor, "n d"]:
        number = len(self._asked)
        parts = [self.patches(self.teacher.body, part) for part in images.split(self.chunk or len(images))]
        hidden = torch.cat([part.patches for part in parts])[self._hidden[number]]
        both = torch.cat([torch.cat([part.pooled for part in parts]), hidden])
        head = self.teacher.head
        embedded = both if head is None else head(both)
        self._asked.append(self.slow_scores(embedded[len(images) :]))
        return embedded[: len(images)]

    def _patch_loss(self, batch: Batch) -> Tensor:
        """Cross entropy at the hidden patches: the mean within an image, then over the images that hide any."""
        losses = []
        self._patch_scores = torch.cat(self._asked)
        for view, (seen, scores) in enumerate(zip(self._seen, self._asked, strict=True)):
            hidden = self._hidden[view]
            target = self._sharp(scores)
            predicted = self.predict(self.project(seen))
            with torch.autocast(seen.device.type, enabled=False):
                log_p = F.log_softmax(predicted.to(target.dtype) / self.config.temperature, dim=-1)
                each = -(target * log_p).sum(-1)
            share = 1.0 / hidden.sum(1).clamp_min(1)
            weights = share[:, None].expand(hidden.shape)[hidden].to(each.dtype)
            losses.append((each * weights).sum() * world() / self._masked_images[view])
        return torch.stack(losses).mean()

    def _sharp(self, scores: Tensor) -> Tensor:
        wide = scores.to(torch.promote_types(scores.dtype, torch.float32))
        return torch.softmax((wide - self.patch_center) / self.config.teacher_temperature, dim=-1)

    def _draw(self, batch: Batch) -> list[Bool[Tensor, "b n"]]:
        """Which patches of each large view are hidden; counts of masked images are those of the whole batch."""
        low, high = self.config.mask
        own, self._masked_images = [], []
        for view in range(LARGE):
            stream = batch.stream(f"mask {view}")
            share = low + (high - low) * float(torch.rand((), generator=stream))
            chosen = torch.rand(batch.size, generator=stream).argsort() < max(round(self.config.masked * batch.size), 1)
            count = masks.hidden_count(self.patches.grid, share)
            hidden = masks.block_mask(self.patches.grid, batch.size, count, stream) & chosen[:, None]
            own.append(batch.own(hidden))
            self._masked_images.append(int(chosen.sum()))
        return own

    def matched(self, batch: Batch, seen: Seen) -> LossOutput:
        if self.teacher.backbone is None and self.teacher.projector is None:
            # The patches are needed too.
            seen = seen._replace(targets=[self.target(view) for view in batch.views[:LARGE]])
        return super().matched(batch, seen)

    def after_step(self, progress: Progress) -> None:
        super().after_step(progress)
        assert self._patch_scores is not None
        total = self._patch_scores.sum(0), torch.tensor(float(len(self._patch_scores)), device=self.patch_center.device)
        mean = mean_over_ranks(total[0]) / mean_over_ranks(total[1]).clamp_min(1e-9)
        self.patch_center.lerp_(mean.to(self.patch_center.dtype), 1 - self.config.center_momentum)
