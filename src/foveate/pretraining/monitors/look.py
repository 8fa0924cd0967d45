"""What embeddings of a set of images say: plain functions from tensors to values, for any loop."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from foveate.measures.hypersphere import agreement, alignment, uniformity
from foveate.measures.lidar import lidar
from foveate.measures.neighbours import nearest, vote
from foveate.measures.ridge import fit as fit_ridge
from foveate.measures.spectrum import effective_rank, singular_values
from foveate.measures.units import assignment_entropies, dead_units, zeros

K = 20
_ROWS = 2048  # rows that spectra and pairs are computed from: cubic and quadratic in them
_SHOWN = 64  # singular values of a spectrum that are kept


def of_step(outputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Values of one training step's outputs (see ``LossOutput``), as tensors on their device: nothing waits.

    ``batch_std`` and ``batch_spread`` always; ``batch_alignment`` and ``batch_uniformity`` with ``other``; ``agreement``
    and ``target_std`` with ``prediction`` and ``target``; ``assignment_entropy`` (of an image, nats) and
    ``prototypes_used`` (exp of the entropy of the batch's mean) of ``prototypes`` with ``assignments``.
    """
    trained = outputs.get("projector", outputs["backbone"]).float()
    values = {"batch_std": unit_std(trained), "batch_spread": trained.std(0).mean()}
    if "other" in outputs:
        values["batch_alignment"] = alignment(trained, outputs["other"])
        values["batch_uniformity"] = uniformity(trained)
    if {"prediction", "target"} <= outputs.keys():
        values["agreement"] = agreement(outputs["prediction"], outputs["target"])
        values["target_std"] = unit_std(outputs["target"])
    if "assignments" in outputs:
        each, mean = assignment_entropies(outputs["assignments"])
        count = each.new_tensor(float(outputs["assignments"].shape[1]))
        values |= {"assignment_entropy": each, "prototypes_used": mean.exp(), "prototypes": count}
    return values


def of_embedding(x: Float[Tensor, "n d"], *, spectrum: bool = False) -> dict[str, Any]:
    """Values of embeddings of single images: ``rankme``, ``directions`` (RankMe, centred), ``std``, ``spread``, ``width``,
    ``uniformity``, ``dead`` and ``zeros`` (shares); with ``spectrum`` also singular values. Empty where one is not finite."""
    if not bool(torch.isfinite(x).all()):
        return {}
    few = x[:_ROWS]
    centred = singular_values(few - few.mean(0))
    values: dict[str, Any] = {
        "rankme": effective_rank(singular_values(few)),
        "directions": effective_rank(centred),
        "std": float(unit_std(x)),
        "spread": float(x.std(0).mean()),
        "width": x.shape[1],
        "uniformity": float(uniformity(few)),
        "dead": float(dead_units(x)),
        "zeros": float(zeros(x).mean()),
    }
    if spectrum:
        values["spectrum"] = thinned(centred)
    return values


def of_views(x: Float[Tensor, "n q d"]) -> dict[str, float]:
    """``lidar`` and ``alignment`` of q views of each image. Empty where one is not finite."""
    if not bool(torch.isfinite(x).all()):
        return {}
    # δ has the features' own unit: unit length on average, as LiDAR's default expects.
    size = x.float().square().sum(-1).mean().sqrt().clamp_min(1e-12)
    pairs = [float(alignment(x[:, i], x[:, i + 1])) for i in range(x.shape[1] - 1)]
    return {"lidar": lidar(x.float() / size), "alignment": sum(pairs) / len(pairs)}


def knn_accuracy(
    queries: Float[Tensor, "m d"],
    truth: Int[Tensor, " m"],
    base: Float[Tensor, "n d"],
    labels: Int[Tensor, " n"],
    classes: int,
    *,
    exclude: Int[Tensor, " m"] | None = None,
) -> float | None:
    """Accuracy of a weighted vote of the 20 nearest; None where there are fewer, or a feature is not finite.

    Args:
        exclude: for each query the row of ``base`` that has no vote: itself.
    """
    if (
        len(base) < K + (exclude is not None)
        or not len(queries)
        or not bool(torch.isfinite(queries).all() & torch.isfinite(base).all())
    ):
        return None
    similarity, index = nearest(queries, base, K, exclude=exclude)
    return float((vote(labels[index], similarity, classes).argmax(1) == truth).float().mean())


def ridge_accuracy(
    queries: Float[Tensor, "m d"],
    truth: Int[Tensor, " m"],
    base: Float[Tensor, "n d"],
    labels: Int[Tensor, " n"],
    classes: int,
) -> float | None:
    """Accuracy of a linear probe in closed form, λ by leave-one-out on ``base``; None where a feature is not finite."""
    if not len(queries) or not bool(torch.isfinite(queries).all() & torch.isfinite(base).all()):
        return None
    return float((fit_ridge(base, labels, classes).predict(queries).to(truth.device) == truth).float().mean())


def unit_std(x: Float[Tensor, "n d"]) -> Float[Tensor, ""]:
    """The mean deviation of unit-length embeddings, times √d: 1 when they point everywhere, 0 when all point one way."""
    x = F.normalize(x.detach().float(), dim=1)
    return x.std(0).mean() * math.sqrt(x.shape[1])


def thinned(values: Float[Tensor, " r"]) -> dict[str, list[float]]:
    """A spectrum as a log can hold it: ``rank`` and ``value`` (as a share of the largest) of at most 64 ranks, evenly."""
    rank = torch.linspace(0, len(values) - 1, min(len(values), _SHOWN)).round().long()
    top = values[:1].clamp_min(1e-300)
    shares = (values[rank.to(values.device)] / top).tolist()
    return {"rank": (rank + 1).tolist(), "value": [float(f"{share:.4g}") for share in shares]}
