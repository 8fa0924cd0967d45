"""What the page asks its server: the controls, a design, and over a WebSocket one picture after the other.

A WebSocket rather than requests that wait: it keeps both directions in order by itself, carries what nobody asked for (Blender has ended
and is started anew), and tells the page at once when the server is gone.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from importlib import resources
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Response, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, Field, ValidationError

from foveate.rendering.environment import Environment
from foveate.rendering.serve import panel
from foveate.rendering.serve.desk import Desk
from foveate.rendering.serve.draft import Drafts, Layout
from foveate.reporting.palette import tokens
from foveate.web.server import application

MOST_ROWS = 10_000


class Ask(BaseModel):
    """A request for a picture: its number, and all factors that differ from the defaults."""

    n: int = Field(ge=1)
    factors: dict[str, Any]


class Draft(BaseModel):
    """Rows of a design, each all factors of a picture."""

    rows: list[dict[str, Any]] = Field(max_length=MOST_ROWS)
    layout: Layout = "rows"


def app(environment: Environment, desk: Desk, drafts: Drafts) -> FastAPI:
    """The page's application.

    Raises:
        FoveateError: FastAPI is not installed.
    """
    page = application(Path(str(resources.files("foveate.rendering.serve") / "static")))
    start = environment.factors

    @page.get("/palette.css")
    def _palette() -> Response:
        return Response(tokens(), media_type="text/css")

    @page.get("/panel")
    def _panel() -> dict[str, Any]:
        return {
            "groups": panel.groups(environment.spaces, start),
            "pixels": environment.pixels,
            "samples": environment.samples,
        }

    @page.post("/design")
    def _design(draft: Draft) -> dict[str, Any]:
        return drafts.look([environment.checked(row) for row in draft.rows], draft.layout)

    @page.post("/design/save")
    def _save(draft: Draft) -> dict[str, Any]:
        return drafts.save([environment.checked(row) for row in draft.rows], draft.layout)

    @page.websocket("/live")
    async def _live(socket: WebSocket) -> None:
        await _talk(socket, desk)

    return page


async def _talk(socket: WebSocket, desk: Desk) -> None:
    """Pass a page's requests to the desk, and what the desk tells to the page, until it goes."""
    await socket.accept()
    loop = asyncio.get_running_loop()
    answers: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def tell(message: dict[str, Any]) -> None:
        with suppress(RuntimeError):  # the server has ended while a picture was being rendered
            loop.call_soon_threadsafe(answers.put_nowait, message)

    async def pass_on() -> None:
        with suppress(WebSocketDisconnect, RuntimeError):
            while True:
                await socket.send_json(await answers.get())

    desk.join(tell)
    sender = asyncio.create_task(pass_on())
    try:
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                break
            try:
                asked = Ask.model_validate_json(message.get("text") or message.get("bytes") or "")
            except ValidationError:
                tell(
                    {
                        "kind": "error",
                        "what": "the server does not understand the page.",
                        "remedy": "load the page anew",
                    }
                )
                continue
            desk.ask(tell, asked.n, asked.factors)
    finally:
        desk.leave(tell)
        sender.cancel()
