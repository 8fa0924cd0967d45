from __future__ import annotations

import json
import math

import numpy as np
import pytest

from foveate.core.estimate import Estimate
from foveate.core.findings import Metric
from foveate.reporting.record import Report
from foveate.reporting.sections import Chart, Column, Picture, Section, Table, cell, slug


def test_every_block_comes_back_from_json_as_it_was(rich: Report) -> None:
    kinds = set()
    for section in rich.sections:
        record = section.to_json()
        kinds |= {block["kind"] for block in record["blocks"]}
        assert Section.from_json(json.loads(json.dumps(record, allow_nan=False))).to_json() == record
    assert kinds == {"text", "table", "chart", "gallery", "verdict"}


def test_cells_take_what_verbs_have_at_hand() -> None:
    assert cell(Estimate(0.5, 0.4, 0.6, 10)) == {"value": 0.5, "low": 0.4, "high": 0.6, "n": 10, "over": "images"}
    metric = Metric(0.5, 0.4, 0.6, 5, "seeds", 0.1)
    assert cell(metric) == {"value": 0.5, "low": 0.4, "high": 0.6, "n": 5, "over": "seeds", "chance": 0.1}
    assert cell(np.float64(0.25)) == 0.25
    assert cell(math.nan) is None
    assert cell("a") == "a"


@pytest.mark.parametrize("broken", [Estimate(math.nan, 0.1, 0.2, 3), Estimate(0.1, 0.0, math.inf, 3)])
def test_an_estimate_that_is_not_finite_has_neither_value_nor_interval(broken: Estimate) -> None:
    assert {key: cell(broken)[key] for key in ("value", "low", "high")} == dict.fromkeys(("value", "low", "high"))


def test_a_column_is_set_by_what_stands_in_it() -> None:
    rows = [["a", 1, Estimate(0.5, 0.4, 0.6, 9), "PASS", None], ["b", None, 0.5, "FAIL", "x"]]
    table = Table(["name", "n", "score", "verdict", Column("tap", "code")], rows)
    assert [column.kind for column in table.columns] == ["text", "number", "interval", "verdict", "code"]


def test_a_row_that_does_not_fit_its_columns_is_a_mistake_of_the_verb() -> None:
    with pytest.raises(AssertionError, match="a row of 1 cells under 2 columns"):
        Table(["a", "b"], [[1]])


def test_a_picture_cannot_point_outside() -> None:
    with pytest.raises(AssertionError):
        Picture("https://example.org/a.png", 1, 1)


def test_a_chart_takes_an_altair_chart() -> None:
    import altair

    made = altair.Chart(altair.Data(values=[{"a": 1}])).mark_point().encode(x="a:Q")
    assert Chart(made, alt="a point").spec["mark"]["type"] == "point"


def test_slugs_are_file_names() -> None:
    assert slug("kNN by layer: δ / λ!") == "knn-by-layer"
    assert slug("../../etc/passwd") == "etc-passwd"
