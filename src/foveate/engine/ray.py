"""Ranges of rows over the workers of a Ray cluster (extra ``ray``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from foveate.core.console import progress
from foveate.core.errors import FoveateError, missing_extra

_ROWS = 2048  # a task's: long enough to pay for its start, short enough to be lost


def map_ranges(work: Callable[[int, int], Any], total: int, *, gpus: int = 0, rows: int = _ROWS) -> list[Any]:
    """``work(start, stop)`` on every range of ``rows`` out of ``total``, each once, on any worker.

    ``work`` and what it refers to are sent to the workers, and files that it writes must lie where the caller sees
    them. A cluster that is already joined is used; else one is started on this machine.

    Args:
        gpus: that each task takes.

    Returns:
        The results, in the order of the ranges.

    Raises:
        FoveateError: Ray is not installed, or what a task raised of that kind.
    """
    try:
        import ray
    except ImportError:
        raise missing_extra("ray", "ray") from None
    if not ray.is_initialized():
        ray.init(log_to_driver=False)
    task = ray.remote(num_gpus=gpus)(work)
    ranges = [(start, min(start + rows, total)) for start in range(0, total, rows)]
    waiting = {task.remote(*each): index for index, each in enumerate(ranges)}
    results: list[Any] = [None] * len(ranges)
    with progress("ray", total) as display:
        while waiting:
            (done, *_), _ = ray.wait(list(waiting), num_returns=1)
            index = waiting.pop(done)
            try:
                results[index] = ray.get(done)
            except ray.exceptions.RayTaskError as error:
                cause = getattr(error, "cause", None)
                if isinstance(cause, FoveateError):
                    raise cause from None
                raise
            display.advance(ranges[index][1] - ranges[index][0])
    return results
