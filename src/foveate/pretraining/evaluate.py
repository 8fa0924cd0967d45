"""The end of a run: test rows are read, once, beside the untrained twin and bare pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from foveate.core.estimate import Estimate
from foveate.core.stats import paired_difference, wilson
from foveate.encoders.encoder import Encoder
from foveate.features.embed import embed
from foveate.features.pixels import colours, small
from foveate.measures.neighbours import nearest, vote
from foveate.measures.ridge import fit as fit_ridge

if TYPE_CHECKING:
    from datasets import Dataset
    from torch import Tensor

K = 20


@dataclass(frozen=True, kw_only=True)
class Evaluated:
    """Test accuracy of the trained encoder, of its untrained twin, and without an encoder.

    Attributes:
        accuracy: ``knn`` and ``ridge`` → the trained encoder's. untrained: the twin's. gain: their paired difference.
        start: that of the weights that the run went on from; empty where it began with fresh ones. since_start: the
            paired difference to it.
        pixels: that of 16 × 16 colours. over_pixels: the paired difference to it.
        k: neighbours. chance: of the most frequent training class, guessed always.
        images: (train, test). repeated: ids of test rows whose decoded pixels stand among the train rows too.
    """

    accuracy: dict[str, Estimate]
    untrained: dict[str, Estimate]
    gain: dict[str, Estimate]
    start: dict[str, Estimate]
    since_start: dict[str, Estimate]
    pixels: dict[str, Estimate]
    over_pixels: dict[str, Estimate]
    k: int
    chance: float
    images: tuple[int, int]
    repeated: list[str]


def evaluate(
    encoder: Encoder,
    twin: Encoder,
    train: Dataset,
    test: Dataset,
    classes: int,
    *,
    device: torch.device,
    start: Encoder | None = None,
) -> Evaluated:
    """kNN (k = 20, cosine, weighted) and ridge classification of the test rows, from pooled features of all train rows."""
    right: dict[str, dict[str, Tensor]] = {}
    chance, k = 0.0, K
    images, repeated = (0, 0), list[str]()
    named = {"trained": encoder, "untrained": twin} | ({"start": start} if start is not None else {})
    for name, each in named.items():
        a, b = (embed(each, rows, ("pooled",), device=device) for rows in (train, test))
        y, truth = (torch.as_tensor(part.labels, device=device) for part in (a, b))
        k, images = min(K, len(a)), (len(a), len(b))
        seen = set(a.digests)
        repeated = [id for id, digest in zip(b.ids, b.digests, strict=True) if digest in seen]
        chance = float((truth == y.bincount(minlength=classes).argmax()).float().mean())
        right[name] = _right(
            a.tensor("pooled", device).float(), b.tensor("pooled", device).float(), y, truth, k, classes
        )
    X, Z = (torch.from_numpy(colours(small(*part))).to(device) for part in ((train, a.rows), (test, b.rows)))
    right["pixels"] = _right(X, Z, y, truth, k, classes)
    return Evaluated(
        accuracy=_accuracies(right["trained"]),
        untrained=_accuracies(right["untrained"]),
        start=_accuracies(right.get("start", {})),
        since_start=_gains(right["trained"], right.get("start", {})),
        gain=_gains(right["trained"], right["untrained"]),
        pixels=_accuracies(right["pixels"]),
        over_pixels=_gains(right["trained"], right["pixels"]),
        k=k,
        chance=chance,
        images=images,
        repeated=repeated,
    )


def _right(X: Tensor, Z: Tensor, y: Tensor, truth: Tensor, k: int, classes: int) -> dict[str, Tensor]:
    """Which test rows each method gets right."""
    similarity, index = nearest(Z, X, k)
    guesses = {
        "knn": vote(y[index], similarity, classes).argmax(1),
        "ridge": torch.as_tensor(fit_ridge(X, y, classes).predict(Z), device=truth.device),
    }
    return {method: (guess == truth).cpu() for method, guess in guesses.items()}


def _accuracies(right: dict[str, Tensor]) -> dict[str, Estimate]:
    return {method: wilson(int(r.sum()), len(r)) for method, r in right.items()}


def _gains(right: dict[str, Tensor], control: dict[str, Tensor]) -> dict[str, Estimate]:
    return {m: paired_difference(right[m].double().numpy(), control[m].double().numpy()) for m in control}
