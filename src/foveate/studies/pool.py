"""Cells one after another, or several at once, each in a process of its own with its share of the cores."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from foveate.core import console
from foveate.core.cores import usable_cores
from foveate.core.errors import FoveateError

Cell = Callable[[str, int, Mapping[str, Any]], Mapping[str, float]]
Key = tuple[str, int]
"""Condition and seed."""


def computed(
    cell: Cell, keys: Sequence[Key], options: Mapping[str, Any], processes: int
) -> Iterator[tuple[Key, dict[str, float], float]]:
    """Each cell's key, values and seconds: in order where ``processes`` is 1, else as they are done.

    Raises:
        FoveateError: a process was killed; or what a cell raises, and then the others are given up.
    """
    if min(processes, len(keys)) < 2:
        yield from ((key, *_timed(cell, *key, options)) for key in keys)
        return
    threads = max(1, usable_cores() // processes)
    context = multiprocessing.get_context("spawn")
    others = set(multiprocessing.active_children())
    with ProcessPoolExecutor(min(processes, len(keys)), context, initializer=_begin, initargs=(threads,)) as pool:
        try:
            futures = {pool.submit(_timed, cell, *key, options): key for key in keys}
            for future in as_completed(futures):
                yield futures[future], *future.result()
        except BaseException as error:
            pool.shutdown(wait=False, cancel_futures=True)
            for child in set(multiprocessing.active_children()) - others:
                child.terminate()
            if isinstance(error, BrokenProcessPool):
                raise FoveateError(
                    "a process that computed a cell was killed, which is what happens where memory runs out.",
                    "close what else takes memory and give the same command with --resume --out OUT: cells that are done stay",
                ) from None
            raise


def _timed(cell: Cell, condition: str, seed: int, options: Mapping[str, Any]) -> tuple[dict[str, float], float]:
    started = time.perf_counter()
    values = dict(cell(condition, seed, options))
    return values, round(time.perf_counter() - started, 3)


def _begin(threads: int) -> None:
    """In a new process: its share of the cores; nothing on the terminal that others write to; an end when its parent ends."""
    import torch

    torch.set_num_threads(threads)
    console.hide_progress()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this process
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
