"""Ridge classification: one eigendecomposition gives every λ, and the data pass through in blocks.

One-vs-all least squares on 0/1 targets with an unregularised intercept, on features standardised to unit variance. It costs
about a ninth of a logistic search and serves for sweeps over layers; logistic is for the figure that is quoted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from foveate.core.errors import FoveateError
from foveate.measures.arrays import Labels, Matrix, as_labels, as_matrix, blocks_of
from foveate.measures.scaling import Standardisation

# λ as a multiple of the mean eigenvalue of the scatter matrix, so that it means the same for any n, width and scale.
LAMBDAS = tuple(10 ** (exponent / 2) for exponent in range(-12, 8))
Blocks = Callable[[], Iterable[tuple[Matrix, Labels]]]
_BLOCK = 8192
_JUDGED = 20_000  # rows that a λ is chosen on by leave-one-out, at most


@dataclass(frozen=True, kw_only=True)
class RidgeModel:
    """A fitted classifier on raw features.

    Attributes:
        lam: the chosen λ, as a multiple of the mean eigenvalue. accuracy: λ → accuracy on the rows it was chosen on.
        weight: float64 [d classes] on standardised features; bias: [classes]. All on the device of the features.
    """

    lam: float
    accuracy: dict[float, float]
    standardise: Standardisation
    weight: Float[Tensor, "d classes"]
    bias: Float[Tensor, " classes"]

    def scores(self, X: Matrix) -> Float[Tensor, "n classes"]:
        """Regressed targets: about the probability of each class, but not confined to [0, 1]."""
        weight, bias = self.weight.float(), self.bias.float()
        parts = [self.standardise(block.to(weight.device)).float() @ weight + bias for block in blocks_of(X, _BLOCK)]
        return torch.cat(parts) if parts else bias.new_zeros(0, len(bias))

    def predict(self, X: Matrix) -> Int[Tensor, " n"]:
        """The class of the largest score of each row."""
        return self.scores(X).argmax(dim=1)


def fit(
    X: Matrix,
    y: Labels,
    classes: int,
    *,
    lambdas: Sequence[float] = LAMBDAS,
    X_val: Matrix | None = None,
    y_val: Labels | None = None,
) -> RidgeModel:
    """Fit on all rows with the λ that classifies best, judged by leave-one-out, or on validation rows where given.

    Validation rows join the fit once λ is chosen. Of equally good λ the largest is taken.

    Args:
        X, y: rows [n d] and their labels in [0, classes).
        lambdas: settings to try, as multiples of the scatter matrix's mean eigenvalue.

    Raises:
        FoveateError: all labels are the same, or a feature is not finite.
    """
    if X_val is None or y_val is None:
        return fit_blocks(lambda: _pairs(X, y), classes, lambdas=lambdas)
    return fit_blocks(lambda: _pairs(X, y), classes, lambdas=lambdas, validation=lambda: _pairs(X_val, y_val))


def fit_blocks(
    blocks: Blocks, classes: int, *, lambdas: Sequence[float] = LAMBDAS, validation: Blocks | None = None
) -> RidgeModel:
    """``fit`` for rows that do not fit into memory: only sums of width × width and width × classes are kept.

    Args:
        blocks: gives the pieces (X, y) anew each time it is called; two passes are made, the second over part of the rows.
        validation: the same for the validation rows, or None for leave-one-out (on at most 20,000 rows, evenly taken).
    """
    sums = Sums.of(blocks(), classes)
    path = _Path(sums, lambdas)
    accuracy = path.judge(validation(), None) if validation else path.judge(blocks(), sums.n)
    lam = max(accuracy, key=lambda each: (accuracy[each], each))
    if validation:
        sums.add(validation())
        path = _Path(sums, lambdas)
    weight = path.weight(lam)
    return RidgeModel(lam=lam, accuracy=accuracy, standardise=path.standardise, weight=weight, bias=path.share)


@dataclass
class Sums:
    """What least squares needs of the rows, float64: Σx, Σxxᵀ about a fixed origin, and Σx and the count of each class.

    The one-hot targets are never written out: their products with X are sums over each class's rows.
    """

    n: int
    origin: Tensor
    gram: Tensor
    by_class: Tensor
    counts: Tensor

    @classmethod
    def of(cls, blocks: Iterable[tuple[Matrix, Labels]], classes: int) -> Sums:
        sums = None
        for X, y in blocks:
            x = as_matrix(X)
            if sums is None and len(x):
                d, new = x.shape[1], x.new_zeros
                # About the first block's mean: features far from 0 would cancel in Σxxᵀ - n·mean·meanᵀ.
                origin = x.double().mean(dim=0)
                double = torch.float64
                sums = cls(
                    0, origin, new(d, d, dtype=double), new(classes, d, dtype=double), new(classes, dtype=double)
                )
            if sums is not None:
                sums.add([(x, y)])
        if sums is None or int((sums.counts > 0).sum()) < 2:
            raise FoveateError("a classifier needs at least two classes among its training images.", "check the labels")
        return sums

    def add(self, blocks: Iterable[tuple[Matrix, Labels]]) -> None:
        """Count more rows in."""
        for X, y in blocks:
            for start in range(0, len(X), _BLOCK):
                x = as_matrix(X[start : start + _BLOCK]).to(self.gram.device).double() - self.origin
                labels = as_labels(y[start : start + _BLOCK], len(self.counts)).to(x.device)
                assert len(x) == len(labels), f"{len(x)} rows and {len(labels)} labels"
                self.n += len(x)
                self.gram.addmm_(x.T, x)
                self.by_class.index_add_(0, labels, x)
                self.counts += labels.bincount(minlength=len(self.counts))


class _Path:
    """The ridge solutions of every λ in the eigenbasis of the standardised scatter matrix.

    With S = QEQᵀ the weights are Q (E + λ)⁻¹ Qᵀ XᵀY, and the leverage of row z = Qᵀx is 1/n + Σ z² / (E + λ).
    """

    def __init__(self, sums: Sums, lambdas: Sequence[float]) -> None:
        n, shift = sums.n, sums.by_class.sum(dim=0) / sums.n
        scatter = sums.gram - n * torch.outer(shift, shift)
        self.standardise = Standardisation.of_moments(sums.origin + shift, scatter.diagonal() / n)
        factor = self.standardise.factor
        self.n, self.share, self.lambdas = n, sums.counts / n, tuple(lambdas)
        self.values, self.basis = torch.linalg.eigh(scatter * factor[:, None] * factor)
        self.values = self.values.clamp_min(0)
        products = (sums.by_class - sums.counts[:, None] * shift).T * factor[:, None]  # XᵀY of the centred targets
        self.targets = self.basis.T @ products

    def damped(self, lam: float) -> Tensor:
        """1 / (E + λ) for a λ in multiples of the mean eigenvalue."""
        return 1 / (self.values + lam * self.values.mean().clamp_min(1e-300))

    def weight(self, lam: float) -> Tensor:
        return self.basis @ (self.damped(lam)[:, None] * self.targets)

    def judge(self, blocks: Iterable[tuple[Matrix, Labels]], rows: int | None) -> dict[float, float]:
        """λ → accuracy: on fresh rows, or (``rows``: their number) on the fitted ones with each left out in turn.

        Without row i the prediction at x is (f - h·y)/(1 - h), f the fit of all and h the row's leverage: the order of the
        classes is that of f after h is taken from the row's own class.
        """
        right = dict.fromkeys(self.lambdas, 0)
        count, passed = 0, 0
        step = 1 if rows is None else max(1, rows // _JUDGED)
        for X, y in blocks:
            for start in range(0, len(X), _BLOCK):
                end = min(start + _BLOCK, len(X))
                chosen = slice(start + (-passed) % step, end, step)
                passed += end - start
                x = as_matrix(X[chosen]).to(self.basis.device).double()
                labels = as_labels(y[chosen], len(self.share)).to(x.device)
                z = self.standardise(x) @ self.basis
                count += len(x)
                for lam in self.lambdas:
                    damped = self.damped(lam)
                    scores = z @ (damped[:, None] * self.targets) + self.share
                    if rows is not None:
                        leverage = 1 / self.n + z.square() @ damped
                        scores[torch.arange(len(x), device=x.device), labels] -= leverage
                    right[lam] += int((scores.argmax(dim=1) == labels).sum())
        return {lam: hits / max(count, 1) for lam, hits in right.items()}


def _pairs(X: Matrix, y: Labels) -> list[tuple[Matrix, Labels]]:
    return [(X, y)]
