"""How many processors there are for us."""

from __future__ import annotations

import os


def usable_cores() -> int:
    """Those that this process may run on, which a container or ``taskset`` limits; at least 1."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
