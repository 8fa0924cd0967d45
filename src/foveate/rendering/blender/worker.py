# SPDX-License-Identifier: Apache-2.0 (compatible with Blender's GPL-3.0-or-later; see __init__.py)
"""The worker: answers requests, one JSON object per line, until its input ends.

    python worker.py --scratch FOLDER [--threads N] [--device auto|cpu|cuda|mps]

The first line that it writes is a greeting: versions, device and the wire's version. Then each request
``{"id", "do": "render", "shot", "out"}`` or ``{"id", "do": "look", "asset"}`` is answered by ``{"id", "ok": true, …}`` or ``{"id", "ok":
false, "error"}``, with ``"unwritable"`` where it is a folder that could not be written to. Blender prints to
the C standard output, so the answers go out on a duplicate of it and the original is turned to standard error.

The passes are written to the scratch folder, which whoever starts the worker removes after it; a worker whose parent has gone ends
within a second, whatever it is rendering, and removes the folder itself.
"""

from __future__ import annotations

import os
import sys

WIRE = 1
_out = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
os.dup2(2, 1)
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import json  # noqa: E402
import shutil  # noqa: E402
import signal  # noqa: E402
import threading  # noqa: E402
import time  # noqa: E402
from pathlib import Path  # noqa: E402


def answer(message: dict) -> None:
    _out.write(json.dumps(message) + "\n")
    _out.flush()


def main(arguments: list[str]) -> int:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # they are the parent's, which kills us, or dies and is missed
    options = dict(zip(arguments[::2], arguments[1::2], strict=True))
    folder = Path(options["--scratch"])
    threading.Thread(target=_miss, args=(os.getppid(), folder), daemon=True).start()
    try:
        return _serve(folder, int(options.get("--threads", "1")), options.get("--device", "cpu"))
    except BrokenPipeError:
        return 1  # nobody is left to be answered
    finally:
        _remove(folder)


def _serve(folder: Path, threads: int, device: str) -> int:
    try:
        import answers
        import bpy
        import numpy as np
        import stage
    except Exception as error:
        answer({"hello": WIRE, "error": f"{type(error).__name__}: {error}"})
        return 1
    theatre = stage.Stage(threads, device)
    answer(
        {
            "hello": WIRE,
            "blender": bpy.app.version_string,
            "python": sys.version.split()[0],
            "numpy": np.__version__,
            "device": theatre.device,
        }
    )
    for line in sys.stdin:
        request = json.loads(line)
        started, cpu = time.perf_counter(), time.process_time()
        try:
            reply = answers.respond(request, theatre, folder)
        except MemoryError:
            raise
        except answers.UnwritableError as error:
            reply = {"ok": False, "unwritable": error.path, "error": error.why}
        except Exception as error:
            reply = {"ok": False, "error": f"{type(error).__name__}: {error}".split("\n")[0]}
        reply["seconds"], reply["cpu"] = time.perf_counter() - started, time.process_time() - cpu
        answer({"id": request["id"], **reply})
    return 0


def _miss(parent: int, folder: Path) -> None:
    """End this process once its parent has: a picture that is under way would be written where another may write by then."""
    while os.getppid() == parent:
        time.sleep(0.5)
    _remove(folder)
    os._exit(1)


def _remove(folder: Path) -> None:
    """Remove the scratch folder, though a picture that is under way in the other thread may still write to it."""
    for _ in range(20):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
