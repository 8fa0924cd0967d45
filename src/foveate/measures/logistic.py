"""Multinomial logistic regression, its strength of regularisation chosen on validation rows."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from foveate.core.errors import FoveateError
from foveate.measures.arrays import Labels, Matrix, as_labels, as_matrix, blocks_of
from foveate.measures.scaling import Standardisation

# scikit-learn's C: weight of the summed loss against ½‖w‖². From strong regularisation to weak, each starts at the last optimum.
C_GRID = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)
_PATIENCE = 2  # weaker settings in a row that are worse on the validation rows end the search
_BLOCK = 16384


@dataclass(frozen=True, kw_only=True)
class LogisticModel:
    """A fitted classifier on raw features.

    Attributes:
        C: the chosen setting. validation: C → accuracy on the validation rows, for those that were tried.
        converged: whether the last fit met its tolerance within the iterations allowed.
        weight: [classes d] on standardised features; bias: [classes], -inf for a class that the fit never saw.
    """

    C: float
    validation: dict[float, float] = field(default_factory=dict)
    converged: bool
    standardise: Standardisation
    weight: Float[Tensor, "classes d"]
    bias: Float[Tensor, " classes"]

    def scores(self, X: Matrix) -> Float[Tensor, "n classes"]:
        """Class probabilities, on the CPU; 0 for a class that the fit never saw."""
        parts = [torch.softmax(self._logits(block), dim=1) for block in blocks_of(X, _BLOCK)]
        return torch.cat(parts) if parts else torch.zeros(0, len(self.bias))

    def predict(self, X: Matrix) -> Int[Tensor, " n"]:
        """The most probable class of each row."""
        return self.scores(X).argmax(dim=1)

    def _logits(self, block: Tensor) -> Tensor:
        return self.standardise(block.cpu()).float() @ self.weight.T + self.bias


def fit(
    X: Matrix,
    y: Labels,
    classes: int,
    C_grid: Sequence[float] = C_GRID,
    X_val: Matrix | None = None,
    y_val: Labels | None = None,
    *,
    max_iter: int = 200,
    tolerance: float = 1e-4,
    seed: int = 0,
) -> LogisticModel:
    """Fit with scikit-learn's L-BFGS in float32, choose C on the validation rows, then fit anew on all rows.

    Each feature is scaled to zero mean and unit variance on the rows that are fitted (see ``Standardisation``); the
    intercept is not regularised.

    Args:
        X, y: training rows [n d] and their labels in [0, classes). Classes may be absent.
        C_grid: settings to try. With one, or without validation rows, the (single) first is used.
        X_val, y_val: rows to choose on, which then join the fit. Never the test rows.

    Raises:
        FoveateError: all labels are the same, or a feature is not finite.
    """
    x, labels = as_matrix(X).float().cpu(), as_labels(y, classes).cpu()
    assert len(x) == len(labels), f"{len(x)} rows and {len(labels)} labels"
    if len(labels.unique()) < 2:
        raise FoveateError("a classifier needs at least two classes among its training images.", "check the labels")
    grid = sorted(C_grid)
    if X_val is None or y_val is None:
        assert len(grid) == 1, "a choice among several C needs validation rows"
        return _fit_one(x, labels, classes, grid[0], {}, None, max_iter, tolerance, seed)
    x_val, labels_val = as_matrix(X_val).float().cpu(), as_labels(y_val, classes).cpu()
    tried: dict[float, float] = {}
    model = None
    for C in grid if len(grid) > 1 else ():
        model = _fit_one(x, labels, classes, C, {}, model, max_iter, tolerance, seed)
        tried[C] = float((model.predict(x_val) == labels_val).float().mean())
        best = max(tried, key=lambda each: (tried[each], -each))
        if sum(each > best for each in tried) >= _PATIENCE:
            break
    chosen = max(tried, key=lambda each: (tried[each], -each)) if tried else grid[0]
    both, all_labels = torch.cat([x, x_val]), torch.cat([labels, labels_val])
    return _fit_one(both, all_labels, classes, chosen, tried, None, max_iter, tolerance, seed)


def _fit_one(
    x: Tensor,
    labels: Tensor,
    classes: int,
    C: float,
    tried: dict[float, float],
    start: LogisticModel | None,
    max_iter: int,
    tolerance: float,
    seed: int,
) -> LogisticModel:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    scaling = Standardisation.of(x)
    present = labels.unique()
    head = LogisticRegression(C=C, max_iter=max_iter, tol=tolerance, warm_start=start is not None, random_state=seed)
    if start is not None:
        last, shift = start.weight[present].numpy(), start.bias[present].numpy()
        two = len(present) == 2  # scikit-learn keeps one row for two classes
        head.coef_ = last[1:] - last[:1] if two else last
        head.intercept_ = shift[1:] - shift[:1] if two else shift
        head.classes_ = present.numpy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # told by ``converged`` instead
        head.fit(scaling(x).numpy(), labels.numpy())
    weight, bias = torch.zeros(classes, x.shape[1]), torch.full((classes,), -torch.inf)
    found, offset = (np.asarray(part, dtype=np.float32) for part in (head.coef_, head.intercept_))
    if len(present) == 2:
        found, offset = np.concatenate([-found / 2, found / 2]), np.concatenate([-offset / 2, offset / 2])
    weight[present], bias[present] = torch.from_numpy(found), torch.from_numpy(offset)
    return LogisticModel(
        C=C,
        validation=tried,
        converged=int(np.max(head.n_iter_)) < max_iter,
        standardise=scaling,
        weight=weight,
        bias=bias,
    )
