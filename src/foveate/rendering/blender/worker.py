# SPDX-License-Identifier: Apache-2.0 (compatible with Blender's GPL-3.0-or-later; see __init__.py)
"""The worker: answers requests, one JSON object per line, until its input ends.

    python worker.py --scratch FOLDER [--threads N] [--device auto|cpu]

The first line that it writes is a greeting: versions, device and the wire's version. Then each request
``{"id", "do": "render", "shot", "out"}`` is answered by ``{"id", "ok": true, …}`` or ``{"id", "ok": false, "error"}``. Blender prints to
the C standard output, so the answers go out on a duplicate of it and the original is turned to standard error.

The passes are written to the scratch folder, which whoever starts the worker removes after it; a worker whose parent was killed sees its
input end, and removes the folder itself.
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
import time  # noqa: E402
from pathlib import Path  # noqa: E402


def answer(message: dict) -> None:
    _out.write(json.dumps(message) + "\n")
    _out.flush()


def main(arguments: list[str]) -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's: it closes our input, or kills us
    options = dict(zip(arguments[::2], arguments[1::2], strict=True))
    try:
        import bpy
        import numpy as np
        import passes
        import stage
    except Exception as error:
        answer({"hello": WIRE, "error": f"{type(error).__name__}: {error}"})
        return 1
    theatre = stage.Stage(int(options.get("--threads", "1")), options.get("--device", "cpu"))
    answer(
        {
            "hello": WIRE,
            "blender": bpy.app.version_string,
            "python": sys.version.split()[0],
            "numpy": np.__version__,
            "device": theatre.device,
            "can": ["render", "look"],
        }
    )
    folder = Path(options["--scratch"])
    try:
        for line in sys.stdin:
            request = json.loads(line)
            started, cpu = time.perf_counter(), time.process_time()
            try:
                reply = respond(request, theatre, passes, folder, np)
            except MemoryError:
                raise
            except Exception as error:
                reply = {"ok": False, "error": f"{type(error).__name__}: {error}".split("\n")[0]}
            reply["seconds"], reply["cpu"] = time.perf_counter() - started, time.process_time() - cpu
            answer({"id": request["id"], **reply})
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def respond(request: dict, theatre, passes, folder: Path, np) -> dict:
    """``render``: a shot into ``out`` (.npz). ``look``: a user's asset, whether and how large it loads."""
    if request["do"] == "look":
        prop = theatre.prop(request["asset"])
        return {"ok": True, "triangles": len(prop.faces), "extent": float(1 / prop.fit[0, 0])}
    shot, out = request["shot"], Path(request["out"])
    truth = theatre.set(shot)
    found, rendered = passes.render(theatre.scene, shot, theatre.names, folder)
    truth |= {"bounds": [], "visibility": [], "outline": []}
    for index, surface in enumerate(truth.pop("surface")):
        share, box = passes.visibility(surface, found["coverage"][index], truth["camera"])
        truth["visibility"].append(share)
        truth["outline"].append(box)
    for index, (points, faces) in enumerate(zip(truth.pop("points"), truth.pop("faces"), strict=True)):
        truth["bounds"].append([points.min(0).tolist(), points.max(0).tolist()])
        if "mesh" in shot["passes"]:
            found[f"mesh{index}.vertices"], found[f"mesh{index}.faces"] = (
                points.astype(np.float32),
                faces.astype(np.int32),
            )
    found["truth"] = np.frombuffer(json.dumps(truth).encode(), np.uint8)
    part = out.with_name(f".{out.name}.tmp")
    with open(part, "wb") as stream:
        np.savez(stream, **found)
    os.replace(part, out)
    return {"ok": True, "rendered": rendered}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
