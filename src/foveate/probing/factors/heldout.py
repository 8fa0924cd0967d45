"""Generalisation to values never seen: the label's classifier trained on k values of a factor, tested on others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from foveate.core import clusters
from foveate.core.errors import FoveateError, nearest
from foveate.core.estimate import Estimate
from foveate.core.seeds import numpy_stream
from foveate.features.pixels import PIXEL_GRID
from foveate.measures import logistic
from foveate.probing.factors.columns import Factor
from foveate.probing.factors.reading import Features
from foveate.probing.factors.table import Table

DEFAULT = "world"
DRAWS = 5
HELD_SHARE = 1 / 3
GRID = (1e-2, 1e-1, 1.0)
"""Settings of C: with few rows a stronger one only compares the means of classes."""
FEWEST_VALUES, FEWEST_ROWS = 4, 10


@dataclass(frozen=True, kw_only=True)
class HeldOut:
    """A curve over the number of training values, at the same number of training rows and on the same test rows.

    Attributes:
        factor: its name. held: values that are only tested on. rows: training rows of every classifier; tests: test rows.
        curve: source → k → accuracy, the mean over held-out values and over draws of the k values; its interval is over both.
        gain: source → accuracy at the largest k less that at 1. chance: the share of the test rows' most frequent label.
        settings: source → C, chosen once for all k, on rows of training values.
    """

    factor: str
    held: tuple[str, ...]
    rows: int
    tests: int
    curve: Mapping[str, Mapping[int, Estimate]]
    gain: Mapping[str, Estimate]
    chance: float
    settings: Mapping[str, float]


def choose(table: Table, asked: str | None) -> tuple[Factor | None, str]:
    """The factor to hold values out of; or None and the reason, where none was asked for and the default does not serve.

    Raises:
        FoveateError: the one that was asked for is not there, or has too few values.
    """
    name = asked or DEFAULT
    reasons = dict(table.left_out)
    if name not in table.factors:
        if asked and name not in reasons:
            raise FoveateError(f"--held-out {name}: there is no such factor.", nearest(name, table.factors))
        reason = f"there is no factor {name}" if name not in reasons else f"{name} is no factor: {reasons[name]}"
        remedy = f"hold out one of {', '.join(table.factors)}"
    else:
        factor = table.factors[name]
        values = [
            code for code in range(len(factor.names)) if (factor.codes[factor.known] == code).sum() >= FEWEST_ROWS
        ]
        if len(values) >= FEWEST_VALUES:
            return factor, ""
        reason = (
            f"{name} has {len(values)} values with {FEWEST_ROWS} images or more, and {FEWEST_VALUES} are needed "
            "(two to train on, two to hold out)"
        )
        remedy = f"give more values of {name}, or hold out another factor"
    if asked:
        raise FoveateError(f"--held-out {name}: {reason}.", remedy)
    return None, f"{reason}: {remedy} (--held-out)"


def measure(features: Features, table: Table, factor: Factor, *, seed: int) -> HeldOut | None:
    """Train on k = 1, 2, 4 … values, always on as many rows, and test on the held-out values.

    None where the rows that are left after twins were parted are too few, or show one class.
    """
    random = numpy_stream(seed, "factors", "held-out", factor.name)
    known = factor.codes[factor.known]
    values = [code for code in range(len(factor.names)) if (known == code).sum() >= FEWEST_ROWS]
    shuffled = random.permutation(values)
    count = max(2, round(HELD_SHARE * len(values)))
    held, seen = np.sort(shuffled[:count]), shuffled[count:]
    train, test = _parts(table, factor, held, seen)
    pools = {int(code): np.flatnonzero(train & (factor.codes == code)) for code in seen}
    pools = {code: rows for code, rows in pools.items() if len(np.unique(table.labels[rows])) > 1}
    if len(pools) < 2 or len(np.unique(factor.codes[test])) < 2:
        return None
    rows = min(len(pool) for pool in pools.values())
    counts = [2**power for power in range(len(pools).bit_length()) if 2**power <= min(len(pools), rows)]
    draws = {k: [_draw(pools, k, rows, random) for _ in range(DRAWS)] for k in counts}
    fit = _draw(pools, counts[-1], rows, random)
    rest = np.setdiff1d(np.concatenate(list(pools.values())), fit)
    settings = {name: _strength(name, x, table, fit, rest) for name, x in features.items()}
    right = {
        name: {k: _right(x, table, chosen, test, settings[name]) for k, chosen in draws.items()}
        for name, x in features.items()
    }
    groups = factor.codes[test]
    return HeldOut(
        factor=factor.name,
        held=tuple(factor.names[code] for code in held),
        rows=rows,
        tests=int(test.sum()),
        curve={
            name: {k: clusters.crossed_share(each, groups) for k, each in curve.items()}
            for name, curve in right.items()
        },
        gain={name: clusters.crossed(curve[counts[-1]] - curve[1], groups) for name, curve in right.items()},
        chance=float(np.bincount(table.labels[test]).max() / test.sum()),
        settings=settings,
    )


def _parts(
    table: Table, factor: Factor, held: np.ndarray, seen: np.ndarray
) -> tuple[Bool[np.ndarray, " n"], Bool[np.ndarray, " n"]]:
    """Rows of the training values and of the held-out ones; where twins stand on both sides, those of train and of test."""
    train, test = (factor.known & np.isin(factor.codes, codes) for codes in (seen, held))
    if np.isin(table.groups[test], table.groups[train]).any():
        return train & table.train, test & table.test
    return train, test


def _draw(pools: Mapping[int, np.ndarray], k: int, rows: int, random: np.random.Generator) -> Int[np.ndarray, " r"]:
    """``rows`` rows of k values, as many of each as can be."""
    chosen = random.choice(sorted(pools), k, replace=False)
    shares = np.full(k, rows // k) + (np.arange(k) < rows % k)
    return np.concatenate(
        [random.choice(pools[int(code)], n, replace=False) for code, n in zip(chosen, shares, strict=True)]
    )


def _strength(
    source: str, x: Float[np.ndarray, "n d"], table: Table, fit: Int[np.ndarray, " r"], rest: Int[np.ndarray, " v"]
) -> float:
    """C of a classifier trained on as many rows of the most values, by its accuracy on the rest of the training values."""
    grid = PIXEL_GRID if source == "pixels" else GRID
    if not len(rest) or len(np.unique(table.labels[fit])) < 2:
        return grid[len(grid) // 2]
    return logistic.fit(x[fit], table.labels[fit], len(table.names), grid, x[rest], table.labels[rest]).C


def _right(
    x: Float[np.ndarray, "n d"], table: Table, draws: list[np.ndarray], test: Bool[np.ndarray, " n"], C: float
) -> Float[np.ndarray, "d m"]:
    """Whether each draw's classifier is right at each test row."""
    truth, answers = table.labels[test], []
    for rows in draws:
        labels = table.labels[rows]
        if len(np.unique(labels)) < 2:  # all of one class: the classifier says that one
            answers.append(np.full(len(truth), labels[0]))
            continue
        model = logistic.fit(x[rows], labels, len(table.names), (C,))
        answers.append(np.asarray(model.predict(x[test])))
    return (np.stack(answers) == truth).astype(np.float64)
