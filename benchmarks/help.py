"""``foveate --help`` and ``foveate VERB --help``: CPU milliseconds beyond those of a bare Python, medians of runs in turn."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

FOVEATE = str(Path(sys.executable).with_name("foveate"))
COMMANDS = {"--help": ["--help"], "pretrain --help": ["pretrain", "--help"], "probe --help": ["probe", "--help"]}


def milliseconds(command: list[str]) -> float:
    """CPU time of a child process and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1e3 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def run(rounds: int = 9) -> list[dict[str, Any]]:
    """A row for each command; the peer is ``python -c pass``."""
    times: dict[str, list[float]] = {name: [] for name in ("python", *COMMANDS)}
    for _ in range(rounds):
        times["python"].append(milliseconds([sys.executable, "-c", "pass"]))
        for name, arguments in COMMANDS.items():
            times[name].append(milliseconds([FOVEATE, *arguments]))
    bare = statistics.median(times["python"])
    return [
        {
            "name": f"foveate {name}",
            "ours": statistics.median(times[name]),
            "peer": bare,
            "ratio": statistics.median(times[name]) / bare,
            "unit": "CPU ms",
            "note": f"{statistics.median(times[name]) - bare:.0f} ms beyond bare Python, median of {rounds}",
        }
        for name in COMMANDS
    ]
