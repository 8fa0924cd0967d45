"""The rule by which a trained encoder may enter a comparison: it beats its untrained twin, and shuffled labels do not."""

from __future__ import annotations

import numpy as np

from foveate.core import stats
from foveate.core.estimate import Estimate
from foveate.core.findings import Control, Finding, judge
from foveate.probing.readouts import Answers
from foveate.reporting.numbers import interval, number

GAIN = 0.05
"""δ: the smallest gain over the untrained twin that counts as having learnt something."""


def accuracy(answers: Answers, keep: np.ndarray | None = None) -> Estimate:
    """The share right, with Wilson's interval; of the rows in ``keep`` where it is given."""
    right = answers.right if keep is None else answers.right[keep]
    return stats.wilson(int(right.sum()), len(right))


def over_twin(
    method: str,
    label: str,
    mine: Answers,
    twin: Answers,
    shuffled: Estimate,
    *,
    chance: float,
    doubles: int = 0,
) -> Finding:
    """The finding ``gain-METHOD``: paired over the same test images.

    Args:
        label: the method in words. shuffled: accuracy with permuted training labels. doubles: test rows that also stand in train.
    """
    gain = stats.paired_difference(mine.right.astype(float), twin.right.astype(float))
    excess = Control("shuffled labels, accuracy less chance", *(x - chance for x in shuffled[:3]))
    # Labels without meaning may fall short of the most frequent class, but must not beat it by as much as what is claimed.
    trouble = ""
    if shuffled.low > chance + GAIN:
        trouble = f"shuffled labels beat chance: {interval(shuffled._asdict())} against {number(chance)}"
    elif 2 * doubles > len(mine.right):
        trouble = "most test rows also stand in train"
    return Finding(
        id=f"gain-{method}",
        claim=f"The encoder beats its untrained twin ({label}).",
        source="the rule by which a trained encoder may enter a comparison",
        statistic="accuracy less that of the same architecture with fresh weights, same test images",
        value=gain.value,
        low=gain.low,
        high=gain.high,
        n=gain.n,
        over="images",
        null=0.0,
        threshold=GAIN,
        control=excess,
        verdict=judge(gain, threshold=GAIN, controls_behave=not trouble),
        note=trouble,
    )
