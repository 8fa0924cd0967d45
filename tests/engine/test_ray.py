"""Ray itself is optional: a stand-in with its interface shows which ranges are asked for, and that order is kept."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from foveate.core.errors import FoveateError
from foveate.engine.ray import map_ranges


class Cluster(SimpleNamespace):
    """Works tasks off when they are asked for, the last one first."""

    class RayTaskError(Exception):
        def __init__(self, cause: Exception) -> None:
            self.cause = cause

    def __init__(self) -> None:
        super().__init__(started=0, tasks=[], gpus=None, exceptions=SimpleNamespace(RayTaskError=self.RayTaskError))

    def is_initialized(self) -> bool:
        return bool(self.started)

    def init(self, **_: Any) -> None:
        self.started += 1

    def remote(self, *, num_gpus: int) -> Callable:
        self.gpus = num_gpus

        def wrap(function: Callable) -> SimpleNamespace:
            def submit(*arguments: int) -> int:
                self.tasks.append((function, arguments))
                return len(self.tasks) - 1

            return SimpleNamespace(remote=submit)

        return wrap

    def wait(self, waiting: list[int], *, num_returns: int) -> tuple[list[int], list[int]]:
        return waiting[-num_returns:], waiting[:-num_returns]

    def get(self, task: int) -> Any:
        function, arguments = self.tasks[task]
        try:
            return function(*arguments)
        except Exception as error:
            raise self.RayTaskError(error) from error


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Cluster:
    made = Cluster()
    made.remote = lambda **options: lambda function: Cluster.remote(made, **options)(function)  # type: ignore[method-assign]
    monkeypatch.setitem(sys.modules, "ray", made)  # type: ignore[arg-type]
    return made


@pytest.mark.parametrize(("total", "rows"), [(10, 4), (8, 4), (3, 4), (0, 4)])
def test_every_row_once_and_results_in_order(cluster: Cluster, total: int, rows: int) -> None:
    results = map_ranges(lambda start, stop: list(range(start, stop)), total, rows=rows)
    assert [i for result in results for i in result] == list(range(total))
    assert all(0 < len(result) <= rows for result in results)


def test_a_running_cluster_is_joined_and_gpus_are_asked_for(cluster: Cluster) -> None:
    cluster.started = 5
    map_ranges(lambda start, stop: stop, 3, gpus=1)
    assert (cluster.started, cluster.gpus) == (5, 1)


def test_a_users_error_comes_back_as_it_was(cluster: Cluster) -> None:
    def fail(start: int, stop: int) -> None:
        raise FoveateError("broken image.", "mend it")

    with pytest.raises(FoveateError, match="broken image"):
        map_ranges(fail, 5)


def test_any_other_error_is_not_hidden(cluster: Cluster) -> None:
    with pytest.raises(Cluster.RayTaskError):
        map_ranges(lambda start, stop: 1 // 0, 5)


def test_without_ray_the_install_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(FoveateError, match=r"pip install 'foveate\[ray\]'"):
        map_ranges(lambda start, stop: None, 5)
