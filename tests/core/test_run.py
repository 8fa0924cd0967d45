"""Run folders: one writer at a time, nothing half-written, and a resumption that is the run that was started."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from foveate.core import run as room
from foveate.core.errors import FoveateError
from foveate.core.run import Run, as_plain, command_line, environment, read_log

HOLDER = """
import os, sys, time
from foveate.core.run import Run
run = Run(sys.argv[1], "embed", {"encoder": "timm:x", "seed": 0}, resume=True)
run.log("started")
child = os.fork() if "fork" in sys.argv else -1
if child == 0:
    os.read(0, 1)  # until the test ends
    os._exit(0)
print(child, flush=True)
time.sleep(60)
"""
CONFIG = {"encoder": "timm:x", "seed": 0}


@contextmanager
def holder(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], int | None]]:
    """A process that holds the run, and its forked child's id where it has one; both are gone afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        said = int(process.stdout.readline())
        yield process, said if said > 0 else None
    finally:
        process.kill()
        process.wait()
        process.stdin.close()  # by which the child ends, too
        process.stdout.close()


def inside(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_run_writes_what_was_asked_and_lets_go(tmp_path: Path) -> None:
    with Run(tmp_path / "a" / "run", "embed", CONFIG) as run:
        assert not run.resumed
        assert (run.folder / "lock").exists()
        run.log("batch", loss=0.5, rate=float("nan"))
        run.log("batch", loss=0.25)
    assert inside(run.folder) == ["config.json", "log.jsonl"]
    record = json.loads((run.folder / "config.json").read_text())
    assert record["verb"] == "embed"
    assert record["config"] == CONFIG
    assert record["command"] == "foveate.embed(encoder='timm:x', seed=0)"
    assert record["environment"]["versions"]["torch"]
    events = read_log(run.folder)
    assert [event["loss"] for event in events] == [0.5, 0.25]
    assert events[0]["rate"] is None
    run.close()  # twice is harmless


def test_a_folder_that_holds_something_is_refused_and_untouched(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_text("x")
    for resume in (False, True):
        with pytest.raises(FoveateError, match=r"not empty|holds no run"):
            Run(tmp_path, "embed", CONFIG, resume=resume)
    assert inside(tmp_path) == ["holiday.jpg"]


def test_a_finished_run_is_not_overwritten(tmp_path: Path) -> None:
    with Run(tmp_path, "pretrain", CONFIG) as run:
        run.log("done")
    with pytest.raises(FoveateError, match="not empty") as caught:
        Run(tmp_path, "pretrain", CONFIG)
    assert "--resume" in caught.value.remedy
    assert len(read_log(tmp_path)) == 1


def test_an_empty_folder_is_taken_and_resume_starts_there(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("")  # a killed holder's
    (tmp_path / ".config.json.abc.tmp").write_text("half")
    with Run(tmp_path, "embed", CONFIG, resume=True) as run:
        assert not run.resumed
        run.log("x")
    assert inside(tmp_path) == ["config.json", "log.jsonl"]


def test_resume_goes_on(tmp_path: Path) -> None:
    with Run(tmp_path, "embed", {**CONFIG, "device": "cpu", "out": "here", "json": False}) as run:
        run.log("one")
    before = (tmp_path / "config.json").read_bytes()
    with Run(tmp_path, "embed", {**CONFIG, "device": "cuda", "out": "there", "json": True}, resume=True) as run:
        assert run.resumed
        run.log("two")
    assert [event["event"] for event in run.read_log()] == ["one", "two"]
    assert (tmp_path / "config.json").read_bytes() == before


@pytest.mark.parametrize(
    ("verb", "changes", "what"),
    [
        ("embed", {"seed": 1}, "started with seed=0, not 1."),
        ("embed", {"seed": 1, "encoder": "timm:y"}, r"encoder='timm:x', not 'timm:y' \(and 1 more"),
        ("embed", {"taps": ["pooled"]}, "taps=None"),
        ("probe", {}, "holds a run of 'embed', not of 'probe'"),
    ],
)
def test_resume_with_another_configuration_is_refused(
    tmp_path: Path, verb: str, changes: dict[str, object], what: str
) -> None:
    with Run(tmp_path, "embed", CONFIG) as run:
        run.log("x")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(FoveateError, match=what):
        Run(tmp_path, verb, {**CONFIG, **changes}, resume=True)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("torn", ['{"verb": "embed", "conf', "[]", '{"verb": "embed", "config": 3}', "null", ""])
def test_a_damaged_configuration(tmp_path: Path, torn: str) -> None:
    (tmp_path / "config.json").write_text(torn)
    with pytest.raises(FoveateError, match=r"not valid JSON|not a run's configuration"):
        Run(tmp_path, "embed", CONFIG, resume=True)
    assert inside(tmp_path) == ["config.json"]
    assert (tmp_path / "config.json").read_text() == torn


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    with holder(tmp_path):
        with pytest.raises(FoveateError, match="another process is writing"):
            Run(tmp_path, "embed", CONFIG, resume=True)
        with pytest.raises(FoveateError, match="not empty"):
            Run(tmp_path, "embed", CONFIG)
        assert "lock" in inside(tmp_path), "the refused one must not take the holder's lock away"
        with pytest.raises(FoveateError, match="another process is writing"):
            Run(tmp_path, "embed", CONFIG, resume=True)


def test_a_second_writer_in_the_same_process_is_refused(tmp_path: Path) -> None:
    with Run(tmp_path, "embed", CONFIG) as run:
        run.log("x")
        with pytest.raises(FoveateError, match="another process is writing"):
            Run(tmp_path, "embed", CONFIG, resume=True)


def until_free(folder: Path, seconds: float = 10.0) -> None:
    """A forked child lets go of the lock when it first runs: on a busy machine that may be after its parent died."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with open(folder / "lock", "a") as lock, suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        time.sleep(0.02)


@pytest.mark.parametrize("arguments", [(), ("fork",)])
def test_a_killed_holders_lock_is_taken_over(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """At once, and also where a worker that it had forked lives on."""
    with holder(tmp_path, *arguments) as (process, child):
        process.send_signal(signal.SIGKILL)
        process.wait()
        if child is not None:
            os.kill(child, 0)  # it lives
            until_free(tmp_path)
        with Run(tmp_path, "embed", CONFIG, resume=True) as run:
            assert run.resumed
            assert [event["event"] for event in run.read_log()] == ["started"]


def test_many_at_once_one_wins(tmp_path: Path) -> None:
    """Six processes want one new folder: one gets it, the others are refused, and the folder holds one run."""
    code = (
        "import sys, time\nfrom foveate.core.run import Run\nfrom foveate.core.errors import FoveateError\n"
        "time.sleep(max(0, float(sys.argv[2]) - time.time()))\n"
        "try:\n    run = Run(sys.argv[1], 'embed', {}); run.log('mine'); time.sleep(0.3); run.close(); print('won')\n"
        "except FoveateError as error:\n    print('lost')\n"
    )
    start = str(time.time() + 1.5)
    some = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "run"), start], stdout=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    said = sorted(process.communicate()[0].strip() for process in some)
    assert said == ["lost"] * 5 + ["won"]
    assert inside(tmp_path / "run") == ["config.json", "log.jsonl"]
    assert len(read_log(tmp_path / "run")) == 1


def test_a_lock_file_that_its_holder_removed_excludes_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between opening and locking the file, its holder closes and removes it: the lock must be of the new file."""
    first = Run(tmp_path, "embed", CONFIG)
    first.log("x")
    real, calls = room.fcntl.flock, []

    def flock(file: object, how: int) -> None:
        calls.append(how)
        if len(calls) == 1:
            first.close()
        real(file, how)  # type: ignore[arg-type]

    monkeypatch.setattr(room.fcntl, "flock", flock)
    with Run(tmp_path, "embed", CONFIG, resume=True) as second:
        assert len(calls) == 2
        assert second._lock is not None
        assert os.path.samestat(os.fstat(second._lock.fileno()), (tmp_path / "lock").stat())


def test_a_run_that_fails_at_once_leaves_nothing(tmp_path: Path) -> None:
    out = tmp_path / "run"
    with pytest.raises(FoveateError, match="no such tap"), Run(out, "embed", CONFIG):
        raise FoveateError("no such tap.", "mend it")
    assert inside(tmp_path) == []

    def fail_later() -> None:
        with Run(out, "embed", CONFIG) as run:
            run.log("one batch")
            raise FoveateError("later.", "x")

    with pytest.raises(FoveateError, match="later"):
        fail_later()
    assert inside(tmp_path) == ["run", "run/config.json", "run/log.jsonl"], "what it had done stays"
    with pytest.raises(RuntimeError), Run(out, "embed", CONFIG, resume=True):
        raise RuntimeError
    assert "run/config.json" in inside(tmp_path)
    mine = tmp_path / "mine"
    mine.mkdir()
    with pytest.raises(RuntimeError), Run(mine, "embed", CONFIG):
        raise RuntimeError
    assert mine.is_dir(), "the user's own empty folder stays"
    assert inside(mine) == []


def test_places_that_cannot_hold_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("x")
    for out in ("file", "file/run", "file/deeper/run", "x" * 300):
        with pytest.raises(FoveateError, match=r"is a file|cannot be written"):
            Run(tmp_path / out, "embed", CONFIG)
    with pytest.raises(FoveateError, match="cannot be written"):
        Run("~nobody-of-that-name/run", "embed", CONFIG)
    assert inside(tmp_path) == ["file"]

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)  # tests may run as root, whom no permission stops
    for out in (tmp_path / "new", None):
        with pytest.raises(FoveateError, match="cannot be written: Permission denied"):
            Run(out, "embed", CONFIG)


def test_a_full_disk_while_logging(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with Run(tmp_path, "embed", CONFIG) as run:
        (tmp_path / "log.jsonl").symlink_to("/dev/full")
        with pytest.raises(FoveateError, match="disk is full"):
            run.log("x", filler="y" * 100)
        (tmp_path / "log.jsonl").unlink()


def test_a_file_system_without_locks_is_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def flock(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(room.fcntl, "flock", flock)
    with pytest.raises(FoveateError, match="cannot be written: No locks available"):
        Run(tmp_path / "run", "embed", CONFIG)


@pytest.mark.parametrize("torn", ['{"event": "three", "ti', '{"event": "thr\xfc'])
def test_a_log_line_torn_by_a_kill_is_dropped(tmp_path: Path, torn: str) -> None:
    with Run(tmp_path, "embed", CONFIG) as run:
        run.log("one")
        run.log("two", text="a\u2028b")
    with open(tmp_path / "log.jsonl", "ab") as stream:
        stream.write(torn.encode()[:-1])
    assert [event["event"] for event in read_log(tmp_path)] == ["one", "two"]
    with Run(tmp_path, "embed", CONFIG, resume=True) as run:
        run.log("three again")
    assert [event["event"] for event in read_log(tmp_path)] == ["one", "two", "three again"]


def test_rewind_keeps_the_first_lines(tmp_path: Path) -> None:
    with Run(tmp_path, "embed", CONFIG) as run:
        for step in range(5):
            run.log("step", step=step)
        text = (tmp_path / "log.jsonl").read_text().splitlines()
        run.rewind_log(3)
        assert (tmp_path / "log.jsonl").read_text().splitlines() == text[:3]
        run.log("step", step=9)
    assert [event["step"] for event in read_log(tmp_path)] == [0, 1, 2, 9]
    assert read_log(tmp_path / "nowhere") == []


def test_stale_temporaries_are_swept_and_nothing_outside(tmp_path: Path) -> None:
    out, outside = tmp_path / "run", tmp_path / "outside"
    outside.mkdir()
    (outside / "keep").write_text("x")
    with Run(out, "embed", CONFIG) as run:
        run.log("x")
    (out / "checkpoints" / ".epoch-0001.tmp").mkdir(parents=True)
    (out / "checkpoints" / ".epoch-0001.tmp" / "half").write_text("")
    (out / ".report.json.abc.tmp").write_text("")
    (out / ".link.tmp").symlink_to(outside)
    with Run(out, "embed", CONFIG, resume=True):
        pass
    assert inside(out) == ["checkpoints", "config.json", "log.jsonl"]
    assert (outside / "keep").exists()


def test_default_folders_never_collide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(room.time, "strftime", lambda _format: "20260101-000000")
    runs = [Run(None, "probe", CONFIG) for _ in range(3)]
    assert [str(run.folder) for run in runs] == [f"runs/probe-20260101-000000{end}" for end in ("", "-2", "-3")]
    for run in runs:
        run.close()


@dataclass(frozen=True)
class Inner:
    widths: tuple[int, ...] = (3, 4)


@dataclass(frozen=True)
class Outer:
    path: Path = Path("a/b")
    inner: Inner = Inner()
    table: dict[int, float] | None = None


def test_configurations_become_plain() -> None:
    assert as_plain(Outer(table={1: 2.0})) == {"path": "a/b", "inner": {"widths": [3, 4]}, "table": {"1": 2.0}}
    json.dumps(as_plain(Outer()))


def test_the_command_is_the_one_that_was_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/bin/foveate", "probe", "timm:x", "folder:my photos"])
    assert command_line("probe", {}) == "foveate probe timm:x 'folder:my photos'"
    monkeypatch.setattr(sys, "argv", ["notebook.py"])
    assert command_line("probe", {"encoder": "timm:x", "test": None}) == "foveate.probe(encoder='timm:x')"


def test_the_environment_tells_the_users_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert environment()["git"] is None
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    (tmp_path / "x").write_text("1")
    for arguments in (["init", "-q"], ["add", "x"], ["commit", "-qm", "x"]):
        subprocess.run([*git, *arguments], check=True)
    state = environment()["git"]
    assert len(state["commit"]) >= 40
    assert state["dirty"] is False
    (tmp_path / "x").write_text("2")
    assert environment()["git"]["dirty"] is True
    monkeypatch.setenv("PATH", "")
    assert environment()["git"] is None
