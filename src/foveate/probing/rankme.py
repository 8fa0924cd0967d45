"""RankMe of stored features: how many directions they use, with an interval over images; no label is read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

from foveate.core import stats
from foveate.core.estimate import Estimate
from foveate.core.seeds import numpy_stream
from foveate.measures.spectrum import rankme

MOST = 10_000
"""Images that it is measured on at most: several times the width of most encoders."""
GROUPS = 10

LIMITS = (
    "A high RankMe is necessary, not sufficient: features may spread over many directions that tell nothing. It may choose hyper-parameters inside one "
    "method, on one architecture and the same images; between methods, widths or numbers of images it says nothing. An untrained encoder can have a high one."
)


def chosen(count: int, *, seed: int) -> Int[np.ndarray, " m"]:
    """Which of ``count`` images it is measured on."""
    if count <= MOST:
        return np.arange(count)
    return np.sort(numpy_stream(seed, "probe", "rankme").choice(count, MOST, replace=False))


def rank_of(features: Float[np.ndarray, "n d"], *, seed: int) -> Estimate:
    """RankMe with a delete-a-group jackknife interval over images."""
    return ranks_of([features], seed=seed)[0][0]


def ranks_of(every: Sequence[Float[np.ndarray, "n d"]], *, seed: int) -> list[tuple[Estimate, Estimate]]:
    """RankMe of several encoders on the same images, and what each lacks to the highest: images are left out alike.

    Args:
        every: features of the same images in the same order.

    Returns:
        For each (RankMe, RankMe less the highest one).
    """
    assert len({len(each) for each in every}) == 1, "the same images for all"
    kept = [each[chosen(len(each), seed=seed)] for each in every]
    n = len(kept[0])
    full = np.array([rankme(each) for each in kept])
    best = int(full.argmax())
    if n < 4:
        unknown = (float("nan"), float("nan"))
        return [(Estimate(value, *unknown, n), Estimate(value - full[best], *unknown, n)) for value in full]
    parts = stats.partition(n, GROUPS, seed=seed)
    without = np.array([[rankme(np.delete(each, part, axis=0)) for each in kept] for part in parts])
    low, high = stats.jackknife_ends(full, without)
    apart = full - full[best], without - without[:, [best]]
    below, above = stats.jackknife_ends(*apart)
    return [
        (
            Estimate(float(full[i]), float(low[i]), float(high[i]), n),
            Estimate(float(apart[0][i]), float(below[i]), float(above[i]), n),
        )
        for i in range(len(kept))
    ]
