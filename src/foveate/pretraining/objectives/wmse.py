"""W-MSE (Ermolov et al. 2021): embeddings are whitened over the batch, so that agreeing cannot collapse them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from foveate.core.errors import FoveateError
from foveate.engine.distributed import gather
from foveate.pretraining.joint import Compared, JointEmbedding, JointKnobs
from foveate.pretraining.objective import Batch, Setting

if TYPE_CHECKING:
    from foveate.encoders.encoder import Encoder


@dataclass(frozen=True, kw_only=True)
class Knobs(JointKnobs):
    """W-MSE's knobs."""

    projector: tuple[int, ...] = (512, 32)
    """Widths of the projector's layers. The last must be well below half of the batch: a covariance of that width is inverted."""
    slice: int = 128
    """Images that are whitened together, at least twice the projector's width; the batch is cut into such groups, anew for each cut."""
    cuts: int = 1
    """How often the batch is cut at random; more cuts make the whitening less noisy."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.cuts < 1:
            raise FoveateError(f"cuts = {self.cuts} is below 1.", "give cuts=1")


class WMSE(JointEmbedding):
    """Two views, a narrow projector, whitening over groups of images, squared distance on the unit sphere."""

    Config = Knobs
    config: Knobs

    def __init__(self, config: Knobs, encoder: Encoder, setting: Setting) -> None:
        super().__init__(config, encoder, setting)
        self.slice = min(config.slice, setting.batch)
        if self.slice < 2 * self.embedding_width:
            raise FoveateError(
                f"whitening {self.embedding_width} dimensions takes more than the {self.slice} images of a group.",
                f"end the projector with at most {max(self.slice // 2, 1)}, or raise --batch and slice to {2 * self.embedding_width}",
            )

    def compare(self, first: Tensor, second: Tensor, batch: Batch) -> Compared:
        stream = batch.stream("whitening")
        orders = torch.stack([torch.randperm(batch.size, generator=stream) for _ in range(self.config.cuts)])
        return Compared(whitened_distance(first, second, orders.to(first.device), self.slice))


def whitened_distance(
    first: Float[Tensor, "n d"], second: Float[Tensor, "n d"], orders: Tensor, size: int
) -> Float[Tensor, ""]:
    """2 − 2 cos between whitened views, mean over images and orders.

    Args:
        orders: [c, N], permutations of the images of all processes; each is cut into groups of ``size`` (what is left
            over is left out). Each view of a group is whitened by itself, by the inverse Cholesky factor of its covariance:
            two views of one image are no independent samples, and in one covariance they would count as two.
    """
    with torch.autocast(first.device.type, enabled=False):
        kind = torch.promote_types(first.dtype, torch.float32)
        both = torch.stack([gather(z.to(kind)) for z in (first, second)])  # [2 N d]
        groups = orders.shape[1] // size
        taken = both[:, orders[:, : groups * size]].unflatten(2, (groups, size))  # [2 c g s d]
        white = whiten(taken.flatten(0, 2)).view_as(taken)  # [2 c g s d]
        a, b = F.normalize(white, dim=-1)
        return (2 - 2 * (a * b).sum(-1)).mean()


def whiten(x: Float[Tensor, "g n d"]) -> Float[Tensor, "g n d"]:
    """Each group centred and multiplied by L⁻ᵀ, where LLᵀ is its covariance: its covariance becomes the identity."""
    centred = x - x.mean(1, keepdim=True)
    covariance = centred.mT @ centred / (x.shape[1] - 1)
    ridge = 1e-6 * covariance.diagonal(dim1=1, dim2=2).mean(1)[:, None, None] + torch.finfo(x.dtype).tiny
    factor = torch.linalg.cholesky(covariance + ridge * torch.eye(x.shape[2], device=x.device, dtype=x.dtype))
    return torch.linalg.solve_triangular(factor, centred.mT, upper=False).mT
