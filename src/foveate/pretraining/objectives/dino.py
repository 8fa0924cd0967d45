"""DINO (Caron et al. 2021): the student predicts to which prototypes the teacher assigns another view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import torch
from jaxtyping import Float
from torch import Tensor

from foveate.core.errors import FoveateError
from foveate.engine.distributed import mean_over_ranks
from foveate.pretraining.contrast import check_temperature
from foveate.pretraining.distillation import Taught, TaughtKnobs
from foveate.pretraining.heads import Norm
from foveate.pretraining.joint import ViewSet, directed, mean
from foveate.pretraining.objective import Batch, LossOutput, Progress, Setting
from foveate.pretraining.prototypes import Prototypes, cross_entropy, sinkhorn
from foveate.training.ema import EMA

if TYPE_CHECKING:
    from foveate.encoders.encoder import Encoder


@dataclass(frozen=True, kw_only=True)
class Knobs(TaughtKnobs):
    """DINO's knobs."""

    views: ViewSet = "byol"
    """BYOL's unequal views (byol), SimCLR's equal ones (simclr), crop and grey only (crop-gray), or crop and flip (crop)."""
    projector: tuple[int, ...] = (512, 512, 128)
    """Widths of the projector's layers, with GELU between them; the last is compared with the prototypes by its direction."""
    projector_norm: Norm = "batch"
    """Between the projector's layers. Batch norm for convolutional networks; none is the usual for ViTs."""
    momentum: float = 0.96
    """How slowly the teacher follows, at the first step. For runs of minutes; .99 for hours, .996 for ImageNet."""
    prototypes: int = 1024
    """How many there are: 65,536 for a million images; a few thousand are plenty for tens of thousands."""
    temperature: float = 0.1
    """Of the student's assignments."""
    teacher_temperature: float = 0.04
    """Of the teacher's; lower is sharper. Above .06 a run tends to collapse to equal assignments."""
    centering: Literal["mean", "sinkhorn"] = "mean"
    """Keeps one prototype from taking all: subtract the running mean of scores, or balance each batch (sinkhorn, DINOv2)."""
    center_momentum: float = 0.9
    """Of that running mean."""
    frozen: float = 0.02
    """Share of the run, at its beginning, during which the prototypes stay as drawn."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_temperature(self.temperature, default=0.1)
        check_temperature(self.teacher_temperature, name="teacher_temperature", default=0.04)
        if self.prototypes < 2:
            raise FoveateError(f"prototypes = {self.prototypes} is below 2.", "try prototypes=1024")
        if not 0 <= self.center_momentum < 1:
            raise FoveateError(
                f"center_momentum = {self.center_momentum:g} is outside [0, 1).", "try center_momentum=0.9"
            )
        if not 0 <= self.frozen <= 1:
            raise FoveateError(f"frozen = {self.frozen:g} is no share of the run.", "try frozen=0.02")


class DINO(Taught):
    """Student and teacher with prototypes each; cross entropy from the teacher's centred, sharpened assignments."""

    Config = Knobs
    config: Knobs
    activation = "gelu"
    center: Tensor

    def __init__(self, config: Knobs, encoder: Encoder, setting: Setting) -> None:
        super().__init__(config, encoder, setting)
        self.prototypes = Prototypes(self.embedding_width, config.prototypes)
        follows = config.teacher != "none"
        self.slow_prototypes = (
            EMA(self.prototypes, momentum=config.momentum, final=config.momentum_end) if follows else None
        )
        self.register_buffer("center", torch.zeros(config.prototypes))
        self._scores: Tensor | None = None

    def loss(self, batch: Batch) -> LossOutput:
        features = self.features_of(batch)
        embeddings = [self.project(x) for x in features]
        return self.assigned(batch, features, embeddings, self.targets(batch, embeddings))

    def assigned(
        self, batch: Batch, features: Sequence[Tensor], embeddings: Sequence[Tensor], targets: Sequence[Tensor]
    ) -> LossOutput:
        """The loss of the student's embeddings of every view, given the teacher's of the large ones."""
        scores = [self.slow_scores(z) for z in targets]
        self._scores = torch.cat(scores).mean(0)
        goals = [self.assign(each, self.center) for each in scores]
        logits = [self.logits(z, batch) for z in embeddings]
        with torch.autocast(features[0].device.type, enabled=False):
            loss = mean([cross_entropy(goals[i], logits[j]) for i, j in directed(len(logits))])
        pair = {"prediction": embeddings[0].detach(), "target": targets[1], "assignments": goals[0]}
        terms = self.teacher.terms(batch, self.setting)
        return LossOutput(loss=loss, terms=terms, outputs=self.outputs(features, embeddings) | pair)

    def logits(self, embeddings: Float[Tensor, "n d"], batch: Batch) -> Float[Tensor, "n k"]:
        """The student's cosines with its prototypes over its temperature; at first the prototypes stay as drawn."""
        frozen = batch.step < self.config.frozen * self.setting.steps
        cosines = self.prototypes(embeddings, frozen=frozen)
        return cosines.to(torch.promote_types(cosines.dtype, torch.float32)) / self.config.temperature

    @torch.no_grad()
    def slow_scores(self, embeddings: Float[Tensor, "n d"]) -> Float[Tensor, "n k"]:
        """The teacher's cosines with its prototypes."""
        return (self.prototypes if self.slow_prototypes is None else self.slow_prototypes)(embeddings)

    @torch.no_grad()
    def assign(self, scores: Float[Tensor, "n k"], center: Float[Tensor, " k"]) -> Float[Tensor, "n k"]:
        """The teacher's assignments: rows sum to 1, float32 or wider. ``center``: what is subtracted, if that is the way."""
        scores = scores.to(torch.promote_types(scores.dtype, torch.float32))
        if self.config.centering == "sinkhorn":
            return sinkhorn(scores, self.config.teacher_temperature)
        return torch.softmax((scores - center) / self.config.teacher_temperature, dim=-1)

    def after_step(self, progress: Progress) -> None:
        super().after_step(progress)
        if self.slow_prototypes is not None:
            self.slow_prototypes.update(progress)
        assert self._scores is not None
        self.center.lerp_(mean_over_ranks(self._scores).to(self.center.dtype), 1 - self.config.center_momentum)
