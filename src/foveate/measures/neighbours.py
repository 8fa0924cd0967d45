"""Exact nearest neighbours by blocked matrix products, and votes among them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor

from foveate.core.errors import FoveateError
from foveate.measures.arrays import Matrix, as_matrix, blocks_of

Metric = Literal["cosine", "l2", "dot"]
_SCORES = 2**25  # similarities held at once: 128 MB in float32


def nearest(
    queries: Matrix,
    base: Matrix | Iterable[Matrix],
    k: int,
    *,
    metric: Metric = "cosine",
    block: int = 65536,
    exclude: Int[Tensor, " n"] | None = None,
) -> tuple[Float[Tensor, "n k"], Int[Tensor, "n k"]]:
    """The k most similar rows of ``base`` for each query, most similar first; equal ones by ascending index.

    Args:
        queries: [n d], on the device where the work is done.
        base: [m d], or a stream of such blocks, each passed once and moved to the queries' device: it never must fit.
        metric: ``cosine``; ``dot``; or ``l2``, whose similarity is minus the Euclidean distance.
        block: rows of ``base`` that are compared at once.
        exclude: for each query the row of ``base`` that must not be returned (itself), or None.

    Returns:
        similarity and index, both [n k].

    Raises:
        FoveateError: ``base`` has fewer than k rows (besides the excluded one), or a feature is not finite.
    """
    assert k >= 1, "k is at least 1"
    queries = as_matrix(queries, name="queries' features")
    n, device = len(queries), queries.device
    # Distances do not change under a shift, and small numbers lose less in |q|² + |b|² - 2qb.
    shift = queries.mean(dim=0) if metric == "l2" and n else None
    queries = _prepare(queries, metric, shift)
    best = queries.new_full((n, 0), 0.0)
    index = torch.empty((n, 0), dtype=torch.long, device=device)
    seen = 0
    for part in blocks_of(base, block):
        part = _prepare(part.to(device, queries.dtype), metric, shift)
        square = part.square().sum(dim=1) if metric == "l2" else None
        rows = max(1, _SCORES // len(part))
        found = [
            _merge(
                _compare(queries[start : start + rows], part, square, seen, exclude, start),
                seen,
                best[start : start + rows],
                index[start : start + rows],
                k,
            )
            for start in range(0, n, rows)
        ]
        if found:
            best, index = (torch.cat(pieces) for pieces in zip(*found, strict=True))
        seen += len(part)
    available = seen - (exclude is not None)
    if k > available:
        raise FoveateError(
            f"{k} neighbours were asked for, but there are only {available} images to choose from.",
            f"use k ≤ {available}",
        )
    if metric == "l2":
        best = -(queries.square().sum(dim=1, keepdim=True) - best).clamp_min(0).sqrt()
    return best, index


def vote(
    labels: Int[Tensor, "n k"],
    similarity: Float[Tensor, "n k"],
    classes: int,
    *,
    temperature: float | None = 0.07,
) -> Float[Tensor, "n classes"]:
    """The share of the neighbours' votes that each class gets; rows sum to one.

    Args:
        labels: the neighbours' classes. similarity: theirs, as ``nearest`` gives it.
        temperature: a neighbour weighs exp(similarity / temperature), as in the kNN evaluation of Wu et al. (2018);
            None: each weighs the same.
    """
    if temperature is None:
        weights = torch.full_like(similarity, 1 / similarity.shape[1])
    else:
        weights = torch.softmax(similarity / temperature, dim=1)
    return similarity.new_zeros(len(labels), classes).scatter_add_(1, labels, weights)


def _prepare(x: Tensor, metric: Metric, shift: Tensor | None) -> Tensor:
    if metric == "cosine":
        return torch.nn.functional.normalize(x, dim=1)
    return x if shift is None else x - shift


def _compare(
    queries: Tensor, part: Tensor, square: Tensor | None, seen: int, exclude: Tensor | None, start: int
) -> Tensor:
    """Scores that order as the similarities do. For l2: 2qb - |b|², from which |q|² makes the distance."""
    scores = queries @ part.T if square is None else torch.addmm(-square, queries, part.T, alpha=2.0)
    if exclude is not None:
        own = exclude[start : start + len(queries)].to(scores.device) - seen
        inside = ((own >= 0) & (own < len(part))).nonzero().squeeze(1)
        scores[inside, own[inside]] = -torch.inf
    return scores


def _merge(scores: Tensor, seen: int, best: Tensor, index: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The k best of those so far and a new block's, equal ones in the order of their index."""
    value, place = scores.topk(min(k, scores.shape[1]), dim=1)
    value, place = torch.cat([best, value], dim=1), torch.cat([index, place + seen], dim=1)
    by_index = place.argsort(dim=1)
    value, place = value.gather(1, by_index), place.gather(1, by_index)
    order = value.argsort(dim=1, descending=True, stable=True)[:, :k]
    return value.gather(1, order), place.gather(1, order)
