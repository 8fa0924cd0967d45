"""A queue of embeddings of earlier images: MoCo's negatives, the support set of NNCLR and MeanShift."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from foveate.engine.distributed import gather


class Queue(nn.Module):
    """The newest embeddings, of unit length, first in first out; in buffers, so that they resume with the run.

    Until it has gone round once it holds random directions as well, as in the published code. Where it is not much
    shorter than the data an image meets its own embedding of the epoch before in it: ``own`` says where.

    Args:
        length: embeddings that were asked for; never more than there are training ``images``. width: of an embedding.
    """

    held: Tensor
    rows: Tensor
    at: Tensor

    def __init__(self, length: int, width: int, *, images: int) -> None:
        super().__init__()
        self.length = min(length, images)
        self.register_buffer("held", F.normalize(torch.randn(self.length, width), dim=1))
        self.register_buffer("rows", torch.full((self.length,), -1))
        self.register_buffer("at", torch.zeros((), dtype=torch.int64))

    def own(self, rows: Int[Tensor, " n"]) -> Bool[Tensor, "n q"]:
        """Which of the held are of the same image as each of ``rows``."""
        return rows[:, None] == self.rows

    @torch.no_grad()
    def push(self, x: Float[Tensor, "b d"], rows: Int[Tensor, " b"]) -> None:
        """Put this step's embeddings of the images ``rows`` in, of all processes in order; all processes call it."""
        x = F.normalize(gather(x.detach().to(self.held.dtype)), dim=1)[-self.length :]
        places = (self.at + torch.arange(len(x), device=x.device)) % self.length
        self.held[places], self.rows[places] = x, gather(rows)[-self.length :]
        self.at.copy_((self.at + len(x)) % self.length)
