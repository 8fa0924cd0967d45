"""Soft assignments of embeddings to learned prototypes: DINO, iBOT, MSN and SwAV share these."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from foveate.engine.distributed import gather


class Prototypes(nn.Module):
    """Cosines of embeddings with learned directions, [b d] → [b k].

    Directions are normalised in every forward pass: the same as a weight-normalised linear layer with its gain fixed at 1.
    """

    def __init__(self, width: int, count: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(count, width))
        nn.init.trunc_normal_(self.weight, std=0.02)

    def forward(self, x: Float[Tensor, "... d"], *, frozen: bool = False) -> Float[Tensor, "... k"]:
        """Args: frozen: no gradient to the directions (it is zero, not absent: replicas wait for one)."""
        weight = self.weight.detach() + 0 * self.weight if frozen else self.weight
        return F.linear(F.normalize(x, dim=-1), F.normalize(weight, dim=-1).to(x.dtype))


@torch.no_grad()
def sinkhorn(
    scores: Float[Tensor, "b k"], temperature: float, *, rounds: int = 3, shares: Float[Tensor, " k"] | None = None
) -> Float[Tensor, "b k"]:
    """Assignments that use every prototype equally over the whole batch of all processes (Caron et al. 2020, SwAV).

    exp(scores / temperature), scaled in turn so that columns share the mass equally and rows sum to 1; in logarithms, since at
    low temperatures whole rows would vanish.

    Args:
        scores: cosines. shares: of the mass that each column gets instead of an equal one.

    Returns:
        Rows that sum to 1.
    """
    wide = scores.detach().to(torch.promote_types(scores.dtype, torch.float32))
    logs = wide / temperature
    for _ in range(rounds):
        logs = logs - gather(logs.logsumexp(0, keepdim=True)).logsumexp(0)
        logs = logs if shares is None else logs + shares.log()
        logs = logs.log_softmax(1)
    return logs.exp().to(scores.dtype)


def entropy(p: Float[Tensor, "... k"]) -> Float[Tensor, ...]:
    """−Σ p log p in nats, with 0 log 0 = 0."""
    return -torch.special.xlogy(p, p).sum(-1)


def cross_entropy(target: Float[Tensor, "b k"], logits: Float[Tensor, "b k"]) -> Float[Tensor, ""]:
    """The mean of −Σ target · log softmax(logits), in float32 or wider."""
    return -(target * F.log_softmax(logits, dim=-1)).sum(-1).mean()
