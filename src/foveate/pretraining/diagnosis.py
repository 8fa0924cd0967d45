"""What the monitors' values say in words: a failure is named while it happens, with its evidence and a remedy, and only then."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from foveate.pretraining import limits


@dataclass(frozen=True)
class Diagnosis:
    """A failure.

    Attributes:
        name: what it is called. evidence: the numbers in words. remedy: which knob to turn.
    """

    name: str
    evidence: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.name}: {self.evidence}; {self.remedy}."


def diagnose(values: Mapping[str, Any]) -> str | None:
    """A sentence for each failure, or None where nothing is wrong.

    Args:
        values: of the monitors; what is absent is not judged.
    """
    return " ".join(map(str, diagnoses(values))) or None


def diagnoses(values: Mapping[str, Any]) -> list[Diagnosis]:
    """The failures of the first rank in which there are any: what follows from them would only give rival remedies."""
    for rank in _RANKS:
        if found := [each for test in rank if (each := test(values)) is not None]:
            return found
    return []


def _blown(values: Mapping[str, Any]) -> Diagnosis | None:
    first, spread = values.get("first_spread", 0.0), values.get("recent_spread", 0.0)
    if spread < limits.SPREAD_BLOWN * max(first, 1.0):
        return None
    return _rate(f"the embeddings' spread went from {first:.2g} to {spread:,.0f}, with the weights")


def _diverged(values: Mapping[str, Any]) -> Diagnosis | None:
    harm, risen = _collapse(values) or _silent(values), values.get("risen_loss", 0.0)
    if harm is None or risen < limits.LOSS_ROSE:
        return None
    return _rate(f"the loss stood {risen:,.0f} times its first value above it, and then {harm.evidence}")


def _rate(evidence: str) -> Diagnosis:
    remedy = "lower --lr tenfold or more (without --lr it is the objective's own)"
    return Diagnosis("learning rate too high", evidence, remedy)


def _no_gradient(values: Mapping[str, Any]) -> Diagnosis | None:
    if values.get("recent_gradient", 1.0) > 0:
        return None
    return Diagnosis(
        "no gradient",
        "in the last 10 steps the gradient was exactly 0",
        "look for targets that are all zero (a temperature that is too low), for what is frozen or detached, or for dead units",
    )


def _teacher_too_fast(values: Mapping[str, Any]) -> Diagnosis | None:
    agreement, momentum = values.get("recent_agreement", 0.0), values.get("recent_momentum", 1.0)
    left = values.get("fallen_std", 1.0)
    if agreement < limits.AGREED or momentum >= limits.CHASED or left >= limits.STD_FALLEN:
        return None
    return Diagnosis(
        "teacher too fast",
        f"at momentum {momentum:.2g} student and teacher agree to {agreement:.3f} while {left:.0%} of the std is left",
        "raise the teacher's momentum to .99 or more, or give the student a predictor",
    )


def _one_prototype(values: Mapping[str, Any]) -> Diagnosis | None:
    used, count = values.get("recent_prototypes_used"), values.get("recent_prototypes", 0.0)
    if used is None or used >= limits.FEW_PROTOTYPES or count < 8:
        return None
    return Diagnosis(
        "prototypes collapsed",
        f"all images are given to {used:.1f} of {count:.0f} prototypes",
        "balance the assignments (Sinkhorn, centring, an entropy term) or raise the teacher's temperature",
    )


def _equal_assignments(values: Mapping[str, Any]) -> Diagnosis | None:
    entropy, count = values.get("recent_assignment_entropy"), values.get("recent_prototypes", 0.0)
    if entropy is None or count < 8 or entropy < limits.EQUAL * math.log(count):
        return None
    return Diagnosis(
        "equal assignments",
        f"each image is given to all {count:.0f} prototypes alike (entropy {entropy:.3f} of at most {math.log(count):.3f})",
        "sharpen the targets: a lower teacher_temperature or sharpness",
    )


def _nothing_to_tell(values: Mapping[str, Any]) -> Diagnosis | None:
    std = values.get("std")
    if std is None or std >= limits.STD_NONE or "fallen_std" in values:
        return None
    return Diagnosis(
        "images alike",
        f"the network gives all images nearly the same embedding before any training (std {std:.2g})",
        "look at the images (copies of one, blank ones, values in a small part of the range) and, if training began with weights, at these",
    )


def _collapse(values: Mapping[str, Any]) -> Diagnosis | None:
    remedy = (
        "what keeps embeddings apart (negatives, a variance term; a teacher and a predictor) is missing or has no weight, or the "
        "learning rate is too high: look at the objective's terms and knobs, then lower --lr"
    )
    for place, name in (("", "backbone"), ("_projector", "projector")):
        std = values.get(f"std{place}")
        if std is not None and std < limits.STD_NONE:
            evidence = f"all images get nearly the same embedding at the {name} (std {std:.2g}; 1 is healthy)"
            return Diagnosis("collapsed", evidence, remedy)
    projected = "std_projector" in values or values.get("recent_projected", 0.0) > 0
    end, size = ("projector", limits.SPREAD_FALLEN) if projected else ("backbone", limits.SPREAD_GONE)
    fallen_std, fallen_spread = values.get("fallen_std", 1.0), values.get("fallen_spread", 1.0)
    low = projected or values.get("recent_batch_std", values.get("std", 0.0)) < limits.STD_LOW
    if (fallen_std < limits.STD_FALLEN and low) or fallen_spread < size:
        evidence = (
            f"embeddings draw together at the {end} (of the std that they had, "
            f"{fallen_std:.0%} is left in direction and {fallen_spread:.1%} in size)"
        )
        return Diagnosis("collapsed", evidence, remedy)
    return None


def _dimensional(values: Mapping[str, Any]) -> Diagnosis | None:
    rank, width = values.get("directions_projector"), values.get("width_projector", 0)
    if rank is None or "fallen_std" not in values or width < 16 or rank >= limits.FEW_DIRECTIONS:
        return None
    return Diagnosis(
        "dimensional collapse",
        f"the projector uses about {rank:.1f} of {width} directions (RankMe, centred)",
        "weigh the covariance or uniformity term more, or make the projector deeper",
    )


def _colour(values: Mapping[str, Any]) -> Diagnosis | None:
    share = values.get("colour_projector", values.get("colour"))
    if share is None or share < max(limits.COLOUR, values.get("colour_start", 0.0) + limits.COLOUR_ROSE):
        return None
    # Only views that are compared have shortcuts (who paints pixels has to know their colours), and only once they are matched.
    alignment, std = values.get("recent_batch_alignment"), values.get("recent_batch_std", 0.0)
    if alignment is None or alignment > limits.LEARNT * 2 * std**2:
        return None
    # Among the images that are trained on, which are many, where that is known: a hundred held out cannot tell a gain of .05.
    found = ((values.get(f"{name}_start"), values.get(name), values.get(n, 1.0)) for name, n in _KNN)
    start, knn, images = next((each for each in found if None not in each), (None, None, 1.0))
    gain = ", and no labels say whether colours are asked for"
    if start is not None and knn is not None:
        error = 2 * _error(start, knn, images)
        if knn - start + error >= limits.KNN_GAINED:
            return None  # it gained, or may have
        if start + limits.KNN_GAINED > 1 and knn + error >= start:
            return None  # there was no room for a gain, and nothing is lost
        gain = f", and kNN went from {start:.3f} to {knn:.3f}"
    return Diagnosis(
        "colour shortcut",
        f"to swap an image's colour channels moves its embedding by {share:.0%} of the squared distance between images{gain}",
        "unless colour is what labels tell apart, disturb it more in the views: --set view.jitter=0.8,0.8,0.8,0.5 view.grayscale=0.5 view.solarize=0.5",
    )


def _batch_leak(values: Mapping[str, Any]) -> Diagnosis | None:
    share, chance = values.get("same_batch"), values.get("same_batch_chance", 0.0)
    if share is None or "fallen_std" not in values or share - chance < limits.SAME_BATCH * (1 - chance):
        return None
    if values.get("fallen_spread", 1.0) < limits.SPREAD_FALLEN:
        return None  # shrunk to a point, embeddings differ by little but their batch's statistics
    return Diagnosis(
        "batch-norm leak",
        f"in training mode {share:.0%} of nearest neighbours come from the same batch, by chance {chance:.0%}",
        "let batch norm see all views and processes at once (--sync-bn, a larger --micro-batch), shuffle, or use layer norm",
    )


def _unstable(values: Mapping[str, Any]) -> Diagnosis | None:
    spikes, best, knn = values.get("gradient_spikes", 0.0), values.get("knn_best"), values.get("knn")
    if not spikes or best is None or knn is None:
        return None
    if best - knn < max(limits.KNN_FELL, 2 * _error(best, knn, values.get("looked", 1.0))):
        return None
    return Diagnosis(
        "unstable",
        f"the gradient spiked {spikes:.0f} times (up to {values['gradient_peak']:.0f} times its running median) and kNN fell "
        f"from {best:.3f} to {knn:.3f}",
        "lower --lr or --batch (a ViT takes 1,024 to 2,048), lengthen --warmup, or give --clip 1",
    )


def _silent(values: Mapping[str, Any]) -> Diagnosis | None:
    dead = values.get("dead", 0.0)
    if dead < limits.SILENT or "fallen_std" not in values:
        return None
    return Diagnosis(
        "dead units",
        f"{dead:.0%} of the backbone's units say the same for every image",
        "lower --lr or lengthen --warmup",
    )


def _error(one: float, other: float, images: float) -> float:
    """Standard error of the difference of two accuracies, each over so many images."""
    return math.sqrt((one * (1 - one) + other * (1 - other)) / max(images, 1.0))


_KNN = (("knn_among", "among"), ("knn", "looked"))
"""Accuracies by which a gain is told, with their numbers of images, the most telling first."""
_RANKS: tuple[tuple[Callable[[Mapping[str, Any]], Diagnosis | None], ...], ...] = (
    (_blown,),
    (_no_gradient, _nothing_to_tell),
    (_teacher_too_fast, _one_prototype, _equal_assignments, _unstable, _batch_leak),
    (_diverged,),
    (_collapse,),
    (_dimensional, _silent),
    (_colour,),
)
"""Causes before what follows from them: how weights are moved, the objective's parts, embeddings as a whole, what they are of."""
