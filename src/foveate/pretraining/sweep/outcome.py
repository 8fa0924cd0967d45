"""What a setting came to."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from pathlib import Path

from foveate.core import stats
from foveate.core.errors import FoveateError
from foveate.core.estimate import Estimate
from foveate.core.run import read_log
from foveate.pretraining.monitors.look import K
from foveate.pretraining.sweep.grid import Candidate


@dataclass(frozen=True)
class Outcome:
    """What a candidate came to on a rung: by seed, and why it dropped out.

    Attributes:
        budget: epochs or minutes that it was given. epochs: that it ran. values: by seed. images: held out.
        untrained: the same measure before the first step.
    """

    candidate: Candidate
    budget: float
    epochs: int = 0
    values: tuple[float, ...] = ()
    images: int = 0
    untrained: float | None = None
    failed: FoveateError | None = None

    @property
    def estimate(self) -> Estimate:
        """Over seeds; of a single one over held-out images."""
        if len(self.values) > 1:
            return stats.seeds_interval(self.values)
        return stats.wilson(self.values[0] * self.images, self.images)

    @property
    def mean(self) -> float:
        return sum(self.values) / len(self.values) if self.values and not self.failed else -math.inf

    def beats(self, other: Outcome) -> bool:
        """Whether it is shown to read more than another: paired by seed, of single seeds over held-out images.

        Of a single RankMe nothing is shown but that two are not the same number.
        """
        if len(self.values) > 1 and len(self.values) == len(other.values):
            return bool(stats.paired_difference(self.values, other.values).low > 0)
        if self.images and other.images:
            return bool(stats.share_difference(self.estimate, other.estimate).low > 0)
        return self.mean > other.mean


def read(outcome: Outcome, out: Path) -> Outcome:
    """With a run's kNN accuracy on held-out rows; with RankMe (and 0 images) where there are no labels.

    Raises:
        FoveateError: there are labels, but this run could not be read by them: another number cannot stand beside the others' kNN.
    """
    epochs = [line for line in read_log(out) if line["event"] == "epoch"]
    first, last = epochs[0], epochs[-1]
    name = "knn" if "looked" in last else "rankme"
    if not isinstance(last.get(name), int | float):
        raise FoveateError(
            f"it has no {'kNN accuracy' if name == 'knn' else 'RankMe'}: fewer than {K + 1} images, or features that are not finite.",
            "give it more images or a lower rate",
        )
    return dataclasses.replace(
        outcome,
        epochs=int(last["epoch"]),
        values=(*outcome.values, float(last[name])),
        images=int(last["looked"]) if name == "knn" else 0,
        untrained=float(first[name]) if isinstance(first.get(name), int | float) and first["epoch"] == 0 else None,
    )
