"""What a linear readout finds: the label, value by value of each factor; and each factor's value itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from jaxtyping import Bool, Float, Int

from foveate.core import clusters
from foveate.core.estimate import Estimate
from foveate.features.pixels import PIXEL_GRID
from foveate.measures import regression
from foveate.measures.scaling import Standardisation
from foveate.probing.factors.columns import Factor
from foveate.probing.factors.table import Table
from foveate.probing.readouts import C_GRID, Answers, Rows, TapFeatures, linear

Features = Mapping[str, Float[np.ndarray, "n d"]]
"""``trained``, and where controls are measured ``untrained`` and ``pixels`` → features of all rows."""
FACTOR_GRID = (1e-3, 1e-2, 1e-1)
"""Settings of C for the value of a factor: there are many factors, and the ends of the usual grid are hardly ever chosen."""
FEWEST = 20


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """How well a factor's value is read from features, on test rows.

    Attributes:
        kind: ``accuracy`` of logistic regression, or ``r2`` of ridge regression for a quantity.
        value: by source. gain: of ``trained`` over ``untrained`` on the same rows, of accuracies only.
        chance: the share of the test rows' most frequent value; 0 for r2.
    """

    kind: Literal["accuracy", "r2"]
    value: Mapping[str, Estimate]
    gain: Estimate | None
    chance: float


def read_label(features: Features, table: Table, *, seed: int) -> dict[str, Answers]:
    """The linear classifier of the label on the test rows, by source; its strength is chosen on training rows alone."""
    return {
        name: _classify(name, x, table.labels, table.train, table.test, seed, C_GRID) for name, x in features.items()
    }


def by_value(right: Bool[np.ndarray, " m"], factor: Factor, table: Table) -> dict[str, Estimate]:
    """The share right of the test rows at each value of a factor; values without test rows are left out.

    Args:
        right: of the test rows, in their order.
    """
    known, codes, groups = factor.known[table.test], factor.codes[table.test], table.groups[table.test]
    found = {}
    for code, name in enumerate(factor.names):
        mine = known & (codes == code)
        if mine.any():
            found[name] = clusters.share(right[mine], groups[mine])
    return found


def decode(features: Features, factor: Factor, table: Table, *, seed: int) -> Decoded | None:
    """Read a factor's value by the same readout from each source; None where too few rows have one, or train rows have one value."""
    known = factor.known & (np.isfinite(factor.numbers) if factor.numbers is not None else True)
    train, test = table.train & known, table.test & known
    if train.sum() < FEWEST or test.sum() < FEWEST or len(np.unique(factor.codes[train])) < 2:
        return None
    groups = table.groups[test]
    if factor.numbers is not None:
        targets = _targets(factor)
        explained = {name: _regress(x, targets, train, test, groups) for name, x in features.items()}
        return Decoded(kind="r2", value=explained, gain=None, chance=0.0)
    answers = {name: _classify(name, x, factor.codes, train, test, seed, FACTOR_GRID) for name, x in features.items()}
    right = {name: each.right for name, each in answers.items()}
    return Decoded(
        kind="accuracy",
        value={name: clusters.share(each, groups) for name, each in right.items()},
        gain=clusters.difference(right["trained"], right["untrained"], groups) if "untrained" in right else None,
        chance=float(np.bincount(factor.codes[test]).max() / test.sum()),
    )


def _classify(
    source: str,
    x: Float[np.ndarray, "n d"],
    codes: Int[np.ndarray, " n"],
    train: Bool[np.ndarray, " n"],
    test: Bool[np.ndarray, " n"],
    seed: int,
    grid: tuple[float, ...],
) -> Answers:
    rows = Rows(train=codes[train], test=codes[test], classes=int(codes.max()) + 1, seed=seed)
    return linear(TapFeatures(train=x[train], test=x[test]), rows, grid=PIXEL_GRID if source == "pixels" else grid)


def _targets(factor: Factor) -> Float[np.ndarray, "n t"]:
    """The number of each row; of an angle its cosine and sine."""
    assert factor.numbers is not None
    if not factor.angle:
        return factor.numbers[:, None]
    turned = np.radians(factor.numbers)
    return np.stack([np.cos(turned), np.sin(turned)], axis=1)


def _regress(
    x: Float[np.ndarray, "n d"],
    targets: Float[np.ndarray, "n t"],
    train: Bool[np.ndarray, " n"],
    test: Bool[np.ndarray, " n"],
    groups: Int[np.ndarray, " m"],
) -> Estimate:
    """R² on the test rows against the mean of the train rows."""
    known, asked = (torch.from_numpy(np.ascontiguousarray(x[rows])) for rows in (train, test))
    scaling = Standardisation.of(known)
    fitted = regression.fit(scaling(known), targets[train]).predict(scaling(asked)).numpy()
    left = np.square(targets[test] - fitted).sum(axis=1)
    return clusters.explained(left, np.square(targets[test] - targets[train].mean(axis=0)).sum(axis=1), groups)
