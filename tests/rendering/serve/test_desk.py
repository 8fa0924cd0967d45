"""The desk's promises: one last answer for each request, in order; the newest wins; nothing in flight is broken off."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from foveate.rendering.environment import Environment
from foveate.rendering.serve.desk import Desk


class Page:
    """Hears what the desk tells."""

    def __init__(self, desk: Desk) -> None:
        self.heard: list[dict[str, Any]] = []
        self._news = threading.Condition()
        self.desk = desk
        desk.join(self)

    def __call__(self, message: dict[str, Any]) -> None:
        with self._news:
            self.heard.append(message)
            self._news.notify_all()

    def ask(self, n: int, **factors: Any) -> None:
        self.desk.ask(self, n, {"world": "plain", **factors})

    def until(self, true: Callable[[], bool]) -> None:
        with self._news:
            assert self._news.wait_for(true, 30), self.brief

    def until_last(self, n: int) -> None:
        self.until(lambda: any(m.get("n") == n and m["kind"] != "preview" for m in self.heard))

    @property
    def brief(self) -> list[tuple[int, str]]:
        return [(message["n"], message["kind"]) for message in list(self.heard) if "n" in message]

    @property
    def states(self) -> list[str]:
        told = [message["state"] for message in self.heard if message["kind"] == "worker"]
        return [state for at, state in enumerate(told) if not at or told[at - 1] != state]


@pytest.fixture
def page(desk: Desk) -> Page:
    return Page(desk)


def wait(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_quick_preview_then_the_whole(acted: Environment, page: Page) -> None:
    page.ask(1, camera_yaw=30)
    page.until_last(1)
    assert page.brief == [(1, "preview"), (1, "full")]
    assert [(shot["px"], shot["samples"]) for shot in acted.studio.shots] == [(32, 2), (64, 8)]
    pictures = [message for message in page.heard if "n" in message]
    assert [(picture["width"], picture["factors"]["camera_yaw"]) for picture in pictures] == [(32, 30), (64, 30)]


def test_newer_ones_replace_those_that_wait_and_not_the_one_in_flight(acted: Environment, page: Page) -> None:
    acted.studio.gate.clear()
    page.ask(1, camera_yaw=1)
    wait(lambda: bool(acted.studio.shots))
    for n in range(2, 101):
        page.ask(n, camera_yaw=n)
    acted.studio.gate.set()
    page.until_last(100)
    assert page.brief == [(1, "preview"), *((n, "superseded") for n in range(1, 100)), (100, "preview"), (100, "full")]
    assert [shot["camera"]["yaw"] for shot in acted.studio.shots] == [1, 100, 100]
    assert [m["factors"]["camera_yaw"] for m in page.heard if "factors" in m] == [1, 100, 100], (
        "each says what it shows"
    )


def test_what_came_during_the_whole_picture_waits_for_it(acted: Environment, page: Page) -> None:
    page.ask(1)
    page.until(lambda: (1, "preview") in page.brief)
    acted.studio.gate.clear()
    if len(acted.studio.shots) == 1:
        wait(lambda: len(acted.studio.shots) == 2)
    page.ask(2, camera_yaw=5)
    acted.studio.gate.set()
    page.until_last(2)
    assert page.brief == [(1, "preview"), (1, "full"), (2, "preview"), (2, "full")]


def test_an_error_takes_its_place_in_the_order(acted: Environment, page: Page) -> None:
    acted.studio.gate.clear()
    page.ask(1)
    wait(lambda: bool(acted.studio.shots))
    page.ask(2, world="nowhere")
    page.ask(3, relation="above")
    acted.studio.gate.set()
    page.until_last(3)
    page.ask(4)
    page.until_last(4)
    assert page.brief == [
        (1, "preview"),
        (1, "superseded"),
        (2, "superseded"),
        (3, "error"),
        (4, "preview"),
        (4, "full"),
    ]
    (error,) = (message for message in page.heard if message["kind"] == "error")
    assert error["what"] == "these factors contradict one another: 'above' without a second object."
    assert error["remedy"]


def test_a_number_that_was_used_is_superseded_already(page: Page) -> None:
    page.ask(5)
    page.until_last(5)
    page.ask(5)
    page.ask(3)
    assert page.brief == [(5, "preview"), (5, "full"), (5, "superseded"), (3, "superseded")]


def test_pages_take_turns_and_do_not_replace_one_another(acted: Environment, desk: Desk) -> None:
    one, two = Page(desk), Page(desk)
    acted.studio.gate.clear()
    one.ask(1, camera_yaw=1)
    wait(lambda: bool(acted.studio.shots))
    two.ask(1, camera_yaw=2)
    one.ask(2, camera_yaw=3)
    acted.studio.gate.set()
    one.until_last(2)
    two.until_last(1)
    assert two.brief == [(1, "preview"), (1, "full")]
    assert one.brief == [(1, "preview"), (1, "superseded"), (2, "preview"), (2, "full")]
    assert [shot["camera"]["yaw"] for shot in acted.studio.shots] == [1, 2, 2, 3, 3]
    assert desk.shown == 2


def test_a_page_that_left_gets_nothing_more_and_holds_nobody_up(acted: Environment, desk: Desk) -> None:
    gone, here = Page(desk), Page(desk)
    acted.studio.gate.clear()
    here.ask(1)
    wait(lambda: bool(acted.studio.shots))
    gone.ask(1)
    desk.leave(gone)
    acted.studio.gate.set()
    here.until_last(1)
    here.ask(2)
    here.until_last(2)
    assert gone.brief == []
    assert len(acted.studio.shots) == 4


def test_the_worker_s_state_is_told(page: Page, desk: Desk) -> None:
    page.ask(1)
    page.until_last(1)
    page.until(lambda: page.states[-1] == "idle" and len(page.states) > 1)
    page.ask(2)
    page.until_last(2)
    page.until(lambda: page.states[-1] == "idle" and len(page.states) > 4)
    assert page.states == ["idle", "starting", "rendering", "idle", "rendering", "idle"]
    assert Page(desk).states == ["idle"], "who comes later is told too"


def test_a_killed_worker_is_replaced_and_its_request_answered(acted: Environment, page: Page) -> None:
    os.kill(acted.studio.pid, signal.SIGKILL)
    wait(lambda: acted.studio._process.poll() is not None)
    page.ask(1)
    page.until_last(1)
    page.until(lambda: page.heard[-1]["kind"] == "worker" and page.heard[-1]["state"] == "idle")
    assert page.brief == [(1, "preview"), (1, "full")]
    assert page.heard[-1]["lost"] == 1


def test_lost_twice_is_an_error_and_the_next_one_goes_on(acted: Environment, page: Page) -> None:
    acted.studio.failing = 2
    page.ask(1)
    page.until_last(1)
    page.ask(2)
    page.until_last(2)
    assert page.brief == [(1, "error"), (2, "preview"), (2, "full")]


def test_a_fault_of_foveate_s_own_is_told_and_ends_nothing(
    acted: Environment, page: Page, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(acted, "take", lambda *_, **__: 1 / 0)
        page.ask(1)
        page.until_last(1)
    (error,) = (message for message in page.heard if message["kind"] == "error")
    assert error["what"] == "ZeroDivisionError: division by zero"
    page.ask(2)
    page.until_last(2)
    assert page.brief == [(1, "error"), (2, "preview"), (2, "full")]
    assert "Traceback" in capsys.readouterr().err


def test_closing_waits_for_the_picture_in_flight_and_drops_the_rest(acted: Environment) -> None:
    with Desk(acted) as desk:
        page = Page(desk)
        acted.studio.pace = 0.2
        page.ask(1)
        wait(lambda: bool(acted.studio.shots))
        page.ask(2)
    assert len(acted.studio.shots) == 1
    assert not desk._thread.is_alive()
