"""The usual charts, each from plain points: intervals always drawn, colours by role, legible at any width.

They return a ``Chart`` whose ``spec`` is ordinary Vega-Lite, with its data inside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from foveate.core.findings import Estimate, Metric
from foveate.reporting.numbers import interval, number, plain
from foveate.reporting.palette import DIVERGING, INKS, RAMP, SERIES, colours
from foveate.reporting.sections import Chart

if TYPE_CHECKING:
    import numpy as np

    Matrix = Sequence[Sequence[float | None]] | np.ndarray

_GREY = SERIES["grey"][0]
_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"


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


def lines(
    points: Sequence[Point],
    *,
    x: str,
    y: str,
    alt: str,
    caption: str = "",
    chance: float | None = None,
    zero: bool = False,
    id: str = "",
) -> Chart:
    """A line per series over named places in their given order (layers, taps), with bands where points have intervals.

    ``x``, ``y`` are the axes' titles; ``chance`` draws a dashed line.
    """
    return _lines(points, x, y, alt, caption, chance, zero, id, {"type": "nominal", "sort": None})


def curve(
    points: Sequence[Point],
    *,
    x: str,
    y: str,
    alt: str,
    caption: str = "",
    chance: float | None = None,
    zero: bool = False,
    log_x: bool = False,
    id: str = "",
) -> Chart:
    """As ``lines``, over a number: epochs, confidence, k."""
    scale = {"scale": {"type": "log"}} if log_x else {"scale": {"zero": False, "nice": False}}
    return _lines(points, x, y, alt, caption, chance, zero, id, {"type": "quantitative", **scale})


def bars(
    points: Sequence[Point],
    *,
    x: str,
    y: str,
    alt: str,
    caption: str = "",
    chance: float | None = None,
    id: str = "",
) -> Chart:
    """A bar from zero for each point, side by side where there are several series, with whiskers."""
    values, series, colour = _values(points)
    place: dict[str, Any] = {
        "x": {
            "field": "x",
            "type": "nominal",
            "sort": None,
            "title": x,
            "axis": _names(points),
            "scale": {"paddingInner": 0.4, "paddingOuter": 0.3},
        }
    }
    if len(series) > 1:
        place["xOffset"] = {"field": "series", "sort": None}
    layers = [
        {
            "mark": {"type": "bar", "cornerRadiusEnd": 2, "opacity": 0.88},
            "encoding": {"y": {"field": "y", "type": "quantitative", "title": y}, "color": colour, "tooltip": _HOVER},
        },
        *_whisker(points, "y", INKS["ink"][0]),
    ]
    made = _chart(values, [{"encoding": place, "layer": layers}, *_rule("y", chance)], alt, caption, id, height=260)
    made.spec["usermeta"] = {"widest": 180 + (40 + 44 * len(series)) * len({point.x for point in points})}
    return made


def intervals(
    points: Sequence[Point],
    *,
    value: str,
    alt: str,
    caption: str = "",
    chance: float | None = None,
    domain: tuple[float, float] | None = None,
    id: str = "",
) -> Chart:
    """A dot with its interval for each point (``x`` names the row), controls as further series, chance as a line.

    ``value`` is the title of the value axis; ``domain`` its ends, else fitted to the data.
    """
    values, series, colour = _values(points)
    scale = {"domain": list(domain)} if domain else {"zero": False, "nice": True}
    row: dict[str, Any] = {
        "y": {
            "field": "x",
            "type": "nominal",
            "sort": None,
            "title": None,
            "scale": {"paddingInner": 0.45},
            "axis": {"grid": False, "labelLimit": 190, "ticks": False, "domain": False, "labelPadding": 10},
        }
    }
    if len(series) > 1:
        row["yOffset"] = {"field": "series", "sort": None}
    along = {"field": "y", "type": "quantitative", "title": value, "scale": scale, "axis": {"grid": True}}
    layers = [
        {
            "mark": {"type": "rule", "strokeWidth": 2, "strokeCap": "round"},
            "encoding": {"x": along | {"field": "low"}, "x2": {"field": "high"}, "color": colour},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 64, "opacity": 1},
            "encoding": {"x": along, "color": colour, "shape": _shape(series), "tooltip": _HOVER},
        },
    ]
    rows = len(dict.fromkeys(point.x for point in points))
    height = 24 + rows * max(28, 15 * len(series))
    return _chart(values, [*_rule("x", chance), {"encoding": row, "layer": layers}], alt, caption, id, height=height)


def scatter(
    points: Sequence[Point],
    *,
    x: str,
    y: str,
    alt: str,
    caption: str = "",
    diagonal: bool = False,
    id: str = "",
) -> Chart:
    """A dot for each point, vertical whiskers where there are intervals; ``diagonal`` draws y = x."""
    values, series, colour = _values(points)
    place = {"x": {"field": "x", "type": "quantitative", "title": x, "scale": {"zero": False}, "axis": {"grid": True}}}
    layers = [
        *_whisker(points, "y", _GREY),
        {
            "mark": {"type": "point", "filled": True, "size": 48, "opacity": 0.8},
            "encoding": {
                "y": {"field": "y", "type": "quantitative", "title": y, "scale": {"zero": False}},
                "color": colour,
                "shape": _shape(series),
                "tooltip": [*_HOVER[:-1], {"field": "label", "title": " "}, _HOVER[-1]],
            },
        },
    ]
    base: list[dict[str, Any]] = []
    if diagonal and values:
        numbers = [float(v) for row in values for v in (row["x"], row["y"]) if isinstance(v, int | float)]
        ends = [{"a": min(numbers)}, {"a": max(numbers)}]
        both = {"x": {"field": "a", "type": "quantitative"}, "y": {"field": "a", "type": "quantitative"}}
        base = [
            {"data": {"values": ends}, "mark": {"type": "line", "color": _GREY, "strokeDash": [4, 4]}, "encoding": both}
        ]
    return _chart(values, [*base, {"encoding": place, "layer": layers}], alt, caption, id, height=320)


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
    grid, lows, highs = plain(values), plain(low), plain(high)
    cells = []
    for r, row in enumerate(rows):
        for c, column in enumerate(columns):
            cell = {"value": grid[r][c], "low": lows and lows[r][c], "high": highs and highs[r][c]}
            if cell["value"] is not None:
                share = (cell["value"] - domain[0]) / (domain[1] - domain[0])
                strong = abs(2 * share - 1) > 0.6 if domain[0] < 0 else share > 0.5
                cells.append(
                    {
                        "row": row,
                        "column": column,
                        "value": cell["value"],
                        "text": number(round(cell["value"], 2), 2),
                        "estimate": interval(cell),
                        "strong": strong,
                    }
                )
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
        "$schema": _SCHEMA,
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


_HOVER: list[dict[str, Any]] = [
    {"field": "x", "title": "at"},
    {"field": "series", "title": "series"},
    {"field": "estimate", "title": "value"},
]


def _lines(
    points: Sequence[Point],
    x: str,
    y: str,
    alt: str,
    caption: str,
    chance: float | None,
    zero: bool,
    id: str,
    along: dict[str, Any],
) -> Chart:
    values, series, colour = _values(points)
    axis = _names(points) if along["type"] == "nominal" else {"grid": False}
    place = {"x": {"field": "x", "title": x, "axis": axis, **along}}
    up = {"field": "y", "type": "quantitative", "title": y, "scale": {"zero": zero}}
    dashes = {"domain": series, "range": [_DASHES[index % len(_DASHES)] for index in range(len(series))]}
    dash = {"field": "series", "type": "nominal", "sort": None, "legend": _legend(series), "scale": dashes}
    band = {
        "mark": {"type": "area", "opacity": 0.16},
        "encoding": {"y": up | {"field": "low"}, "y2": {"field": "high"}, "color": colour},
    }
    layers = [
        *([band] if any(point.low is not None for point in points) else []),
        {
            "mark": {"type": "line", "strokeWidth": 2, "strokeJoin": "round"},
            "encoding": {"y": up, "color": colour, "strokeDash": dash},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 34 if len(points) <= 120 else 8, "opacity": 1},
            "encoding": {"y": up, "color": colour, "shape": _shape(series), "tooltip": _HOVER},
        },
    ]
    return _chart(values, [*_rule("y", chance), {"encoding": place, "layer": layers}], alt, caption, id, height=280)


_DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 2], [1, 3]]


def _names(points: Sequence[Point]) -> dict[str, Any]:
    """The axis of named places: level where the names fit a phone's width so, slanted otherwise."""
    names = {str(point.x) for point in points}
    level = sum(len(name) + 2 for name in names) <= 52
    return {"labelAngle": 0 if level else -40, "labelLimit": 120, "grid": False, "labelOverlap": "greedy"}


def _values(points: Sequence[Point]) -> tuple[list[dict[str, Any]], list[str], dict[str, Any]]:
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
        "legend": _legend(series),
    }
    return rows, series, colour


def _legend(series: list[str]) -> dict[str, Any] | None:
    """Names above the chart: in one row where a phone is wide enough for it, else in columns."""
    if len(series) < 2:
        return None
    widths = [38 + 6 * len(name) for name in series]  # px: mark, gap, letters
    columns = len(series) if sum(widths) <= 340 else max(1, 340 // max(widths))
    return {"orient": "top", "title": None, "columns": columns, "labelLimit": 260, "symbolOpacity": 1}


def _shape(series: list[str]) -> dict[str, Any]:
    """Series differ in shape too, for those who cannot tell their hues apart."""
    shapes = ["circle", "diamond", "square", "triangle-up", "triangle-down", "cross"]
    scale = {"domain": series, "range": [shapes[index % len(shapes)] for index in range(len(series))]}
    return {"field": "series", "type": "nominal", "sort": None, "scale": scale, "legend": _legend(series)}


def _whisker(points: Sequence[Point], axis: str, colour: str) -> list[dict[str, Any]]:
    ends = {axis: {"field": "low", "type": "quantitative"}, f"{axis}2": {"field": "high"}}
    whisker = {"mark": {"type": "rule", "strokeWidth": 1.5, "color": colour}, "encoding": ends}
    return [whisker] if any(point.low is not None for point in points) else []


def _rule(axis: str, chance: float | None) -> list[dict[str, Any]]:
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
                {"mark": {"type": "rule", "strokeDash": [4, 4], "color": _GREY}, "encoding": where},
                {
                    "mark": {"type": "text", "color": INKS["muted"][0], "fontSize": 11, "text": words, **place},
                    "encoding": where,
                },
            ],
        }
    ]


def _chart(values: list[dict[str, Any]], layers: list[Any], alt: str, caption: str, id: str, *, height: int) -> Chart:
    spec = {
        "$schema": _SCHEMA,
        "data": {"values": values},
        "width": "container",
        "height": height,
        "layer": layers,
    }
    return Chart(spec, alt, caption, id)
