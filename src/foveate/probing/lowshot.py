"""The low-shot probes: logistic regression on a few images of each class, or a share of all labels, over several draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from foveate.core import stats
from foveate.core.estimate import Estimate
from foveate.core.seeds import numpy_stream
from foveate.measures import logistic
from foveate.probing.readouts import Rows, TapFeatures, linear
from foveate.probing.rows import draw_share, draw_shots, smallest_class

C = 0.01
"""Fixed: with a handful of labels there are none to spare for choosing it."""


@dataclass(frozen=True)
class LowShot:
    """Accuracy with ``shots`` labelled images a class: one value for each draw, and their mean with Student's interval."""

    shots: int
    accuracies: tuple[float, ...]
    mean: Estimate


CHOOSABLE = 5
"""Labelled images of the rarest class from which on the strength is chosen among them, as the linear probe chooses it."""


@dataclass(frozen=True)
class LabelShare:
    """Accuracy with a share of the labels, ``images`` in all: one value for each draw, and their mean with Student's interval."""

    share: float
    images: int
    accuracies: tuple[float, ...]
    mean: Estimate

    @property
    def name(self) -> str:
        """E.g. ``10%``."""
        return f"{100 * self.share:g}%"


def label_shares(features: TapFeatures, rows: Rows, shares: Sequence[float], *, draws: int) -> list[LabelShare]:
    """Measure each share: of every class so much, at least one image, other ones in every draw.

    The strength of regularisation is chosen on a fifth of the drawn images where the rarest class has at least ``CHOOSABLE``
    of them, and fixed where it has fewer: the labels that are left out help with nothing.
    """
    measured = []
    for share in sorted(set(shares)):
        accuracies, images = [], 0
        for draw in range(draws):
            chosen = draw_share(rows.train, share, numpy_stream(rows.seed, "label-share", f"{share:g}", draw))
            drawn = Rows(train=rows.train[chosen], test=rows.test, classes=rows.classes, seed=rows.seed)
            part = TapFeatures(train=features.train[chosen], test=features.test)
            few = smallest_class(drawn.train) < CHOOSABLE
            answers = linear(part, drawn, grid=(C,)) if few else linear(part, drawn)
            accuracies.append(float(answers.right.mean()))
            images = len(chosen)
        measured.append(LabelShare(share, images, tuple(accuracies), stats.seeds_interval(accuracies)))
    return measured


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
