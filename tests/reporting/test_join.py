from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from foveate.core.errors import FoveateError
from foveate.core.findings import Metric
from foveate.reporting.join import join
from foveate.reporting.record import Report
from foveate.reporting.sections import Chart, Table

Make = Callable[..., Report]


def metric(value: float, over: str = "images") -> Metric:
    return Metric(value, value - 0.1, value + 0.1, 50, over, 0.1)


def test_shared_metrics_stand_side_by_side_with_their_intervals(small: Make, tmp_path: Path) -> None:
    one = small(knn__accuracy=metric(0.5), linear__accuracy=metric(0.6))
    two = small(knn__accuracy=metric(0.7), dejavu__score=metric(0.2))
    for name, report in (("one", one), ("two", two)):
        report.write(tmp_path / name)
    joined = join([one, two])
    assert set(joined.metrics) == {"knn.accuracy/one", "linear.accuracy/one", "knn.accuracy/two", "dejavu.score/two"}
    assert joined.answer == "one: Small\n\ntwo: Small"
    table = next(block for block in joined.sections[0].blocks if isinstance(block, Table))
    assert [column.name for column in table.columns] == ["metric", "one", "two"]
    assert [[row[0], row[1]["value"], row[2]["value"]] for row in table.rows] == [["knn.accuracy", 0.5, 0.7]]
    assert [name for name, _ in joined.runs] == ["one", "two"]


def test_the_first_headline_of_each_run_leads_with_its_controls(rich: Report, small: Make, tmp_path: Path) -> None:
    other = small(knn__accuracy=metric(0.5))
    for name, report in (("rich", rich), ("other", other), ("third", small())):
        report.write(tmp_path / name)
    joined = Report.from_json(join([rich, other, Report.read(tmp_path / "third")]).to_json())
    (headline,) = joined.headlines
    assert (headline.group, headline.label) == ("rich", "Linear probe at blocks.7")
    assert headline.metric == "linear.accuracy@blocks.7:mean/rich"
    assert dict(headline.controls) == {
        "untrained twin": "linear.untrained@blocks.7:mean/rich",
        "pixels": "linear.pixels/rich",
    }


def test_what_differs_is_listed_and_what_is_alike_is_not(small: Make, tmp_path: Path) -> None:
    one, two = small(), small()
    one.config, two.config = {"seed": 0, "k": {"n": 20}, "out": "a"}, {"seed": 0, "k": {"n": 5}, "out": "b", "extra": 1}
    two.inputs = {"data": "folder:b"}
    one.inputs = {"data": "folder:a"}
    section = join([one, two]).sections[-1]
    table = section.blocks[0]
    assert isinstance(table, Table)
    assert [list(row) for row in table.rows] == [
        ["k.n", "20", "5"],
        ["input: data", "folder:a", "folder:b"],
    ]


def test_a_quantity_with_several_taps_is_drawn_as_lines(rich: Report, tmp_path: Path) -> None:
    rich.write(tmp_path / "a")
    again = Report.read(tmp_path / "a")
    again.write(tmp_path / "b")
    section = join([rich, again]).sections[0]
    charts = [block for block in section.blocks if isinstance(block, Chart)]
    assert [chart.id for chart in charts] == [
        "shared-probe-linear-accuracy",
        "shared-probe-knn-accuracy",
        "shared-probe-metrics",
    ]


def test_what_two_verbs_call_by_one_name_is_not_set_side_by_side(small: Make, tmp_path: Path) -> None:
    reports = [small(verb, knn__accuracy=metric(0.5)) for verb in ("pretrain", "pretrain", "probe", "audit")]
    for name, report in zip("abcd", reports, strict=True):
        report.write(tmp_path / name)
    joined = join(reports)
    assert [section.title for section in joined.sections] == ["Side by side: pretrain", "What differs: pretrain"]
    for name, report in zip("efg", reports, strict=False):
        report.write(tmp_path / name)
    many = [Report.read(tmp_path / name) for name in "abcdef"]
    assert join(many).answer == "6 runs: 4 pretrain, 1 probe, 1 audit."


def test_names_are_the_shortest_ends_of_paths_that_differ(small: Make, tmp_path: Path) -> None:
    reports = []
    for name in ("a/probe", "b/probe"):
        reports.append(small(knn__accuracy=metric(0.5)))
        reports[-1].write(tmp_path / name)
    assert [name for name, _ in join(reports).runs] == ["a/probe", "b/probe"]


def test_a_join_of_joins_holds_the_runs_once(small: Make, tmp_path: Path) -> None:
    reports = []
    for name in "abc":
        reports.append(small(knn__accuracy=metric(0.5)))
        reports[-1].write(tmp_path / name)
    inner = join(reports[:2])
    inner.write(tmp_path / "inner")
    outer = join([Report.read(tmp_path / "inner"), reports[2]])
    assert [name for name, _ in outer.runs] == ["a", "b", "c"]
    assert Report.from_json(outer.to_json()).to_json() == outer.to_json()


def test_runs_that_cannot_be_joined(small: Make, tmp_path: Path) -> None:
    with pytest.raises(FoveateError, match="no report to join"):
        join([])
    one = small(knn__accuracy=metric(0.5))
    one.write(tmp_path / "one")
    with pytest.raises(FoveateError, match="named twice"):
        join([one, Report.read(tmp_path / "one")])
    two = small(knn__accuracy=metric(0.5, over="seeds"))
    two.write(tmp_path / "two")
    with pytest.raises(FoveateError, match="counts images in one and seeds in two"):
        join([one, two])


def test_one_run_alone_is_drawn_anew(small: Make, tmp_path: Path) -> None:
    one = small(knn__accuracy=metric(0.5))
    one.write(tmp_path / "one")
    joined = join([one])
    assert joined.title == "one"
    assert "knn.accuracy/one" in joined.metrics
