"""What the monitors' values say in words: a failure is named while it happens, with its evidence and a remedy, and only then."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

SPREAD_BLOWN = 30.0
"""Deviation of the trained embeddings, in units of the first step's or of 1 where that was less, above which the weights were thrown
out. SimCLR with AdamW on CIFAR-10, rates 75, 250 and 750 times too high: 75, 361 and 3,760, five more objectives and a ViT alike; 8 times:
6.5 at most, and it learns; spikes planted in a loss: 18 at most; some 200 other runs: 2.2 at most."""
LOSS_ROSE = 1.0
"""How far the loss has stood above its first, in units of it, for a collapse to be the rate's doing. Where rates are 750 times too
high and the loss sees size 1.7 to 11 (supervised), 47 (rotation), 15,000 (MAE); healthy runs .3 at most (but VICReg 24 in its first
steps, behind a wide projector: alone it says nothing)."""
STD_NONE = 0.005
"""Deviation of unit-length embeddings, times √d, below which they are one point; untrained encoders are above .1."""
STD_FALLEN = 0.17
"""That deviation within batches, as a share of the highest it has been in the run. Contrastive runs begin with a dip, down to .24 in
healthy ones (three of SimCLR with disturbed colours, in epochs 2 and 3); planted collapses go to .02 to .12."""
STD_LOW = 0.1
"""How low it must be besides where nothing but the backbone tells: an untrained ViT-Mini begins at .84 of CIFAR-10, and MAE, which
cannot collapse, brings it to .20 while linear accuracy rises."""
SPREAD_FALLEN, SPREAD_GONE = 0.2, 0.02
"""The embeddings' own deviation, likewise, behind a projector and at the backbone: VICReg without its variance term shrinks to a point
in all directions at once, and passes .2 in a third of the time that it takes to .02. Healthy projectors stay above .7 (without
covariance .5), MAE's backbone above .26."""
FEW_DIRECTIONS = 2.0
"""RankMe of a projector's centred output below which nearly everything lies on a line."""
AGREED, CHASED = 0.98, 0.9
"""A student that agrees with its teacher so much, at a momentum below the second, has nothing to follow."""
COLOUR = 0.85
"""How far embeddings move when channels change places, of the squared distance between different images: what survives is 1 - .85. All
networks follow colours for a while. Healthy runs .82 at most, while kNN is still where it was (photographs, 5 epochs; MSN and iBOT
after 3: .71), and .1 to .5 later. ``builtin:clutter`` with default views passes through .81, and comes to .87 to 1.15."""
COLOUR_ROSE = 0.05
"""How much more of it than before training: where an untrained network follows colours, training has to make it worse."""
LEARNT = 0.8
"""Squared distance of two views of an image, of that of different images, in training: above it the objective has not been met yet, by
no shortcut either. Before training and at rates near 0 it is .95 and more; ``builtin:clutter`` .64 after four epochs, .55 at the end."""
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
FEW_PROTOTYPES, EQUAL = 1.5, 0.99
"""Prototypes in use below which all images are given to one; and an image's own entropy, of its highest, above which it is given to all
alike. DINO with targets at a temperature of .3: .9997; healthy runs of DINO, iBOT, MSN and SwAV at most .96, early, and .5 to .9 later."""


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
    if spread < SPREAD_BLOWN * max(first, 1.0):
        return None
    return _rate(f"the embeddings' spread went from {first:.2g} to {spread:,.0f}, with the weights")


def _diverged(values: Mapping[str, Any]) -> Diagnosis | None:
    harm, risen = _collapse(values) or _silent(values), values.get("risen_loss", 0.0)
    if harm is None or risen < LOSS_ROSE:
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


def _equal_assignments(values: Mapping[str, Any]) -> Diagnosis | None:
    entropy, count = values.get("recent_assignment_entropy"), values.get("recent_prototypes", 0.0)
    if entropy is None or count < 8 or entropy < EQUAL * math.log(count):
        return None
    return Diagnosis(
        "equal assignments",
        f"each image is given to all {count:.0f} prototypes alike (entropy {entropy:.3f} of at most {math.log(count):.3f})",
        "sharpen the targets: a lower teacher_temperature or sharpness",
    )


def _nothing_to_tell(values: Mapping[str, Any]) -> Diagnosis | None:
    std = values.get("std")
    if std is None or std >= STD_NONE or "fallen_std" in values:
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
        if std is not None and std < STD_NONE:
            evidence = f"all images get nearly the same embedding at the {name} (std {std:.2g}; 1 is healthy)"
            return Diagnosis("collapsed", evidence, remedy)
    projected = "std_projector" in values or values.get("recent_projected", 0.0) > 0
    end, size = ("projector", SPREAD_FALLEN) if projected else ("backbone", SPREAD_GONE)
    fallen_std, fallen_spread = values.get("fallen_std", 1.0), values.get("fallen_spread", 1.0)
    low = projected or values.get("recent_batch_std", values.get("std", 0.0)) < STD_LOW
    if (fallen_std < STD_FALLEN and low) or fallen_spread < size:
        evidence = (
            f"embeddings draw together at the {end} (of the std that they had, "
            f"{fallen_std:.0%} is left in direction and {fallen_spread:.1%} in size)"
        )
        return Diagnosis("collapsed", evidence, remedy)
    return None


def _dimensional(values: Mapping[str, Any]) -> Diagnosis | None:
    rank, width = values.get("directions_projector"), values.get("width_projector", 0)
    if rank is None or "fallen_std" not in values or width < 16 or rank >= FEW_DIRECTIONS:
        return None
    return Diagnosis(
        "dimensional collapse",
        f"the projector uses about {rank:.1f} of {width} directions (RankMe, centred)",
        "weigh the covariance or uniformity term more, or make the projector deeper",
    )


def _colour(values: Mapping[str, Any]) -> Diagnosis | None:
    share = values.get("colour_projector", values.get("colour"))
    if share is None or share < max(COLOUR, values.get("colour_start", 0.0) + COLOUR_ROSE):
        return None
    # Only views that are compared have shortcuts (who paints pixels has to know their colours), and only once they are matched.
    alignment, std = values.get("recent_batch_alignment"), values.get("recent_batch_std", 0.0)
    if alignment is None or alignment > LEARNT * 2 * std**2:
        return None
    # Among the images that are trained on, which are many, where that is known: a hundred held out cannot tell a gain of .05.
    found = ((values.get(f"{name}_start"), values.get(name), values.get(n, 1.0)) for name, n in _KNN)
    start, knn, images = next((each for each in found if None not in each), (None, None, 1.0))
    gain = ", and no labels say whether colours are asked for"
    if start is not None and knn is not None:
        error = 2 * _error(start, knn, images)
        if knn - start + error >= KNN_GAINED:
            return None  # it gained, or may have
        if start + KNN_GAINED > 1 and knn + error >= start:
            return None  # there was no room for a gain, and nothing is lost
        gain = f", and kNN went from {start:.3f} to {knn:.3f}"
    return Diagnosis(
        "colour shortcut",
        f"to swap an image's colour channels moves its embedding by {share:.0%} of the squared distance between images{gain}",
        "unless colour is what labels tell apart, disturb it more in the views: --set view.jitter=0.8,0.8,0.8,0.5 view.grayscale=0.5 view.solarize=0.5",
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
    if dead < SILENT or "fallen_std" not in values:
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
