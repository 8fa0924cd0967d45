"""SimCLR (Chen et al. 2020): two views of an image attract, all other images of the batch repel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from foveate.core.errors import FoveateError
from foveate.pretraining.contrast import check_temperature, similarities
from foveate.pretraining.joint import Compared, JointEmbedding, JointKnobs
from foveate.pretraining.objective import Batch, Setting

if TYPE_CHECKING:
    from foveate.encoders.encoder import Encoder


@dataclass(frozen=True, kw_only=True)
class Knobs(JointKnobs):
    """SimCLR's knobs."""

    temperature: float = 0.1
    """Of the softmax over similarities. Lower weighs the hardest negatives more; .1 to .5 is the usual range."""
    direct: int = 0
    """With projector= (none): compare only the first so many features (DirectCLR), so that the others keep what the loss discards. 0: all."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_temperature(self.temperature, default=0.1)
        if self.direct < 0 or (self.direct and self.projector):
            raise FoveateError(f"direct = {self.direct} is for features without a projector.", "add projector= (none)")


class SimCLR(JointEmbedding):
    """Two views, a projector, NT-Xent over the whole batch of all processes."""

    Config = Knobs
    config: Knobs

    def __init__(self, config: Knobs, encoder: Encoder, setting: Setting) -> None:
        super().__init__(config, encoder, setting)
        if config.direct > encoder.width:
            raise FoveateError(
                f"direct = {config.direct}, but {encoder.address} has {encoder.width} features.",
                f"give direct at most {encoder.width}",
            )

    def project(self, features: Float[Tensor, "n d"]) -> Float[Tensor, "n e"]:
        return features[:, : self.config.direct] if self.config.direct else super().project(features)

    def compare(self, first: Tensor, second: Tensor, batch: Batch) -> Compared:
        return Compared(nt_xent(first, second, self.config.temperature))


def nt_xent(first: Float[Tensor, "n d"], second: Float[Tensor, "n d"], temperature: float) -> Float[Tensor, ""]:
    """The normalised temperature-scaled cross entropy of Chen et al. 2020, equation 1, mean over both views.

    The 2n embeddings of this process are anchors; candidates are those of all processes. For each anchor the softmax
    runs over every embedding but itself, and the positive is the other view of its image.

    Args:
        first, second: embeddings of the two views, any scale. temperature: above 0.
    """
    with torch.autocast(first.device.type, enabled=False):
        similar = similarities(first, second)
        return F.cross_entropy(similar.without_self(temperature), similar.positive)
