"""What test_loop.py does not reach: writes that fail, and shapes that do not fit."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
import torch
import torch.distributed.checkpoint as dcp
from torch import nn

from foveate.core.errors import FoveateError
from foveate.training import checkpoints as module
from foveate.training.checkpoints import Checkpoints, Position, State
from foveate.training.optim import make_optimizer, parameter_groups


def state(width: int = 3) -> State:
    net = nn.Linear(2, width)
    optimizer = make_optimizer("adamw", parameter_groups([net], 0.1), rate=0.1)
    net(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    return State(net, optimizer, {})


def save(store: Checkpoints, epoch: int, what: State) -> None:
    weights = {name: value.detach() for name, value in what.model.state_dict().items()}
    store.save_epoch(epoch, weights=weights, encoder={"epoch": epoch}, state=what, lines=epoch)


def test_there_and_back(tmp_path: Path) -> None:
    store, one, two = Checkpoints(tmp_path / "checkpoints"), state(), state()
    save(store, 1, one)
    store.save_partial(Position(1, 2, 5, {"epoch": {"loss": 0.1}}), 7, one)
    latest = store.latest()
    assert latest is not None
    assert latest.name == "partial-000007"
    assert store.load(latest, two) == Position(1, 2, 5, {"epoch": {"loss": 0.1}})
    assert torch.equal(one.model.weight, two.model.weight)
    for a, b in zip(one.optimizer.state.values(), two.optimizer.state.values(), strict=True):
        assert all(torch.equal(a[key], b[key]) for key in a)
    save(store, 2, one)
    assert {p.name for p in store.folder.iterdir()} == {"epoch-0002"}


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_full_disk_leaves_the_checkpoint_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrapped: bool
) -> None:
    store, what = Checkpoints(tmp_path / "checkpoints"), state()
    save(store, 1, what)

    def full(*_: object, **__: object) -> None:
        error = OSError(errno.ENOSPC, "No space left on device")
        raise module.CheckpointException("write", {0: (error, None)}) if wrapped else error  # type: ignore[dict-item]

    monkeypatch.setattr(dcp, "save", full)
    with pytest.raises(FoveateError, match="disk is full"):
        save(store, 2, what)
    latest = store.latest()
    assert latest is not None
    assert latest.name == "epoch-0001"
    store.prune()
    assert {p.name for p in store.folder.iterdir()} == {"epoch-0001"}


def test_safetensors_words_for_a_full_disk_are_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise RuntimeError("Error while serializing: IoError(Os { code: 28, message: 'No space left on device' })")

    monkeypatch.setattr(module, "save_file", full)
    with pytest.raises(FoveateError, match="disk is full"):
        save(Checkpoints(tmp_path / "checkpoints"), 1, state())


def test_another_architecture_is_said(tmp_path: Path) -> None:
    store = Checkpoints(tmp_path / "checkpoints")
    save(store, 1, state(3))
    latest = store.latest()
    assert latest is not None
    with pytest.raises(FoveateError, match="another encoder"):
        store.load(latest, state(4))
