"""Who may speak to a page's server: only what knows its token, and only under the loopback's own names."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST = 1 << 20  # bytes of a request or of a WebSocket's message: settings, never pictures
HOSTS = ("127.0.0.1", "localhost")
# Pictures come as data inside of answers; 'self' covers the page's WebSocket too.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class Guard:
    """Lets a request (HTTP or WebSocket) through if its path begins with the token and its Host and Origin are the loopback's.

    The token stands in the path rather than in a cookie: cookies are shared by every port of a host, so that any other local server
    which the browser visits would be sent it. What is relative to the page carries the token by itself. A foreign Host is what DNS
    rebinding looks like; the port is not compared, since ``ssh -L`` may give it another number.
    """

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app, self._token = app, token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        first, slash, rest = scope["path"].removeprefix("/").partition("/")
        if not (_local(scope) and secrets.compare_digest(first.encode("utf-8", "replace"), self._token)):
            await _refuse(scope, send)
            return
        if not slash and scope["type"] == "http":  # what the page names relative to itself needs the slash
            await _send(scope, send, 307, b"", {"location": f"/{first}/"})
            return

        if scope["type"] == "http":
            body = await _body(receive)
            if body is None:
                await _send(scope, send, 413, b"413: more than a page asks.\n", {"content-type": "text/plain"})
                return
            receive = _replayed(body, receive)

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [pair for pair in message["headers"] if pair[0].decode("latin-1").lower() not in HEADERS]
                message["headers"] = [*own, *_encoded(HEADERS)]
            await send(message)

        await self._app({**scope, "path": f"/{rest}", "raw_path": None}, receive, dressed)


async def _body(receive: Receive) -> bytes | None:
    """A request's body, or None as soon as it is too long or breaks off."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if len(body) > LONGEST:
            return None
        more = message.get("more_body", False)
    return body


def _replayed(body: bytes, receive: Receive) -> Receive:
    told: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return told.pop() if told else await receive()

    return next_message


def _local(scope: Scope) -> bool:
    """Whether the Host, and the Origin where a browser sends one, name this machine's loopback."""
    headers = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]]
    hosts = [value for name, value in headers if name == "host"]
    origins = [value for name, value in headers if name == "origin"]
    return len(hosts) == 1 and _host(f"//{hosts[0]}") in HOSTS and all(_host(origin) in HOSTS for origin in origins)


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _encoded(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in headers.items()]


async def _refuse(scope: Scope, send: Send) -> None:
    """403, which for a WebSocket is a close before it was accepted."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
    else:
        body = b"403: open the whole address that the terminal shows, with the token in it.\n"
        await _send(scope, send, 403, body, {"content-type": "text/plain; charset=utf-8"})


async def _send(scope: Scope, send: Send, status: int, body: bytes, headers: dict[str, str]) -> None:
    headers = {**HEADERS, **headers, "content-length": str(len(body))}
    await send({"type": "http.response.start", "status": status, "headers": _encoded(headers)})
    await send({"type": "http.response.body", "body": body if scope["method"] != "HEAD" else b""})
