"""A page's server with one file, one route that fails in each way, and a WebSocket."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import Request, WebSocket

from foveate.core.errors import FoveateError
from foveate.web.server import Server, application


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Server]:
    """A running server; ``secret.txt`` lies beside its folder, and a link in the folder leads there."""
    folder = tmp_path / "static"
    folder.mkdir()
    (folder / "index.html").write_text("<!doctype html><title>page</title>")
    (folder / "page.js").write_text("export {};")
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    app = application(folder)

    @app.get("/trouble")
    def _trouble() -> None:
        raise FoveateError("it is broken.", "mend it")

    @app.post("/typed")
    def _typed(number: int) -> int:
        return number

    @app.post("/length")
    async def _length(request: Request) -> int:
        return len(await request.body())

    async def echo(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text(await socket.receive_text())
        await socket.close()

    app.add_api_websocket_route("/echo", echo)
    with Server(app) as server:
        yield server


@pytest.fixture
def ask(served: Server):
    """(status, headers, body) of a raw request: nothing tidies its path."""

    def asked(
        path: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], str]:
        line = http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)
        line.request(
            method,
            path.replace("TOKEN", served.token),
            body,
            headers={k.replace("_", "-"): v for k, v in headers.items()},
        )
        answer = line.getresponse()
        found = answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read().decode()
        line.close()
        return found

    return asked
