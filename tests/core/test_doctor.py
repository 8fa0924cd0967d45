from __future__ import annotations

import json
import os
from importlib import metadata
from pathlib import Path

import pytest

from foveate.cli import main
from foveate.core import cache, doctor
from foveate.core.doctor import Checkup, run
from foveate.core.doctor_config import Doctor
from foveate.reporting import schema
from foveate.reporting.record import Report


def fill(*parts: str) -> None:
    for part in parts:
        folder = cache.root() / part / "deep"
        folder.mkdir(parents=True)
        (folder / "file").write_bytes(b"x" * 1000)


def row(rows: list[list], first: str) -> list:
    (found,) = [row for row in rows if row[0] == first]
    return found


def test_the_cache_is_measured_by_part() -> None:
    fill("features", "pixels")
    (cache.root() / "notes.txt").write_text("mine")
    found = run(Doctor())
    assert row(found.cache, "features")[2:] == [0.0, 1]
    assert row(found.cache, "digests")[3] == 0
    assert row(found.cache, "other")[3] == 1
    assert str(cache.root()) in row(found.machine, "cache")[1]


def test_stored_features_are_listed_by_encoder() -> None:
    for name, encoder in (("a", "timm:x"), ("b", "timm:x"), ("c", "timm:y"), ("d", None)):
        folder = cache.root() / "features" / name
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text(json.dumps({"encoder": encoder}) if encoder else "{torn")
        (folder / "part.npy").write_bytes(b"x" * (10**6 if encoder == "timm:y" else 10**5))
    assert run(Doctor()).encoders == [["timm:y", 1, 1.0], ["timm:x", 2, 0.2]]


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        (("features",), set(cache.PARTS) - {"features", "digests"}),
        (("pixels",), set(cache.PARTS) - {"pixels"}),
        (("features", "pixels"), set(cache.PARTS) - {"features", "digests", "pixels"}),
        (("all",), set()),
        ((), set()),
    ],
)
def test_clearing_removes_what_was_named_and_nothing_of_others(asked: tuple[str, ...], left: set[str]) -> None:
    fill(*cache.PARTS, "thesis")
    found = run(Doctor(clear_cache=asked))  # type: ignore[arg-type]
    assert {path.name for path in cache.root().iterdir()} == left | {"thesis"}
    assert f"Removed {len(cache.PARTS) - len(left)} files" in found.answer


def test_without_asking_nothing_is_removed() -> None:
    fill("features")
    run(Doctor())
    assert (cache.root() / "features" / "deep" / "file").exists()


def test_a_cache_that_is_a_file_is_told_with_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FOVEATE_CACHE", str(tmp_path / "file"))
    found = run(Doctor())
    (trouble,) = [row for row in found.troubles if "cannot be written" in row[0]]
    assert "FOVEATE_CACHE" in trouble[1]


def test_packages_are_those_of_the_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    needed = [
        "numpy>=2",
        "no-such-base>=1",
        'no-such-thing>=3; extra == "ray"',
        'pillow; python_version > "3" and extra == "clip"',
        'ruff; extra == "dev"',
    ]
    monkeypatch.setattr(metadata, "requires", lambda _: needed)
    found = run(Doctor())
    assert row(found.packages, "ray") == ["ray", "no-such-thing", "missing", "pip install 'foveate[ray]'"]
    assert row(found.packages, "clip")[2] == metadata.version("pillow")
    assert not [row for row in found.packages if row[0] == "dev"]
    assert [what for what, _ in found.troubles] == ["the package no-such-base is missing"], (
        "a missing extra is no trouble"
    )


def test_low_memory_and_disk_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "memory", lambda: (int(2e9), int(1e9)))
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: os.terminal_size((0, 0)) and _Usage())
    told = " ".join(what for what, _ in run(Doctor()).troubles)
    assert "2.0 GB of memory" in told
    assert "1.0 GB free on this disk" in told


class _Usage:
    free = 10**9


def test_memory_is_read_from_the_system() -> None:
    total, free = doctor.memory()
    assert 0 < free <= total


def test_json_is_a_report_that_foveate_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill("features")
    assert main(["doctor", "--json", "--out", str(tmp_path / "run")]) == 0
    printed = json.loads(capsys.readouterr().out)
    schema.validate(printed, where="doctor")
    report = Report.read(tmp_path / "run")
    assert report.verb == "doctor"
    assert {section.title for section in report.sections} >= {"Machine", "Devices", "Packages", "Cache"}


def test_the_summary_shows_all_and_how_to_clear(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    shown = capsys.readouterr()
    assert shown.out == ""
    for word in ("Machine", "cpu", "torch", "features of images", "foveate doctor --clear-cache"):
        assert word in shown.err


def test_the_answer_counts() -> None:
    assert Checkup().answer == "Nothing is missing."
    assert Checkup(troubles=[["a", "b"]]).answer == "1 thing to mend."
    assert Checkup(troubles=[["a", "b"]] * 2, removed="Removed 1.").answer == "Removed 1. 2 things to mend."
