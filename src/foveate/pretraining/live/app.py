"""What the page of a run asks: the run, the log from where it has read, and views as the network is shown them.

It reads ``log.jsonl`` as any reader would and answers in a thread of its own, so that no step of training waits for it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Response

from foveate.pretraining.config import Pretrain
from foveate.reporting.palette import tokens
from foveate.web.server import application

MOST = 1 << 20  # bytes of the log in one answer

Views = Callable[[int], list[dict[str, Any]]]


def app(folder: Path, settings: Pretrain, *, classes: int, views: Views) -> FastAPI:
    """The page's application.

    Args:
        folder: of the run. classes: of its labels, 0 where there are none.
        views: number of a draw → images, each a title and its pictures' ``data:`` addresses.

    Raises:
        FoveateError: FastAPI is not installed.
    """
    page = application(Path(str(resources.files("foveate.pretraining.live") / "static")))

    @page.get("/palette.css")
    def _palette() -> Response:
        return Response(tokens(), media_type="text/css")

    @page.get("/run")
    def _run() -> dict[str, Any]:
        told = {name: getattr(settings, name) for name in ("objective", "encoder", "data", "epochs")}
        return told | {"folder": str(folder), "classes": classes}

    @page.get("/log")
    def _log(start: int = 0) -> dict[str, Any]:
        return lines_from(folder / "log.jsonl", start) | {"finished": (folder / "report.json").exists()}

    @page.get("/views")
    def _views(draw: int = 0) -> list[dict[str, Any]]:
        return views(draw)

    return page


def lines_from(file: Path, start: int) -> dict[str, Any]:
    """The whole lines of a log from byte ``start`` on, and where the next ones begin.

    ``start`` is 0 in the answer where the log has been taken back behind it since: what was read before is void.
    """
    if not file.exists():
        return {"start": 0, "next": 0, "lines": []}
    with open(file, "rb") as stream:
        start = start if 0 <= start <= file.stat().st_size else 0
        stream.seek(start)
        read = stream.read(MOST)
    whole = read[: read.rfind(b"\n") + 1]
    lines = []
    for line in whole.splitlines():
        try:
            lines.append(json.loads(line))
        except ValueError:  # a log that was rewritten meanwhile: read it anew
            return lines_from(file, 0) if start else {"start": 0, "next": 0, "lines": []}
    return {"start": start, "next": start + len(whole), "lines": lines}
