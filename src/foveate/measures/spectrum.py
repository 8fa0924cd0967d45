"""How many directions features use: singular spectrum, RankMe, α-ReQ, and the spread of the single features."""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from jaxtyping import Float
from torch import Tensor

from foveate.measures.arrays import Matrix, as_matrix, blocks_of

_BLOCK = 16384


def singular_values(X: Matrix | Iterable[Matrix], *, center: bool = False) -> Float[Tensor, " r"]:
    """Singular values, largest first, float64: from the eigenvalues of the Gram matrix of the smaller side.

    Args:
        X: [n, d], or a stream of such blocks, of which only the [d, d] Gram matrix is kept.
        center: take the features' mean away first.
    """
    if isinstance(X, Tensor) or hasattr(X, "shape"):
        x = as_matrix(X)  # type: ignore[arg-type]
        if len(x) < x.shape[1]:
            wide = x.double() - (x.double().mean(dim=0) if center else 0)
            return _roots(wide @ wide.T)
    count, total, gram = 0, None, None
    for block in blocks_of(X, _BLOCK):
        exact = block.double()
        count += len(exact)
        total = exact.sum(dim=0) + (0 if total is None else total)
        gram = exact.T @ exact + (0 if gram is None else gram)
    assert gram is not None, "no features"
    assert total is not None
    return _roots(gram - torch.outer(total, total) / count if center else gram)


def rankme(X: Matrix | Iterable[Matrix]) -> float:
    """RankMe (Garrido et al. 2023): exp of the entropy of the singular values' shares; from 1 to min(n, d). 0 for X = 0.

    As in the paper the features are not centred, and n should be several times the width.
    """
    return effective_rank(singular_values(X))


def effective_rank(values: Float[Tensor, " r"]) -> float:
    """exp of the entropy of the shares of non-negative values (Roy and Vetterli 2007); 0 where all are 0."""
    total = values.sum()
    if total == 0:
        return 0.0
    share = values / total
    return float(torch.exp(-torch.special.xlogy(share, share).sum()))


def alpha_req(X: Matrix | Iterable[Matrix], *, first: int = 5, last: int = 50) -> float:
    """α-ReQ (Agrawal et al. 2022): the exponent of the power law λ ∝ i^-α of the covariance's eigenvalues.

    A line through log λ over log i for ranks ``first`` to ``last`` (as far as there are any), each weighted by 1/i, so that
    octaves count alike. NaN where fewer than three eigenvalues remain.
    """
    eigenvalues = singular_values(X, center=True).square()
    rank = torch.arange(1, len(eigenvalues) + 1, dtype=torch.float64)
    used = (rank >= first) & (rank <= last) & (eigenvalues > eigenvalues[:1] * 1e-12)
    if used.sum() < 3:
        return math.nan
    x, y, weight = rank[used].log(), eigenvalues[used].cpu().log(), 1 / rank[used]
    x, y = x - (weight * x).sum() / weight.sum(), y - (weight * y).sum() / weight.sum()
    return -float((weight * x * y).sum() / (weight * x * x).sum())


def feature_std(X: Matrix) -> float:
    """The features' mean standard deviation after each row is scaled to length √d: about 1 when spread evenly, 0 collapsed.

    (Chen and He, 2021, plot the same divided by √d.)
    """
    x = as_matrix(X)
    unit = torch.nn.functional.normalize(x.double(), dim=1) * math.sqrt(x.shape[1])
    return float(unit.std(dim=0, correction=0).mean())


def _roots(gram: Tensor) -> Tensor:
    return torch.linalg.eigvalsh(gram).clamp_min(0).sqrt().flip(0)
