"""Ridge regression of several numbers at once, its strength chosen by leave-one-out in closed form.

One eigendecomposition, of the smaller of the two Gram matrices, gives every λ and the error of each row left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from foveate.measures.arrays import Matrix, as_matrix

# λ as a multiple of the mean eigenvalue of the scatter matrix, so that it means the same for any n, width and scale.
LAMBDAS = tuple(float(10**exponent) for exponent in range(-6, 4))
_NEGLIGIBLE = 1e-9  # of the largest eigenvalue: a direction below it is rounding


@dataclass(frozen=True, kw_only=True)
class Regression:
    """A fitted regression: ``shift + (x - mean) @ weight``, float64.

    Attributes:
        lam: the chosen λ, as a multiple of the mean eigenvalue. error: λ → mean squared error of rows that were left out.
        mean: [d] of the inputs; shift: [t] of the targets; weight: [d t].
    """

    lam: float
    error: dict[float, float]
    mean: Float[Tensor, " d"]
    shift: Float[Tensor, " t"]
    weight: Float[Tensor, "d t"]

    def predict(self, X: Matrix) -> Float[Tensor, "n t"]:
        """The targets of rows [n d], float64."""
        return (as_matrix(X).double() - self.mean) @ self.weight + self.shift


class Design:
    """Inputs whose decomposition serves several sets of targets.

    With S = QEQᵀ the scatter of the centred inputs, the weights are Q (E + λ)⁻¹ QᵀXᵀY and the leverage of row z = Qᵀx is
    1/n + Σ z² / (E + λ); the error of a row that is left out is its residual over 1 - leverage (Allen 1974).

    Args:
        X: [n d], n of 2 or more.

    Raises:
        FoveateError: a value is not finite.
    """

    def __init__(self, X: Matrix) -> None:
        x = as_matrix(X).double()
        self.n = len(x)
        assert self.n > 1, "a regression needs two rows"
        self.mean = x.mean(dim=0)
        x = x - self.mean
        self.values, self.basis = _axes(x)
        self.scale = self.values.sum() / min(x.shape) if len(self.values) else x.new_ones(())
        self.z = x @ self.basis

    def fit(self, Y: Matrix, *, lambdas: Sequence[float] = LAMBDAS) -> Regression:
        """Fit targets [n t] with an intercept that is not regularised; of equally good λ the largest is taken."""
        y = as_matrix(Y, name="targets").double()
        assert len(y) == self.n, f"{self.n} rows of inputs and {len(y)} of targets"
        shift = y.mean(dim=0)
        y = y - shift
        products = self.z.T @ y
        error: dict[float, float] = {}
        for lam in lambdas:
            damped = 1 / (self.values + lam * self.scale)
            leverage = (1 / self.n + self.z.square() @ damped).clamp_max(1 - 1e-9)
            residual = y - self.z @ (damped[:, None] * products)
            error[lam] = float((residual / (1 - leverage)[:, None]).square().mean())
        chosen = min(error, key=lambda each: (error[each], -each))
        weight = self.basis @ (products / (self.values + chosen * self.scale)[:, None])
        return Regression(lam=chosen, error=error, mean=self.mean, shift=shift, weight=weight)


def fit(X: Matrix, Y: Matrix, *, lambdas: Sequence[float] = LAMBDAS) -> Regression:
    """``Design(X).fit(Y)``: targets [n t] on inputs [n d]."""
    return Design(X).fit(Y, lambdas=lambdas)


def _axes(x: Float[Tensor, "n d"]) -> tuple[Float[Tensor, " r"], Float[Tensor, "d r"]]:
    """The eigenvalues of xᵀx that are not rounding, and their axes; by way of x xᵀ where that is smaller."""
    n, d = x.shape
    values, vectors = torch.linalg.eigh(x.T @ x if d <= n else x @ x.T)
    kept = values > _NEGLIGIBLE * values.max().clamp_min(1e-300)
    values, vectors = values[kept], vectors[:, kept]
    return values, vectors if d <= n else x.T @ vectors / values.sqrt()
