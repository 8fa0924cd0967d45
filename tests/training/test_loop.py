from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from foveate.core.errors import FoveateError
from foveate.core.run import read_log
from foveate.training.contract import LossOutput
from foveate.training.loop import Sums
from foveate.training.stop import Stopped


def same(a: Any, b: Any) -> bool:
    return all(torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True))


def plain_log(folder: Path) -> list[dict[str, Any]]:
    timed = {"time", "images_per_second", "seconds_left"}
    return [{k: v for k, v in line.items() if k not in timed} for line in read_log(folder)]


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_it_learns_and_leaves_first_and_last_epoch(tmp_path: Path, toy_fit: Any, toy_feed: Any) -> None:
    toy, outcome = toy_fit(tmp_path / "run", toy_feed(), epochs=6, rate=3e-2)
    log = [line for line in read_log(tmp_path / "run") if line["event"] == "epoch"]
    assert [line["epoch"] for line in log] == list(range(7))
    assert log[-1]["loss"] < 0.5 * log[1]["loss"]
    assert toy.steps == outcome.steps == 30
    assert {p.name for p in (tmp_path / "run/checkpoints").iterdir()} == {"epoch-0000", "epoch-0006"}
    saved = load_file(tmp_path / "run/checkpoints/epoch-0006/model.safetensors")
    assert all(torch.equal(saved[key], value) for key, value in toy.net.state_dict().items())


def test_kept_epochs(tmp_path: Path, toy_fit: Any, toy_feed: Any) -> None:
    toy_fit(tmp_path / "run", toy_feed(), epochs=5, keep=2)
    kept = sorted(p.name for p in (tmp_path / "run/checkpoints").iterdir())
    assert kept == ["epoch-0000", "epoch-0002", "epoch-0004", "epoch-0005"]
    assert [p.parent.name for p in (tmp_path / "run").rglob("state")] == ["epoch-0005"]


@pytest.mark.parametrize("optimizer", ["adamw", "lars", "sgd"])
@pytest.mark.parametrize("breaks", [(0, 3), (1, 0), (2, 4)])
def test_resumed_equals_uninterrupted_bit_for_bit(
    tmp_path: Path, toy_fit: Any, toy_feed: Any, breaks: tuple[int, int], optimizer: str
) -> None:
    whole, _ = toy_fit(tmp_path / "whole", toy_feed(), optimizer=optimizer)
    with pytest.raises(KeyboardInterrupt):
        toy_fit(tmp_path / "cut", toy_feed(breaks), optimizer=optimizer, minutes=1e-9)  # saves after each step
    resumed, outcome = toy_fit(tmp_path / "cut", toy_feed(), optimizer=optimizer, resume=True)
    assert (outcome.resumed_at.epoch, outcome.resumed_at.step) == breaks
    assert same(whole, resumed)
    assert plain_log(tmp_path / "whole") == plain_log(tmp_path / "cut")
    assert files(tmp_path / "whole") == files(tmp_path / "cut")


def _half(name: str) -> float:
    return 0.5 if name.startswith("net.0") else 1.0


def test_the_rate_is_multiplied_group_by_group(tmp_path: Path, toy_fit: Any, toy_feed: Any) -> None:
    """Plain gradient descent: half the rate is half the step, and a resumed run keeps to it."""
    start = toy_fit(tmp_path / "none", toy_feed(), optimizer="sgd", rate=1e-12)[0]
    plan = {"optimizer": "sgd", "momentum": 0.0, "weight_decay": 0.0, "epochs": 1, "warmup": 0, "rate": 0.1}

    class First(toy_feed):
        steps = 1

    full, _ = toy_fit(tmp_path / "full", First(), **plan)
    half, _ = toy_fit(tmp_path / "half", First(), factor=_half, **plan)
    for name, weight in start.named_parameters():
        moved, less = (dict(toy.named_parameters())[name] - weight for toy in (full, half))
        torch.testing.assert_close(less, moved * (0.5 if name.startswith("net.0") else 1.0), rtol=1e-3, atol=1e-6)
    whole, _ = toy_fit(tmp_path / "whole", toy_feed(), factor=_half)
    with pytest.raises(KeyboardInterrupt):
        toy_fit(tmp_path / "cut", toy_feed((1, 2)), factor=_half, minutes=1e-9)
    assert same(whole, toy_fit(tmp_path / "cut", toy_feed(), factor=_half, resume=True)[0])
    assert plain_log(tmp_path / "whole") == plain_log(tmp_path / "cut")


def test_a_run_that_died_before_its_first_checkpoint_starts_anew(tmp_path: Path, toy_fit: Any, toy_feed: Any) -> None:
    whole, _ = toy_fit(tmp_path / "whole", toy_feed())
    with pytest.raises(KeyboardInterrupt):
        toy_fit(tmp_path / "cut", toy_feed((0, 2)))
    resumed, outcome = toy_fit(tmp_path / "cut", toy_feed(), resume=True)
    assert outcome.resumed_at is None
    assert same(whole, resumed)


def test_what_a_kill_leaves_behind_is_swept_away(tmp_path: Path, toy_fit: Any, toy_feed: Any) -> None:
    whole, _ = toy_fit(tmp_path / "whole", toy_feed())
    with pytest.raises(KeyboardInterrupt):
        toy_fit(tmp_path / "cut", toy_feed((2, 1)))
    half = tmp_path / "cut/checkpoints/.epoch-0003.tmp"
    half.mkdir()
    (half / "model.safetensors").write_bytes(b"half")
    resumed, _ = toy_fit(tmp_path / "cut", toy_feed(), resume=True)
    assert same(whole, resumed)
    assert files(tmp_path / "whole") == files(tmp_path / "cut")


def test_a_finished_run_resumes_to_itself(tmp_path: Path, toy_fit: Any, toy_feed: Any) -> None:
    whole, _ = toy_fit(tmp_path / "run", toy_feed())
    log = read_log(tmp_path / "run")
    again, outcome = toy_fit(tmp_path / "run", toy_feed(), resume=True)
    assert same(whole, again)
    assert read_log(tmp_path / "run") == log
    assert outcome.images_per_second == 0.0


def test_a_damaged_checkpoint_is_said(tmp_path: Path, toy_fit: Any, toy_feed: Any) -> None:
    toy_fit(tmp_path / "run", toy_feed())
    for shard in (tmp_path / "run").rglob("*.distcp"):
        shard.write_bytes(shard.read_bytes()[: shard.stat().st_size // 2])
    with pytest.raises(FoveateError, match="cannot be read") as caught:
        toy_fit(tmp_path / "run", toy_feed(), resume=True)
    assert "epoch-0003 to begin anew" in caught.value.remedy, "the state before is not kept, and none is promised"


def test_a_loss_that_is_not_finite_stops_before_the_weights_are_touched(
    tmp_path: Path, toy_fit: Any, toy_feed: Any
) -> None:
    feed = toy_feed()
    feed.spoil = (1, 2)
    with pytest.raises(FoveateError, match=r"not finite in epoch 2, step 3.*--lr") as caught:
        toy_fit(tmp_path / "run", feed)
    assert "epoch-0001" in caught.value.remedy
    saved = load_file(tmp_path / "run/checkpoints/epoch-0001/model.safetensors")
    assert all(bool(torch.isfinite(value).all()) for value in saved.values())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_saves_and_says_how_to_go_on(tmp_path: Path, toy_fit: Any, toy_feed: Any, number: int) -> None:
    class Telling(toy_feed):
        def epoch(self, epoch: int, start: int) -> Any:
            for step, batch in enumerate(super().epoch(epoch, start), start):
                if (epoch, step) == (1, 2):
                    os.kill(os.getpid(), number)
                yield batch

    whole, _ = toy_fit(tmp_path / "whole", toy_feed())
    before = signal.getsignal(number)
    with pytest.raises(Stopped, match="everything is saved") as caught:
        toy_fit(tmp_path / "cut", Telling())
    assert caught.value.exit_code == 128 + number
    assert "--resume" in caught.value.remedy
    assert signal.getsignal(number) == before
    position = json.loads(next((tmp_path / "cut").rglob("position.json")).read_text())
    assert (position["epoch"], position["step"]) == (1, 3)
    resumed, _ = toy_fit(tmp_path / "cut", toy_feed(), resume=True)
    assert same(whole, resumed)


def test_accumulation_of_uncoupled_losses_is_the_whole_batch(
    tmp_path: Path, toy_fit: Any, toy_feed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def loss(self: Any, batch: Any) -> LossOutput:
        self.net.eval()  # neither batch norm nor dropout may couple or disturb the images in this comparison
        out = self.net(batch.views[0])
        value = (out.mean(1) - batch.views[0].mean((1, 2, 3))).square().mean()
        return LossOutput(loss=value, outputs={"backbone": out.detach()})

    kind = type(toy_fit(tmp_path / "any", toy_feed(), epochs=1)[0])
    monkeypatch.setattr(kind, "loss", loss)
    monkeypatch.setattr(kind, "coupled", False)
    whole, pieces = (
        toy_fit(tmp_path / f"{micro}", toy_feed(), epochs=1, optimizer="sgd", micro_batch=micro, clip=None)[0]
        for micro in (None, 3)
    )
    assert not same(whole, kind())
    for a, b in zip(whole.parameters(), pieces.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-6)


def test_sums_come_back_exactly() -> None:
    a = Sums(torch.device("cpu"))
    for value in torch.rand(7, generator=torch.Generator().manual_seed(0)):
        a.add({"loss": value})
    b = Sums(torch.device("cpu"))
    b.restore(json.loads(json.dumps(a.plain())))
    assert a.means() == b.means()
