"""Checkpoints of a run: weights for use in safetensors, state for resuming beside them; whole or absent, never torn."""

from __future__ import annotations

import os
import re
import shutil
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
import torch.distributed.checkpoint as dcp
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.distributed.checkpoint.api import CheckpointException
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_model_state_dict,
    get_optimizer_state_dict,
    set_optimizer_state_dict,
)

from foveate.core.errors import FoveateError
from foveate.core.files import explain, read_json, write_json
from foveate.engine.distributed import Ranks, barrier

_EPOCH = re.compile(r"^epoch-(\d{4,})$")
_PARTIAL = re.compile(r"^partial-(\d+)$")


@dataclass(frozen=True)
class Position:
    """Where a saved run stands.

    Attributes:
        epoch: epochs that are done. step: updates done of the one after.
        lines: lines of the log so far. sums: the curves' running sums, so that a resumed run logs the same numbers.
    """

    epoch: int
    step: int = 0
    lines: int = 0
    sums: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class State:
    """All that a resumed run needs: modules by name, and the optimiser over them."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    extra: Mapping[str, nn.Module]


class Checkpoints:
    """The folder ``RUN/checkpoints``.

    ``epoch-0012/{model.safetensors, encoder.json, state/}``; between epochs ``partial-000345/state/``. Each is written
    beside its place and renamed into it. Only the newest keeps ``state/`` (it is as large as the weights three times
    over); epoch 0, the last and every ``keep``-th keep their weights.

    Args:
        folder: ``RUN/checkpoints``. keep: also keep every keep-th epoch; 0: none but the first and the last.
    """

    def __init__(self, folder: Path, *, ranks: Ranks | None = None, keep: int = 0) -> None:
        self.folder, self.keep = Path(folder), keep
        self.ranks = ranks or Ranks()

    def save_epoch(
        self,
        epoch: int,
        *,
        weights: Mapping[str, Tensor],
        encoder: Mapping[str, Any],
        state: State | None,
        lines: int,
    ) -> None:
        """Save what stands after ``epoch`` epochs, then drop what is no longer needed. All processes call it."""

        def write(folder: Path) -> None:
            if self.ranks.first:
                with self._explained(folder):
                    save_file({k: v.contiguous().cpu() for k, v in weights.items()}, folder / "model.safetensors")
                write_json(folder / "encoder.json", dict(encoder))
            if state is not None:
                self._write_state(folder / "state", state, Position(epoch, lines=lines))

        self._publish(f"epoch-{epoch:04d}", write)

    def save_partial(self, position: Position, done: int, state: State) -> None:
        """Save the state in the middle of an epoch, after ``done`` updates in all. All processes call it."""
        self._publish(f"partial-{done:06d}", lambda folder: self._write_state(folder / "state", state, position))

    def latest(self) -> Path | None:
        """The newest checkpoint that a run can go on from, or None."""
        return max(self._resumable(), key=self._order, default=None)

    def _resumable(self) -> list[Path]:
        return [path for path in self._all() if (path / "state" / "position.json").exists()]

    def load(self, path: Path, state: State) -> Position:
        """Put a saved state into modules and optimiser.

        Raises:
            FoveateError: the files are damaged or of another architecture.
        """
        folder = path / "state"
        record = read_json(folder / "position.json", what="the position of a checkpoint")
        tensors = self._tensors(state)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                dcp.load(tensors, checkpoint_id=str(folder), no_dist=not dist.is_initialized())
        except (Exception, CheckpointException) as error:  # of many kinds: torn pickle, missing key, wrong shape
            before = [each for each in self._resumable() if each != path]
            left = f"go on from {max(before, key=self._order).name}" if before else "begin anew: no other is kept"
            raise FoveateError(
                f"the checkpoint {path} cannot be read ({type(error).__name__}).",
                f"it was damaged, or is of another encoder: delete {path} to {left}",
            ) from error
        state.model.load_state_dict(tensors["model"])
        set_optimizer_state_dict(state.model, state.optimizer, tensors["optimizer"])
        for name, module in state.extra.items():
            if name in tensors["extra"]:
                module.load_state_dict(tensors["extra"][name])
        return Position(int(record["epoch"]), int(record["step"]), int(record["lines"]), record["sums"])

    def prune(self) -> None:
        """Drop what the newest checkpoint makes superfluous; also what a killed run left behind."""
        if not self.ranks.first or not self.folder.is_dir():
            return
        for stale in self.folder.glob(".*.tmp"):
            shutil.rmtree(stale, ignore_errors=True)
        newest = self.latest()
        epochs = sorted((path for path in self._all() if _EPOCH.match(path.name)), key=self._order)
        for path in self._all():
            if path == newest:
                continue
            number = _EPOCH.match(path.name)
            kept = number and (
                path == epochs[-1] or int(number[1]) == 0 or (self.keep and int(number[1]) % self.keep == 0)
            )
            if not kept:
                _remove(path)
            elif newest is not None and self._order(path) < self._order(newest) and (path / "state").exists():
                _remove(path / "state")

    def _all(self) -> list[Path]:
        if not self.folder.is_dir():
            return []
        return [path for path in self.folder.iterdir() if _EPOCH.match(path.name) or _PARTIAL.match(path.name)]

    def _explained(self, path: Path) -> explain_writes:
        return explain_writes(path, kept=lambda: bool(self._resumable()))

    def _order(self, path: Path) -> tuple[int, int]:
        """Epochs and steps on one line: by the position that the folder records, or the epoch in its name."""
        if match := _EPOCH.match(path.name):
            return int(match[1]), 0
        record = read_json(path / "state" / "position.json", what="the position of a checkpoint")
        return int(record["epoch"]), int(record["step"])

    def _tensors(self, state: State) -> dict[str, Any]:
        return {
            "model": get_model_state_dict(state.model),
            "optimizer": get_optimizer_state_dict(state.model, state.optimizer),
            "extra": {name: module.state_dict() for name, module in state.extra.items()},
        }

    def _write_state(self, folder: Path, state: State, position: Position) -> None:
        with warnings.catch_warnings(), self._explained(folder):
            warnings.simplefilter("ignore")
            dcp.save(self._tensors(state), checkpoint_id=str(folder), no_dist=not dist.is_initialized())
        if self.ranks.first:
            write_json(folder / "position.json", vars(position))

    def _publish(self, name: str, write: Any) -> None:
        temporary, final = self.folder / f".{name}.tmp", self.folder / name
        if self.ranks.first:
            with self._explained(self.folder):
                shutil.rmtree(temporary, ignore_errors=True)
                temporary.mkdir(parents=True)
        barrier()
        write(temporary)
        barrier()
        if self.ranks.first:
            with self._explained(self.folder):  # some file systems tell only here that there is no room
                for path in [*temporary.rglob("*"), temporary]:
                    _sync(path)
                if final.exists():
                    _remove(final)
                os.rename(temporary, final)
                _sync(self.folder)
                self.prune()
        barrier()


def full_weights(module: nn.Module) -> dict[str, Tensor]:
    """A module's state as whole tensors on the CPU, gathered from shards where it is sharded.

    All processes call it; the first one gets the tensors, the others of a distributed run an empty dict.
    """
    options = StateDictOptions(full_state_dict=True, cpu_offload=True)
    return {
        key: value for key, value in get_model_state_dict(module, options=options).items() if isinstance(value, Tensor)
    }


class explain_writes:  # noqa: N801  (reads as a statement)
    """Turn a failed write of a library into words and a remedy: a full disk is the usual one.

    safetensors puts the system's error into its text, DCP wraps errors by process, and torch's archive meets the system's
    error with one of its own, which has that as its context.

    Args:
        path: what is written. kept: whether there is a checkpoint to go on from.
    """

    def __init__(self, path: Path, *, kept: Callable[[], bool]) -> None:
        self.path, self.kept = path, kept

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, CheckpointException):  # a BaseException, which nobody above expects
            error = next(iter(error.failures.values()))[0]
        elif isinstance(error, FoveateError) or not isinstance(error, Exception):
            return
        at: BaseException | None = error
        while isinstance(at, Exception):
            if (known := explain(at, self.path)) is not None:
                whole = ", with --resume: the checkpoint before is whole" if self.kept() else ""
                raise FoveateError(known.what, known.remedy + whole) from error
            at = at.__cause__ or at.__context__
        raise error


def _remove(path: Path) -> None:
    """Delete a folder so that a kill in the middle leaves no half of it under its name."""
    doomed = path.with_name(f".{path.name}.gone.tmp")
    shutil.rmtree(doomed, ignore_errors=True)
    os.rename(path, doomed)
    shutil.rmtree(doomed, ignore_errors=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
