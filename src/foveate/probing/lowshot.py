"""The low-shot probe: logistic regression on a few labelled images of each class, over several draws of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from foveate.core import stats
from foveate.core.estimate import Estimate
from foveate.core.seeds import numpy_stream
from foveate.measures import logistic
from foveate.probing.readouts import Rows, TapFeatures
from foveate.probing.rows import draw_shots, smallest_class

C = 0.01
"""Fixed: with a handful of labels there are none to spare for choosing it."""


@dataclass(frozen=True)
class LowShot:
    """Accuracy with ``shots`` labelled images a class: one value for each draw, and their mean with Student's interval."""

    shots: int
    accuracies: tuple[float, ...]
    mean: Estimate


def low_shot(
    features: TapFeatures, rows: Rows, shots: Sequence[int], *, draws: int
) -> tuple[list[LowShot], list[tuple[int, str]]]:
    """Measure each number of shots.

    Returns:
        What was measured, and (shots, reason) of what the data is too small for.
    """
    measured, skipped = [], []
    fewest = smallest_class(rows.train)
    for count in sorted({count for count in shots if count > 0}):
        if count > fewest:
            skipped.append((count, f"the smallest class has {fewest} training images"))
            continue
        accuracies = []
        for draw in range(draws):
            chosen = draw_shots(rows.train, count, numpy_stream(rows.seed, "low-shot", count, draw))
            model = logistic.fit(features.train[chosen], rows.train[chosen], rows.classes, (C,))
            accuracies.append(float((np.asarray(model.predict(features.test)) == rows.test).mean()))
        measured.append(LowShot(count, tuple(accuracies), stats.seeds_interval(accuracies)))
    return measured, skipped
