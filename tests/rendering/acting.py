"""Blender, played by a few lines of NumPy: a ``Studio`` for tests that are about what comes before and after it."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from foveate.rendering.client import WorkerFailed, WorkerLost


class Actor:
    """Plays ``Studio``: answers shots with pictures in the worker's own format.

    Attributes:
        shots: what was asked, in order. gate: where cleared, a render waits for it. pace: seconds of a render.
        failing: tries that are lost from now on; two lose a request. refusing: what it says that it cannot do.
        pid: of a process that stands for Blender; its death loses one try.
    """

    def __init__(self, *_: Any, **__: Any) -> None:
        self.shots: list[dict[str, Any]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.pace, self.failing, self.lost, self.refusing = 0.0, 0, 0, ""
        self.closed = False
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        if self._process is None:
            self._process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        return self._process.pid

    def render(self, shot: dict[str, Any], out: Path) -> dict[str, Any]:
        self.shots.append(shot)
        for attempt in range(2):
            self.gate.wait(20)
            time.sleep(self.pace)
            if self.refusing:
                raise WorkerFailed(self.refusing)
            dead = self._process is not None and self._process.poll() is not None
            if not (self.failing or dead):
                out.write_bytes(_picture(shot))
                return {"ok": True, "seconds": self.pace, "cpu": self.pace, "rendered": self.pace}
            self.failing, self._process = max(0, self.failing - 1), None
            if not attempt:
                self.lost += 1
        raise WorkerLost("Blender has ended: it ended with -9")

    def close(self) -> None:
        self.closed = True
        self.gate.set()
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def _picture(shot: dict[str, Any]) -> bytes:
    """Objects as discs at their place, turned with the camera, before a ramp."""
    px, yaw = shot["px"], np.radians(float(shot["camera"]["yaw"]))
    y, x = np.mgrid[:px, :px] / px
    picture = np.stack([0.35 + 0.3 * x, 0.4 + 0.2 * y, 0.5 + 0.2 * np.sin(yaw) * np.ones_like(x)], -1)
    depth = np.where(y < 0.3, 1e10, 8 - 6 * y).astype(np.float32)
    coverage, outlines, poses, bounds = [], [], [], []
    for index, one in enumerate(shot["objects"]):
        right, away, up = one["place"]
        cx, cy, r = 0.5 + 0.35 * right + 0.1 * np.sin(yaw), 0.55 - 0.3 * up, 0.18 * one["size"]
        disc = (x - cx) ** 2 + (y - cy) ** 2 < r**2
        coverage.append(disc.astype(np.float16))
        picture[disc] = np.array([[0.9, 0.5, 0.2], [0.2, 0.6, 0.9], [0.3, 0.8, 0.3]])[index % 3]
        depth[disc] = 2.6 + away
        outlines.append([px * (cx - r), px * (cy - r), px * (cx + r), px * (cy + r)])
        pose = np.eye(4)
        pose[:3, 3] = right, away, up
        poses.append(pose.tolist())
        bounds.append([[right - 0.3, away - 0.3, up], [right + 0.3, away + 0.3, up + 0.8]])
    truth = {
        "outline": outlines,
        "visibility": [1.0] * len(outlines),
        "poses": poses,
        "bounds": bounds,
        "camera": {
            "intrinsics": np.eye(3).tolist(),
            "extrinsics": [[1, 0, 0, 0], [0, 0, -1, 0], [0, 1, 0, 2.6], [0, 0, 0, 1]],
        },
    }
    png, file = io.BytesIO(), io.BytesIO()
    Image.fromarray((picture * 255).clip(0, 255).astype(np.uint8)).save(png, "PNG")
    np.savez(
        file,
        png=np.frombuffer(png.getvalue(), np.uint8),
        coverage=np.array(coverage, np.float16).reshape(-1, px, px),
        depth=depth,
        truth=np.frombuffer(json.dumps(truth).encode(), np.uint8),
    )
    return file.getvalue()
