"""``foveate render --serve`` as a command: its address, its end, and what it refuses before it starts."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from websockets.sync.client import connect

from foveate import cli


def test_it_shows_its_address_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "foveate.cli", "render", "--serve", "--json", "--blender-python", sys.executable]
    process = subprocess.Popen(
        [*command, "--out", str(tmp_path / "out")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    assert process.stderr
    url = process.stderr.readline().removeprefix("open ").strip()
    with connect(f"{url.replace('http', 'ws')}live", proxy=None) as line:
        line.send(json.dumps({"n": 1, "factors": {"world": "plain"}}))
        while (message := json.loads(line.recv(60)))["kind"] != "error":
            pass
        assert message["what"].startswith(f"{sys.executable} cannot render: ModuleNotFoundError")
        os.kill(process.pid, signal.SIGINT)
        out, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    report = json.loads(out)
    assert report["verb"] == "render"
    assert report["answer"] == "0 pictures were shown. No design was saved."
    assert "Traceback" not in errors
    assert list(tmp_path.iterdir()) == [], "nothing was saved, so nothing is left"


@pytest.mark.parametrize(
    ("flags", "what"),
    [
        (["--port", "99999"], "--port 99999 is no port"),
        (["--size", "5"], "pixels = 5 is out of reach"),
        (["--objects", "nowhere"], "--objects nowhere is no folder"),
        (["--blender-python", "no-such-python"], "--blender-python no-such-python is not there"),
    ],
)
def test_what_does_not_hold_is_told_at_once(flags: list[str], what: str, capsys: pytest.CaptureFixture[str]) -> None:
    flags = flags if "--blender-python" in flags else [*flags, "--blender-python", sys.executable]
    assert cli.main(["render", "--serve", *flags]) == 2
    told = capsys.readouterr().err
    assert what in told
    assert len(told.strip().splitlines()) == 2


def test_a_port_that_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert cli.main(["render", "--serve", "--port", port, "--blender-python", sys.executable]) == 2
    assert f"--port {port} is taken" in capsys.readouterr().err


def test_without_its_packages_it_names_the_extra(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import importlib.util

    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "fastapi" else found(name, *rest)
    )
    assert cli.main(["render", "--serve"]) == 2
    assert "pip install 'foveate[render]'" in capsys.readouterr().err
