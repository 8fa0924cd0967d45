"""A map of cells: similarities of layers, differences, confusions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from foveate.reporting.charts.parts import SCHEMA
from foveate.reporting.numbers import interval, number, plain
from foveate.reporting.palette import DIVERGING, INKS, RAMP
from foveate.reporting.sections import Chart

if TYPE_CHECKING:
    import numpy as np

    Matrix = Sequence[Sequence[float | None]] | np.ndarray


def heatmap(
    values: Matrix,
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    quantity: str,
    alt: str,
    caption: str = "",
    low: Matrix | None = None,
    high: Matrix | None = None,
    domain: tuple[float, float] = (0.0, 1.0),
    row_title: str = "",
    column_title: str = "",
    id: str = "",
) -> Chart:
    """A cell for each pair, its number inside where there is room, value and interval on hover.

    Args:
        values: [rows, columns]; None or NaN leaves a cell empty. low, high: the intervals' ends, same shape.
        domain: the ends of the colour scale, the same for charts that are to be compared; with a negative end it
            must be symmetric, and the scale runs from orange over the page's colour to blue.
    """
    cells = _cells(values, low, high, rows, columns, domain)
    light, dark = DIVERGING if domain[0] < 0 else RAMP
    ramp = [{"expr": f"dark ? '{d}' : '{h}'"} for h, d in zip(light, dark, strict=True)]
    ends = f"dark ? '{INKS['ink'][1]}' : '{INKS['ink'][0]}'", f"dark ? '{INKS['paper'][1]}' : '{INKS['paper'][0]}'"
    room = f"width / {max(len(columns), 1)} > 25"  # px a two-digit number needs
    colour = {
        "field": "value",
        "type": "quantitative",
        "scale": {"domain": list(domain), "range": ramp, "clamp": True, "interpolate": "lab"},
        "legend": {"title": quantity, "orient": "top", "gradientLength": 140, "gradientThickness": 8, "tickCount": 3},
    }
    names = {"labelLimit": 110, "grid": False, "domain": False, "ticks": False, "labelPadding": 6}
    spec = {
        "$schema": SCHEMA,
        "usermeta": {"widest": 170 + 76 * len(columns)},
        "params": [{"name": "dark", "value": False}],
        "data": {"values": cells},
        "width": "container",
        "height": max(60, min(30, 520 // max(len(rows), 1)) * len(rows)),
        "encoding": {
            "x": {
                "field": "column",
                "type": "nominal",
                "sort": list(columns),
                "title": column_title or None,
                "axis": names | {"labelAngle": -40, "orient": "bottom"},
                "scale": {"padding": 0.03},
            },
            "y": {
                "field": "row",
                "type": "nominal",
                "sort": list(rows),
                "title": row_title or None,
                "axis": names,
                "scale": {"padding": 0.03},
            },
            "tooltip": [
                {"field": "row", "title": row_title or "row"},
                {"field": "column", "title": column_title or "column"},
                {"field": "estimate", "title": quantity},
            ],
        },
        "layer": [
            {"mark": {"type": "rect", "cornerRadius": 2}, "encoding": {"color": colour}},
            {
                "mark": {
                    "type": "text",
                    "fontSize": 10.5,
                    "opacity": {"expr": f"{room} ? 1 : 0"},
                    "fill": {"expr": f"datum.strong ? ({ends[1]}) : ({ends[0]})"},
                },
                "encoding": {"text": {"field": "text"}},
            },
        ],
    }
    return Chart(spec, alt, caption, id)


def _cells(
    values: Matrix,
    low: Matrix | None,
    high: Matrix | None,
    rows: Sequence[str],
    columns: Sequence[str],
    domain: tuple[float, float],
) -> list[dict[str, Any]]:
    """A record for each cell that has a value; ``strong`` where its colour is so dark that its number must be light."""
    grid, lows, highs = plain(values), plain(low), plain(high)
    cells = []
    for r, row in enumerate(rows):
        for c, column in enumerate(columns):
            cell = {"value": grid[r][c], "low": lows and lows[r][c], "high": highs and highs[r][c]}
            if cell["value"] is None:
                continue
            share = (cell["value"] - domain[0]) / (domain[1] - domain[0])
            strong = abs(2 * share - 1) > 0.6 if domain[0] < 0 else share > 0.5
            text = number(round(cell["value"], 2), 2)
            names = {"row": row, "column": column}
            cells.append(names | {"value": cell["value"], "text": text, "estimate": interval(cell), "strong": strong})
    return cells
