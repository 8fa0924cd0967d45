"""How a pretraining run went, epoch by epoch, from its log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from foveate.pretraining.monitors.names import is_term
from foveate.reporting.charts import Point, lines
from foveate.reporting.sections import Block, Chart, Section

Lines = Sequence[Mapping[str, Any]]

_AXES: dict[str, tuple[Mapping[str, str], str, str, dict[str, Any]]] = {
    "loss": ({"loss": "loss"}, "loss", "The loss, mean over each epoch.", {}),
    "accuracy": (
        {"knn": "kNN", "probe": "online linear probe"},
        "accuracy on held-out images",
        "Accuracy on {held:,} images that are not trained on.",
        {},
    ),
    "rankme": (
        {"rankme": "backbone", "rankme_projector": "projector"},
        "RankMe",
        "Directions in use: the effective rank of embeddings.",
        {},
    ),
    "lidar": (
        {"lidar": "backbone", "lidar_projector": "projector"},
        "LiDAR",
        "Directions that tell images apart more than views of one image differ.",
        {},
    ),
    "std": (
        {"std": "backbone", "std_projector": "projector"},
        "std of unit embeddings × √d",
        "1 when embeddings point everywhere, 0 when all images get the same one.",
        {"zero": True},
    ),
    "sphere": (
        {"alignment_projector": "alignment", "uniformity_projector": "uniformity"},
        "alignment, uniformity",
        "Behind the projector: mean squared distance of two views of an image (0 is perfect), and how evenly images "
        "spread (lower is more even).",
        {},
    ),
    "silent": (
        {"dead": "units that never change", "zeros": "zeros in an image's features"},
        "share",
        "Silent units of the backbone.",
        {"zero": True},
    ),
    "agreement": (
        {"agreement": "student and teacher"},
        "cosine",
        "How far the student says what its teacher says.",
        {},
    ),
    "assigned": (
        {"prototypes_used": "prototypes in use"},
        "exp of the entropy",
        "Prototypes that a batch's images are given to.",
        {"zero": True},
    ),
    "shortcuts": (
        {"colour_projector": "channels swapped", "same_batch": "neighbours of the same batch"},
        "share",
        "What could be read instead of the subject: how far an image moves when its channels change places, of the distance "
        "between images; and nearest neighbours of the same batch in training mode.",
        {"zero": True},
    ),
    "gradient": (
        {"gradient_norm": "gradient"},
        "norm",
        "Norm of the whole gradient before clipping, mean over each epoch.",
        {},
    ),
}
_SETTINGS = {"lr": "learning rate", "weight_decay": "weight decay", "momentum": "the teacher's momentum"}


def failure(epochs: Lines) -> str | None:
    """The last diagnosis of the run, with the epoch where it is not the last look's."""
    looks = [line for line in epochs if "std" in line or "diagnosis" in line]
    last = next((line for line in reversed(looks) if line.get("diagnosis")), None)
    if last is None:
        return None
    return (
        str(last["diagnosis"])
        if last is looks[-1]
        else f"{last['diagnosis']} (In epoch {last['epoch']}; no longer at the end.)"
    )


def curves(log: Lines, *, held: int, classes: int, doubts: str = "") -> Section:
    """What was watched, by epoch.

    Args:
        log: all of the run's lines. held: images that accuracy was measured on. classes: of the labels.
        doubts: what the test rows say where training did not help: then no sign of a failure is no good sign.
    """
    epochs = [line for line in log if line.get("event") == "epoch"]
    terms = {key: key for line in epochs for key, value in line.items() if is_term(key) and not isinstance(value, dict)}
    blocks: list[Block | None] = []
    for name, (series, y, caption, more) in _AXES.items():
        more = more | ({"chance": 1 / classes} if name == "accuracy" and classes > 1 else {})
        blocks.append(_chart(epochs, series, y, caption.format(held=held), **more))
        if name == "loss" and terms:
            blocks.append(_chart(epochs, terms, "term", "The loss's terms, unweighted."))
    blocks += [
        _chart(log, {key: name}, name, f"The {name}.".replace("The the", "The"), x="step")
        for key, name in _SETTINGS.items()
    ]
    found = failure(epochs)
    none, count = "no sign of collapse, of a shortcut or of instability", len(epochs) - 1
    lead = f"{doubts}; {none} in {count} epochs tells why." if doubts else f"{count} epochs, {none}."
    lead = found or lead
    return Section("How it went", [block for block in blocks if block is not None], lead=lead)


def _chart(
    log: Iterable[Mapping[str, Any]], series: Mapping[str, str], y: str, caption: str, *, x: str = "epoch", **more: Any
) -> Chart | None:
    points = [
        Point(x=float(line[x]), y=float(line[key]), series=name)
        for key, name in series.items()
        for line in log
        if isinstance(line.get(key), int | float) and x in line
    ]
    if not points:
        return None
    shown = {point.series for point in points}
    alt = f"{y} by {x}: {', '.join(sorted(shown))}"
    return lines(points, x=x, along="numbers", y=y, alt=alt, caption=caption, **more)
