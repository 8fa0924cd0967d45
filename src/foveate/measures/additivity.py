"""Whether features are a sum of one part for each factor: variance explained by main effects, and by interactions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import torch
from jaxtyping import Float, Int

from foveate.core import clusters
from foveate.core.estimate import Estimate
from foveate.core.seeds import numpy_stream
from foveate.measures import regression
from foveate.measures.arrays import Matrix, as_matrix

MOST_ROWS, MOST_CELLS = 4000, 4000
ROWS_A_CELL = 4
"""Train rows that a pair of values of two factors needs in the mean: with fewer, their interaction is not to be learnt."""
_LAMBDAS = (1e-4, 1e-2, 1e-1, 1.0, 10.0, 1e2)


@dataclass(frozen=True, kw_only=True)
class Additivity:
    """R² of the features of held-out rows, in all dimensions together.

    Attributes:
        main: by a sum of one vector for each value of each factor. pairwise: with one for each pair of values of two factors
            besides; gain: what that adds. None where no two factors have rows enough, or there are too many pairs of values.
        cells: how many vectors each of the two has.
    """

    main: Estimate
    pairwise: Estimate | None
    gain: Estimate | None
    cells: tuple[int, int]


class Effects:
    """The indicators of factors' values, and of pairs of them, that features are regressed on; one for many encoders.

    Only values and pairs of values that train rows show get a vector.

    Args:
        train, test: the value of each factor, -1 where it has none; of the train rows at most 4,000 are used, at random.
        groups: test rows that vary together, for the intervals.
    """

    def __init__(
        self,
        train: Int[np.ndarray, "n f"],
        test: Int[np.ndarray, "m f"],
        groups: Int[np.ndarray, " m"],
        *,
        seed: int = 0,
    ) -> None:
        self.rows = numpy_stream(seed, "additivity").permutation(len(train))[:MOST_ROWS]
        self.groups = groups
        known = train[self.rows]
        main: list[tuple[int, ...]] = [(factor,) for factor in range(known.shape[1])]
        pairs: list[tuple[int, ...]] = [
            two for two in combinations(range(known.shape[1]), 2) if ROWS_A_CELL * len(_seen(known, two)) <= len(known)
        ]
        sizes = [sum(len(_seen(known, each)) for each in terms) for terms in (main, [*main, *pairs])]
        self.cells = (sizes[0], sizes[1])
        self._main = _Term(known, test, main)
        self._pairwise = _Term(known, test, [*main, *pairs]) if pairs and sizes[1] <= MOST_CELLS else None

    def explain(self, X_train: Matrix, X_test: Matrix) -> Additivity:
        """Variance explained, by ridge regression on train rows [n d], its strength by leave-one-out; of test rows [m d].

        R² is against the mean of the train rows.
        """
        x, y = as_matrix(X_train[self.rows]).double(), as_matrix(X_test).double()
        total = (y - x.mean(dim=0)).square().sum(dim=1).numpy()
        left = self._main.residual(x, y)
        main = clusters.explained(left, total, self.groups)
        if self._pairwise is None:
            return Additivity(main=main, pairwise=None, gain=None, cells=self.cells)
        finer = self._pairwise.residual(x, y)
        return Additivity(
            main=main,
            pairwise=clusters.explained(finer, total, self.groups),
            gain=clusters.ratio(left - finer, total, self.groups),
            cells=self.cells,
        )


class _Term:
    """A regression on the indicators of some combinations of factors."""

    def __init__(self, known: np.ndarray, asked: np.ndarray, terms: Sequence[tuple[int, ...]]) -> None:
        cells = [_cells(known, asked, each) for each in terms]
        one, two = (np.concatenate(part, axis=1) for part in zip(*cells, strict=True))
        self._design, self._asked = regression.Design(one), two

    def residual(self, x: torch.Tensor, y: torch.Tensor) -> Float[np.ndarray, " m"]:
        """Squared error of each test row."""
        fitted = self._design.fit(x, lambdas=_LAMBDAS).predict(self._asked)
        return (y - fitted).square().sum(dim=1).numpy()


def _seen(known: Int[np.ndarray, "n f"], term: tuple[int, ...]) -> Int[np.ndarray, "c k"]:
    """The combinations of some factors' codes that rows show, without those that lack one."""
    codes = known[:, list(term)]
    return np.unique(codes[(codes >= 0).all(axis=1)], axis=0)


def _cells(
    known: Int[np.ndarray, "n f"], asked: Int[np.ndarray, "m f"], term: tuple[int, ...]
) -> tuple[Float[np.ndarray, "n c"], Float[np.ndarray, "m c"]]:
    """Indicators of each combination of codes that stands in ``known``; all zero for a row with another."""
    cells = _seen(known, term)
    place = {tuple(cell): index for index, cell in enumerate(cells.tolist())}

    def indicate(codes: np.ndarray) -> Float[np.ndarray, "r c"]:
        table = np.zeros((len(codes), len(cells)))
        found = np.array([place.get(tuple(row), -1) for row in codes[:, list(term)].tolist()], dtype=np.int64)
        table[np.flatnonzero(found >= 0), found[found >= 0]] = 1
        return table

    return indicate(known), indicate(asked)
