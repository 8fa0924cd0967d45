from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from foveate.core.errors import FoveateError
from foveate.core.findings import Metric
from foveate.reporting.config import ReportConfig
from foveate.reporting.record import Report
from foveate.reporting.verb import run


@pytest.fixture
def runs(small, tmp_path: Path) -> list[str]:
    for name, value in (("a", 0.5), ("b", 0.7)):
        small(knn__accuracy=Metric(value, value - 0.1, value + 0.1, 50)).write(tmp_path / name)
    return [str(tmp_path / "a"), str(tmp_path / "b" / "report.json")]


def test_folders_and_files_are_joined_into_a_run(runs: list[str], tmp_path: Path) -> None:
    report = run(ReportConfig(runs=tuple(runs), out=str(tmp_path / "joined")))
    again = Report.read(tmp_path / "joined")
    assert again.to_json() == report.to_json()
    assert again.metrics["knn.accuracy/b"].value == 0.7
    assert (tmp_path / "joined" / "report.html").exists()
    assert (tmp_path / "joined" / "config.json").exists()


@pytest.mark.parametrize("broken", ["absent", "empty", "torn", "foreign"])
def test_nothing_is_written_unless_every_run_can_be_read(runs: list[str], broken: str, tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    if broken != "absent":
        bad.mkdir()
    if broken in {"torn", "foreign"}:
        (bad / "report.json").write_text({"torn": '{"schema": "fov', "foreign": '{"loss": 1}'}[broken])
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(FoveateError):
        run(ReportConfig(runs=(*runs, str(bad)), out=str(tmp_path / "joined")))
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert not (tmp_path / "joined").exists()


def test_no_run_is_an_error_with_the_usage() -> None:
    with pytest.raises(FoveateError, match="no run is named"):
        run(ReportConfig(runs=()))


def test_the_flags_cost_no_heavy_import() -> None:
    code = (
        "import sys, foveate.reporting.config; "
        "print(sorted({'torch', 'numpy', 'timm', 'jinja2', 'altair', 'PIL'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
