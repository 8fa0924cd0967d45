"""What people read while a command works: on stderr only, as bars on a terminal and as plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
_PLAIN_EVERY = 10.0  # seconds between two plain progress lines
_hidden = False


def say(text: str) -> None:
    """One line for people."""
    print(text, file=sys.stderr, flush=True)


def warn(text: str) -> None:
    """One line about something that went otherwise than asked, and on."""
    say(f"note: {text}")


def hide_progress() -> None:
    """Show no progress from here on, in a process that shares its terminal with others; what is said still comes."""
    global _hidden
    _hidden = True


class Progress:
    """Progress of one piece of work, fed by ``advance``."""

    def __init__(self, label: str, total: int | None, unit: str) -> None:
        self.label, self.total, self.unit = label, total, unit
        self.done = 0
        self._started = self._spoken = time.monotonic()
        self._bar = _rich_bar(label, total, unit) if sys.stderr.isatty() and not _hidden else None

    def advance(self, count: int = 1, *, note: str = "") -> None:
        """Count units as done; ``note`` stands behind the bar."""
        self.done += count
        if self._bar is not None:
            progress, task = self._bar
            progress.update(task, advance=count, note=note)
        elif not _hidden and (now := time.monotonic()) - self._spoken >= _PLAIN_EVERY:
            self._spoken = now
            rate = self.done / max(now - self._started, 1e-9)
            left = f", {(self.total - self.done) / max(rate, 1e-9):,.0f} s left" if self.total else ""
            of = f"/{self.total:,}" if self.total else ""
            say(f"{self.label}: {self.done:,}{of} {self.unit}, {rate:,.1f}/s{left}{'  ' + note if note else ''}")

    def close(self) -> None:
        if self._bar is not None:
            self._bar[0].stop()


@contextmanager
def progress(label: str, total: int | None = None, unit: str = "images") -> Iterator[Progress]:
    """A progress display for the block."""
    display = Progress(label, total, unit)
    try:
        yield display
    finally:
        display.close()


def track(items: Iterable[T], label: str, total: int | None = None, unit: str = "images") -> Iterator[T]:
    """Pass items on and show how many have passed."""
    with progress(label, total, unit) as display:
        for item in items:
            yield item
            display.advance()


def _rich_bar(label: str, total: int | None, unit: str):  # type: ignore[no-untyped-def]
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    bar = Bar(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
        console=Console(file=sys.stderr),
        transient=True,
    )
    bar.start()
    return bar, bar.add_task(label, total=total, note="")
