"""The log of a run: every event a line of ``log.jsonl``, and on request also where a user's own tool reads it."""

from __future__ import annotations

import hashlib
import importlib
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Literal, Protocol

from foveate.core.errors import missing_extra
from foveate.core.run import Run

SinkName = Literal["tensorboard", "trackio", "wandb"]


class Sink(Protocol):
    """Where curves also go."""

    def write(self, values: Mapping[str, float], step: int) -> None:
        """Numbers of one event, by curve."""
        ...

    def close(self) -> None: ...


class Journal:
    """Events of one run, counted so that a resumed run can take the log back to its checkpoint.

    Args:
        run: whose log it is; None writes nothing (the other processes of a distributed run).
        sinks: further readers: ``tensorboard`` writes ``RUN/tensorboard/``; ``trackio`` and ``wandb`` get a run of the
            folder's name in the project ``foveate``, as their own settings say (``WANDB_PROJECT`` … go before).

    Raises:
        FoveateError: a sink's package is not installed.
    """

    def __init__(self, run: Run | None, sinks: Sequence[SinkName] = ()) -> None:
        self.run = run
        self.lines = 0
        self._sinks: list[Sink] = [_OPEN[name](run) for name in sinks] if run is not None else []

    def log(self, event: str, **fields: Any) -> None:
        """One event. Numbers also become curves of the sinks, over ``step``."""
        if self.run is None:
            return
        self.run.log(event, **fields)
        self.lines += 1
        if self._sinks and "step" in fields:
            numbers = {key: value for key, value in fields.items() if isinstance(value, int | float)}
            curves = {f"{event}/{key}": float(value) for key, value in numbers.items() if key not in {"step", "epoch"}}
            for sink in self._sinks:
                sink.write(curves, fields["step"])

    def rewind(self, lines: int) -> None:
        """Forget all but the first ``lines`` events."""
        self.lines = lines
        if self.run is not None:
            self.run.rewind_log(lines)

    def close(self) -> None:
        for sink in self._sinks:
            sink.close()


class _Board:
    def __init__(self, run: Run) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            raise missing_extra("tensorboard", "track") from None
        self._writer = SummaryWriter(str(run.folder / "tensorboard"))

    def write(self, values: Mapping[str, float], step: int) -> None:
        for key, value in values.items():
            self._writer.add_scalar(key, value, step)

    def close(self) -> None:
        self._writer.close()


class _Tracker:
    """trackio and wandb, which have the same three functions. A resumed run goes on under its name."""

    def __init__(self, package: str, run: Run) -> None:
        try:
            self._module = importlib.import_module(package)
        except ImportError:
            raise missing_extra(package, package) from None
        name = run.folder.resolve().name
        settings: dict[str, Any] = {"project": os.environ.get("WANDB_PROJECT", "foveate"), "name": name}
        settings |= {"config": run.config, "resume": "allow"}
        if package == "wandb":  # wandb's name is only a title; the same folder is the same run by its id
            settings |= {"id": hashlib.blake2b(str(run.folder.resolve()).encode(), digest_size=8).hexdigest()}
            settings |= {"dir": str(run.folder)}
        self._module.init(**settings)

    def write(self, values: Mapping[str, float], step: int) -> None:
        self._module.log(dict(values), step=step)

    def close(self) -> None:
        self._module.finish()


_OPEN: Mapping[SinkName, Callable[[Run], Sink]] = {
    "tensorboard": _Board,
    "trackio": partial(_Tracker, "trackio"),
    "wandb": partial(_Tracker, "wandb"),
}
