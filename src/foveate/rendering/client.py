"""The worker's other end: one Blender process, asked one thing at a time, replaced when it dies or hangs."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import tempfile
import threading
from collections import deque
from pathlib import Path
from typing import Any

from foveate.core.errors import FoveateError
from foveate.rendering import blender
from foveate.rendering.install import interpreter

WIRE = 1  # version of the protocol; the worker's greeting names its own
DEVICES = ("auto", "cpu", "cuda", "mps")
START = 180.0  # seconds for Blender to start on a cold disk


class WorkerLost(Exception):  # noqa: N818  (what happened, for Studio to answer; users never see it)
    """The worker died or did not answer in time: its last request was not done.

    Attributes:
        killed: it was ended by a signal, and not by us.
    """

    def __init__(self, why: str, *, killed: bool = False) -> None:
        super().__init__(why)
        self.killed = killed


class WorkerFailed(Exception):  # noqa: N818
    """The worker could not do what it was asked, and says why; it goes on."""


class Worker:
    """One Blender process.

    Args:
        python: that can import bpy. threads: of Cycles. device: one of ``DEVICES``; ``auto`` is a GPU where Blender finds one.

    Raises:
        WorkerLost: it was killed while it started.
        FoveateError: it does not start, speaks another version of the protocol, or the device is not there.
    """

    def __init__(self, python: Path, *, threads: int = 1, device: str = "cpu") -> None:
        if device not in DEVICES:
            raise FoveateError(
                f"--device {device} means nothing to Blender, which takes all of a kind.", f"give {', '.join(DEVICES)}"
            )
        script = Path(str(blender.__file__)).with_name("worker.py")
        self._scratch = tempfile.TemporaryDirectory(prefix="foveate-worker-", ignore_cleanup_errors=True)
        command = [str(python), "-s", str(script), "--scratch", self._scratch.name]
        command += ["--threads", str(threads), "--device", device]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
                env=os.environ | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), self._scratch.name),  # Blender's files too
            )
        except OSError as error:
            self._scratch.cleanup()
            raise FoveateError(f"{python} cannot be started: {error.strerror}.", "give --blender-python PATH") from None
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._last_words: deque[str] = deque(maxlen=20)
        self._count = 0
        threading.Thread(target=self._listen, daemon=True).start()
        threading.Thread(target=self._overhear, daemon=True).start()
        try:
            self.about = self._receive(START)
        except WorkerLost as lost:
            self.close()
            if lost.killed:
                raise  # another one may live
            raise FoveateError(
                f"Blender did not start: {self.last_words()}",
                "check that this Python can import bpy, numpy and OpenEXR, or leave --blender-python out",
            ) from None
        if "error" in self.about or self.about.get("hello") != WIRE:
            self.close()
            raise FoveateError(
                f"{python} cannot render: {self.about.get('error', 'another version of the worker answers')}.",
                "give --blender-python a Python with bpy, numpy and OpenEXR, or leave it out",
            )
        if device in ("cuda", "mps") and self.about["device"] == "CPU":
            self.close()
            raise FoveateError(f"--device {device}: Blender finds none on this machine.", "leave --device out")

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, request: dict[str, Any], limit: float) -> dict[str, Any]:
        """Send a request and wait for its answer, at most ``limit`` seconds.

        Raises:
            WorkerLost: it died or hung, and has been killed. WorkerFailed: it answers that it cannot.
            FoveateError: what it had to write could not be written.
        """
        self._count += 1
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps({"id": self._count, **request}) + "\n")
            self._process.stdin.flush()
        except (OSError, ValueError):
            self.close()
            raise WorkerLost(f"Blender has ended: {self.last_words()}") from None
        answer = self._receive(limit)
        assert answer["id"] == self._count, "answers come in the order of the requests"
        if "unwritable" in answer:
            raise FoveateError(
                f"{answer['unwritable']} cannot be written: {answer['error']}.",
                "see to the space and the permissions there; a rendering goes on with --resume",
            )
        if not answer["ok"]:
            raise WorkerFailed(answer["error"])
        return answer

    def last_words(self) -> str:
        """The end of what the process said on its standard error."""
        said = [line for line in self._last_words if line and "WARNING" not in line]
        return said[-1] if said else f"it ended with {self._process.poll()}"

    def close(self) -> None:
        """End the process, whatever it does, and remove what it left."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None and stream is self._process.stdin:
                try:
                    stream.close()
                except OSError:
                    continue  # the other end is gone: what that file still held cannot be sent
        self._scratch.cleanup()

    def _receive(self, limit: float) -> dict[str, Any]:
        try:
            line = self._lines.get(timeout=limit)
        except queue.Empty:
            self.close()
            raise WorkerLost(f"Blender did not answer within {limit:.0f} s") from None
        if line is None:
            try:
                ended = self._process.wait(1)  # it has closed its output: its end is near
            except subprocess.TimeoutExpired:
                ended = 0
            self.close()
            raise WorkerLost(f"Blender has ended: {self.last_words()}", killed=ended < 0)
        try:
            answer = json.loads(line)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            self.close()
            raise WorkerLost(f"it answers what is no message: {line.strip()[:80]}")
        return answer

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def _overhear(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._last_words.append(line.strip())


class Studio:
    """A worker that is started when first needed, and replaced once per request when it is lost.

    Args:
        python: the interpreter, or None for the one that ``install`` finds.
    """

    def __init__(self, python: str | None = None, *, threads: int = 1, device: str = "cpu") -> None:
        self._python = interpreter(python)
        self._threads, self._device = threads, device
        self._worker: Worker | None = None
        self._began = False
        self.closed = False
        self.lost = 0

    @property
    def worker(self) -> Worker:
        """The process as it is now."""
        if self.closed:
            raise WorkerLost("it has been closed")
        if self._worker is None:
            self._worker = self._again() if self._began else self._first()
            self._began = True
        return self._worker

    def _start(self) -> Worker:
        return Worker(self._python, threads=self._threads, device=self._device)

    def _first(self) -> Worker:
        """The first one; killed while it starts, it is started once more."""
        try:
            return self._start()
        except WorkerLost:
            pass
        try:
            return self._start()
        except WorkerLost as lost:
            raise FoveateError(
                f"Blender is killed while it starts: {lost}.",
                "see whether there is memory for it, or take fewer --workers",
            ) from None

    def _again(self) -> Worker:
        """Another one, where one has run: what is amiss now is not the interpreter."""
        try:
            return self._start()
        except FoveateError as error:
            raise WorkerLost(f"Blender could not be started again: {error.what}") from None

    def ask(self, request: dict[str, Any], limit: float) -> dict[str, Any]:
        """As ``Worker.ask``; a lost worker is replaced and the request sent once more.

        Raises:
            WorkerLost: twice in a row: the request itself is too much. WorkerFailed: as there.
        """
        try:
            return self.worker.ask(request, limit)
        except WorkerLost:
            if self.closed:
                raise
            self.lost += 1
            self._worker = None
        try:
            return self.worker.ask(request, limit)
        except WorkerLost:
            self._worker = None
            raise

    def render(self, shot: dict[str, Any], out: Path) -> dict[str, Any]:
        """A shot into ``out`` (.npz), within a time that grows with its pixels and samples."""
        limit = 120 + 4e-4 * shot["px"] ** 2 * shot["samples"]
        return self.ask({"do": "render", "shot": shot, "out": str(out)}, limit)

    def look(self, asset: Path) -> dict[str, Any]:
        """Whether a user's object or panorama can be read, and how large it is."""
        return self.ask({"do": "look", "asset": str(asset)}, 120)

    def close(self) -> None:
        """End it for good: what another thread waits for is lost, and not sent again."""
        self.closed = True
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    def __enter__(self) -> Studio:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
