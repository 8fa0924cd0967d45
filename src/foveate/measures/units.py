"""Single units of a representation: which never speak, how many are silent for an image, how assignments spread.

Scalars stay tensors on their device, so that a training step may take them without waiting.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor


def dead_units(X: Float[Tensor, "n d"], *, tolerance: float = 1e-6) -> Float[Tensor, ""]:
    """Share of the units that say the same for every image: max - min ≤ tolerance times the largest magnitude of all."""
    x = X.detach()
    return (x.amax(dim=0) - x.amin(dim=0) <= tolerance * x.abs().amax()).float().mean()


def zeros(X: Float[Tensor, "n d"]) -> Float[Tensor, " n"]:
    """Each image's share of units that are exactly 0, as behind a ReLU."""
    return (X.detach() == 0).float().mean(dim=1)


def assignment_entropies(P: Float[Tensor, "n k"]) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
    """Of soft assignments to k prototypes: the images' mean entropy, and the entropy of the mean assignment, nats.

    Sure assignments to all prototypes alike have 0 and log k; one prototype for every image 0 and 0; undecided ones
    log k and log k. exp of the second is how many prototypes are in use.

    Args:
        P: rows sum to 1.
    """
    p = P.detach()
    p = p if p.dtype == torch.float64 else p.float()
    mean = p.mean(dim=0)
    return -torch.special.xlogy(p, p).sum(dim=1).mean(), -torch.special.xlogy(mean, mean).sum()
