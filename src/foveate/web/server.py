"""A page's server: its application, its socket on 127.0.0.1 and its address with the token."""

from __future__ import annotations

import errno
import importlib.util
import json
import secrets
import socket
import threading
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from foveate.core.errors import FoveateError, missing_extra
from foveate.web.guard import LONGEST, Guard

if TYPE_CHECKING:
    from typing import Self

    from fastapi import FastAPI

HOST = "127.0.0.1"
_GRACE = 2  # seconds that open requests have to end in


def needed(extra: str) -> None:
    """Nothing, where a server can be made.

    Args:
        extra: of ``pip install foveate[EXTRA]``, which brings what it needs.

    Raises:
        FoveateError: a package is not installed.
    """
    for package in ("fastapi", "uvicorn", "websockets"):
        if importlib.util.find_spec(package) is None:
            raise missing_extra(package, extra)


def application(folder: Path) -> FastAPI:
    """An application with what all pages share: errors as ``{"what", "remedy"}``. Its routes are the caller's.

    Args:
        folder: of static files, ``index.html`` among them; nothing outside of it is readable.
    """
    from fastapi import FastAPI, Response
    from fastapi.exceptions import RequestValidationError

    assert (folder / "index.html").is_file(), f"{folder} has no page"
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.folder = folder

    def told(what: dict[str, str], status: int) -> Response:
        # Escaped, unlike JSONResponse's: what is quoted of a request may hold half a character, which is no UTF-8.
        return Response(json.dumps(what, separators=(",", ":")), status, media_type="application/json")

    @app.exception_handler(FoveateError)
    def _told(_: Any, error: FoveateError) -> Response:
        return told({"what": error.what, "remedy": error.remedy}, 422)

    @app.exception_handler(RequestValidationError)
    def _malformed(_: Any, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        what = f"a request that does not fit: {where}: {first['msg']}."
        return told({"what": what, "remedy": "load the page anew"}, 422)

    @app.exception_handler(Exception)
    def _broken(_: Any, error: Exception) -> Response:
        return told(broken(error), 500)

    return app


def broken(error: Exception) -> dict[str, str]:
    """What a page shows of a fault of foveate's own."""
    return {
        "what": f"{type(error).__name__}: {error}",
        "remedy": "this is a fault of foveate: report it with what the terminal shows",
    }


class Server:
    """A server that is bound when made and answers while ``run`` runs, or inside ``with``.

    Args:
        app: of ``application``, with all its routes. port: 0 for any free one.

    Raises:
        FoveateError: the port is taken or not ours to take.
    """

    def __init__(self, app: FastAPI, port: int = 0) -> None:
        import uvicorn
        from fastapi.staticfiles import StaticFiles

        app.mount("/", StaticFiles(directory=app.state.folder, html=True))
        self.token = secrets.token_urlsafe(24)
        self._socket = _bound(port)
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://{HOST}:{self.port}/{self.token}/"
        config = uvicorn.Config(
            Guard(app, self.token),
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            ws_max_size=LONGEST,
            ws_per_message_deflate=False,  # pictures are compressed already
            timeout_graceful_shutdown=_GRACE,
        )
        self._server = uvicorn.Server(config)
        self._thread: threading.Thread | None = None

    def run(self) -> None:
        """Answer until Ctrl-C, which is how a page's server ends: it returns. A second Ctrl-C ends it at once."""
        try:
            self._server.run(sockets=[self._socket])
        except KeyboardInterrupt:
            if self._server.force_exit:
                raise
        finally:
            self._socket.close()

    def close(self) -> None:
        """End what ``run`` does in another thread."""
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(_GRACE + 10)
        self._socket.close()

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self.run, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _bound(port: int) -> socket.socket:
    if not 0 <= port <= 65535:
        raise FoveateError(f"--port {port} is no port.", "give 1 to 65535, or leave it out for any free one")
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(128)  # from here on a browser that is faster than the server waits for it
    except OSError as error:
        listener.close()
        why = {errno.EADDRINUSE: "is taken", errno.EACCES: "is reserved by the system"}.get(
            error.errno or 0, f"cannot be used: {error.strerror}"
        )
        raise FoveateError(f"--port {port} {why}.", "choose another, or leave it out for any free one") from None
    return listener
