"""What a change of one factor does to features: how far it moves them, and whether always in the same way.

The unit of evidence is a pair of pictures that differ in the factor alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from foveate.core import clusters, stats
from foveate.core.estimate import Estimate
from foveate.core.seeds import numpy_stream
from foveate.measures import regression
from foveate.measures.arrays import Matrix, as_matrix

FOLDS = 5
_STILL = 1e-6  # of the distance of random pairs; features that move less do not move
_AXES = 128  # principal axes that a linear map reads: as many numbers as some hundred pairs can fit
_NOTHING = (float("nan"),) * 3


def relative_distance(
    X: Matrix,
    first: Int[np.ndarray, " p"],
    second: Int[np.ndarray, " p"],
    units: Int[np.ndarray, " n"],
    *,
    seed: int = 0,
) -> Estimate:
    """The mean squared distance of the pairs over that of two rows drawn at random: 0 = invariant, 1 = as random pairs.

    Of features that are a sum of one part for each factor it is that part's share of the variance, times K/(K-1) for K values
    that are as frequent (of a pair the values always differ).

    The interval is a delete-a-group jackknife over units: pairs share rows, and a row drawn twice would be a pair at distance 0.

    Args:
        X: [n d]. first, second: rows of the pairs. units: what is left out together (an asset), one number a row.
    """
    x = as_matrix(X).double()
    x = x - x.mean(dim=0)
    apart = _squared(x, first, second)
    inner = x.square().sum(dim=1).cpu().numpy()
    names, unit = np.unique(units, return_inverse=True)
    # What is left of sums over rows when some are left out: 20 passes over features would be 20 times as slow.
    sums = torch.zeros(len(names), x.shape[1], dtype=x.dtype).index_add_(0, torch.from_numpy(unit), x.cpu())
    squares, counts = np.bincount(unit, inner), np.bincount(unit)

    def of(kept: np.ndarray) -> float:
        inside = np.zeros(len(names), dtype=bool)
        inside[kept] = True
        pairs = inside[unit[first]] & inside[unit[second]]
        n = counts[kept].sum()
        spread = squares[kept].sum() - float(sums[kept].sum(dim=0).square().sum()) / n
        if not pairs.any() or n < 2 or spread <= 0:
            return float("nan")
        return float(apart[pairs].mean() / (2 * spread / (n - 1)))

    found = stats.jackknife(of, len(names), seed=seed)
    return Estimate(found.value, max(found.low, 0.0) if found.low == found.low else found.low, found.high, len(first))


@dataclass(frozen=True, kw_only=True)
class Equivariance:
    """How alike the displacements are that a change of value makes; shares of the squared displacement on held-out pairs.

    Attributes:
        translation: R² of one displacement for each change of value. linear: R² of a linear map of the features before it.
            All NaN where the features do not move. pairs: how many were predicted; changes: of how many kinds.
    """

    translation: Estimate
    linear: Estimate
    pairs: int
    changes: int


def leading(X: Matrix) -> Float[Tensor, "n r"]:
    """Coordinates of rows along their 128 leading principal axes, centred; all of them where there are fewer."""
    x = as_matrix(X).double()
    x = x - x.mean(dim=0)
    return x if x.shape[1] <= _AXES else x @ torch.linalg.eigh(x.T @ x).eigenvectors[:, -_AXES:]


def equivariance(
    X: Matrix,
    first: Int[np.ndarray, " p"],
    second: Int[np.ndarray, " p"],
    change: Int[np.ndarray, " p"],
    units: Int[np.ndarray, " p"],
    *,
    inputs: Matrix | None = None,
    seed: int = 0,
) -> Equivariance:
    """Predict where each pair's second picture lies from its first, by what is known of pairs of other units.

    R² is 1 - Σ‖displacement - predicted‖² / Σ‖displacement‖², so that predicting no change scores 0. The map is ridge regression
    of the displacement on the first picture's 128 leading principal axes: at its strongest it is the translation.

    Args:
        X: [n d]. first, second: rows of the pairs, from one value to another. change: which two values, one code a pair.
        units: what is held out together (an asset), one number a pair; changes of fewer than two units are left out.
        inputs: ``leading(X)``, where several factors are asked for and it is computed once.
    """
    x = as_matrix(X).double()
    x = x - x.mean(dim=0)
    before = leading(X) if inputs is None else as_matrix(inputs)
    names, unit = np.unique(units, return_inverse=True)
    fold = numpy_stream(seed, "equivariance").permutation(len(names))[unit] % FOLDS
    rows: list[np.ndarray] = []
    errors: list[Float[np.ndarray, "m 3"]] = []
    for code in np.unique(change):
        mine = np.flatnonzero(change == code)
        moved = x[second[mine]] - x[first[mine]]
        for part in np.unique(fold[mine]):
            held = torch.from_numpy(fold[mine] == part)
            if int((~held).sum()) < 2:
                continue
            shift = moved[~held].mean(dim=0)
            known = before[first[mine]]
            mapped = regression.fit(known[~held], moved[~held]).predict(known[held])
            left = (moved[held], moved[held] - shift, moved[held] - mapped)
            errors.append(torch.stack([each.square().sum(dim=1) for each in left], dim=1).cpu().numpy())
            rows.append(mine[held.numpy()])
    spread = 2 * float(x.square().sum()) / max(len(x) - 1, 1)
    table = np.concatenate(errors) if errors else np.zeros((0, 3))
    if not len(table) or table[:, 0].mean() <= _STILL * spread:
        return Equivariance(translation=Estimate(*_NOTHING, 0), linear=Estimate(*_NOTHING, 0), pairs=0, changes=0)
    seen = np.concatenate(rows)
    translation, linear = (clusters.explained(table[:, i], table[:, 0], unit[seen]) for i in (1, 2))
    return Equivariance(translation=translation, linear=linear, pairs=len(seen), changes=len(np.unique(change[seen])))


def _squared(x: Tensor, first: np.ndarray, second: np.ndarray, block: int = 4096) -> np.ndarray:
    parts = [
        (x[first[i : i + block]] - x[second[i : i + block]]).square().sum(dim=1) for i in range(0, len(first), block)
    ]
    return torch.cat(parts).cpu().numpy() if parts else np.zeros(0)
