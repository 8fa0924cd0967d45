"""MSN (Assran et al. 2022): a view with patches left out is assigned to the prototypes that the teacher gives the whole view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from foveate.core.errors import FoveateError
from foveate.encoders.patches import Patches
from foveate.engine.distributed import sum_over_ranks, world
from foveate.pretraining import masks
from foveate.pretraining.contrast import check_temperature
from foveate.pretraining.distillation import Taught, TaughtKnobs
from foveate.pretraining.joint import LARGE, directed, mean
from foveate.pretraining.objective import Batch, LossOutput, Setting
from foveate.pretraining.prototypes import Prototypes, cross_entropy, sinkhorn
from foveate.training.chunks import in_chunks

if TYPE_CHECKING:
    from foveate.encoders.encoder import Encoder


@dataclass(frozen=True, kw_only=True)
class Knobs(TaughtKnobs):
    """MSN's knobs."""

    mask: float = 0.15
    """Share of the patches of the student's large views that is left out, at random. 0 hides none, and then any network will do."""
    prototypes: int = 256
    """How many there are; 1,024 for ImageNet."""
    temperature: float = 0.1
    """Of the student's assignments."""
    sharpness: float = 0.25
    """Temperature of the teacher's assignments, as a share of the student's."""
    balance: bool = True
    """Balance the teacher's assignments over the batch by Sinkhorn, as the authors' code does, to the shares of ``prior``. Without it short runs collapse."""
    prior_weight: float = 1.0
    """Weight of the term that spreads the batch over the prototypes; at 0 one takes all."""
    prior: float = 0.0
    """How unequally: prototype k is to have a share proportional to k^-prior. 0 is equal (MSN); .25 suits data with a long tail (PMSN, Assran et al. 2023)."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_temperature(self.temperature, default=0.1)
        if not 0 < self.sharpness <= 1:
            raise FoveateError(f"sharpness = {self.sharpness:g} is outside (0, 1].", "try sharpness=0.25")
        if not 0 <= self.mask < 1:
            raise FoveateError(f"mask = {self.mask:g} is outside [0, 1).", "try mask=0.15")
        if self.prototypes < 2:
            raise FoveateError(f"prototypes = {self.prototypes} is below 2.", "try prototypes=256")
        for name in ("prior", "prior_weight"):
            if getattr(self, name) < 0:
                raise FoveateError(f"{name} = {getattr(self, name):g} is below 0.", f"give {name} at least 0")


class MSN(Taught):
    """Student on patches that are left, teacher on all; shared prototypes; the batch's mean assignment follows a prior."""

    Config = Knobs
    config: Knobs
    advice: ClassVar[Mapping[str, Any]] = {**Taught.advice, "encoder": "foveate:vit-mini", "lr": 1.5e-3}

    def __init__(self, config: Knobs, encoder: Encoder, setting: Setting) -> None:
        super().__init__(config, encoder, setting)
        self.prototypes = Prototypes(self.embedding_width, config.prototypes)
        self.patches = Patches(encoder, wanted_by="MSN with mask above 0") if config.mask else None
        self.any_size = self.patches is None

    def features_of(self, batch: Batch) -> list[Tensor]:
        anchors = [self._anchor(batch, number, view) for number, view in enumerate(batch.views[:LARGE])]
        return anchors + self.features_of_crops(batch)

    def _anchor(self, batch: Batch, number: int, view: Tensor) -> Tensor:
        patches = self.patches
        if patches is None:
            return self.features(view)
        hidden = masks.hidden_count(patches.grid, self.config.mask)
        mask = masks.random_mask(patches.grid, batch.size, hidden, batch.stream(f"mask {number}"))
        keep = batch.own(masks.split(mask)[0])

        def embed(images: Tensor, keep: Tensor) -> Tensor:
            return patches(self.backbone, images, keep=keep).pooled

        return in_chunks(embed, view, self.chunk, self.backbone, keep)

    def loss(self, batch: Batch) -> LossOutput:
        features = self.features_of(batch)
        embeddings = [self.project(x) for x in features]
        targets = [self.target(view) for view in batch.views[:LARGE]]  # of the whole view, whoever is the teacher
        with torch.autocast(features[0].device.type, enabled=False):
            kind = torch.promote_types(embeddings[0].dtype, torch.float32)
            scores = [self.prototypes(z.to(kind)) for z in embeddings]
            with torch.no_grad():
                goals = [self.assign(self.prototypes(z.to(kind))) for z in targets]
            said = [each / self.config.temperature for each in scores]
            matched = mean([cross_entropy(goals[i], said[j]) for i, j in directed(len(said))])
            spread = prior_divergence(torch.cat(said), self.config.prior)
        named = self.outputs(features, embeddings)
        pair = {"prediction": embeddings[0].detach(), "target": targets[1], "assignments": goals[0]}
        return LossOutput(
            loss=matched + self.config.prior_weight * spread,
            terms={
                "assignment": matched.detach(),
                "prior": spread.detach(),
                **self.teacher.terms(batch, self.setting),
            },
            outputs={**named, **pair},
        )

    def assign(self, scores: Float[Tensor, "n k"]) -> Float[Tensor, "n k"]:
        """The teacher's sharpened assignments; rows sum to 1."""
        temperature = self.config.temperature * self.config.sharpness
        if not self.config.balance:
            return torch.softmax(scores / temperature, dim=1)
        # The authors balance evenly; to balance to a prior that is not even is our extension of it.
        shares = log_power_law(scores, self.config.prior).exp() if self.config.prior else None
        return sinkhorn(scores, temperature, shares=shares)


def prior_divergence(logits: Float[Tensor, "n k"], power: float) -> Float[Tensor, ""]:
    """KL(p̄ ‖ π) of the mean assignment p̄ over all images and processes from π ∝ k^-power, k = 1 … K.

    With power 0 it is log K − H(p̄), MSN's mean-entropy maximisation (Assran et al. 2022, section 3) up to a constant.
    """
    used = sum_over_ranks(torch.softmax(logits, dim=1).mean(0)) / world()
    return (torch.special.xlogy(used, used) - used * log_power_law(logits, power)).sum()


def log_power_law(like: Float[Tensor, "n k"], power: float) -> Float[Tensor, " k"]:
    """log π of π ∝ k^-power, k = 1 … K."""
    rank = torch.arange(1, like.shape[1] + 1, device=like.device, dtype=like.dtype)
    return torch.log_softmax(-power * rank.log(), dim=0)
