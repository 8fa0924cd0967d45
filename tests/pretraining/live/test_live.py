"""The page of a run: the log in pieces, views, the token, and the page itself in a browser."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi")

from foveate.core.errors import FoveateError
from foveate.pretraining import verb
from foveate.pretraining.config import Pretrain
from foveate.pretraining.live import serve
from foveate.pretraining.live.app import app, lines_from
from foveate.web.server import Server
from tests.browser import Browser, find

DOT = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
TEN = [{"event": "step", "step": i, "epoch": 1, "loss": 5 - 0.2 * i, "lr": 1e-3, "seconds_left": 9} for i in range(10)]
LOOK = {
    "event": "epoch",
    "step": 10,
    "epoch": 1,
    "std": 0.4,
    "knn": 0.5,
    "rankme": 30.0,
    "diagnosis": "collapsed: so it is.",
}


def write(file: Path, *lines: Any) -> None:
    with open(file, "a") as stream:
        stream.write("".join(json.dumps(line) + "\n" for line in lines))


def test_the_log_is_read_in_whole_lines_from_where_one_stands(tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    assert lines_from(file, 0) == {"start": 0, "next": 0, "lines": []}
    write(file, *TEN)
    first = lines_from(file, 0)
    assert first["lines"] == TEN
    with open(file, "a") as stream:
        stream.write('{"event": "st')  # as it is while it is being written
    assert lines_from(file, first["next"]) == {"start": first["next"], "next": first["next"], "lines": []}
    file.write_text(json.dumps(TEN[0]) + "\n")  # a resumed run takes its log back
    assert lines_from(file, first["next"]) == {"start": 0, "next": file.stat().st_size, "lines": TEN[:1]}
    write(file, *TEN)
    assert lines_from(file, 5)["start"] == 0  # in the middle of a line


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Server]:
    write(tmp_path / "log.jsonl", *TEN)
    made = app(
        tmp_path,
        Pretrain(data="builtin:digits", objective="simclr", encoder="foveate:resnet9", epochs=2),
        classes=10,
        views=lambda number: [{"title": f"draw {number}", "pictures": [DOT, DOT]}],
    )
    with Server(made) as server:
        yield server


def test_routes_answer_to_the_token_alone(served: Server) -> None:
    def ask(path: str) -> Any:
        with urllib.request.urlopen(served.url + path, timeout=20) as answer:
            return json.load(answer)

    assert ask("run") | {"folder": ""} == {
        "objective": "simclr", "encoder": "foveate:resnet9", "data": "builtin:digits", "epochs": 2, "classes": 10, "folder": "",
    }  # fmt: skip
    assert len(ask("log")["lines"]) == 10
    assert not ask("log")["finished"]
    assert ask("views?draw=3")[0]["title"] == "draw 3"
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(served.url.replace(served.token, "guess") + "log", timeout=20)


def test_a_run_is_shown_while_it_trains_and_no_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}
    fit = verb._Pretraining._fit

    def fitted(self: Any, built: Any) -> Any:
        outcome = fit(self, built)
        with urllib.request.urlopen(seen["url"] + "log", timeout=20) as answer:
            seen["log"] = json.load(answer)
        with urllib.request.urlopen(seen["url"] + "views", timeout=20) as answer:
            seen["views"] = json.load(answer)
        return outcome

    monkeypatch.setattr(verb._Pretraining, "_fit", fitted)
    monkeypatch.setattr(serve, "say", lambda words: seen.update(url=words.split()[-1]))
    settings: dict[str, Any] = {
        "encoder": "random:test_resnet",
        "epochs": 1,
        "image_size": 16,
        "batch": 16,
        "device": "cpu",
    }
    verb.run(Pretrain(data="builtin:digits[0:80]", watch=True, out=str(tmp_path / "run"), **settings))
    assert [line["epoch"] for line in seen["log"]["lines"] if line["event"] == "epoch"] == [0, 1]
    assert len(seen["views"]) == 6
    assert seen["views"][0]["pictures"][1].startswith("data:image/")
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(seen["url"] + "log", timeout=5)


def test_a_port_that_is_none_is_said(tmp_path: Path) -> None:
    settings: dict[str, Any] = {
        "encoder": "random:test_resnet",
        "epochs": 1,
        "image_size": 16,
        "batch": 16,
        "device": "cpu",
    }
    with pytest.raises(FoveateError, match="--port"):
        verb.run(Pretrain(data="builtin:digits[0:80]", watch=True, port=70000, out=str(tmp_path / "run"), **settings))
    assert not (tmp_path / "run").exists()


@pytest.mark.browser
def test_the_page_draws_what_the_log_holds(served: Server, tmp_path: Path) -> None:
    binary = find()
    if not binary:
        pytest.skip("no chromium here")
    browser = Browser(binary, tmp_path / "profile")
    try:
        browser.view(1200, 1000)
        browser.call("Page.navigate", url=served.url)
        browser.wait("document.documentElement && document.documentElement.dataset.ready === '1'")
        titles = "[...document.querySelectorAll('.charts h3')].map((each) => each.textContent)"
        assert {"loss", "learning rate"} <= set(browser.run(titles))
        assert browser.run("document.getElementById('diagnosis').hidden")
        write(tmp_path / "log.jsonl", LOOK | {"spectrum": {"rank": [1, 2, 3], "value": [1.0, 0.1, 0.001]}})
        browser.wait("!document.getElementById('diagnosis').hidden")
        assert browser.run("document.getElementById('diagnosis').textContent") == "Epoch 1: collapsed: so it is."
        assert {"RankMe", "spectrum at the backbone, log₁₀"} <= set(browser.run(titles))
        assert browser.run("document.querySelectorAll('.views img').length") == 2
        browser.run("document.getElementById('again').click()")
        browser.wait("document.querySelector('.views img').alt === 'draw 1'")
        assert "NaN" not in browser.run("document.getElementById('charts').innerHTML")
        browser.view(380, 800)
        assert browser.run("document.documentElement.scrollWidth") <= 380
        assert browser.errors == []
    finally:
        browser.close()
