from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import Any

import pytest

from foveate.core.errors import FoveateError
from foveate.core.run import Run, read_log
from foveate.training.journal import Journal


def test_events_are_counted_and_taken_back(tmp_path: Path) -> None:
    with Run(tmp_path / "run", "pretrain", {}) as run:
        journal = Journal(run)
        for step in range(5):
            journal.log("step", step=step, loss=float("inf") if step == 4 else 1.0)
        assert read_log(run.folder)[-1]["loss"] is None
        journal.rewind(3)
        journal.log("epoch", epoch=1)
        assert journal.lines == 4
        assert [line.get("step") for line in read_log(run.folder)] == [0, 1, 2, None]


def test_another_process_writes_nothing() -> None:
    journal = Journal(None, ("tensorboard",))
    journal.log("step", step=1)
    journal.rewind(0)
    journal.close()
    assert journal.lines == 0


def test_tensorboard_gets_the_numbers(tmp_path: Path) -> None:
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    with Run(tmp_path / "run", "pretrain", {}) as run:
        journal = Journal(run, ("tensorboard",))
        for step in range(3):
            journal.log("step", step=step, loss=2.0 - step, note="words are left out")
        journal.close()
    events = accumulator.EventAccumulator(str(tmp_path / "run/tensorboard"))
    events.Reload()
    assert events.Tags()["scalars"] == ["step/loss"]
    assert [event.value for event in events.Scalars("step/loss")] == [2.0, 1.0, 0.0]


def test_a_missing_package_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with Run(tmp_path / "run", "pretrain", {}) as run, pytest.raises(FoveateError, match=r"foveate\[track\]"):
        Journal(run, ("tensorboard",))


@pytest.mark.parametrize("package", ["trackio", "wandb"])
def test_trackers_get_the_numbers_under_the_runs_name(
    package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[str, Any]] = []
    fake = types.ModuleType(package)
    fake.init = lambda **settings: calls.append(("init", settings))  # type: ignore[attr-defined]
    fake.log = lambda values, step: calls.append(("log", (step, values)))  # type: ignore[attr-defined]
    fake.finish = lambda: calls.append(("finish", None))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, package, fake)
    monkeypatch.delenv("WANDB_PROJECT", raising=False)
    ids = []
    for resume in (False, True):
        with Run(tmp_path / "mine", "pretrain", {"lr": 1.0}, resume=resume) as run:
            journal = Journal(run, (package,))  # type: ignore[arg-type]
            journal.log("step", step=3, epoch=1, loss=2.0, note="words", spectrum={"rank": [1]})
            journal.log("start", loss=2.0)
            journal.close()
        settings = calls[-3][1]
        assert (settings["project"], settings["name"], settings["config"]) == ("foveate", "mine", {"lr": 1.0})
        assert settings["resume"] == "allow"
        ids.append(settings.get("id"))
        assert calls[-2:] == [("log", (3, {"step/loss": 2.0})), ("finish", None)]
    assert ids[0] == ids[1]
    assert (ids[0] is not None) == (package == "wandb")


@pytest.mark.parametrize("package", ["trackio", "wandb"])
def test_a_missing_tracker_names_its_extra(package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with Run(tmp_path / "run", "pretrain", {}) as run, pytest.raises(FoveateError, match=rf"foveate\[{package}\]"):
        Journal(run, (package,))  # type: ignore[arg-type]
