from __future__ import annotations

import altair
import numpy as np
import pytest

from foveate.core.findings import Metric
from foveate.reporting import charts
from foveate.reporting.charts import Point
from foveate.reporting.record import Report
from foveate.reporting.sections import Chart
from foveate.reporting.vega import dressed, still, widest


def all_charts(report: Report) -> list[Chart]:
    return [block for section in report.sections for block in section.blocks if isinstance(block, Chart)]


def test_every_constructor_makes_a_valid_vega_lite_chart(rich: Report) -> None:
    made = all_charts(rich)
    assert len(made) >= 7
    for chart in made:
        altair.Chart.from_dict(dressed(chart.spec), validate=True)


def test_points_carry_value_interval_and_words() -> None:
    chart = charts.lines([Point.of("stem", Metric(0.5, 0.4, 0.6, 9), "target")], x="tap", y="accuracy", alt="one point")
    (row,) = chart.spec["data"]["values"]
    assert row == {"x": "stem", "y": 0.5, "low": 0.4, "high": 0.6, "series": "target", "estimate": ".500 [.400, .600]"}


def test_a_missing_value_leaves_a_gap_and_no_nan() -> None:
    points = [Point("a", 0.5), Point("b", float("nan")), Point("c", None)]
    values = charts.bars(points, x="class", y="recall", alt="a gap").spec["data"]["values"]
    assert [row["y"] for row in values] == [0.5, None, None]


def test_an_empty_chart_still_draws() -> None:
    assert still(charts.lines([], x="tap", y="accuracy", alt="nothing", chance=0.1).spec, "empty").startswith("<svg")


def test_chance_is_drawn_at_its_level() -> None:
    svg = still(charts.bars([Point("a", 0.5)], x="class", y="recall", alt="a bar", chance=0.1).spec, "bar")
    assert ">chance<" in svg
    assert ">.100<" in svg


def test_a_heat_map_s_cells_know_their_place_interval_and_ink() -> None:
    grid = np.array([[1.0, np.nan], [0.2, 0.6]])
    chart = charts.heatmap(
        grid, rows=["a", "b"], columns=["c", "d"], quantity="CKA", low=grid - 0.1, high=grid + 0.1, alt="a map"
    )
    cells = {(cell["row"], cell["column"]): cell for cell in chart.spec["data"]["values"]}
    assert set(cells) == {("a", "c"), ("b", "c"), ("b", "d")}
    assert cells["b", "c"]["estimate"] == ".200 [.100, .300]"
    assert [cells[place]["strong"] for place in (("a", "c"), ("b", "c"), ("b", "d"))] == [True, False, True]
    assert cells["b", "d"]["text"] == ".60"


@pytest.mark.parametrize(
    ("domain", "ends"), [((0.0, 1.0), ("#f1f4f6", "#0a2150")), ((-0.5, 0.5), ("#a3400a", "#174f97"))]
)
def test_the_colour_scale_is_fixed_by_the_domain_not_the_data(
    domain: tuple[float, float], ends: tuple[str, str]
) -> None:
    chart = charts.heatmap([[0.1]], rows=["a"], columns=["b"], quantity="x", domain=domain, alt="a map")
    scale = chart.spec["layer"][0]["encoding"]["color"]["scale"]
    assert scale["domain"] == list(domain)
    assert ends[0] in scale["range"][0]["expr"]
    assert ends[1] in scale["range"][-1]["expr"]


def test_few_cells_and_bars_are_not_stretched_over_the_page() -> None:
    few = charts.heatmap([[0.1] * 3], rows=["a"], columns=["b", "c", "d"], quantity="x", alt="a map")
    many = charts.heatmap([[0.1] * 12], rows=["a"], columns=[str(i) for i in range(12)], quantity="x", alt="a map")
    assert (widest(few.spec), widest(many.spec)) == (398, 1082)
    assert 'width="398"' not in still(few.spec, "few"), "the page sets the width, the drawing only its proportions"
    assert 'viewBox="0 0 398' in still(few.spec, "few")
    altair.Chart.from_dict(dressed(few.spec), validate=True)


def test_names_stand_in_one_row_where_a_phone_has_room() -> None:
    def columns(*names: str) -> int:
        spec = charts.lines(
            [Point(0, 0.5, series=name) for name in names], x="epoch", along="numbers", y="loss", alt="lines"
        ).spec
        return spec["layer"][-1]["layer"][-1]["encoding"]["color"]["legend"]["columns"]

    assert columns("kNN", "online linear probe") == 2
    assert columns("trained", "untrained", "pixels", "shuffled labels") < 4
    assert columns("x" * 60, "y") == 1


def test_series_differ_in_shape_as_well_as_colour(rich: Report) -> None:
    marks = all_charts(rich)[0].spec["layer"][-1]["layer"][-1]["encoding"]
    assert len(set(marks["shape"]["scale"]["range"])) == len(set(marks["color"]["scale"]["range"])) == 3
