"""A run: one folder that says what was asked, what happened and what came out; never half-written, one writer at a time."""

from __future__ import annotations

import dataclasses
import fcntl
import json
import os
import platform
import shutil
import subprocess
import sys
import time
import weakref
from collections.abc import Mapping, Set
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import IO, Any

from foveate.core.errors import FoveateError
from foveate.core.files import explained, finite, read_json, write_json, write_text

# What may differ between a run and its resumption: where and how it computes, not what.
_FREE = {"out", "resume", "device", "json", "engine"}
_HELD: weakref.WeakSet[Run] = weakref.WeakSet()


class Run:
    """The folder of one run, held by this process until ``close`` (or its death).

    ``OUT/{config.json, log.jsonl, report.json, report.html, checkpoints/epoch-0012/…}``

    The lock is the operating system's (``flock``), so that a holder that was killed leaves none behind.

    Args:
        out: the folder, or None for ``runs/VERB-TIME`` under the current one.
        verb: what is run.
        config: the resolved configuration (a dataclass or a mapping), written to ``config.json``.
        resume: go on in a folder that already holds this run; in an empty one, start.
        free: more settings that may differ between a run and its resumption.

    Raises:
        FoveateError: the folder is in use, holds something else or another configuration, or cannot be written.
    """

    def __init__(
        self, out: str | Path | None, verb: str, config: Any, *, resume: bool = False, free: Set[str] = frozenset()
    ) -> None:
        self.verb = verb
        self.config: dict[str, Any] = as_plain(config)
        self.resumed = False
        self._free = _FREE | free
        self._lock: IO[str] | None = None
        try:
            self.folder = Path(out).expanduser() if out else _fresh_folder(verb)
            self._made = not out or not self.folder.exists()
            self._look(resume)  # before anything is written: a folder that is not ours is left as it was
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = _take_lock(self.folder)
        except (OSError, RuntimeError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            raise FoveateError(
                f"the run folder {out or 'runs/'} cannot be written: {why}.", "choose another --out"
            ) from None
        _HELD.add(self)
        try:
            self._enter(self._look(resume))  # again: another process may have come and gone before the lock was ours
        except BaseException:
            self.close()
            raise

    def _look(self, resume: bool) -> dict[str, Any] | None:
        """Refuse a folder that is not ours to write; return the record of the run that stands there."""
        if self.folder.exists() and not self.folder.is_dir():
            raise FoveateError(f"--out {self.folder} is a file.", "choose a folder that does not exist yet")
        inside = {entry.name for entry in self.folder.iterdir()} if self.folder.is_dir() else set()
        inside -= {"lock"} | {name for name in inside if name.startswith(".") and name.endswith(".tmp")}
        if not inside:
            return None
        if not resume:
            more = "add --resume to go on with it, or " if "config.json" in inside else ""
            raise FoveateError(f"--out {self.folder} exists and is not empty.", f"{more}choose another --out")
        if "config.json" not in inside:
            raise FoveateError(f"--out {self.folder} holds no run of foveate.", "choose another --out")
        record = read_json(self.folder / "config.json", what="the configuration of a run")
        if not isinstance(record, dict) or not isinstance(record.get("config"), dict):
            raise FoveateError(f"{self.folder / 'config.json'} is not a run's configuration.", "choose another --out")
        if record.get("verb") != self.verb:
            raise FoveateError(
                f"{self.folder} holds a run of '{record.get('verb')}', not of '{self.verb}'.", "choose another --out"
            )
        old, new = record["config"], self.config
        changed = sorted(
            key for key in old.keys() | new.keys() if key not in self._free and old.get(key) != new.get(key)
        )
        if changed:
            key = changed[0]
            raise FoveateError(
                f"{self.folder} was started with {key}={old.get(key)!r}, not {new.get(key)!r}"
                + (f" (and {len(changed) - 1} more differences)." if len(changed) > 1 else "."),
                "resume with the same settings, or choose another --out",
            )
        return record

    def _enter(self, existing: dict[str, Any] | None) -> None:
        for stale in list(self.folder.rglob(".*.tmp")):
            shutil.rmtree(stale) if stale.is_dir() and not stale.is_symlink() else stale.unlink(missing_ok=True)
        self.resumed = existing is not None
        _drop_torn_line(self.folder / "log.jsonl")
        if existing is None:
            write_json(
                self.folder / "config.json",
                {
                    "verb": self.verb,
                    "config": self.config,
                    "command": command_line(self.verb, self.config),
                    "environment": environment(),
                },
            )

    def log(self, event: str, **fields: Any) -> None:
        """Append one line to ``log.jsonl``. Numbers that are not finite are written as null."""
        line = json.dumps({"event": event, "time": round(time.time(), 3), **finite(fields)}, ensure_ascii=False)
        path = self.folder / "log.jsonl"
        with explained(path), open(path, "a", encoding="utf-8") as stream:
            stream.write(line + "\n")

    def read_log(self) -> list[dict[str, Any]]:
        """The log's lines; a last line torn by a kill is dropped."""
        return read_log(self.folder)

    def rewind_log(self, keep: int) -> None:
        """Keep the first ``keep`` lines, so that a resumed run leaves the log of an uninterrupted one."""
        lines = self.read_log()[:keep]
        write_text(self.folder / "log.jsonl", "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))

    def close(self) -> None:
        if self._lock is not None:
            (self.folder / "lock").unlink(missing_ok=True)
            self._lock.close()
            self._lock = None
            _HELD.discard(self)

    def __enter__(self) -> Run:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        failed_at_once = kind is not None and not self.resumed and self._lock is not None
        if failed_at_once and {entry.name for entry in self.folder.iterdir()} <= {"config.json", "lock"}:
            # Nothing came of it, e.g. a tap was misspelt: the mended command may take the same --out.
            (self.folder / "config.json").unlink(missing_ok=True)
            self.close()
            if self._made:
                with suppress(OSError):
                    self.folder.rmdir()
        self.close()


def _take_lock(folder: Path) -> IO[str]:
    """The open file whose lock makes this process the folder's one writer."""
    path = folder / "lock"
    while True:
        lock = open(path, "a")  # noqa: SIM115  (held for the life of the run)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise FoveateError(
                f"another process is writing to {folder}.", "wait for it to end, or choose another --out"
            ) from None
        except OSError:
            lock.close()
            raise
        # The last holder removes the file when it closes: a lock on a file that no longer has the name excludes nobody.
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(lock.fileno()), path.stat()):
                return lock
        lock.close()


def _let_go_in_child() -> None:
    """A forked worker must not keep its parent's runs locked after the parent was killed."""
    for run in list(_HELD):
        if run._lock is not None:
            run._lock.close()  # closes the child's copy; the lock is the open file's, which the parent still holds
            run._lock = None


os.register_at_fork(after_in_child=_let_go_in_child)


def _drop_torn_line(log: Path) -> None:
    """Cut off a last line that a kill left without its end, so that the next one does not join it."""
    if not log.exists() or not (size := log.stat().st_size):
        return
    with open(log, "rb+") as stream:
        stream.seek(max(size - 65536, 0))
        tail = stream.read()
        if not tail.endswith(b"\n"):
            stream.truncate(size - len(tail) + tail.rfind(b"\n") + 1)


def read_log(folder: Path) -> list[dict[str, Any]]:
    """The lines of a run's ``log.jsonl``; empty where there is none."""
    path = Path(folder) / "log.jsonl"
    if not path.exists():
        return []
    lines = []
    for line in path.read_bytes().split(b"\n"):  # not splitlines: a text may hold U+2028, and a kill may halve a letter
        try:
            lines.append(json.loads(line))
        except (json.JSONDecodeError, UnicodeDecodeError):
            break
    return lines


def as_plain(config: Any) -> dict[str, Any]:
    """A configuration as JSON holds it: nested dataclasses as dicts, tuples as lists, paths as strings."""

    def plain(value: Any) -> Any:
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        if isinstance(value, Mapping):
            return {str(key): plain(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [plain(item) for item in value]
        return str(value) if isinstance(value, Path) else value

    return plain(config)


def command_line(verb: str, config: Mapping[str, Any]) -> str:
    """The command that repeats a run: as typed, or built from the configuration when it came from Python."""
    import shlex

    if Path(sys.argv[0]).name == "foveate":
        return shlex.join(["foveate", *sys.argv[1:]])
    arguments = ", ".join(f"{key}={value!r}" for key, value in config.items() if value is not None)
    return f"foveate.{verb}({arguments})"


def environment() -> dict[str, Any]:
    """Versions, machine and the git state of the user's tree."""
    versions = {}
    for package in (
        "foveate",
        "torch",
        "torchvision",
        "timm",
        "numpy",
        "datasets",
        "scikit-learn",
        "open_clip_torch",
        "transformers",
    ):
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processors": os.cpu_count(),
        "versions": versions,
        "git": _git_state(),
    }


def _git_state() -> dict[str, Any] | None:
    """Commit and cleanness of the tree that the command was run in, if it is one."""

    def git(*arguments: str) -> str | None:
        try:
            done = subprocess.run(["git", *arguments], capture_output=True, text=True, timeout=10, check=True)
        except (OSError, subprocess.SubprocessError):
            return None
        return done.stdout.strip()

    commit = git("rev-parse", "HEAD")
    return {"commit": commit, "dirty": bool(git("status", "--porcelain", "--untracked-files=no"))} if commit else None


def _fresh_folder(verb: str) -> Path:
    """A new folder ``runs/VERB-TIME``; made at once, so that two commands of one second get two."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    folder, again = Path("runs") / f"{verb}-{stamp}", 1
    while True:
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            if not Path("runs").is_dir():
                raise
            again += 1
            folder = Path("runs") / f"{verb}-{stamp}-{again}"
        else:
            return folder
