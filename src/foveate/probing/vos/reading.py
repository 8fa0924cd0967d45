"""What the scores say: an estimate of each quantity, over objects in their videos or over the frames of one video."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from foveate.core import stats
from foveate.core.estimate import Estimate
from foveate.measures import masks
from foveate.probing.vos.files import Scores
from foveate.probing.vos.measure import Followed

_BLOCKS = 8
"""Stretches of one video that its frames are drawn by: neighbouring frames are alike."""

Quantity = Callable[[Float[np.ndarray, "frames 2"]], float]
"""Of one object, from its J and F at each scored frame."""

QUANTITIES: dict[str, Quantity] = {
    "jf": lambda scores: float(scores.mean()),
    "j": lambda scores: float(scores[:, 0].mean()),
    "f": lambda scores: float(scores[:, 1].mean()),
    "j-recall": lambda scores: masks.statistics(scores[:, 0]).recall,
    "f-recall": lambda scores: masks.statistics(scores[:, 1]).recall,
    "j-decay": lambda scores: masks.statistics(scores[:, 0]).decay,
    "f-decay": lambda scores: masks.statistics(scores[:, 1]).decay,
}


def by_object(found: Followed, method: str, quantity: str) -> tuple[Float[np.ndarray, " objects"], list[str]]:
    """The quantity of every object, and the video that each belongs to."""
    of = QUANTITIES[quantity]
    values = [(of(scores), video) for video, each in found.scores.items() for scores in each[method]]
    return np.array([value for value, _ in values]), [video for _, video in values]


def overall(found: Followed, method: str, quantity: str = "jf") -> Estimate:
    """The mean over objects, which is the official one, with a bootstrap interval over videos.

    Where there is one video only, the interval is over its frames: ``unit`` says so. Its decay has none.
    """
    values, videos = by_object(found, method, quantity)
    if len(found.videos) == 1 and not quantity.endswith("decay"):
        return within(found.scores[videos[0]], method, quantity)
    return stats.cluster_bootstrap(values, videos, seed=found.config.seed)


def unit(found: Followed) -> str:
    """What ``overall`` is over."""
    return "objects" if len(found.videos) > 1 else "frames"


def within(scores: Scores, method: str, quantity: str = "jf") -> Estimate:
    """One video's mean over objects and frames, with a bootstrap interval over stretches of its frames."""
    one = scores[method]
    per_frame = np.array([np.mean([QUANTITIES[quantity](each[None]) for each in at]) for at in one.transpose(1, 0, 2)])
    n = len(per_frame)
    return stats.cluster_bootstrap(per_frame, np.arange(n) * min(_BLOCKS, n) // n)


def gain(found: Followed, other: str) -> Estimate:
    """By how much J&F of the headline exceeds that of another method, on the same objects."""
    mine, videos = by_object(found, found.headline, "jf")
    return stats.cluster_bootstrap(mine - by_object(found, other, "jf")[0], videos, seed=found.config.seed)


def over_time(found: Followed, method: str, parts: int) -> list[Estimate]:
    """J&F in each of as many equal parts of the videos."""
    estimates = []
    for part in range(parts):
        values, videos = [], []
        for video, scores in found.scores.items():
            for one in scores[method]:
                values.append(np.array_split(one, parts)[part].mean())
                videos.append(video)
        estimates.append(stats.cluster_bootstrap(np.array(values), videos, seed=found.config.seed))
    return estimates
