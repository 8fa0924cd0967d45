"""What test_loop.py does not reach: writes that fail, and shapes that do not fit."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
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


TROUBLE = {
    errno.ENOSPC: "disk is full", errno.EDQUOT: "quota is used up", errno.EFBIG: "larger than this shell", errno.EIO: "drive failed",
}  # fmt: skip


def met(code: int) -> RuntimeError:
    """What torch's archive raises: its own error, which it met while the system's was on its way."""
    error = RuntimeError("[enforce fail at inline_container.cc:671] . unexpected pos 704 vs 598")
    error.__context__ = OSError(code, os.strerror(code))
    return error


@pytest.mark.parametrize("code", TROUBLE)
@pytest.mark.parametrize("kind", ["plain", "by process", "archive"])
def test_a_failed_write_is_said_and_leaves_the_checkpoint_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, kind: str
) -> None:
    store, what = Checkpoints(tmp_path / "checkpoints"), state()
    save(store, 1, what)

    def full(*_: object, **__: object) -> None:
        error = met(code) if kind == "archive" else OSError(code, os.strerror(code))
        raise error if kind == "plain" else module.CheckpointException("write", {0: (error, None)})  # type: ignore[dict-item]

    monkeypatch.setattr(dcp, "save", full)
    with pytest.raises(FoveateError, match=TROUBLE[code]) as caught:
        save(store, 2, what)
    assert "--resume" in caught.value.remedy
    latest = store.latest()
    assert latest is not None
    assert latest.name == "epoch-0001"
    store.prune()
    assert {p.name for p in store.folder.iterdir()} == {"epoch-0001"}


@pytest.mark.parametrize("code", TROUBLE)
@pytest.mark.parametrize(
    "words", ["Error while serializing: I/O error: {} (os error {})", "IoError(Os {{ code: {1}, message: '{0}' }})"]
)
def test_safetensors_words_are_understood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, words: str
) -> None:
    def full(*_: object, **__: object) -> None:
        raise RuntimeError(words.format(os.strerror(code), code))

    monkeypatch.setattr(module, "save_file", full)
    with pytest.raises(FoveateError, match=TROUBLE[code]):
        save(Checkpoints(tmp_path / "checkpoints"), 1, state())


def test_a_disk_that_fails_only_when_all_is_to_be_on_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: Path) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(module, "_sync", fail)
    with pytest.raises(FoveateError, match="drive failed"):
        save(Checkpoints(tmp_path / "checkpoints"), 1, state())


def test_a_mistake_of_ours_is_not_taken_for_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*_: object, **__: object) -> None:
        raise module.CheckpointException("write", {0: (ValueError("no such key"), None)})  # type: ignore[dict-item]

    monkeypatch.setattr(dcp, "save", wrong)
    with pytest.raises(ValueError, match="no such key"):
        save(Checkpoints(tmp_path / "checkpoints"), 1, state())


@pytest.mark.slow
def test_a_real_limit_on_the_size_of_files(tmp_path: Path) -> None:
    """In a process of its own: what the libraries raise in truth, and not only what is planted above."""
    code = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from foveate.core.errors import FoveateError\n"
        "from tests.training.test_checkpoints import Checkpoints, save, state\n"
        "wide = state(4000)\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "for limit in (60_000, 20_000):\n"  # the weights take 48 kB, the state more
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))\n"
        "    try: save(Checkpoints(Path(sys.argv[1])), 1, wide)\n"
        "    except FoveateError as error: print(error.what)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True)
    assert done.stdout.count("larger than this shell") == 2, done.stderr


def test_another_architecture_is_said(tmp_path: Path) -> None:
    store = Checkpoints(tmp_path / "checkpoints")
    save(store, 1, state(3))
    latest = store.latest()
    assert latest is not None
    with pytest.raises(FoveateError, match="another encoder"):
        store.load(latest, state(4))
