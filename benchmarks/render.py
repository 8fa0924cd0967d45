"""Rendering pictures of one world: foveate's kept worker against a script that starts Blender and builds the scene for each one.

Both use the same Blender, the same scene, samples, passes and one thread; the peer is the plain way to do it, and what a
shell loop around any scene script does: for each picture it models world and object anew and starts Blender. The note says
what is left of that where it is given foveate's meshes, ready built. CPU seconds, all included; on our side the one start
is spread over the pictures, and meshes are built. Rows without a peer tell prices.
"""

from __future__ import annotations

import math
import os
import resource
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from foveate.core.seeds import numpy_stream
from foveate.rendering import record, truth
from foveate.rendering.catalogue import OBJECTS, WORLDS
from foveate.rendering.client import Studio
from foveate.rendering.designs import Planned
from foveate.rendering.factors import DEFAULTS
from foveate.rendering.palette import Palette
from foveate.rendering.shots import cast, shot

PICTURES = {64: 96, 128: 32, 224: 8}
NAIVE = 3
SHOWN = ("zebra", "car", "teapot", "duck")
PLACES = ("meadow", "living_room", "desert")


def _shots(px: int, count: int, world: str) -> list[dict[str, Any]]:
    """Pictures that differ in object, view and size."""
    palette = Palette()
    made = []
    for k in range(count):
        factors = DEFAULTS | {
            "world": world,
            "object": SHOWN[k % 4],
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


def _naive(px: int, world: str) -> tuple[float, float]:
    """CPU seconds a picture when each starts Blender, and those that modelling its world and object takes."""
    before = _cpu_of_children()
    with tempfile.TemporaryDirectory() as folder:
        for one in _shots(px, NAIVE, world):
            with Studio(threads=1) as studio:
                studio.render(one, Path(folder) / "p.npz")
    rendered, started = _cpu_of_children() - before, time.process_time()
    for k in range(NAIVE):
        WORLDS.load(world).build(numpy_stream(0, "rendering", "world", world, 0))
        OBJECTS.load(SHOWN[k % 4]).build(numpy_stream(0, "rendering", "object", SHOWN[k % 4], 0))
    return rendered / NAIVE, (time.process_time() - started) / NAIVE


def run() -> list[dict[str, Any]]:
    os.environ["OMP_NUM_THREADS"] = "1"
    rows = []
    for px in (64, 128, 224):
        for world in PLACES:
            all_in, warm, outside = _kept(px, world)
            started, modelled = _naive(px, world) if world in PLACES[:2] else (math.nan, math.nan)
            note = f"once warm {warm:.2f} CPU s, {outside:.0%} of it outside Cycles"
            if not math.isnan(started):
                note += f"; the peer with ready meshes {started:.2f}, {started / all_in:.1f}x"
            rows.append(
                {
                    "name": f"render {world}, {px} px, 16 samples",
                    "ours": all_in,
                    "peer": started + modelled,
                    "ratio": (started + modelled) / all_in,
                    "unit": "CPU s",
                    "note": note,
                }
            )
    return rows
