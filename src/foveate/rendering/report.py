"""The report of a rendering: what was made, how evenly, what was drawn again and why, and what it cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from foveate.core.run import read_log
from foveate.core.stats import mean_interval, wilson
from foveate.rendering import prices
from foveate.rendering.config import Render
from foveate.rendering.designs import Design, Planned
from foveate.rendering.exhibits import exhibits, pictures
from foveate.rendering.factors import FACTORS
from foveate.rendering.pictures import Taken
from foveate.reporting.record import Report
from foveate.reporting.sections import Column, Gallery, Section, Table, Text

MANY_VALUES = 12  # of a factor: more are told by their range


def dry(config: Render, design: Design, planned: Sequence[Planned], workers: int) -> Report:
    """What a rendering would be, for ``--dry-run``; nothing is written."""
    report = Report("render", f"{design.name}, planned")
    report.config = config
    report.inputs = {"design": {"address": config.design, "pictures": len(planned)}}
    each = prices.seconds(design.size, design.samples)
    worlds = len({(p.factors["world"], p.factors["scene"]) for p in planned})
    wall = (each * len(planned) + prices.START * (worlds + workers)) / workers
    held = sum(p.split == "test" for p in planned)
    report.answer = (
        f"{len(planned):,} pictures of {design.size} px at {design.samples} samples ({held:,} held out): about {_time(wall)} with "
        f"{workers} {'worker' if workers == 1 else 'workers'} on as many cores, {_bytes(len(planned) * prices.size(design.size, normal=design.normal, flow=design.flow))} of table. "
        f"Varied: {', '.join(f'{name} ({count})' for name, count in _varied(planned).items()) or 'nothing'}."
    )
    report.section(Section("Plan", [_levels(planned)], lead=report.answer))
    return report


def of(config: Render, design: Design, planned: Sequence[Planned], taken: Mapping[int, Taken], folder: Path) -> Report:
    """The report of a rendering that has ended; what earlier parts of it did is read from its log."""
    # A shard that was lost and rendered again is logged twice: its last line counts.
    shards = list({line["shard"]: line for line in read_log(folder) if line["event"] == "shard"}.values())
    rows = sum(line["pictures"] for line in shards)
    again = sum(line["again"] for line in shards)
    cpu, seconds, rendered = (sum(line[key] for line in shards) for key in ("cpu", "seconds", "rendered"))
    report = Report("render", f"{design.name}, {rows:,} pictures")
    report.inputs = {
        "design": {"address": config.design, "pictures": len(planned), "pixels": design.size, "samples": design.samples}
    }
    report.answer = (
        f"{rows:,} of {len(planned):,} pictures of {design.size} px; {again:,} drawn again; "
        f"{cpu / max(rows + again, 1):.2f} CPU seconds each. Read them with render:{folder}."
    )
    if not rows:
        report.answer = f"None of {len(planned):,} pictures could be kept; the reasons are under Skipped."
    report.metric("render.kept", wilson(rows, len(planned)))
    report.headline("render.kept", "pictures kept")
    fresh = [one.cpu for one in taken.values() if one.path is not None]
    if len(fresh) > 1:
        cost = mean_interval(np.array(fresh))
        report.metric("render.cpu_seconds", cost._replace(low=max(cost.low, 0.0)))
        report.headline("render.cpu_seconds", "CPU seconds each", better="lower")
    for index, why in (lost for line in shards for lost in line["lost"]):
        report.skip(f"{index:07d}", why)
    if rows:
        even = Gallery(pictures(folder), "An even part of them; contact.jpg in the folder has more.", id="pictures")
        report.section(Section("Pictures", [even]))
        laid_open = Gallery(exhibits(folder), id="truth")
        report.section(Section("Truth", [laid_open], "A few of them with what the table says of each."))
    report.section(Section("Factors", [_levels(planned)], lead="How often each value of each factor was asked for."))
    faults = Counter[str]()
    for line in shards:
        faults.update(line["faults"])
    blocks: list[Any] = [Text("Every picture passed at its first attempt.")]
    if faults:
        blocks = [
            Table(
                ["why", "times"],
                [[why, count] for why, count in faults.most_common()],
                "Pictures that were drawn again or given up, by reason.",
            )
        ]
    blocks.append(
        Table(
            [Column("pictures"), Column("CPU s each", digits=2), Column("of it outside Cycles", digits=3)],
            [[rows, cpu / max(rows + again, 1), max(seconds - rendered, 0.0) / max(seconds, 1e-9)]],
            "What they cost.",
        )
    )
    report.section(Section("Checks and cost", blocks))
    return report


def _varied(planned: Sequence[Planned]) -> dict[str, int]:
    """Factors that take more than one value, and how many."""
    found = {name: len({p.factors[name] for p in planned}) for name in FACTORS}
    return {name: count for name, count in found.items() if count > 1}


def _levels(planned: Sequence[Planned]) -> Table:
    rows = []
    for name, count in _varied(planned).items():
        values = [p.factors[name] for p in planned]
        if count > MANY_VALUES and not isinstance(values[0], str):
            told = f"{min(values):g} to {max(values):g}"
        else:
            told = ", ".join(
                f"{value if isinstance(value, str) else format(value, '.4g')} {times:,}×"
                for value, times in Counter(values).most_common(40)
            )
        rows.append([name, count, told, FACTORS[name].help])
    return Table(["factor", "values", "how often", "what it is"], rows, "Factors that vary.", id="factors")


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:,.1f} h"


def _bytes(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:,.1f} TB"
