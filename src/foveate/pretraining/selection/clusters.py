"""Clusters of clusters of features, and an even draw over them: curation without labels (Vo et al. 2024).

k-means puts most centres where most images are; k-means of the centres does so less, and less again when it is repeated on
equally many points nearest to each centre. So the upper clusters are about as many as there are things to see, not as there are
pictures of them.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

BRANCH = 10  # members of a cluster, about, on every level
WIDEST = 5000  # clusters of the lowest level at most
ROUNDS = 3
"""Clusterings of the points nearest to the centres of the one before."""
_NEAREST = 5  # of these, for each centre
_AXES = 64  # principal ones that are clustered

Levels = list[Int[np.ndarray, " k"]]


def levels(features: Float[np.ndarray, "n d"], seed: int) -> Levels:
    """The cluster of each row, then the upper cluster of each cluster … until there are fewer than twice ``BRANCH``."""
    points = _principal(features)
    found: Levels = []
    count = min(len(points) // BRANCH, WIDEST)
    while count > 1:
        owner, points = _clustered(points, count, seed + len(found))
        found.append(owner)
        count = len(points) // BRANCH if len(points) >= 2 * BRANCH else 0
    return found


def draw(levels: Levels, rows: int, count: int, stream: np.random.Generator) -> Int[np.ndarray, " m"]:
    """``count`` of ``rows`` rows, ascending: shared out evenly over the highest clusters, within each over its own, and so on."""
    sizes = [np.ones(rows, dtype=np.int64)]  # rows under each cluster of a level, the rows themselves first
    for owner in levels:
        sizes.append(np.bincount(owner, weights=sizes[-1]).astype(np.int64))
    quota = shares(sizes[-1], count, stream)
    for owner, below in zip(reversed(levels), reversed(sizes[:-1]), strict=True):
        members = np.split(np.argsort(owner, kind="stable"), np.cumsum(np.bincount(owner))[:-1])
        lower = np.zeros(len(below), dtype=np.int64)
        for wanted, own in zip(quota.tolist(), members, strict=True):
            lower[own] = shares(below[own], wanted, stream)
        quota = lower
    return np.flatnonzero(quota)


def shares(sizes: Int[np.ndarray, " k"], total: int, stream: np.random.Generator) -> Int[np.ndarray, " k"]:
    """``total`` shared out as evenly as groups of these sizes allow; who gets the odd ones is drawn."""
    given = np.zeros(len(sizes), dtype=np.int64)
    total = min(total, int(sizes.sum()))
    while total:
        open_ = np.flatnonzero(given < sizes)
        each, odd = divmod(total, len(open_))
        more = np.full(len(open_), each)
        more[stream.permutation(len(open_))[:odd]] += 1
        more = np.minimum(more, (sizes - given)[open_])
        given[open_] += more
        total -= int(more.sum())
    return given


def _clustered(
    points: Float[np.ndarray, "n d"], count: int, seed: int
) -> tuple[Int[np.ndarray, " n"], Float[np.ndarray, "k d"]]:
    """k-means, repeated on the points nearest to its centres; the cluster of each point, without empty ones."""
    centres = _means(points, count, seed)
    for turn in range(1, ROUNDS + 1):
        owner, distance = _assigned(points, centres)
        order = np.lexsort((distance, owner))
        rank = np.arange(len(points)) - np.searchsorted(owner[order], owner[order])
        chosen = np.sort(order[rank < _NEAREST])
        if len(chosen) < count:
            break
        centres = _means(points[chosen], count, seed + turn)
    owner, _ = _assigned(points, centres)
    used, owner = np.unique(owner, return_inverse=True)
    return owner.ravel(), centres[used]


def _means(points: Float[np.ndarray, "n d"], count: int, seed: int) -> Float[np.ndarray, "k d"]:
    from sklearn.cluster import KMeans

    with np.errstate(all="ignore"):
        fitted = KMeans(count, n_init=1, max_iter=20, random_state=seed % 2**32).fit(points)
    return np.asarray(fitted.cluster_centers_)


def _assigned(
    points: Float[np.ndarray, "n d"], centres: Float[np.ndarray, "k d"]
) -> tuple[Int[np.ndarray, " n"], Float[np.ndarray, " n"]]:
    from sklearn.metrics import pairwise_distances_argmin_min

    owner, distance = pairwise_distances_argmin_min(points, centres)
    return np.asarray(owner), np.asarray(distance)


def _principal(features: Float[np.ndarray, "n d"]) -> Float[np.ndarray, "n k"]:
    """Features about their mean, on their first principal axes."""
    centred = features.astype(np.float64) - features.mean(axis=0)
    if centred.shape[1] > _AXES:
        _, axes = np.linalg.eigh(centred.T @ centred)
        centred = centred @ axes[:, -_AXES:]
    return np.ascontiguousarray(centred)
