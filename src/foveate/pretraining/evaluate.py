"""The end of a run: test rows are read, once, beside the untrained twin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from foveate.core.estimate import Estimate
from foveate.core.stats import paired_difference, wilson
from foveate.encoders.encoder import Encoder
from foveate.features.embed import embed
from foveate.measures.neighbours import nearest, vote
from foveate.measures.ridge import fit as fit_ridge

if TYPE_CHECKING:
    from datasets import Dataset
    from torch import Tensor

K = 20


@dataclass(frozen=True, kw_only=True)
class Evaluated:
    """Test accuracy of the trained encoder and of its untrained twin.

    Attributes:
        accuracy: ``knn`` and ``ridge`` → the trained encoder's. untrained: the twin's. gain: their paired difference.
        start: that of the weights that the run went on from; empty where it began with fresh ones. since_start: the
            paired difference to it.
        k: neighbours. chance: of the most frequent training class, guessed always.
        images: (train, test). repeated: ids of test rows whose decoded pixels stand among the train rows too.
    """

    accuracy: dict[str, Estimate]
    untrained: dict[str, Estimate]
    gain: dict[str, Estimate]
    start: dict[str, Estimate]
    since_start: dict[str, Estimate]
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
        X, y = a.tensor("pooled", device).float(), torch.as_tensor(a.labels, device=device)
        Z, truth = b.tensor("pooled", device).float(), torch.as_tensor(b.labels, device=device)
        k, images = min(K, len(X)), (len(X), len(Z))
        seen = set(a.digests)
        repeated = [id for id, digest in zip(b.ids, b.digests, strict=True) if digest in seen]
        chance = float((truth == y.bincount(minlength=classes).argmax()).float().mean())
        similarity, index = nearest(Z, X, k)
        guesses = {
            "knn": vote(y[index], similarity, classes).argmax(1),
            "ridge": torch.as_tensor(fit_ridge(X, y, classes).predict(Z), device=device),
        }
        right[name] = {method: (guess == truth).cpu() for method, guess in guesses.items()}
    return Evaluated(
        accuracy=_accuracies(right["trained"]),
        untrained=_accuracies(right["untrained"]),
        start=_accuracies(right.get("start", {})),
        since_start=_gains(right["trained"], right.get("start", {})),
        gain=_gains(right["trained"], right["untrained"]),
        k=k,
        chance=chance,
        images=images,
        repeated=repeated,
    )


def _accuracies(right: dict[str, Tensor]) -> dict[str, Estimate]:
    return {method: wilson(int(r.sum()), len(r)) for method, r in right.items()}


def _gains(right: dict[str, Tensor], control: dict[str, Tensor]) -> dict[str, Estimate]:
    return {m: paired_difference(right[m].double().numpy(), control[m].double().numpy()) for m in control}
