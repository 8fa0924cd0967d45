"""The page's server, spoken to as the page speaks."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from foveate.rendering.environment import Environment
from foveate.rendering.serve.desk import Desk
from foveate.web.server import Server


@pytest.fixture
def line(served: Server) -> Iterator[ClientConnection]:
    with connect(f"{served.url.replace('http', 'ws')}live", proxy=None, max_size=None) as socket:
        yield socket


def hear(line: ClientConnection, kind: str) -> list[dict[str, Any]]:
    """Everything up to the first message of a kind."""
    heard: list[dict[str, Any]] = []
    while not heard or heard[-1]["kind"] != kind:
        heard.append(json.loads(line.recv(30)))
    return heard


def request(served: Server, path: str, body: Any = None) -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(served.url + path, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_a_hundred_quick_changes_are_answered_in_order(acted: Environment, line: ClientConnection) -> None:
    acted.studio.pace = 0.01
    for n in range(1, 101):
        line.send(json.dumps({"n": n, "factors": {"world": "plain", "camera_yaw": n}}))
        time.sleep(0.002)
    heard: list[dict[str, Any]] = []
    while not any(message.get("n") == 100 and message["kind"] == "full" for message in heard):
        heard.append(json.loads(line.recv(30)))
    answers = [message for message in heard if "n" in message]
    numbers = [message["n"] for message in answers]
    assert numbers == sorted(numbers)
    last = [message["n"] for message in answers if message["kind"] != "preview"]
    assert last == list(range(1, 101)), "one last answer each"
    pictures = [message for message in answers if "factors" in message]
    assert [message["factors"]["camera_yaw"] for message in pictures] == [message["n"] for message in pictures]
    assert 2 < len(pictures) < 150


def test_the_first_word_is_the_worker_s_state(line: ClientConnection) -> None:
    assert json.loads(line.recv(10)) == {"kind": "worker", "state": "idle", "lost": 0}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"n": 0, "factors": {}}',
        '{"n": 1}',
        '{"n": 1, "factors": {"fog": NaN}',
        '{"n": 1, "factors": []}',
    ],
)
def test_what_it_does_not_understand_is_told_and_ends_nothing(line: ClientConnection, text: str) -> None:
    line.send(text)
    assert hear(line, "error")[-1]["remedy"] == "load the page anew"
    line.send(json.dumps({"n": 1, "factors": {"world": "plain"}}))
    assert hear(line, "full")[-1]["n"] == 1


@pytest.mark.parametrize(
    "factors",
    [{"fog": [1]}, {"world": {"a": 1}}, {"size": None}, {"fog": "1"}, {"camera_yaw": 1e99}, {"count": "__class__"}],
)
def test_values_of_any_type_are_refused_as_the_user_s(line: ClientConnection, factors: Any) -> None:
    line.send(json.dumps({"n": 1, "factors": factors}))
    error = hear(line, "error")[-1]
    assert error["n"] == 1
    assert "fault of foveate" not in error["remedy"]


def test_a_page_that_closes_is_forgotten(served: Server, desk: Desk, line: ClientConnection) -> None:
    hear(line, "worker")
    assert len(desk._pages) == 1
    line.close()
    deadline = time.monotonic() + 10
    while desk._pages:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_server_ends_while_a_picture_is_being_rendered(
    acted: Environment, served: Server, line: ClientConnection
) -> None:
    acted.studio.gate.clear()
    line.send(json.dumps({"n": 1, "factors": {"world": "plain"}}))
    hear(line, "worker")
    before = time.monotonic()
    served.close()
    assert time.monotonic() - before < 8


def test_the_panel_has_every_factor(served: Server, acted: Environment) -> None:
    status, panel = request(served, "panel")
    assert status == 200
    assert {control["name"] for group in panel["groups"] for control in group["controls"]} == acted.factors.keys()
    assert (panel["pixels"], panel["samples"]) == (64, 8)


def test_a_design_is_looked_at_and_saved(served: Server, acted: Environment, tmp_path: Path) -> None:
    rows = [acted.factors, {**acted.factors, "light": "night"}]
    status, seen = request(served, "design", {"rows": rows, "layout": "full"})
    assert (status, seen["pictures"]) == (200, 2)
    assert not (tmp_path / "out").exists()
    status, saved = request(served, "design/save", {"rows": rows, "layout": "full"})
    assert (status, saved["path"]) == (200, str(tmp_path / "out" / "design.toml"))
    assert Path(saved["path"]).read_text() == seen["toml"]


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ({"rows": []}, "the design is empty."),
        ({"rows": [{"world": "nowhere"}]}, "world cannot be 'nowhere'."),
        ({"rows": [{"relation": "above"}]}, "these factors contradict"),
        ({"rows": [{}], "layout": "spiral"}, "a request that does not fit: body.layout"),
        ({"rows": [{}] * 10_001}, "a request that does not fit: body.rows"),
        ([], "a request that does not fit: body"),
        ({"rows": [{"wor\ud800ld": "snow"}]}, "unknown factor 'wor\ud800ld'"),
    ],
)
def test_a_design_that_does_not_hold_is_told(served: Server, body: Any, what: str) -> None:
    status, error = request(served, "design", body)
    assert status == 422
    assert error["what"].startswith(what)
    assert error["remedy"]


def test_the_palette_is_that_of_the_reports(served: Server) -> None:
    from foveate.reporting.palette import tokens

    with urllib.request.urlopen(served.url + "palette.css", timeout=10) as answer:
        assert answer.headers["content-type"].startswith("text/css")
        assert answer.read().decode() == tokens()


def test_the_page_asks_for_nothing_from_elsewhere() -> None:
    from importlib import resources

    for file in (resources.files("foveate.rendering.serve") / "static").iterdir():
        named = re.findall(r"(?:https?:|url\(|@import|[\"'`]//)\S*", file.read_text())
        assert {name.strip("\"'`);,") for name in named} <= {"http://www.w3.org/2000/svg"}, file.name
