"""Self-distillation: a student predicts what a slow copy of itself says of another view. What such objectives share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from foveate.core.errors import FoveateError
from foveate.pretraining.heads import projector
from foveate.pretraining.joint import LARGE, Compared, JointKnobs, Projected, directed, mean
from foveate.pretraining.objective import Batch, LossOutput, Parts, Progress, Setting
from foveate.pretraining.queue import Queue
from foveate.training.ema import EMA

if TYPE_CHECKING:
    from foveate.encoders.encoder import Encoder


@dataclass(frozen=True, kw_only=True)
class MomentumKnobs:
    """The knobs of a moving average."""

    momentum: float = 0.99
    """How slowly the teacher follows, at the first step: 0 copies the student, .999 hardly moves. Long runs want more; below .9 the student chases itself."""
    momentum_end: float | None = 1.0
    """Where it ends, on half a cosine over the run. none: constant."""

    def __post_init__(self) -> None:
        for name in ("momentum", "momentum_end"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1:
                raise FoveateError(f"{name} = {value:g} is outside [0, 1].", "try momentum=0.99 momentum_end=1")


@dataclass(frozen=True, kw_only=True)
class TeacherKnobs(MomentumKnobs):
    """The knobs of a teacher behind a projector."""

    teacher: Literal["all", "projector", "none"] = "all"
    """What follows the student slowly: everything, the projector alone, or nothing (the student itself, without gradient)."""


@dataclass(frozen=True, kw_only=True)
class TaughtKnobs(JointKnobs, TeacherKnobs):
    """The knobs of a student and its teacher."""

    def __post_init__(self) -> None:
        JointKnobs.__post_init__(self)
        TeacherKnobs.__post_init__(self)


@dataclass(frozen=True, kw_only=True)
class DistillationKnobs(TaughtKnobs):
    """The knobs of a student with a predictor and its teacher."""

    predictor: tuple[int, ...] | None = (512,)
    """Widths of the predictor's hidden layers, on the student's side alone: () is one linear layer, none no predictor."""
    predictor_rate: float = 1.0
    """The predictor's learning rate, as a multiple. 10 replaces the teacher of BYOL (teacher=none)."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.predictor_rate > 0:
            raise FoveateError(f"predictor_rate = {self.predictor_rate:g} is not above 0.", "try predictor_rate=10")


def momentum_of(teacher: EMA, batch: Batch, setting: Setting) -> dict[str, Tensor]:
    """``momentum`` of the update that follows this batch, as a term."""
    value = teacher.momentum_at(Progress(batch.step + 1, setting.steps))
    return {"momentum": torch.tensor(value, device=batch.rows.device)}


class Teacher(nn.Module):
    """The slow side: a backbone and a projector, each a moving average of the student's or the student's own.

    Args:
        backbone, projector: the student's. config: which of them are followed, and how slowly.
    """

    def __init__(self, backbone: nn.Module, projector: nn.Module | None, config: TeacherKnobs) -> None:
        super().__init__()

        def follow(module: nn.Module | None, kinds: Sequence[str]) -> EMA | None:
            if module is None or config.teacher not in kinds:
                return None
            return EMA(module, momentum=config.momentum, final=config.momentum_end)

        self.backbone = follow(backbone, ("all",))
        self.projector = follow(projector, ("all", "projector"))
        self._student = (backbone, projector)  # in a tuple: they are not ours to save

    @property
    def body(self) -> nn.Module:
        """The backbone that speaks for the teacher."""
        return self._student[0] if self.backbone is None else self.backbone.module

    @property
    def head(self) -> nn.Module | None:
        """The projector that speaks for the teacher."""
        return self._student[1] if self.projector is None else self.projector.module

    @property
    def followers(self) -> list[EMA]:
        return [each for each in (self.backbone, self.projector) if each is not None]

    def terms(self, batch: Batch, setting: Setting) -> dict[str, Tensor]:
        """The momentum of the update that follows this batch, for the curves; nothing where nothing follows."""
        return momentum_of(self.followers[0], batch, setting) if self.followers else {}

    def update(self, progress: Progress) -> None:
        """Move towards the student."""
        for each in self.followers:
            each.update(progress)


class Taught(Projected):
    """A student (encoder, projector) and its teacher, which sees the large views only.

    What is kept for use is the teacher's, where it has a backbone of its own. A subclass answers with ``loss``.
    """

    def __init__(self, config: Any, encoder: Encoder, setting: Setting) -> None:
        super().__init__(config, encoder, setting)
        self.teacher = Teacher(self.backbone, self.projector, config)

    def parts(self) -> Parts:
        return Parts(backbone=self.teacher.body, projector=self.teacher.head)

    @torch.no_grad()
    def target(self, images: Float[Tensor, "n 3 h w"]) -> Float[Tensor, "n d"]:
        """The teacher's embeddings of a view."""
        size = self.chunk or len(images)
        features = torch.cat([self.encoder.pooled(part, self.teacher.body) for part in images.split(size)])
        head = self.teacher.head
        return features if head is None else head(features)

    def targets(self, batch: Batch, embeddings: Sequence[Tensor]) -> list[Tensor]:
        """The teacher's embeddings of the large views; the student's own where nothing follows it."""
        if not self.teacher.followers:
            return [z.detach() for z in embeddings[:LARGE]]
        return [self.target(view) for view in batch.views[:LARGE]]

    def after_step(self, progress: Progress) -> None:
        self.teacher.update(progress)


class Distillation(Taught):
    """A student with a predictor, or none, whose predictions are held against the teacher's embeddings of other views.

    The loss is the mean of ``distil`` over every large view of the teacher's and every other view of the student's. A
    ``queue`` that a subclass sets is fed with the teacher's embeddings of the second view; an image's own earlier ones are
    to be left out (``queue.own(batch.rows)``). What is kept for use is the
    student's, as in the papers (Grill et al. 2020; He et al. 2020); in a short run the teacher still remembers its beginning.
    """

    # Without negatives a higher rate gained nothing on CIFAR-10 (docs/log.md).
    advice: ClassVar[Mapping[str, Any]] = {**Taught.advice, "lr": 1.5e-3}

    def __init__(self, config: Any, encoder: Encoder, setting: Setting) -> None:
        super().__init__(config, encoder, setting)
        self.predictor: nn.Module | None = None
        if config.predictor is not None:
            widths = (*config.predictor, self.embedding_width)
            self.predictor = projector(self.embedding_width, widths, norm=config.projector_norm, name="predictor")
            self.rate_factors = {"predictor.": config.predictor_rate}
        self.queue: Queue | None = None
        self._keys: tuple[Tensor, Tensor] | None = None

    def parts(self) -> Parts:
        return Parts(backbone=self.backbone, projector=self.projector)

    @abstractmethod
    def distil(self, predicted: Float[Tensor, "n d"], target: Float[Tensor, "n d"], batch: Batch) -> Compared:
        """The loss of the student's prediction from one view, given what the teacher says of another."""

    def predict(self, embeddings: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
        """Embeddings behind the predictor, where there is one."""
        return embeddings if self.predictor is None else self.predictor(embeddings)

    def loss(self, batch: Batch) -> LossOutput:
        features = self.features_of(batch)
        embeddings = [self.project(x) for x in features]
        said, targets = [self.predict(z) for z in embeddings], self.targets(batch, embeddings)
        self._keys = targets[1], batch.rows
        compared = [self.distil(said[j], targets[i], batch) for i, j in directed(len(said))]
        terms = {name: mean([c.terms[name] for c in compared]).detach() for name in compared[0].terms}
        pair = {"prediction": said[0].detach(), "target": targets[1].detach()}
        return LossOutput(
            loss=mean([c.loss for c in compared]),
            terms=terms | self.teacher.terms(batch, self.setting),
            outputs=self.outputs(features, embeddings) | pair,
        )

    def after_step(self, progress: Progress) -> None:
        super().after_step(progress)
        if self.queue is not None:
            assert self._keys is not None
            self.queue.push(*self._keys)
