"""A queue of embeddings of earlier batches: MoCo's negatives, the support set of NNCLR and MeanShift."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from foveate.engine.distributed import gather


class Queue(nn.Module):
    """The newest embeddings, of unit length, first in first out; in buffers, so that they resume with the run.

    Until it has gone round once it holds random directions as well, as in the published code.

    Args:
        length: embeddings that were asked for; never more than there are training ``images``, since an image would then
            stand in it twice. width: of an embedding.
    """

    held: Tensor
    at: Tensor

    def __init__(self, length: int, width: int, *, images: int) -> None:
        super().__init__()
        self.length = min(length, images)
        self.register_buffer("held", F.normalize(torch.randn(self.length, width), dim=1))
        self.register_buffer("at", torch.zeros((), dtype=torch.int64))

    @torch.no_grad()
    def push(self, x: Float[Tensor, "b d"]) -> None:
        """Put this step's embeddings in, of all processes in order; all processes call it."""
        x = F.normalize(gather(x.detach().to(self.held.dtype)), dim=1)[-self.length :]
        places = (self.at + torch.arange(len(x), device=x.device)) % self.length
        self.held[places] = x
        self.at.copy_((self.at + len(x)) % self.length)
