"""Who gets past the door: the whole address, under the loopback's own name, and nobody else."""

from __future__ import annotations

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from foveate.web.guard import HEADERS
from foveate.web.server import Server


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/page.js",
        "/wrong/",
        "/TOKENx/page.js",
        "/wrong/../TOKEN/page.js",
        "//TOKEN/",
        "/?token=TOKEN",
        "/%2FTOKEN/",
    ],
)
def test_without_the_token_everything_is_forbidden(ask, path: str) -> None:
    status, headers, body = ask(path)
    assert status == 403
    assert "the token" in body
    assert headers.items() >= HEADERS.items()


def test_a_cookie_or_header_is_no_token(ask, served: Server) -> None:
    assert ask("/", Cookie=f"token={served.token}", Authorization=f"token {served.token}")[0] == 403


def test_with_the_token_the_page_and_its_files_come(ask) -> None:
    status, headers, body = ask("/TOKEN/")
    assert (status, body) == (200, "<!doctype html><title>page</title>")
    assert headers.items() >= HEADERS.items()
    assert "set-cookie" not in headers
    status, headers, _ = ask("/TOKEN/page.js")
    assert status == 200
    assert "javascript" in headers["content-type"], "nosniff refuses a module of any other type"


def test_a_lost_slash_is_put_back(ask, served: Server) -> None:
    status, headers, _ = ask("/TOKEN")
    assert (status, headers["location"]) == (307, f"/{served.token}/")


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example", "[::1", "0.0.0.0", ""]
)
def test_a_foreign_host_is_dns_rebinding(ask, host: str) -> None:
    assert ask("/TOKEN/", Host=host)[0] in (400, 403)


@pytest.mark.parametrize("host", ["127.0.0.1:9", "localhost", "LOCALHOST:1234"])
def test_a_forwarded_port_is_welcome(ask, host: str) -> None:
    assert ask("/TOKEN/", Host=host)[0] == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1.evil.example"])
def test_a_foreign_origin_is_forbidden(ask, origin: str) -> None:
    assert ask("/TOKEN/typed?number=1", "POST", Origin=origin)[0] == 403
    assert ask("/TOKEN/typed?number=1", "POST", Origin="http://127.0.0.1:9")[0] == 200


def test_the_policy_lets_in_nothing_from_elsewhere() -> None:
    rules = dict(rule.split(" ", 1) for rule in HEADERS["content-security-policy"].split("; "))
    assert rules["default-src"] == "'none'"
    assert {source for sources in rules.values() for source in sources.split()} <= {"'none'", "'self'", "data:"}
    assert rules["script-src"] == "'self'"


def test_a_websocket_stands_behind_the_same_door(served: Server) -> None:
    address = f"ws://127.0.0.1:{served.port}"
    with connect(f"{address}/{served.token}/echo", proxy=None) as socket:
        socket.send("hello")
        assert socket.recv(20) == "hello"
    for path, origin in ((f"{address}/wrong/echo", None), (f"{address}/{served.token}/echo", "https://evil.example")):
        with pytest.raises((InvalidStatus, ConnectionClosed)) as refused, connect(path, origin=origin, proxy=None):
            pass
        assert getattr(refused.value, "response", None) is None or refused.value.response.status_code == 403
