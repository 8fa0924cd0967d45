"""The table that contrastive losses read: how similar each embedding is to every other of the batch of all processes."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from foveate.core.errors import FoveateError
from foveate.engine.distributed import gather, rank


class Similarities(NamedTuple):
    """Cosines of this process's anchors with all candidates.

    Attributes:
        cosines: [2n, 2N], n images here and N in all; view after view, in the order of processes within each.
        own: [2n], which candidate an anchor itself is. positive: [2n], which is the other view of its image.
    """

    cosines: Tensor
    own: Tensor
    positive: Tensor

    def without_self(self, temperature: float) -> Float[Tensor, "2n 2N"]:
        """Logits in which an anchor's similarity to itself counts for nothing."""
        return (self.cosines / temperature).scatter(1, self.own[:, None], float("-inf"))


def similarities(first: Float[Tensor, "n d"], second: Float[Tensor, "n d"]) -> Similarities:
    """The table of two views; in float32 or wider, call it outside of autocast."""
    kind = torch.promote_types(first.dtype, torch.float32)
    anchors = F.normalize(torch.stack([first, second]).to(kind), dim=2)  # [2 n d]
    count = anchors.shape[1]
    candidates = gather(anchors.transpose(0, 1).contiguous()).transpose(0, 1).flatten(0, 1)  # [2N d], view after view
    mine = torch.arange(count, device=first.device) + rank() * count
    own = torch.cat([mine, mine + len(candidates) // 2])
    return Similarities(anchors.flatten(0, 1) @ candidates.T, own, own.roll(count))


def check_temperature(temperature: float, *, default: float, name: str = "temperature") -> None:
    """Refuse a temperature that no softmax has."""
    if not temperature > 0:
        raise FoveateError(f"{name} = {temperature:g} is not above 0.", f"try {name}={default:g}")
