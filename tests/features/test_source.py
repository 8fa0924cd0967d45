from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from foveate.data.decode import Encoded
from foveate.features.source import default_threads, in_threads


def items(count: int, size: int = 1) -> list[Encoded]:
    return [Encoded(i, str(i), b"x" * size, None) for i in range(count)]


@pytest.mark.parametrize("threads", [1, 3])
def test_results_come_in_order_whichever_thread_is_faster(threads: int) -> None:
    def work(chunk: list[Encoded]) -> list[int]:
        time.sleep(0.002 * (chunk[0].row % 5))
        return [item.row for item in chunk]

    assert list(in_threads(items(300), work, threads)) == list(range(300))


def test_large_files_go_in_small_chunks() -> None:
    sizes = list(in_threads(items(12, size=1 << 21), lambda chunk: [len(chunk)], 2))
    assert sizes == [2] * 6


def test_an_error_of_a_thread_or_of_the_source_comes_through() -> None:
    def fail(chunk: list[Encoded]) -> list[int]:
        raise RuntimeError("in the thread")

    with pytest.raises(RuntimeError, match="in the thread"):
        list(in_threads(items(100), fail, 2))

    def broken() -> Iterator[Encoded]:
        yield from items(40)
        raise RuntimeError("in the source")

    with pytest.raises(RuntimeError, match="in the source"):
        list(in_threads(broken(), lambda chunk: [item.row for item in chunk], 2))


def test_closed_early_it_stops_reading() -> None:
    taken = 0

    def endless() -> Iterator[Encoded]:
        nonlocal taken
        while True:
            taken += 1
            yield Encoded(taken, "", b"x", None)

    rows = in_threads(endless(), lambda chunk: [item.row for item in chunk], 2)
    next(rows)
    rows.close()
    assert taken < 200


def test_there_is_always_a_thread() -> None:
    assert 1 <= default_threads() <= 16
