"""DCL (Yeh et al. 2022): SimCLR whose positive pair is taken out of the denominator, so that small batches suffice."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from foveate.core.errors import FoveateError
from foveate.engine.distributed import sum_over_ranks, world
from foveate.pretraining.contrast import check_temperature, similarities
from foveate.pretraining.joint import Compared, JointEmbedding, JointKnobs
from foveate.pretraining.objective import Batch


@dataclass(frozen=True, kw_only=True)
class Knobs(JointKnobs):
    """DCL's knobs."""

    temperature: float = 0.1
    """Of the similarities; .1 to .5 is the usual range. Less delicate than SimCLR's."""
    sigma: float | None = None
    """Weigh pairs that are already close less (DCLW), by exp(cosine / sigma); .5 in the paper. Default: all alike."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_temperature(self.temperature, default=0.1)
        if self.sigma is not None and not self.sigma > 0:
            raise FoveateError(f"sigma = {self.sigma:g} is not above 0.", "try sigma=0.5, or sigma=none")


class DCL(JointEmbedding):
    """Two views, a projector, the decoupled contrastive loss over the whole batch of all processes."""

    Config = Knobs
    config: Knobs

    def compare(self, first: Tensor, second: Tensor, batch: Batch) -> Compared:
        return Compared(decoupled(first, second, self.config.temperature, self.config.sigma))


def decoupled(
    first: Float[Tensor, "n d"], second: Float[Tensor, "n d"], temperature: float, sigma: float | None = None
) -> Float[Tensor, ""]:
    """Equations 6 and 7 of Yeh et al. 2022, mean over images and both views.

    −w·s₊/τ + log Σ exp(s/τ) over the embeddings of other images; w = 2 − exp(s₊/σ) / mean exp(s₊/σ), without gradient;
    1 where ``sigma`` is None.
    """
    with torch.autocast(first.device.type, enabled=False):
        similar = similarities(first, second)
        positive = similar.cosines.gather(1, similar.positive[:, None])[:, 0]
        weight: Tensor | float = 1.0
        if sigma is not None:
            pull = (positive.detach() / sigma).exp()
            weight = 2 - pull / (sum_over_ranks(pull.mean()) / world())
        others = similar.without_self(temperature).scatter(1, similar.positive[:, None], float("-inf"))
        return (-weight * positive / temperature + others.logsumexp(1)).mean()
