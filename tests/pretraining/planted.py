"""Objectives that fail in a way that is known beforehand, each as small as it can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from foveate.data.views import View, simclr_views
from foveate.encoders.heads import MLP
from foveate.pretraining.heads import projector
from foveate.pretraining.objective import Batch, LossOutput, Objective, Progress
from foveate.pretraining.objectives.simclr import nt_xent
from foveate.training.ema import EMA


@dataclass(frozen=True, kw_only=True)
class Knobs:
    """The knobs of all of them."""

    projector: tuple[int, ...] = (64, 32)
    """Widths of the projector's layers."""
    momentum: float = 0.0
    """Of the teacher."""
    spike: float = 1000.0
    """What the loss is multiplied with, four times a run."""


class Planted(Objective):
    """Two views and a projector."""

    Config = Knobs
    advice: ClassVar[dict[str, Any]] = {"lr": 3e-3, "optimizer": "adamw", "lr_rule": "none", "weight_decay": 1e-4}

    def __init__(self, config: Knobs, encoder: Any, setting: Any) -> None:
        super().__init__(config, encoder, setting)
        self.projector = projector(encoder.width, config.projector)

    def views(self) -> tuple[View, ...]:
        return simclr_views(self.setting.image_size)

    def embedded(self, batch: Batch) -> tuple[list[Tensor], list[Tensor]]:
        features = [self.features(view) for view in batch.views]
        return features, [self.projector(x) for x in features]


class FastTeacher(Planted):
    """Self-distillation with neither a predictor nor a slow teacher: student and teacher fall to one point together."""

    def __init__(self, config: Knobs, encoder: Any, setting: Any) -> None:
        super().__init__(config, encoder, setting)
        self.teacher = EMA(torch.nn.ModuleList([self.backbone, self.projector]), momentum=config.momentum, final=None)

    def loss(self, batch: Batch) -> LossOutput:
        features, heads = self.embedded(batch)
        with torch.no_grad():
            backbone, head = self.teacher.module
            target = head(self.encoder.pooled(batch.views[1], backbone))
        loss = (2 - 2 * F.cosine_similarity(heads[0], target)).mean()
        outputs = {
            "backbone": features[0],
            "projector": heads[0],
            "other": heads[1],
            "prediction": heads[0],
            "target": target,
        }
        return LossOutput(
            loss=loss,
            terms={"momentum": torch.tensor(self.config.momentum)},
            outputs={name: x.detach() for name, x in outputs.items()},
        )

    def after_step(self, progress: Progress) -> None:
        self.teacher.update(progress)


class LeakyHead(MLP):
    """A head that in training mode adds to every row how the batch's mean differs from the usual one: batch statistics that
    are not taken away again, so that they tell which batch an image is in."""

    def __init__(self, widths: list[int]) -> None:
        super().__init__(widths)
        self.register_buffer("usual", torch.zeros(widths[0]), persistent=False)
        stream = torch.Generator().manual_seed(0)
        self.register_buffer("mix", torch.randn(widths[0], widths[-1], generator=stream), persistent=False)

    def layers(self, x: Tensor) -> dict[str, Tensor]:
        found = super().layers(x)
        if self.training:
            odd = (x.mean(0) - self.usual) / x.detach().std().clamp_min(1e-6)
            self.usual = self.usual.lerp(x.detach().mean(0), 0.1)
            found["projector"] = found["projector"] + odd @ self.mix
        return found

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)["projector"]


class Queue(Planted):
    """Contrast with keys of earlier batches: all that is of this batch, batch statistics too, points at the positive."""

    def __init__(self, config: Knobs, encoder: Any, setting: Any) -> None:
        super().__init__(config, encoder, setting)
        self.projector = LeakyHead([encoder.width, *config.projector])
        self.register_buffer("keys", F.normalize(torch.randn(512, config.projector[-1]), dim=1))

    def loss(self, batch: Batch) -> LossOutput:
        features, heads = self.embedded(batch)
        query, key = (F.normalize(x, dim=1) for x in heads)
        logits = torch.cat([(query * key.detach()).sum(1, keepdim=True), query @ self.keys.T], dim=1) / 0.1
        self.keys = torch.cat([key.detach(), self.keys])[:512]
        loss = F.cross_entropy(logits, torch.zeros(len(logits), dtype=torch.long))
        return LossOutput(loss=loss, outputs={"backbone": features[0].detach(), "projector": heads[0].detach()})


class OnePrototype(Planted):
    """Both views are to be given to the same prototype, surely, and nothing balances the prototypes."""

    def __init__(self, config: Knobs, encoder: Any, setting: Any) -> None:
        super().__init__(config, encoder, setting)
        self.prototypes = torch.nn.Linear(config.projector[-1], 16)

    def loss(self, batch: Batch) -> LossOutput:
        features, heads = self.embedded(batch)
        first, second = (F.log_softmax(self.prototypes(x), dim=1) for x in heads)
        loss = -(second.detach().mul(4).softmax(1) * first).sum(1).mean()
        outputs = {"backbone": features[0], "projector": heads[0], "assignments": first.exp()}
        return LossOutput(loss=loss, outputs={name: x.detach() for name, x in outputs.items()})


class Spikes(Planted):
    """SimCLR whose gradient explodes in four steps, three quarters through the run."""

    def loss(self, batch: Batch) -> LossOutput:
        features, heads = self.embedded(batch)
        at = batch.step - int(0.75 * self.setting.steps)
        loss = nt_xent(heads[0], heads[1], 0.2) * (self.config.spike if 0 <= at < 4 else 1.0)
        return LossOutput(loss=loss, outputs={"backbone": features[0].detach(), "projector": heads[0].detach()})


class NoGradient(Planted):
    """Targets that have underflowed to zero: the cross-entropy with them is zero, whatever the student says."""

    def loss(self, batch: Batch) -> LossOutput:
        features, heads = self.embedded(batch)
        targets = torch.zeros_like(heads[1])
        loss = -(targets * F.log_softmax(heads[0], dim=1)).sum(1).mean()
        outputs = {"backbone": features[0], "projector": heads[0], "other": heads[1]}
        return LossOutput(loss=loss, outputs={name: x.detach() for name, x in outputs.items()})
