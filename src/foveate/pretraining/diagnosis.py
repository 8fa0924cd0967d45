"""What the monitors' values say in words: a failure is named while it happens, with its evidence and a remedy, and only then."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

STD_NONE = 0.005
"""Deviation of unit-length embeddings, times √d, below which they are one point; untrained encoders are above .1."""
STD_FALLEN = 0.35
"""That deviation within batches, as a share of the highest it has been in the run. In healthy runs it rises or stays."""
STD_LOW = 0.1
"""How low it must be besides where nothing but the backbone tells: an untrained ViT-Mini begins at .84 of CIFAR-10, and MAE, which
cannot collapse, brings it to .20 while linear accuracy rises."""
SPREAD_FALLEN = 0.02
"""The embeddings' own deviation, likewise: VICReg without its variance term shrinks to a point in all directions at once."""
FEW_DIRECTIONS = 2.0
"""RankMe of a projector's centred output below which nearly everything lies on a line."""
AGREED, CHASED = 0.98, 0.9
"""A student that agrees with its teacher so much, at a momentum below the second, has nothing to follow."""
COLOUR = 0.6
"""How far embeddings move when channels change places, of the squared distance between different images. SimCLR on CIFAR-10
.33; on ``builtin:clutter`` .92, and .03 with views that disturb colours."""
COLOUR_ROSE = 0.05
"""How much more of it than before training: where an untrained network follows colours, training has to make it worse."""
KNN_GAINED = 0.05
"""A gain of kNN over the untrained network that excuses colours: there they are what is asked for. Excluded by two standard errors."""
SAME_BATCH = 0.75
"""Nearest neighbours from the same batch, 0 as by chance and 1 all of them. Healthy runs lie below 0, flat or shrunk embeddings up to .6."""
SPIKE = 10.0
"""Gradient norm, in running medians, that counts as a spike (see ``monitors.traces.Spikes``)."""
KNN_FELL = 0.1
"""Fall of kNN below its best that counts beside spikes, if it is also beyond two standard errors."""
SILENT = 0.5
"""Share of the backbone's units that say the same for every image."""
FEW_PROTOTYPES = 1.5
"""Prototypes in use below which all images are given to one."""


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
    """The failures. A collapse whose cause is known is told as that cause."""
    found = [each for test in _TESTS if (each := test(values)) is not None]
    caused = any(each.name in _CAUSES for each in found)
    return [each for each in found if not (caused and each.name == "collapsed")]


def _teacher_too_fast(values: Mapping[str, Any]) -> Diagnosis | None:
    agreement, momentum = values.get("recent_agreement", 0.0), values.get("recent_momentum", 1.0)
    left = values.get("fallen_std", 1.0)
    if agreement < AGREED or momentum >= CHASED or left >= STD_FALLEN:
        return None
    return Diagnosis(
        "teacher too fast",
        f"at momentum {momentum:.2g} student and teacher agree to {agreement:.3f} while {left:.0%} of the std is left",
        "raise the teacher's momentum to .99 or more, or give the student a predictor",
    )


def _one_prototype(values: Mapping[str, Any]) -> Diagnosis | None:
    used, count = values.get("recent_prototypes_used"), values.get("recent_prototypes", 0.0)
    if used is None or used >= FEW_PROTOTYPES or count < 8:
        return None
    return Diagnosis(
        "prototypes collapsed",
        f"all images are given to {used:.1f} of {count:.0f} prototypes",
        "balance the assignments (Sinkhorn, centring, an entropy term) or raise the teacher's temperature",
    )


def _collapse(values: Mapping[str, Any]) -> Diagnosis | None:
    remedy = (
        "what repels has no weight or the learning rate is too high: look at the objective's terms, then lower --lr"
    )
    for place, name in (("", "backbone"), ("_projector", "projector")):
        std = values.get(f"std{place}")
        if std is not None and std < STD_NONE:
            evidence = f"all images get nearly the same embedding at the {name} (std {std:.2g}; 1 is healthy)"
            return Diagnosis("collapsed", evidence, remedy)
    end = "projector" if "std_projector" in values else "backbone"
    fallen_std, fallen_spread = values.get("fallen_std", 1.0), values.get("fallen_spread", 1.0)
    low = end == "projector" or values.get("std", 0.0) < STD_LOW
    if (fallen_std < STD_FALLEN and low) or fallen_spread < SPREAD_FALLEN:
        evidence = (
            f"all images get nearly the same embedding at the {end} (of the std that it had, "
            f"{fallen_std:.0%} is left in direction and {fallen_spread:.1%} in size)"
        )
        return Diagnosis("collapsed", evidence, remedy)
    return None


def _dimensional(values: Mapping[str, Any]) -> Diagnosis | None:
    rank, width = values.get("directions_projector"), values.get("width_projector", 0)
    if rank is None or "fallen_std" not in values or width < 16 or rank >= FEW_DIRECTIONS or _collapse(values):
        return None
    return Diagnosis(
        "dimensional collapse",
        f"the projector uses about {rank:.1f} of {width} directions (RankMe, centred)",
        "weigh the covariance or uniformity term more, or make the projector deeper",
    )


def _colour(values: Mapping[str, Any]) -> Diagnosis | None:
    place = "_projector" if "colour_projector" in values else ""
    share = values.get(f"colour{place}")
    # Only views that are compared have shortcuts; who paints pixels has to know their colours.
    compared = "fallen_std" in values and ("batch_alignment" in values or place == "_projector")
    if share is None or not compared or share < max(COLOUR, values.get("colour_start", 0.0) + COLOUR_ROSE):
        return None
    # Among the images that are trained on, which are many, where that is known: a hundred held out cannot tell a gain of .05.
    found = ((values.get(f"{name}_start"), values.get(name), values.get(n, 1.0)) for name, n in _KNN)
    start, knn, images = next((each for each in found if None not in each), (None, None, 1.0))
    gain = ""
    if start is not None and knn is not None:
        if knn - start + 2 * _error(start, knn, images) >= KNN_GAINED:
            return None  # it gained, or may have
        gain = f", and kNN went from {start:.3f} to {knn:.3f}"
    return Diagnosis(
        "colour shortcut",
        f"to swap an image's colour channels moves its embedding by {share:.0%} of the squared distance between images{gain}",
        "disturb colours more in the views: --set view.jitter=0.8,0.8,0.8,0.5 view.grayscale=0.5 view.solarize=0.5",
    )


def _batch_leak(values: Mapping[str, Any]) -> Diagnosis | None:
    share, chance = values.get("same_batch"), values.get("same_batch_chance", 0.0)
    if share is None or "fallen_std" not in values or share - chance < SAME_BATCH * (1 - chance):
        return None
    return Diagnosis(
        "batch-norm leak",
        f"in training mode {share:.0%} of nearest neighbours come from the same batch, by chance {chance:.0%}",
        "let batch norm see all views and processes at once (--sync-bn, a larger --micro-batch), shuffle, or use layer norm",
    )


def _unstable(values: Mapping[str, Any]) -> Diagnosis | None:
    spikes, best, knn = values.get("gradient_spikes", 0.0), values.get("knn_best"), values.get("knn")
    if not spikes or best is None or knn is None:
        return None
    if best - knn < max(KNN_FELL, 2 * _error(best, knn, values.get("looked", 1.0))):
        return None
    return Diagnosis(
        "unstable",
        f"the gradient spiked {spikes:.0f} times (up to {values['gradient_peak']:.0f} times its running median) and kNN fell "
        f"from {best:.3f} to {knn:.3f}",
        "lower --lr or --batch (a ViT takes 1,024 to 2,048), lengthen --warmup, or give --clip 1",
    )


def _silent(values: Mapping[str, Any]) -> Diagnosis | None:
    dead = values.get("dead", 0.0)
    if dead < SILENT or "fallen_std" not in values or _collapse(values):
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
_CAUSES = {"teacher too fast", "prototypes collapsed", "unstable", "batch-norm leak"}
_TESTS: tuple[Callable[[Mapping[str, Any]], Diagnosis | None], ...] = (
    _teacher_too_fast,
    _one_prototype,
    _unstable,
    _batch_leak,
    _collapse,
    _dimensional,
    _silent,
    _colour,
)
