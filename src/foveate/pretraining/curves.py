"""How a pretraining run went, from its log: curves, the layers side by side, and the spectrum of its embeddings."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from foveate.core.stats import share_difference, wilson
from foveate.reporting.charts import Point, lines
from foveate.reporting.numbers import interval
from foveate.reporting.sections import Block, Chart, Column, Section, Table

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
_OF_RUN = {"event", "time", "epoch", "step", "diagnosis", "images_per_second", "seconds_left", "layer_std", "looked"}
_OF_LOOK = {
    *("rankme", "directions", "std", "spread", "width", "uniformity", "dead", "zeros", "spectrum"),
    *("knn", "linear", "lidar", "alignment", "colour"),
}
_OF_STEP = {
    *(
        "batch_std",
        "batch_spread",
        "batch_alignment",
        "batch_uniformity",
        "agreement",
        "target_std",
        "probe",
        "probe_train",
    ),
    *("assignment_entropy", "prototypes_used", "prototypes", "gradient_norm", "gradient_spikes", "gradient_peak"),
    *(
        "fallen_std",
        "fallen_spread",
        "first_spread",
        "risen_loss",
        "knn_start",
        "knn_best",
        "knn_among",
        "knn_among_start",
        "among",
        "colour_start",
        "same_batch",
        "same_batch_chance",
    ),
}


def is_term(key: str) -> bool:
    """Whether a field of an epoch's line is a term of the objective's own, rather than the loop's or a monitor's."""
    known = key in _OF_RUN | _OF_STEP | _SETTINGS.keys() | {"loss"} or key.startswith("recent_")
    return not known and key.partition("_projector")[0] not in _OF_LOOK


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


def layers(log: Lines) -> Section | None:
    """The layers side by side at the end (where to cut: Guillotine), their deviations, and spectra by epoch."""
    looks = [line for line in log if line.get("event") == "epoch" and "std" in line]
    if not looks:
        return None
    shown = {f"epoch {line['epoch']}": line for line in (looks[0], looks[len(looks) // 2], looks[-1])}
    blocks: list[Block | None] = [_guillotine(looks[0], looks[-1])]
    for place, name in (("_projector", "projector"), ("", "backbone")):
        blocks.append(_spectrum({label: line.get(f"spectrum{place}") for label, line in shown.items()}, name))
    inside = [
        Point(x=name, y=value, series=label)
        for label, line in shown.items()
        for name, value in line.get("layer_std", {}).items()
    ]
    if inside:
        caption = "Inside the backbone: how far the directions of single images' mean features spread."
        blocks.append(
            lines(
                inside,
                x="layer",
                y="std of unit features × √d",
                alt="std by layer and epoch",
                caption=caption,
                zero=True,
            )
        )
    return Section("Layer by layer", [block for block in blocks if block is not None], lead=_best(looks[-1]))


def _places(line: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The suffix and the name of each layer that was looked at, in their order."""
    names = [key.removeprefix("width_") for key in line if key.startswith("width_")]
    return [
        ("", "backbone"),
        *((f"_{name}", name) for name in sorted(names, key=lambda name: (name == "projector", name))),
    ]


def _guillotine(first: Mapping[str, Any], last: Mapping[str, Any]) -> Table:
    n = int(last.get("looked", 0))

    def share(line: Mapping[str, Any], key: str) -> Any:
        value = line.get(key)
        return None if value is None or not n else wilson(round(value * n), n)

    rows = []
    for place, name in _places(last):
        row = [name, last.get(f"width{place}")]
        row += [share(last, f"knn{place}"), share(last, f"linear{place}"), share(first, f"linear{place}")]
        rows.append([*row, *(last.get(f"{key}{place}") for key in ("rankme", "lidar", "std", "zeros", "dead"))])
    columns = [
        Column("layer", "text"),
        Column("width", "number", digits=0),
        Column("kNN", "interval"),
        Column("linear", "interval", note="ridge in closed form, on embeddings of training images"),
        Column("linear, untrained", "interval"),
        Column("RankMe", "number", digits=1),
        Column("LiDAR", "number", digits=1),
        Column("std", "number", digits=2),
        Column("zeros", "number", digits=2, note="mean share of an image's features that are exactly 0"),
        Column("dead", "number", digits=2, note="share of units that say the same for every image"),
    ]
    keep = [index for index in range(len(columns)) if any(row[index] is not None for row in rows)]
    return Table(
        [columns[index] for index in keep],
        [[row[index] for index in keep] for row in rows],
        caption=f"Each layer at epoch {last['epoch']}" + (f", accuracies on {n:,} held-out images." if n else "."),
        id="guillotine",
    )


def _best(line: Mapping[str, Any]) -> str:
    found = {name: line[f"linear{place}"] for place, name in _places(line) if f"linear{place}" in line}
    if len(found) < 2:
        return ""
    best = max(found, key=lambda name: found[name])
    where = {name: f"the {name}" if name in ("backbone", "projector") else name for name in found}
    n = int(line.get("looked", 0))
    if not n:
        return f"A linear probe reads most at {where[best]}."
    shares = {name: wilson(round(value * n), n) for name, value in found.items()}
    alike = [where[name] for name in found if name != best and share_difference(shares[best], shares[name]).low <= 0]
    tied = f"; {', '.join(alike)} {'is' if len(alike) == 1 else 'are'} not shown to read less" if alike else ""
    return f"A linear probe reads most at {where[best]}: {interval(shares[best]._asdict())} of {n:,} held-out images{tied}."


def _spectrum(spectra: Mapping[str, Any], name: str) -> Chart | None:
    points = [
        Point(x=float(rank), y=math.log10(max(value, 1e-6)), series=label)
        for label, found in spectra.items()
        if found
        for rank, value in zip(found["rank"], found["value"], strict=True)
        if value is not None
    ]
    if not points:
        return None
    caption = f"Spectrum of centred embeddings at the {name}: where it falls off a cliff, the directions behind it are not used."
    y = "log₁₀ of the share of the largest"
    return lines(
        points,
        x="rank of the singular value",
        along="numbers",
        y=y,
        alt=f"spectrum of the {name} by epoch",
        caption=caption,
    )


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
