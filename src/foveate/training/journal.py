"""The log of a run: every event a line of ``log.jsonl``, and on request also where a user's own tool reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from foveate.core.errors import missing_extra
from foveate.core.run import Run

Sink = Literal["tensorboard"]


class Journal:
    """Events of one run, counted so that a resumed run can take the log back to its checkpoint.

    Args:
        run: whose log it is; None writes nothing (the other processes of a distributed run).
        sinks: further readers: ``tensorboard`` writes ``RUN/tensorboard/``.

    Raises:
        FoveateError: a sink's package is not installed.
    """

    def __init__(self, run: Run | None, sinks: tuple[Sink, ...] = ()) -> None:
        self.run = run
        self.lines = 0
        self._board = _tensorboard(run.folder) if run is not None and "tensorboard" in sinks else None

    def log(self, event: str, **fields: Any) -> None:
        """One event. Numbers also become curves of the sinks, over ``step``."""
        if self.run is None:
            return
        self.run.log(event, **fields)
        self.lines += 1
        if self._board is not None and "step" in fields:
            for key, value in fields.items():
                if key not in {"step", "epoch"} and isinstance(value, int | float):
                    self._board.add_scalar(f"{event}/{key}", value, fields["step"])

    def rewind(self, lines: int) -> None:
        """Forget all but the first ``lines`` events."""
        self.lines = lines
        if self.run is not None:
            self.run.rewind_log(lines)

    def close(self) -> None:
        if self._board is not None:
            self._board.close()


def _tensorboard(folder: Path) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        raise missing_extra("tensorboard", "track") from None
    return SummaryWriter(str(folder / "tensorboard"))
