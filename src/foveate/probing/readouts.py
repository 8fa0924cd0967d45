"""The readouts of frozen features: kNN, logistic regression, ridge. Choices are made on held-out training rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int

from foveate.measures import logistic, neighbours, ridge
from foveate.probing.rows import hold_out

TEMPERATURE = 0.07
C_GRID = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)


@dataclass(frozen=True, kw_only=True)
class TapFeatures:
    """One encoder's features at one tap, for training and test rows."""

    train: Float[np.ndarray, "n d"]
    test: Float[np.ndarray, "m d"]


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Labels of training and test rows, and how many classes there are."""

    train: Int[np.ndarray, " n"]
    test: Int[np.ndarray, " m"]
    classes: int
    seed: int

    def shuffled(self, order: Int[np.ndarray, " n"]) -> Rows:
        """The same with the training labels permuted."""
        return Rows(train=self.train[order], test=self.test, classes=self.classes, seed=self.seed)


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What one readout says of the test rows.

    Attributes:
        predicted: int64 [m]. confidence: float [m], of the predicted class, in the readout's own terms.
        right: bool [m]. setting: what was chosen, for the report.
        neighbours: int64 [m k], training rows, nearest first; of kNN only.
    """

    predicted: Int[np.ndarray, " m"]
    confidence: Float[np.ndarray, " m"]
    right: Bool[np.ndarray, " m"]
    setting: str = ""
    neighbours: Int[np.ndarray, "m k"] | None = None


def knn(features: TapFeatures, rows: Rows, *, k: int, device: torch.device | str = "cpu") -> Answers:
    """Weighted k nearest neighbours: cosine, a neighbour weighs exp(similarity / 0.07)."""
    similarity, index = neighbours.nearest(
        torch.from_numpy(features.test).to(device), torch.from_numpy(features.train).to(device), k, metric="cosine"
    )
    labels = torch.from_numpy(rows.train).to(index.device)[index]
    scores = neighbours.vote(labels, similarity, rows.classes, temperature=TEMPERATURE)
    return _answers(scores.cpu().numpy(), rows, f"k = {k}", index.cpu().numpy())


def linear(features: TapFeatures, rows: Rows, *, grid: tuple[float, ...] = C_GRID) -> Answers:
    """Multinomial logistic regression on standardised features; C by accuracy on a held-out fifth of the training rows.

    A grid of one value is not chosen from: all training rows are fitted on at once.
    """
    fit, held = hold_out(rows.train, seed=rows.seed)
    x, y = features.train, rows.train
    if len(grid) == 1 or not len(held):
        model = logistic.fit(x, y, rows.classes, grid[:1])
    else:
        model = logistic.fit(x[fit], y[fit], rows.classes, grid, x[held], y[held])
    return _answers(np.asarray(model.scores(features.test)), rows, f"C = {model.C:g}")


def ridge_sweep(features: TapFeatures, rows: Rows, *, device: torch.device | str = "cpu") -> Answers:
    """Ridge regression on one-hot targets, its strength by leave-one-out over training rows: for sweeps over layers."""
    model = ridge.fit(torch.from_numpy(features.train).to(device), rows.train, rows.classes)
    return _answers(model.scores(features.test).cpu().numpy(), rows, f"λ = {model.lam:.2g}")


def _answers(
    scores: Float[np.ndarray, "m c"], rows: Rows, setting: str = "", index: Int[np.ndarray, "m k"] | None = None
) -> Answers:
    predicted = scores.argmax(1)
    return Answers(
        predicted=predicted,
        confidence=scores.max(1),
        right=predicted == rows.test,
        setting=setting,
        neighbours=index,
    )
