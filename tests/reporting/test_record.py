from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from foveate.core.errors import FoveateError
from foveate.core.estimate import Estimate
from foveate.core.findings import Control, Finding, Metric
from foveate.core.run import Run
from foveate.reporting.record import Report


def test_a_report_comes_back_from_disk_as_it_was(rich: Report, tmp_path: Path) -> None:
    page = rich.write(tmp_path / "run")
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    for place in (tmp_path / "run", tmp_path / "run" / "report.json"):
        assert Report.read(place).to_json() == rich.to_json()


def test_nan_never_reaches_the_file(tmp_path: Path) -> None:
    report = Report("probe", "NaN", inputs={"x": math.nan}, config={"lr": math.inf})
    report.metric("a.b", Estimate(math.nan, 0.0, 1.0, 5))
    report.metric("a.c", Metric(0.5, math.nan, 1.0, 5))
    control = Control("none", math.nan, None, None)
    report.finding(Finding("f", "c", "s", "t", 0.1, -math.inf, 0.2, 3, "seeds", 0.0, 0.1, control, "inconclusive"))
    report.write(tmp_path)
    record = json.loads((tmp_path / "report.json").read_text(), parse_constant=pytest.fail)
    for estimate in (record["metrics"]["a.b"], record["metrics"]["a.c"], record["findings"][0]):
        assert [estimate[key] for key in ("value", "low", "high")] == [None] * 3


def test_a_page_that_cannot_be_drawn_loses_no_result(
    rich: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`foveate report OUT` draws it later, as the message says."""

    def refuse(*_: object) -> str:
        raise FoveateError("charts cannot be drawn: no memory.", "run: foveate report OUT")

    monkeypatch.setattr("foveate.reporting.vega.still", refuse)
    with pytest.raises(FoveateError, match="charts cannot be drawn"):
        rich.write(tmp_path)
    assert not (tmp_path / "report.html").exists()
    monkeypatch.undo()
    assert Report.read(tmp_path).to_json() == rich.to_json()


def test_saving_into_a_run_keeps_what_the_run_recorded_when_it_began(small, tmp_path: Path) -> None:
    with Run(tmp_path / "run", "probe", {"seed": 3, "taps": ("pooled",)}) as run:
        report = small(knn__accuracy=Metric(0.5, 0.4, 0.6, 10))
        report.save(run)
    started = json.loads((tmp_path / "run" / "config.json").read_text())
    record = json.loads((tmp_path / "run" / "report.json").read_text())
    assert {key: record[key] for key in ("config", "command", "environment")} == {
        key: started[key] for key in ("config", "command", "environment")
    }
    assert (tmp_path / "run" / "report.html").exists()


def test_what_cannot_be_read_says_why(tmp_path: Path, rich: Report) -> None:
    with pytest.raises(FoveateError, match="is not there"):
        Report.read(tmp_path / "absent")
    (tmp_path / "empty").mkdir()
    with pytest.raises(FoveateError, match="holds no report.json"):
        Report.read(tmp_path / "empty")
    with Run(tmp_path / "begun", "probe", {}), pytest.raises(FoveateError, match="has not ended"):
        Report.read(tmp_path / "begun")
    rich.write(tmp_path / "torn")
    file = tmp_path / "torn" / "report.json"
    file.write_text(file.read_text()[:2000])
    with pytest.raises(FoveateError, match="not valid JSON"):
        Report.read(file)


def test_a_metric_is_recorded_once_under_a_key_of_the_grammar() -> None:
    report = Report("probe", "x")
    assert report.metric("knn.accuracy", Estimate(0.5, 0.4, 0.6, 10), chance=0.1).chance == 0.1
    with pytest.raises(AssertionError, match="twice"):
        report.metric("knn.accuracy", Metric(0.5, 0.4, 0.6, 10))
    with pytest.raises(FoveateError):
        report.metric("kNN accuracy", Metric(0.5, 0.4, 0.6, 10))
    with pytest.raises(AssertionError, match="record them first"):
        report.headline("knn.accuracy", "kNN", controls={"untrained": "knn.untrained"})


def test_the_summary_leads_with_what_leads_the_page(rich: Report) -> None:
    lines = str(rich).splitlines()
    assert lines[0] == "probe · What a small ViT knows of clothing"
    assert lines[2].split()[:2] == ["linear.accuracy@blocks.7:mean", ".871"]
    assert "[.836, .902]" in lines[2]
    assert "chance .100" in lines[2]
    assert any(line.startswith("  reproduced: A middle block") for line in lines)
    assert "skipped: 2" in rich.summary()


def test_a_notebook_shows_the_numbers_and_escapes_the_words(small) -> None:
    report = small(title="<b>x</b>", knn__accuracy=Metric(0.5, 0.4, 0.6, 10, chance=0.1))
    html = report._repr_html_()
    assert ".500 [.400, .600]" in html
    assert "&lt;b&gt;x&lt;/b&gt;" in html
    assert "<script" not in html
