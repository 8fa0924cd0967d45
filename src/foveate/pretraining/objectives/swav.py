"""SwAV (Caron et al. 2020): the prototype that one view is assigned to is predicted from another view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from foveate.core.errors import FoveateError
from foveate.pretraining.contrast import check_temperature
from foveate.pretraining.joint import LARGE, JointKnobs, Projected, directed, mean
from foveate.pretraining.objective import Batch, LossOutput, Setting
from foveate.pretraining.prototypes import Prototypes, cross_entropy, sinkhorn

if TYPE_CHECKING:
    from foveate.encoders.encoder import Encoder


@dataclass(frozen=True, kw_only=True)
class Knobs(JointKnobs):
    """SwAV's knobs."""

    prototypes: int = 256
    """How many there are; about ten times the number of classes that one expects, and below the batch."""
    temperature: float = 0.1
    """Of the predicted assignments."""
    sharpness: float = 0.05
    """Temperature of the assignments that are predicted (ε of Sinkhorn); lower is harder."""
    rounds: int = 3
    """Of Sinkhorn's scaling, which makes all prototypes used alike."""
    frozen: float = 0.02
    """Share of the run, at its beginning, during which the prototypes stay as drawn."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_temperature(self.temperature, default=0.1)
        check_temperature(self.sharpness, name="sharpness", default=0.05)
        if not 0 <= self.frozen <= 1:
            raise FoveateError(f"frozen = {self.frozen:g} is no share of the run.", "try frozen=0.02")
        for name, least in (("prototypes", 2), ("rounds", 1)):
            if getattr(self, name) < least:
                raise FoveateError(f"{name} = {getattr(self, name)} is below {least}.", f"give {name} at least {least}")


class SwAV(Projected):
    """Views (multi-crop with ``crops``), a projector, prototypes; assignments are balanced over the batch of all processes."""

    Config = Knobs
    config: Knobs

    def __init__(self, config: Knobs, encoder: Encoder, setting: Setting) -> None:
        super().__init__(config, encoder, setting)
        self.prototypes = Prototypes(self.embedding_width, config.prototypes)

    def loss(self, batch: Batch) -> LossOutput:
        features = self.features_of(batch)
        embeddings = [self.project(x) for x in features]
        frozen = batch.step < self.config.frozen * self.setting.steps
        with torch.autocast(features[0].device.type, enabled=False):
            kind = torch.promote_types(embeddings[0].dtype, torch.float32)
            scores = [self.prototypes(z.to(kind), frozen=frozen) for z in embeddings]
            loss, codes = swapped_prediction(
                scores, self.config.temperature, self.config.sharpness, rounds=self.config.rounds
            )
        return LossOutput(loss=loss, outputs=self.outputs(features, embeddings) | {"assignments": codes})


def swapped_prediction(
    scores: list[Tensor], temperature: float, sharpness: float, *, rounds: int = 3
) -> tuple[Tensor, Tensor]:
    """Caron et al. 2020, equation 2 with multi-crop: cross entropies of every other view with the large views' codes.

    Args:
        scores: of each view, cosines with the prototypes [n k]; the large views first.

    Returns:
        The mean over pairs, and the first view's code [n k].
    """
    codes = [sinkhorn(scores[i], sharpness, rounds=rounds) for i in range(LARGE)]
    losses = [cross_entropy(codes[i], scores[j] / temperature) for i, j in directed(len(scores))]
    return mean(losses), codes[0]
