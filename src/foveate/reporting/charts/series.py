"""Charts of points with intervals: lines, bars, dots and scatters. Their data stands inside the Vega-Lite they return."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from foveate.reporting.charts.parts import GREY, HOVER, Point, chart, encoded, legend, names_axis, rule, shape, whisker
from foveate.reporting.palette import INKS
from foveate.reporting.sections import Chart

Along = Literal["names", "numbers", "log"]
_ALONG: dict[Along, dict[str, Any]] = {
    "names": {"type": "nominal", "sort": None},
    "numbers": {"type": "quantitative", "scale": {"zero": False, "nice": False}},
    "log": {"type": "quantitative", "scale": {"type": "log"}},
}
_DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 2], [1, 3]]


def lines(
    points: Sequence[Point],
    *,
    x: str,
    y: str,
    alt: str,
    along: Along = "names",
    caption: str = "",
    chance: float | None = None,
    zero: bool = False,
    id: str = "",
) -> Chart:
    """A line for each series, with bands where points have intervals.

    Args:
        x, y: the axes' titles. chance: draws a dashed line. zero: the value axis begins there.
        along: what x counts: ``names`` in their given order (layers, taps), ``numbers`` (epochs), or numbers on a
            ``log`` axis (k, shots).
    """
    values, series, colour = encoded(points)
    axis = names_axis(points) if along == "names" else {"grid": False}
    place = {"x": {"field": "x", "title": x, "axis": axis, **_ALONG[along]}}
    up = {"field": "y", "type": "quantitative", "title": y, "scale": {"zero": zero}}
    dashes = {"domain": series, "range": [_DASHES[index % len(_DASHES)] for index in range(len(series))]}
    dash = {"field": "series", "type": "nominal", "sort": None, "legend": legend(series), "scale": dashes}
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
            "encoding": {"y": up, "color": colour, "shape": shape(series), "tooltip": HOVER},
        },
    ]
    return chart(values, [*rule("y", chance), {"encoding": place, "layer": layers}], alt, caption, id, height=280)


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
    values, series, colour = encoded(points)
    place: dict[str, Any] = {
        "x": {
            "field": "x",
            "type": "nominal",
            "sort": None,
            "title": x,
            "axis": names_axis(points),
            "scale": {"paddingInner": 0.4, "paddingOuter": 0.3},
        }
    }
    if len(series) > 1:
        place["xOffset"] = {"field": "series", "sort": None}
    layers = [
        {
            "mark": {"type": "bar", "cornerRadiusEnd": 2, "opacity": 0.88},
            "encoding": {"y": {"field": "y", "type": "quantitative", "title": y}, "color": colour, "tooltip": HOVER},
        },
        *whisker(points, "y", INKS["ink"][0]),
    ]
    made = chart(values, [{"encoding": place, "layer": layers}, *rule("y", chance)], alt, caption, id, height=260)
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
    values, series, colour = encoded(points)
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
            "encoding": {"x": along, "color": colour, "shape": shape(series), "tooltip": HOVER},
        },
    ]
    rows = len(dict.fromkeys(point.x for point in points))
    height = 24 + rows * max(28, 15 * len(series))
    return chart(values, [*rule("x", chance), {"encoding": row, "layer": layers}], alt, caption, id, height=height)


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
    values, series, colour = encoded(points)
    place = {"x": {"field": "x", "type": "quantitative", "title": x, "scale": {"zero": False}, "axis": {"grid": True}}}
    layers = [
        *whisker(points, "y", GREY),
        {
            "mark": {"type": "point", "filled": True, "size": 48, "opacity": 0.8},
            "encoding": {
                "y": {"field": "y", "type": "quantitative", "title": y, "scale": {"zero": False}},
                "color": colour,
                "shape": shape(series),
                "tooltip": [*HOVER[:-1], {"field": "label", "title": " "}, HOVER[-1]],
            },
        },
    ]
    base: list[dict[str, Any]] = []
    if diagonal and values:
        numbers = [float(v) for row in values for v in (row["x"], row["y"]) if isinstance(v, int | float)]
        ends = [{"a": min(numbers)}, {"a": max(numbers)}]
        both = {"x": {"field": "a", "type": "quantitative"}, "y": {"field": "a", "type": "quantitative"}}
        base = [
            {"data": {"values": ends}, "mark": {"type": "line", "color": GREY, "strokeDash": [4, 4]}, "encoding": both}
        ]
    return chart(values, [*base, {"encoding": place, "layer": layers}], alt, caption, id, height=320)
