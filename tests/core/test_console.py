from __future__ import annotations

import io
import sys

import pytest

from foveate.core import console
from foveate.core.console import progress, say, track, warn


def test_people_are_spoken_to_on_stderr_only(capsys: pytest.CaptureFixture[str]) -> None:
    say("hello")
    warn("a file was skipped")
    assert list(track([1, 2, 3], "reading")) == [1, 2, 3]
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "hello\nnote: a file was skipped\n"


def test_plain_lines_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(0, 1000, 6))
    monkeypatch.setattr(console.time, "monotonic", lambda: float(next(clock)))
    with progress("embedding", 1200) as bar:
        for _ in range(4):
            bar.advance(300, note="3 unreadable")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2, "every ten seconds, not at every step"
    assert lines[0] == "embedding: 600/1,200 images, 50.0/s, 12 s left  3 unreadable"
    assert bar.done == 1200


def test_an_unknown_total(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "_PLAIN_EVERY", 0.0)
    assert list(track(iter("ab"), "reading", unit="rows")) == ["a", "b"]
    first = capsys.readouterr().err.splitlines()[0]
    assert first.startswith("reading: 1 rows, ")
    assert "left" not in first


def test_hidden_progress_leaves_what_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "_PLAIN_EVERY", 0.0)
    monkeypatch.setattr(console, "_hidden", False)  # put back at the end
    console.hide_progress()
    assert list(track("ab", "reading")) == ["a", "b"]
    warn("a file was skipped")
    assert capsys.readouterr().err == "note: a file was skipped\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_on_a_terminal_ends_with_its_block(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")

    def work() -> None:
        with progress("embedding", 10) as bar:
            bar.advance(4)
            assert bar._bar is not None
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        work()
    assert "embedding" in terminal.getvalue()
    assert capsys.readouterr().out == ""
    with progress("again", 10):  # a bar that was left running would make rich refuse the next
        pass
