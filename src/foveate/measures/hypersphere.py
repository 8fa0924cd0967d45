"""Embeddings as directions: do views of an image agree, are images spread evenly, does the student say what the teacher says.

Scalars stay tensors on their device, so that a training step may take them without waiting.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

_PAIRS = 2**24  # similarities held at once


def alignment(X: Float[Tensor, "n d"], Y: Float[Tensor, "n d"], *, alpha: float = 2.0) -> Float[Tensor, ""]:
    """Alignment loss (Wang and Isola 2020): mean ‖x - y‖^α of unit-length embeddings of two views; 0 is perfect.

    For α = 2 it is 2 - 2·cos: 2 for views that have nothing in common, 4 for opposite ones.
    """
    apart = _unit(X) - _unit(Y)
    return torch.linalg.vector_norm(apart, dim=1).pow(alpha).mean()


def uniformity(X: Float[Tensor, "n d"], *, t: float = 2.0) -> Float[Tensor, ""]:
    """Uniformity loss (Wang and Isola 2020): log of the mean of exp(-t ‖x - y‖²) over pairs of different images' unit-length
    embeddings. 0 where all are one point, -2t where all are at right angles; lower is more evenly spread. NaN for one image."""
    x = _unit(X)
    n, parts = len(x), []
    rows = max(1, _PAIRS // max(n, 1))
    for start in range(0, n, rows):
        exponent = 2 * t * (x[start : start + rows] @ x.T - 1)
        own = torch.arange(start, min(start + rows, n), device=x.device)
        exponent[own - start, own] = -torch.inf
        parts.append(torch.logsumexp(exponent, dim=1))
    return torch.logsumexp(torch.cat(parts), dim=0) - math.log(n * (n - 1)) if n > 1 else x.new_tensor(math.nan)


def agreement(prediction: Float[Tensor, "n d"], target: Float[Tensor, "n d"]) -> Float[Tensor, ""]:
    """Mean cosine of what a student predicts and what its teacher says, row by row."""
    return (_unit(prediction) * _unit(target)).sum(dim=1).mean()


def _unit(x: Tensor) -> Tensor:
    x = x.detach()
    return F.normalize(x if x.dtype == torch.float64 else x.float(), dim=1)
