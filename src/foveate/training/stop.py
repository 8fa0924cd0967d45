"""Being told to stop: Ctrl-C and SIGTERM end a run after the step in hand, with everything saved."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType

from foveate.core.errors import FoveateError


class Stopped(FoveateError):  # noqa: N818  (no error: it did as it was told)
    """The run was told to stop and has saved where it stood. The exit code is the shell's for that signal (130, 143)."""

    def __init__(self, what: str, remedy: str, *, received: int) -> None:
        super().__init__(what, remedy)
        self.exit_code = 128 + received


class Signals:
    """While it is entered, the first SIGINT or SIGTERM only sets ``received``; a second one acts as usual.

    Outside the main thread, where Python handles no signals, it does nothing.
    """

    def __init__(self) -> None:
        self.received = 0
        self._before: dict[int, object] = {}

    def __enter__(self) -> Signals:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._note)
        return self

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.received = number
        self._restore()

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        self._before = {}

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._restore()
