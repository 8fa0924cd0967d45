"""The layers of a pretraining run side by side, from its log: where to cut, how far each spreads, and its spectrum."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from foveate.core.stats import share_difference, wilson
from foveate.pretraining.curves import Lines
from foveate.reporting.charts import Point, lines
from foveate.reporting.numbers import interval
from foveate.reporting.sections import Block, Chart, Column, Section, Table


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
