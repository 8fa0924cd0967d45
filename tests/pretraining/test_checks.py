"""Objectives that break one promise each are told which; one that keeps all passes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import nn

from foveate.data.views import View, simclr_views
from foveate.pretraining.checks import CHECKS, check_objective
from foveate.pretraining.objective import Batch, LossOutput, Objective, Parts


@dataclass(frozen=True, kw_only=True)
class Knobs:
    width: int = 4
    """Of the layer behind the backbone."""


class Keeps(Objective):
    """Two views attract; noise is each image's own."""

    Config = Knobs
    coupled = False

    def __init__(self, config: Any, encoder: Any, setting: Any) -> None:
        super().__init__(config, encoder, setting)
        self.projector = nn.Linear(encoder.width, config.width)
        self.register_buffer("seen", torch.zeros(()))

    def views(self) -> tuple[View, ...]:
        return simclr_views(self.setting.image_size)

    def loss(self, batch: Batch) -> LossOutput:
        features = [self.features(view) for view in batch.views]
        first, second = map(self.projector, features)
        noise = batch.draw("noise", 1).to(first.dtype)
        loss = (first - second + noise).square().mean()
        return LossOutput(loss=loss, outputs={"backbone": features[0].detach(), "projector": first.detach()})


class Unused(Keeps):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.idle = nn.Linear(2, 2)


class Careless(Keeps):
    """Draws from the global stream."""

    def loss(self, batch: Batch) -> LossOutput:
        batch.views[0] = batch.views[0] + torch.rand_like(batch.views[0])
        return super().loss(batch)


class Hasty(Keeps):
    """Counts while it computes."""

    def loss(self, batch: Batch) -> LossOutput:
        self.seen += 1
        return super().loss(batch)


class Coupled(Keeps):
    """Its loss depends on the others of the batch, and it says that it does not."""

    def loss(self, batch: Batch) -> LossOutput:
        output = super().loss(batch)
        return LossOutput(loss=output.loss + self.features(batch.views[0]).std(0).mean(), outputs=output.outputs)


class Attached(Keeps):
    def loss(self, batch: Batch) -> LossOutput:
        output = super().loss(batch)
        return LossOutput(loss=output.loss, outputs={**output.outputs, "other": self.features(batch.views[1])})


class Named(Keeps):
    """A term that the loop logs itself."""

    def loss(self, batch: Batch) -> LossOutput:
        output = super().loss(batch)
        return LossOutput(loss=output.loss, outputs=output.outputs, terms={"gradient_norm": output.loss.detach()})


class Uneven(Keeps):
    def loss(self, batch: Batch) -> LossOutput:
        output = super().loss(batch)
        return LossOutput(loss=output.loss, outputs={**output.outputs, "assignments": output.outputs["projector"]})


class Forgetful(Keeps):
    """``parts`` names a projector, and ``embed`` leaves it out."""

    def parts(self) -> Parts:
        return Parts(backbone=self.backbone, projector=self.projector)

    def embed(self, images: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"backbone": self.encoder.pooled(images, self.backbone)}


@dataclass(frozen=True, kw_only=True)
class Terse(Knobs):
    depth: int = 1


class Silent(Keeps):
    Config = Terse


BROKEN: dict[type[Keeps], str] = {
    Unused: "every_trained_weight_gets_a_gradient: no gradient reaches idle.weight, idle.bias",
    Careless: "the_same_batch_gives_the_same_loss: two losses of one batch differ",
    Hasty: "a_loss_changes_nothing: computing the loss changed seen",
    Coupled: "accumulation_is_the_whole_batch: .* the loss is another",
    Attached: "outputs_are_as_agreed: the output other is not detached",
    Named: "outputs_are_as_agreed: the objective's term 'gradient_norm'",
    Uneven: "outputs_are_as_agreed: rows of assignments do not sum to 1",
    Forgetful: "what_is_kept_embeds_whole_images: embed and parts disagree",
    Silent: "every_knob_is_documented: depth",
}


def test_an_objective_that_keeps_its_promises_passes() -> None:
    check_objective(Keeps, width=3)


@pytest.mark.parametrize("kind", BROKEN, ids=lambda kind: kind.__name__)
def test_a_broken_promise_is_named(kind: type[Keeps]) -> None:
    with pytest.raises(AssertionError, match=BROKEN[kind]):
        check_objective(kind)


def test_each_check_has_an_objective_that_breaks_it() -> None:
    assert {check.__name__ for check in CHECKS} == {words.partition(":")[0] for words in BROKEN.values()}
