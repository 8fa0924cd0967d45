"""iBOT (Zhou et al. 2022): DINO, and the same for single patches that the student does not see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, nn

from foveate.core.errors import FoveateError
from foveate.encoders.patches import Patches
from foveate.engine.distributed import mean_over_ranks, world
from foveate.pretraining import masks
from foveate.pretraining.heads import Norm
from foveate.pretraining.joint import LARGE, mean
from foveate.pretraining.objective import Batch, LossOutput, Progress, Setting
from foveate.pretraining.objectives import dino
from foveate.training.chunks import in_chunks

if TYPE_CHECKING:
    from foveate.encoders.encoder import Encoder


@dataclass(frozen=True, kw_only=True)
class Knobs(dino.Knobs):
    """iBOT's knobs."""

    projector_norm: Norm = "none"
    """Between the projector's layers. None is the usual for ViTs."""
    momentum: float = 0.99
    """How slowly the teacher follows, at the first step; .996 for ImageNet."""
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


class Hidden(NamedTuple):
    """What is hidden in one view: ``mask`` [b n] of this process's images; ``images``: how many of the whole batch hide any."""

    mask: Tensor
    images: int


class IBOT(dino.DINO):
    """DINO on a vision transformer; the head and the prototypes are shared between pooled embeddings and patches."""

    Config = Knobs
    config: Knobs
    advice: ClassVar[Mapping[str, Any]] = {**dino.DINO.advice, "encoder": "foveate:vit-mini", "lr": 1.5e-3}
    any_size = False
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
        hidden = self.draw(batch)
        student = [self._student(view, each.mask) for view, each in zip(batch.views, hidden, strict=False)]
        teacher = [self._teacher(view, each.mask) for view, each in zip(batch.views, hidden, strict=False)]
        features = [pooled for pooled, _ in student] + self.features_of_crops(batch)
        embeddings = [self.project(x) for x in features]
        output = self.assigned(batch, features, embeddings, [pooled for pooled, _ in teacher])
        scores = [self.slow_scores(patches) for _, patches in teacher]
        self._patch_scores = torch.cat(scores)
        said = [self.logits(self.project(patches), batch) for _, patches in student]
        patch = mean([self._patch_loss(*each) for each in zip(said, scores, hidden, strict=True)])
        return replace(
            output,
            loss=output.loss + self.config.patch_weight * patch,
            terms={**output.terms, "pooled": output.loss.detach(), "patches": patch.detach()},
        )

    def draw(self, batch: Batch) -> list[Hidden]:
        """What is hidden in each large view."""
        low, high = self.config.mask
        drawn = []
        for view in range(LARGE):
            stream = batch.stream(f"mask {view}")
            share = low + (high - low) * float(torch.rand((), generator=stream))
            chosen = torch.rand(batch.size, generator=stream).argsort() < max(round(self.config.masked * batch.size), 1)
            count = masks.hidden_count(self.patches.grid, share)
            mask = masks.block_mask(self.patches.grid, batch.size, count, stream) & chosen[:, None]
            drawn.append(Hidden(batch.own(mask), int(chosen.sum())))
        return drawn

    def _student(self, view: Tensor, mask: Bool[Tensor, "b n"]) -> tuple[Float[Tensor, "b d"], Float[Tensor, "m d"]]:
        """The pooled output of a view with patches hidden, and the tokens of these, of all images one after another."""

        def embed(images: Tensor, mask: Tensor) -> Tensor:
            return self.patches.hiding(self.backbone, images, mask, self.mask_token)

        tokens = in_chunks(embed, view, self.chunk, self.backbone, mask)
        return tokens[:, 0], tokens[:, 1:][mask]

    @torch.no_grad()
    def _teacher(self, view: Tensor, mask: Bool[Tensor, "b n"]) -> tuple[Float[Tensor, "b d"], Float[Tensor, "m d"]]:
        """The teacher's embeddings of the whole view, and of the patches that are hidden from the student."""
        parts = [self.patches(self.teacher.body, part) for part in view.split(self.chunk or len(view))]
        both = torch.cat([*(part.pooled for part in parts), torch.cat([part.patches for part in parts])[mask]])
        head = self.teacher.head
        embedded = both if head is None else head(both)
        return embedded[: len(view)], embedded[len(view) :]

    def _patch_loss(self, logits: Float[Tensor, "m k"], scores: Float[Tensor, "m k"], hidden: Hidden) -> Tensor:
        """Cross entropy at the hidden patches: the mean within an image, then over the images that hide any."""
        goals = self.assign(scores, self.patch_center)
        with torch.autocast(logits.device.type, enabled=False):
            each = -(goals * F.log_softmax(logits, dim=-1)).sum(-1)
        share = 1.0 / hidden.mask.sum(1).clamp_min(1)
        weights = share[:, None].expand(hidden.mask.shape)[hidden.mask].to(each.dtype)
        return (each * weights).sum() * world() / hidden.images

    def after_step(self, progress: Progress) -> None:
        super().after_step(progress)
        assert self._patch_scores is not None
        count = torch.tensor(float(len(self._patch_scores)), device=self.patch_center.device)
        center = mean_over_ranks(self._patch_scores.sum(0)) / mean_over_ranks(count).clamp_min(1e-9)
        self.patch_center.lerp_(center.to(self.patch_center.dtype), 1 - self.config.center_momentum)
