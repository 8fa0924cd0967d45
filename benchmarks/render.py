"""Rendering pictures of one world: foveate's kept worker against a script that starts Blender and builds the scene for each one.

Both use the same Blender, the same scene, samples, passes and one thread; the peer is the plain way to do it, and what a
shell loop around any scene script does. CPU seconds of the Blender process, starts included on the peer's side as they
are its way; on ours the start is counted too, spread over the pictures. Rows without a peer tell prices.
"""

from __future__ import annotations

import os
import resource
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from foveate.rendering import record, truth
from foveate.rendering.client import Studio
from foveate.rendering.designs import Planned
from foveate.rendering.factors import DEFAULTS
from foveate.rendering.palette import Palette
from foveate.rendering.shots import cast, shot

PICTURES = {64: 96, 128: 48, 224: 16}
NAIVE = 3
WORLDS = ("meadow", "living_room", "street", "studio")


def _shots(px: int, count: int, world: str) -> list[dict[str, Any]]:
    """Pictures that differ in object, view and size."""
    palette = Palette()
    objects = ("zebra", "car", "teapot", "duck")
    made = []
    for k in range(count):
        factors = DEFAULTS | {
            "world": world,
            "object": objects[k % 4],
            "camera_yaw": 30.0 * k % 180,
            "size": 0.8 + 0.1 * (k % 4),
        }
        made.append(shot(factors, k, palette, px=px, samples=16, passes=[]))
    return made


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _kept(px: int, world: str) -> tuple[float, float, float]:
    """CPU seconds a picture with the start spread over all, without it, and the share spent outside Cycles: in the worker's own
    scene building, reading and writing, and in checking the picture and writing its row."""
    before, palette = _cpu_of_children(), Palette()
    planned = [Planned(k, dict(DEFAULTS), k) for k in range(PICTURES[px])]
    with tempfile.TemporaryDirectory() as name, Studio(threads=1) as studio:
        folder = Path(name)
        answers, host = [], []
        for one, k in zip(_shots(px, PICTURES[px], world), planned, strict=True):
            path = folder / f"{k.index}.npz"
            answers.append(studio.render(one, path))
            started = time.process_time()
            found = truth.read(path)
            truth.fault(found, (0.02, 0.7), k.factors)
            row = record.row(k, k.factors, cast(k.factors, k.seed, palette), found, palette)
            record.write([row], record.features(px, normal=False, flow=False), folder / "row.parquet")
            host.append(time.process_time() - started)
    warm = slice(PICTURES[px] // 3, None)
    outside = [
        a["cpu"] * (1 - a["rendered"] / a["seconds"]) + h for a, h in zip(answers[warm], host[warm], strict=True)
    ]
    each = statistics.median(a["cpu"] for a in answers[warm])
    return (_cpu_of_children() - before) / PICTURES[px], each, statistics.median(outside) / each


def _naive(px: int, world: str) -> float:
    """CPU seconds a picture when each starts Blender and builds the scene."""
    before = _cpu_of_children()
    with tempfile.TemporaryDirectory() as folder:
        for one in _shots(px, NAIVE, world):
            with Studio(threads=1) as studio:
                studio.render(one, Path(folder) / "p.npz")
    return (_cpu_of_children() - before) / NAIVE


def run() -> list[dict[str, Any]]:
    os.environ["OMP_NUM_THREADS"] = "1"
    rows = []
    for px in (64, 128, 224):
        for world in WORLDS:
            all_in, warm, outside = _kept(px, world)
            naive = _naive(px, world) if world in WORLDS[:2] else float("nan")
            rows.append(
                {
                    "name": f"render {world}, {px} px, 16 samples",
                    "ours": all_in,
                    "peer": naive,
                    "ratio": naive / all_in,
                    "unit": "CPU s",
                    "note": f"once warm {warm:.2f} CPU s, {outside:.0%} of it outside Cycles",
                }
            )
    return rows
