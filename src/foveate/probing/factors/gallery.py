"""The pictures at which the label's classifier fails, by factor value."""

from __future__ import annotations

import math

import numpy as np

from foveate.features.pixels import originals
from foveate.probing.factors import reading
from foveate.probing.factors.measure import Examined
from foveate.reporting.galleries import picture
from foveate.reporting.numbers import interval
from foveate.reporting.sections import Exhibit, Gallery, Section

_EXHIBITS, _PICTURES = 8, 6


def failures(found: Examined) -> Section | None:
    """The values at which most test images fail, one of a factor, with the errors that are surest; None where none fails."""
    table, answers = found.table, found.label["trained"]
    rows = np.flatnonzero(table.test)
    worst: list[tuple[float, str, str]] = []
    for name, factor in table.around.items():
        read = reading.by_value(answers.right, factor, table)
        # A value of one asset alone has no interval, and so no place in an order by it.
        values = {value: one for value, one in read.items() if one.value < 1 and math.isfinite(one.high)}
        if values:
            value = min(values, key=lambda each: values[each].high)
            worst.append((values[value].high, name, value))
    chosen: list[tuple[str, str, np.ndarray]] = []
    for _, name, value in sorted(worst)[:_EXHIBITS]:
        factor = table.factors[name]
        here = factor.known[rows] & (factor.codes[rows] == factor.names.index(value)) & ~answers.right
        order = np.flatnonzero(here)
        chosen.append((name, value, order[np.argsort(-answers.confidence[order], kind="stable")][:_PICTURES]))
    if not chosen:
        return None
    every = np.unique(np.concatenate([positions for _, _, positions in chosen]))
    pixels = originals(table.dataset, rows, every.tolist())
    exhibits = [
        Exhibit(
            f"{name} = {value}",
            [
                picture(
                    pixels[position],
                    caption=f"is {table.names[table.labels[rows[position]]]}",
                    note=f"read as {table.names[answers.predicted[position]]}",
                    side=128,
                )
                for position in positions.tolist()
            ],
            note=f"accuracy here {interval(reading.by_value(answers.right, table.factors[name], table)[value]._asdict(), 2)}",
        )
        for name, value, positions in chosen
    ]
    lead = f"Each factor at its worst value; of the {int((~answers.right).sum()):,} errors those that the classifier is surest of."
    return Section("Where it fails", [Gallery(exhibits, id="failures")], lead)
