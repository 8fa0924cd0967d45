from __future__ import annotations

import sys
from pathlib import Path

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
