"""The server: what it reads, what it tells of errors, where it listens and how it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from foveate.core.errors import FoveateError
from foveate.web import server
from foveate.web.guard import LONGEST
from foveate.web.server import Server, application, needed


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        "..%2fsecret.txt",
        "%2e%2e/secret.txt",
        "..%5csecret.txt",
        "./../../secret.txt",
        "//../secret.txt",
        "static/../../secret.txt",
        "link.txt",
        "..",
        "%00",
        "nothing.txt",
    ],
)
def test_nothing_outside_of_the_folder_is_readable(ask, path: str) -> None:
    status, _, body = ask(f"/TOKEN/{path}")
    assert status == 404
    assert "secret" not in body.replace("secret.txt", "")


def test_the_interface_s_own_pages_are_off(ask) -> None:
    assert {ask(f"/TOKEN/{path}")[0] for path in ("docs", "redoc", "openapi.json")} == {404}


def test_an_error_of_the_user_s_comes_as_what_and_remedy(ask) -> None:
    status, _, body = ask("/TOKEN/trouble")
    assert (status, body) == (422, '{"what":"it is broken.","remedy":"mend it"}')


def test_a_malformed_request_comes_as_what_and_remedy(ask) -> None:
    status, _, body = ask("/TOKEN/typed?number=many", "POST")
    assert status == 422
    assert '"what":"a request that does not fit: query.number' in body


def test_a_body_has_a_limit(ask) -> None:
    assert ask("/TOKEN/length", "POST", bytes(LONGEST))[::2] == (200, str(LONGEST))
    assert ask("/TOKEN/length", "POST", bytes(LONGEST + 1))[0] == 413


def test_it_listens_on_the_loopback_alone(served: Server) -> None:
    listening = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    own = {row[1] for row in listening if row[3] == "0A" and int(row[1].split(":")[1], 16) == served.port}
    assert own == {f"0100007F:{served.port:04X}"}


def test_every_server_has_a_token_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("")
    tokens = set()
    for _ in range(5):
        made = Server(application(tmp_path))
        tokens.add(made.token)
        made.close()
    assert len(tokens) == 5
    assert min(map(len, tokens)) >= 32


def test_a_port_that_is_taken(served: Server, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("")
    with pytest.raises(FoveateError, match=f"--port {served.port} is taken"):
        Server(application(tmp_path), served.port)
    with pytest.raises(FoveateError, match="no port"):
        Server(application(tmp_path), 70_000)


def test_a_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server.importlib.util, "find_spec", lambda name: None if name == "uvicorn" else object())
    with pytest.raises(FoveateError, match=r"uvicorn.*foveate\[render\]"):
        needed("render")


def test_closed_it_answers_no_more(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("")
    with Server(application(tmp_path)) as running:
        socket.create_connection(("127.0.0.1", running.port), 5).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", running.port), 5)


def test_ctrl_c_ends_it_in_peace(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("")
    script = f"""
        from pathlib import Path
        from foveate.web.server import Server, application
        server = Server(application(Path({str(tmp_path)!r})))
        print(server.url, flush=True)
        server.run()
        print("ended", flush=True)
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout
    port = int(process.stdout.readline().split(":")[2].split("/")[0])
    with socket.create_connection(("127.0.0.1", port), 20) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert line.recv(12) == b"HTTP/1.1 403"  # it runs: from here on Ctrl-C is its own
        os.kill(process.pid, signal.SIGINT)
        out, errors = process.communicate(timeout=30)
    assert (process.returncode, out, errors) == (0, "ended\n", "")
