"""Second measures of likeness beside CKA, which hears mostly the directions of large variance."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from foveate.core import stats
from foveate.core.estimate import Estimate
from foveate.measures.arrays import Matrix, as_matrix
from foveate.measures.neighbours import nearest


def mutual_knn(X: Matrix, Y: Matrix, k: int = 10, *, groups: int = 20, seed: int = 0) -> Estimate:
    """The mean share of an image's k nearest others (cosine) that two encoders agree on (Huh et al. 2024).

    Chance is k / (n - 1); the same features give 1. The interval is a delete-a-group jackknife: the neighbours are searched
    anew without each group, since a U-statistic must not see an image twice.

    Args:
        X, Y: [n, d] of the same images in the same order.

    Raises:
        FoveateError: fewer images than k needs, or a feature that is not finite.
    """
    x, y = as_matrix(X), as_matrix(Y)
    assert len(x) == len(y), f"features of different numbers of images: {len(x)} and {len(y)}"

    def overlap(rows: np.ndarray) -> float:
        chosen = torch.from_numpy(rows)
        own = torch.arange(len(rows))
        _, one = nearest(x[chosen.to(x.device)], x[chosen.to(x.device)], k, exclude=own)
        _, two = nearest(y[chosen.to(y.device)], y[chosen.to(y.device)], k, exclude=own)
        return _shared(one.cpu(), two.cpu()) / k

    return stats.jackknife(overlap, len(x), groups, seed=seed)


def procrustes(X: Matrix, Y: Matrix) -> float:
    """How well one rotation maps X onto Y: ‖XᵀY‖₊ / (‖X‖ ‖Y‖) of the centred features, in [0, 1]; 1 - half the squared
    Procrustes distance of the features scaled to norm 1. NaN where one is constant.

    Not debiased: independent features of n images and width d read far above 0 unless n ≫ d. Compare it with the value of
    shuffled rows.

    Args:
        X, Y: [n, d] and [n, e] of the same images in the same order.
    """
    x, y = (as_matrix(each).double() for each in (X, Y))
    assert len(x) == len(y), f"features of different numbers of images: {len(x)} and {len(y)}"
    x, y = (each - each.mean(dim=0) for each in (x, y))
    norms = torch.linalg.matrix_norm(x) * torch.linalg.matrix_norm(y)
    if norms == 0:
        return float("nan")
    # XᵀY of wide features has the singular values of an n × n product of their triangular factors.
    x, y = (torch.linalg.qr(each.T, mode="r").R if each.shape[1] > len(each) else each.T for each in (x, y))
    return float(torch.linalg.matrix_norm(x @ y.T, ord="nuc") / norms)


def _shared(one: Tensor, two: Tensor) -> float:
    """The mean number of entries that the rows of two index tables [n, k] have in common."""
    both = torch.cat([one, two], dim=1).sort(dim=1).values
    return float((both[:, 1:] == both[:, :-1]).sum()) / len(one)
