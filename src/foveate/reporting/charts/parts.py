"""What charts are made of: points, their colours, shapes and legends, whiskers and the line at chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from foveate.core.estimate import Estimate
from foveate.core.findings import Metric
from foveate.reporting.numbers import interval, number, plain
from foveate.reporting.palette import INKS, SERIES, colours
from foveate.reporting.sections import Chart

GREY = SERIES["grey"][0]
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
HOVER: list[dict[str, Any]] = [
    {"field": "x", "title": "at"},
    {"field": "series", "title": "series"},
    {"field": "estimate", "title": "value"},
]


@dataclass(frozen=True)
class Point:
    """One thing to draw.

    Attributes:
        x: a tap, a class, an epoch, a number. y: the value; low, high: its interval.
        series: which line or group it belongs to. label: what a hover says of it besides.
    """

    x: str | float
    y: float | None
    low: float | None = None
    high: float | None = None
    series: str = ""
    label: str = ""

    @classmethod
    def of(cls, x: str | float, estimate: Metric | Estimate, series: str = "", label: str = "") -> Point:
        return cls(x, estimate.value, estimate.low, estimate.high, series, label)


def names_axis(points: Sequence[Point]) -> dict[str, Any]:
    """The axis of named places: level where the names fit a phone's width so, slanted otherwise."""
    names = {str(point.x) for point in points}
    level = sum(len(name) + 2 for name in names) <= 52
    return {"labelAngle": 0 if level else -40, "labelLimit": 120, "grid": False, "labelOverlap": "greedy"}


def encoded(points: Sequence[Point]) -> tuple[list[dict[str, Any]], list[str], dict[str, Any]]:
    """Rows of data, the names of the series and the encoding of their colour."""
    series = list(dict.fromkeys(point.series for point in points))
    rows = []
    for point in points:
        row = plain({"x": point.x, "y": point.y, "low": point.low, "high": point.high, "series": point.series})
        row["estimate"] = interval({"value": row["y"], "low": row["low"], "high": row["high"]})
        rows.append(row | ({"label": point.label} if point.label else {}))
    colour: dict[str, Any] = {
        "field": "series",
        "type": "nominal",
        "sort": None,
        "scale": {"domain": series, "range": colours(series)},
        "legend": legend(series),
    }
    return rows, series, colour


def legend(series: list[str]) -> dict[str, Any] | None:
    """Names above the chart: in one row where a phone is wide enough for it, else in columns."""
    if len(series) < 2:
        return None
    widths = [38 + 6 * len(name) for name in series]  # px: mark, gap, letters
    columns = len(series) if sum(widths) <= 340 else max(1, 340 // max(widths))
    return {"orient": "top", "title": None, "columns": columns, "labelLimit": 260, "symbolOpacity": 1}


def shape(series: list[str]) -> dict[str, Any]:
    """Series differ in shape too, for those who cannot tell their hues apart."""
    shapes = ["circle", "diamond", "square", "triangle-up", "triangle-down", "cross"]
    scale = {"domain": series, "range": [shapes[index % len(shapes)] for index in range(len(series))]}
    return {"field": "series", "type": "nominal", "sort": None, "scale": scale, "legend": legend(series)}


def whisker(points: Sequence[Point], axis: str, colour: str) -> list[dict[str, Any]]:
    ends = {axis: {"field": "low", "type": "quantitative"}, f"{axis}2": {"field": "high"}}
    whisker = {"mark": {"type": "rule", "strokeWidth": 1.5, "color": colour}, "encoding": ends}
    return [whisker] if any(point.low is not None for point in points) else []


def rule(axis: str, chance: float | None) -> list[dict[str, Any]]:
    """The dashed line at chance level, named."""
    if chance is None:
        return []
    where = {axis: {"field": "chance", "type": "quantitative"}}
    beside = {"align": "left", "baseline": "middle", "x": "width", "dx": 6}  # outside the plot, where nothing covers it
    place = beside if axis == "y" else {"align": "left", "y": 6, "dx": 5}
    words = ["chance", number(chance)] if axis == "y" else f"chance {number(chance)}"
    return [
        {
            "data": {"values": [{"chance": chance}]},
            "layer": [
                {"mark": {"type": "rule", "strokeDash": [4, 4], "color": GREY}, "encoding": where},
                {
                    "mark": {"type": "text", "color": INKS["muted"][0], "fontSize": 11, "text": words, **place},
                    "encoding": where,
                },
            ],
        }
    ]


def chart(values: list[dict[str, Any]], layers: list[Any], alt: str, caption: str, id: str, *, height: int) -> Chart:
    spec = {
        "$schema": SCHEMA,
        "data": {"values": values},
        "width": "container",
        "height": height,
        "layer": layers,
    }
    return Chart(spec, alt, caption, id)
