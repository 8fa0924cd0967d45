"""``--sweep``: the grid, its rungs, and that the best setting is found on held-out rows, through failures and interruptions."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foveate.core.errors import FoveateError
from foveate.pretraining import verb
from foveate.pretraining.config import Pretrain
from foveate.pretraining.sweep.grid import candidates, rungs
from foveate.pretraining.sweep.outcome import Outcome
from foveate.pretraining.sweep.run import sweep
from foveate.reporting.record import Report
from foveate.reporting.sections import Text
from foveate.training.stop import Stopped


def test_the_grid() -> None:
    grid = candidates(["temperature=0.1,0.2", "projector=64,32;128,64"])
    assert [each.name for each in grid] == [
        "temperature=0.1 projector=64,32", "temperature=0.1 projector=128,64",
        "temperature=0.2 projector=64,32", "temperature=0.2 projector=128,64",
    ]  # fmt: skip
    assert [each.settings for each in candidates(["projector=;128"])] == [(("projector", ""),), (("projector", "128"),)]
    config = candidates(["lr=0.01,0.1", "temperature=0.1", "lr-rule=none"])[1].apply(
        Pretrain(data="x", set=("temperature=0.5", "jitter=1"))
    )
    assert (config.lr, config.lr_rule, config.set) == (0.1, "none", ("jitter=1", "temperature=0.1"))


@given(st.integers(1, 200), st.integers(1, 300), st.integers(1, 5))
def test_rungs_end_with_all_epochs_and_never_grow(count: int, epochs: int, halving: int) -> None:
    plan = rungs(count, epochs, halving)
    assert plan[0][1] == count
    assert plan[-1][0] == epochs
    assert all(a[0] <= b[0] and a[1] > b[1] for a, b in pairwise(plan))
    if halving == 1:
        assert len(plan) == 1
    else:
        assert plan[-1][1] <= 2


def test_halving_by_three() -> None:
    assert rungs(9, 27, 3) == [(3, 9), (9, 3), (27, 2)]
    assert rungs(2, 27, 3) == [(27, 2)]


class Planted:
    """A training whose held-out accuracy is highest at temperature .2; .9 cannot be trained."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.trained: list[tuple[str, int, int]] = []
        self.stop_after = stop_after

    def __call__(self, config: Pretrain) -> Report:
        assert config.out is not None
        (temperature,) = [float(each.partition("=")[2]) for each in config.set if each.startswith("temperature")]
        out = Path(config.out)
        if (out / "log.jsonl").exists():
            return Report("pretrain", "done before")
        if self.stop_after is not None and len(self.trained) == self.stop_after:
            raise Stopped("stopped.", "--resume", received=2)
        if temperature == 0.9:
            raise FoveateError("the loss is not finite.", "a lower rate")
        # So small a planted step that a minute holds 30 epochs, of the slow .4 half as many.
        epochs = config.epochs or int((config.minutes or 0) * (15 if temperature == 0.4 else 30))
        self.trained.append((f"{temperature:g}", epochs, config.seed))
        out.mkdir(parents=True)
        knn = 0.8 - abs(temperature - 0.2) - 0.1 / epochs + 0.01 * config.seed
        lines = [{"epoch": 0, "knn": 0.1}, {"epoch": epochs, "knn": knn}]
        (out / "log.jsonl").write_text(
            "".join(json.dumps({"event": "epoch", "looked": 100, **line}) + "\n" for line in lines)
        )
        return Report("pretrain", "trained")


def config(out: Path, **changes: Any) -> Pretrain:
    settings: dict[str, Any] = {
        "sweep": ("temperature=0.05,0.1,0.2,0.4,0.5,0.9",), "epochs": 9, "out": str(out), **changes,
    }  # fmt: skip
    return Pretrain(data="builtin:digits", **settings)


def test_the_best_setting_is_found_and_the_failing_one_named(tmp_path: Path) -> None:
    planted = Planted()
    report = sweep(config(tmp_path / "s"), planted)
    assert report.answer.startswith("temperature=0.2 did best: kNN on held-out rows .789 [.699, .857]")
    assert report.answer.endswith("after 9 epochs (untrained .100), tied with temperature=0.1."), (
        ".79 and .69 of 100 images"
    )
    texts = [block.text for block in report.sections[0].blocks if isinstance(block, Text)]
    assert any("choice among them is arbitrary" in text for text in texts)
    (cut,) = [text for text in texts if text.startswith("Left out on a shorter rung")]
    assert "temperature=0.05" in cut, ".62 of 100 images, where .68 went on"
    assert "temperature=0.5" not in cut.replace("temperature=0.05", ""), ".48 is shown to be less"
    assert [(name, "finite" in reason) for name, reason in report.skipped] == [("temperature=0.9", True)]
    assert [each for each in planted.trained if each[1] == 9] == [("0.2", 9, 0), ("0.1", 9, 0)]
    assert len(planted.trained) == 5 + 2
    table = report.sections[0].blocks[0]
    assert [row[0] for row in table.rows[:2]] == ["temperature=0.2", "temperature=0.1"]  # type: ignore[union-attr]
    text = str(report.sections[0].blocks[-1])
    wanted = "foveate pretrain builtin:digits --seed 1 --epochs 9 --set temperature=0.2"
    assert wanted in text, "to be trained anew with a seed that chose nothing"


def test_the_command_of_the_best_has_all_that_the_sweep_was_given(tmp_path: Path) -> None:
    changes = {"sweep": ("temperature=0.2,0.4", "lr=0.01"), "batch": 32, "sync_bn": False, "set": ("jitter=0.3",)}
    report = sweep(config(tmp_path / "s", encoder="foveate:resnet18", **changes), Planted())
    text = str(report.sections[0].blocks[-1])
    assert (
        "foveate pretrain builtin:digits --seed 1 --encoder foveate:resnet18 --epochs 9 --set jitter=0.3 temperature=0.2 "
        "--batch 32 --lr 0.01 --no-sync-bn"
    ) in text


def test_what_no_setting_can_help_is_an_error(tmp_path: Path) -> None:
    def train(config: Pretrain) -> Report:
        raise FoveateError("the disk is full.", "make room")

    with pytest.raises(FoveateError, match="disk is full"):
        sweep(config(tmp_path / "s"), train)


def test_seeds_give_intervals_and_an_interrupted_sweep_goes_on(tmp_path: Path) -> None:
    first = Planted(stop_after=4)
    with pytest.raises(Stopped) as stopped:
        sweep(config(tmp_path / "s", sweep_seeds=2), first)
    assert stopped.value.remedy.endswith(f"--out {tmp_path / 's'} --resume"), "the sweep's folder, not the run's in it"
    assert stopped.value.exit_code == 130
    second = Planted()
    report = sweep(config(tmp_path / "s", sweep_seeds=2, resume=True), second)
    assert not set(first.trained) & set(second.trained)
    assert len(first.trained) + len(second.trained) == 2 * (5 + 2)
    best = report.sections[0].blocks[0].rows[0]  # type: ignore[union-attr]
    assert best[2]["n"] == 2
    assert best[2]["value"] == pytest.approx(0.8 - 0.1 / 9 + 0.005)


def test_a_run_without_the_others_measure_drops_out(tmp_path: Path) -> None:
    """Labelled, but too few images for kNN: its RankMe of 9 is no accuracy above all others."""

    class Short(Planted):
        def __call__(self, config: Pretrain) -> Report:
            report = super().__call__(config)
            if "temperature=0.4" in config.set:
                line = {"event": "epoch", "looked": 100, "epoch": 9, "rankme": 9.4}
                (Path(str(config.out)) / "log.jsonl").write_text(json.dumps(line) + "\n")
            return report

    report = sweep(config(tmp_path / "s", sweep=("temperature=0.2,0.4",)), Short())
    assert report.answer.startswith("temperature=0.2 did best: kNN")
    assert [(name, "no kNN accuracy" in reason) for name, reason in report.skipped] == [("temperature=0.4", True)]


def test_what_is_shown_to_be_better_is_not_called_a_tie(tmp_path: Path) -> None:
    report = sweep(config(tmp_path / "s", sweep=("temperature=0.2,0.5",)), Planted())
    assert report.answer.endswith("after 9 epochs (untrained .100).")
    assert not any("arbitrary" in str(block) for block in report.sections[0].blocks)
    same = Outcome(candidates(["lr=1"])[0], 9, values=(0.5, 0.6, 0.7), images=100)
    above = replace(same, values=(0.52, 0.62, 0.72))
    assert above.beats(same), "paired by seed: .02 in each, though seeds differ by .1"
    assert not replace(same, values=(0.52, 0.58, 0.76)).beats(same)
    rank = replace(same, values=(20.0,), images=0)
    assert not rank.beats(rank)
    assert replace(rank, values=(21.0,)).beats(rank)


def test_minutes_give_equal_time_and_not_equal_epochs(tmp_path: Path) -> None:
    planted = Planted()
    changes = {"epochs": None, "minutes": 2.0, "sweep": ("temperature=0.1,0.2,0.4,0.5",), "halving": 2}
    report = sweep(config(tmp_path / "s", **changes), planted)
    assert [each for each in planted.trained if each[1] >= 60] == [("0.2", 60, 0), ("0.1", 60, 0)]
    assert ("0.4", 15, 0) in planted.trained
    table = report.sections[0].blocks[0]
    assert [(row[0], row[1], row[3]) for row in table.rows[:1]] == [("temperature=0.2", 60, 0.1)]  # type: ignore[union-attr]
    assert "after 2 minutes (untrained .100), tied with temperature=0.1" in report.answer
    text = str(report.sections[0].blocks[-1])
    assert "--epochs 60" in text
    assert "--minutes" not in text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sweep": ("temperature",)}, "no values"),
        ({"sweep": ("temperature=",)}, "no values"),
        ({"sweep": ("temperature=0.1", "temperature=0.2")}, "twice"),
        ({"sweep": ("temprature=0.1,0.2",)}, "temprature"),
        ({"sweep": ("temperature=0.1,0",)}, "temperature"),
        ({"sweep": ("lr=fast,slow",)}, "lr=fast"),
        ({"sweep": ("seed=1,2",)}, "cannot vary"),
        ({"sweep": ("objective=simclr,byoll",)}, "byoll"),
        ({"halving": 0}, "--halving"),
        ({"sweep_seeds": 0}, "--sweep-seeds"),
        ({"engine": "torchrun"}, "torchrun"),
        ({"sweep": (f"temperature={','.join(str(i / 2000) for i in range(1, 1200))}",)}, "settings"),
    ],
)
def test_what_cannot_be_swept(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(FoveateError, match=words):
        sweep(config(tmp_path / "s", **changes), Planted())
    assert not (tmp_path / "s").exists()


def test_real_runs_do_not_read_test_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verb, "evaluate", lambda *_, **__: pytest.fail("the test rows were read"))
    report = verb.run(
        Pretrain(
            data="builtin:digits[0:120]", epochs=1, sweep=("temperature=0.1,0.2",), set=("projector=16,8",),
            image_size=16, encoder="foveate:resnet18-narrow", out=str(tmp_path / "s"), device="cpu",
        )
    )  # fmt: skip
    assert "did best" in report.answer
    assert (tmp_path / "s/report.html").exists()
    assert "several to choose from" in (tmp_path / "s/runs/temperature=0.1@1/seed-0/report.html").read_text()
