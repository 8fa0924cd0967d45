"""Images and captions in one space: retrieval among all captions of a stage, and the choice between two."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from foveate.core import clusters
from foveate.core.estimate import Estimate
from foveate.measures.arrays import Matrix, as_matrix

TIE = 1e-6
"""Cosines as near as this are the same: two batches of one caption in float32 differ by less."""
_BLOCK = 2048


def top_k(
    images: Matrix, captions: Matrix, own: Int[np.ndarray, " n"], *, k: Sequence[int] = (1, 5)
) -> dict[int, Float[np.ndarray, " n"]]:
    """How surely each image's own caption is among its k most similar (cosine) of all captions.

    Captions that are as similar as the own one take turns: with t of them for j places left, the credit is j / t. So a model
    that scores all captions alike has k / m, which is chance.

    Args:
        images: [n d]. captions: [m d], each once. own: the row of each image's caption. k: places; more than m are m.

    Returns:
        k → credit in [0, 1] of each image.
    """
    x, y = _unit(images), _unit(captions)
    places = torch.from_numpy(np.asarray(own)).long()
    above, equal = [], []
    for start in range(0, len(x), _BLOCK):
        scores = x[start : start + _BLOCK] @ y.T
        mine = scores.gather(1, places[start : start + _BLOCK, None])
        above.append((scores > mine + TIE).sum(dim=1))
        equal.append(((scores - mine).abs() <= TIE).sum(dim=1))
    better, tied = (torch.cat(part).numpy() if part else np.zeros(0) for part in (above, equal))
    return {each: np.clip((min(each, len(y)) - better) / np.maximum(tied, 1), 0, 1) for each in k}


def two_way(images: Matrix, captions: Matrix, negatives: Matrix) -> Float[np.ndarray, " n"]:
    """Whether each image is more similar (cosine) to its caption than to a hard negative; a tie counts half, which is chance.

    Args:
        images, captions, negatives: [n d], row by row.
    """
    x = _unit(images)
    right, wrong = ((x * _unit(texts)).sum(dim=1) for texts in (captions, negatives))
    return ((right - wrong > TIE).double() + 0.5 * ((right - wrong).abs() <= TIE).double()).numpy()


def accuracy(credit: Float[np.ndarray, " n"], groups: Int[np.ndarray, " n"] | None = None) -> Estimate:
    """The mean credit with its interval, over images, or over groups of them that depend on one another (one asset, one scene)."""
    return clusters.share(credit, np.arange(len(credit)) if groups is None else groups)


def chance(captions: int, k: int) -> float:
    """The share of images whose caption is among k drawn at random of so many."""
    return min(k, captions) / captions


def _unit(X: Matrix) -> Float[Tensor, "n d"]:
    """Rows of length 1, float64; a row of zeros stays one and ties with all."""
    return torch.nn.functional.normalize(as_matrix(X).double().cpu(), dim=1)
