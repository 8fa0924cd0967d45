"""The page in a browser: every control, a hundred quick changes, a killed worker, errors, history, designs, narrow and dark."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from foveate import cli
from foveate.rendering.config import Render
from foveate.rendering.environment import Environment
from foveate.rendering.factors import FACTORS
from foveate.rendering.serve.app import app
from foveate.rendering.serve.desk import Desk
from foveate.rendering.serve.draft import Drafts
from foveate.web.server import Server
from tests.browser import Browser

pytestmark = pytest.mark.browser

# What is shown is what the controls say, whole, and nothing is under way.
SETTLED = "window.foveate?.shown?.kind === 'full' && !foveate.live.waiting && Object.entries(foveate.controls.factors).every(([k, v]) => foveate.shown.factors[k] === v)"
MOVE = """(() => {{
  const field = document.getElementById('factor-{name}');
  if (field.tagName === 'SELECT') {{
    const at = [...field.options].findIndex(option => !option.selected && !{barred}.includes(option.value));
    field.selectedIndex = at;
    field.dispatchEvent(new Event('change', {{bubbles: true}}));
    return field.value;
  }}
  field.value = Number(field.value) + Number(field.step) * {steps};
  field.dispatchEvent(new Event('input', {{bubbles: true}}));
  return Number(field.value);
}})()"""


def visit(browser: Browser, url: str, *, width: int = 1200, height: int = 900, dark: bool = False) -> None:
    browser.errors.clear()
    browser.requests.clear()
    browser.call("Page.navigate", url="about:blank")
    browser.view(width, height, dark=dark)
    browser.call("Page.navigate", url=url)
    browser.wait("document.documentElement?.dataset.ready === '1'")


@pytest.fixture
def page(browser: Browser, served: Server) -> Iterator[Browser]:
    """The page, with its first picture shown."""
    visit(browser, served.url)
    browser.wait(SETTLED)
    yield browser
    browser.call("Page.navigate", url="about:blank")


def move(page: Browser, name: str, steps: int = 3, barred: tuple[str, ...] = ("none",)) -> Any:
    return page.run(MOVE.format(name=name, steps=steps, barred=json.dumps(barred)))


def text(page: Browser, id: str) -> str:
    return page.run(f"document.getElementById('{id}').textContent").strip()


def test_every_factor_s_control_moves_the_picture(page: Browser, acted: Environment) -> None:
    # A second object first, so that what is of it can be moved; "none" is no value to move to, nor a place that is taken.
    for name in ["object2", *(name for name in FACTORS if name != "object2")]:
        before = page.run(f"foveate.shown.factors['{name}']")
        value = move(page, name, 2, ("none", "centre", "right", "left") if name == "position2" else ("none", "right"))
        assert value != before, name
        page.wait(SETTLED)
        assert page.run(f"foveate.shown.factors['{name}']") == value, name
    assert page.run("document.querySelectorAll('.factor').length") == len(FACTORS)
    assert page.errors == []
    assert page.run("document.getElementById('trouble').hidden")
    assert [url for url in page.requests if not url.startswith(("data:", "http://127.0.0.1:"))] == []


def test_a_hundred_quick_changes_are_answered_in_order(page: Browser, acted: Environment) -> None:
    acted.studio.pace = 0.02
    first = page.run("foveate.live.n")
    page.run(
        """(async () => {
          const slider = document.getElementById('factor-camera_yaw');
          for (let yaw = 1; yaw <= 100; yaw++) {
            slider.value = yaw;
            slider.dispatchEvent(new Event('input', {bubbles: true}));
            await new Promise(go => setTimeout(go, 4));
          }
        })()"""
    )
    page.wait(SETTLED)
    log = [entry for entry in page.run("foveate.live.log") if entry["n"] > first]
    numbers = [entry["n"] for entry in log]
    assert numbers == sorted(numbers)
    assert [entry["n"] for entry in log if entry["kind"] != "preview"] == list(range(first + 1, first + 101))
    assert page.run("foveate.shown.factors.camera_yaw") == 100
    assert sum(entry["kind"] == "superseded" for entry in log) > 10
    assert page.run("document.getElementById('stage').getAttribute('aria-busy')") == "false"


def test_a_killed_worker_is_replaced_and_the_page_says_so(page: Browser, acted: Environment) -> None:
    os.kill(acted.studio.pid, signal.SIGKILL)
    acted.studio._process.wait()
    move(page, "camera_yaw")
    page.wait(SETTLED)
    page.wait("document.getElementById('worker').textContent.includes('started anew 1×')")
    assert page.run("document.getElementById('trouble').hidden")
    acted.studio.failing = 2
    move(page, "camera_yaw")
    page.wait("!document.getElementById('trouble').hidden && !foveate.live.waiting")
    assert "twice in a row" in text(page, "trouble")
    move(page, "camera_yaw")
    page.wait(SETTLED)
    assert page.run("document.getElementById('trouble').hidden"), "what is mended is told no longer"


def test_an_error_is_shown_with_its_remedy(page: Browser) -> None:
    move(page, "relation")
    page.wait("!document.getElementById('trouble').hidden")
    assert page.run("[...document.querySelectorAll('#trouble > *')].map(one => one.textContent)") == [
        "these factors contradict one another: 'left of' without a second object.",
        "change one of them, or several in one step",
    ]
    page.run("document.querySelector('#factor-relation').closest('.factor').querySelector('.back').click()")
    page.wait(SETTLED)
    assert page.run("document.getElementById('trouble').hidden")


def test_a_picture_that_would_not_be_kept_is_shown_with_the_reason(page: Browser) -> None:
    page.run("(() => { foveate.controls.all.get('size').set(0.3); foveate.controls.tell('size') })()")
    page.wait(SETTLED)
    assert text(page, "fault").startswith("foveate render would not keep this picture: the main object covers")


def test_overlays_boxes_caption_and_relations(page: Browser) -> None:
    move(page, "object2")
    page.wait(SETTLED)
    painted = "[...document.getElementById('overlay').getContext('2d').getImageData(0, 0, 64, 64).data].filter((value, at) => at % 4 === 3 && value).length"
    assert page.run(painted) == 0
    page.run("document.getElementById('show-mask').click()")
    mask = page.run("foveate.shown.objects.reduce((sum, one) => sum + one.area, 0) * 64 * 64")
    assert page.run(painted) == pytest.approx(mask)
    page.run("document.getElementById('show-depth').click()")
    assert page.run(painted) == 64 * 64
    page.run("document.getElementById('show-boxes').click()")
    assert page.run("document.querySelectorAll('#boxes .over').length") == 2
    assert text(page, "caption") == page.run("foveate.shown.caption")
    assert "to the left of" in text(page, "facts")
    assert page.run("document.getElementById('show-mask').getAttribute('aria-pressed')") == "true"


def test_the_pointer_reads_the_picture_and_turns_the_camera(page: Browser) -> None:
    frame = page.run(
        "(() => { const f = document.getElementById('stage').getBoundingClientRect(); return [f.x, f.y, f.width] })()"
    )
    x, y = frame[0] + 0.5 * frame[2], frame[1] + 0.55 * frame[2]
    page.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
    page.wait("!document.getElementById('reading').hidden")
    assert text(page, "reading") == "zebra · 2.60 m · 32, 35"
    page.call("Input.dispatchMouseEvent", type="mousePressed", x=x, y=y, button="left", buttons=1, clickCount=1)
    for step in range(1, 6):
        page.call("Input.dispatchMouseEvent", type="mouseMoved", x=x - 8 * step, y=y, button="left", buttons=1)
    page.call("Input.dispatchMouseEvent", type="mouseReleased", x=x - 40, y=y, button="left", clickCount=1)
    page.wait(SETTLED)
    assert page.run("foveate.shown.factors.camera_yaw") == pytest.approx(20, abs=3)


def test_history_goes_back_without_rendering(page: Browser, acted: Environment) -> None:
    first = page.run("foveate.shown.factors")
    move(page, "camera_yaw", 40)
    page.wait(SETTLED)
    assert page.run("document.querySelectorAll('#history li').length") == 2
    rendered = len(acted.studio.shots)
    page.run("document.querySelector('#history li:last-child button').click()")
    assert page.run("foveate.shown.factors") == page.run("foveate.controls.factors") == first
    assert len(acted.studio.shots) == rendered
    move(page, "camera_pitch")
    page.wait(SETTLED)
    assert page.run("document.querySelectorAll('#history li').length") == 3


def test_going_back_wins_over_what_is_being_rendered(page: Browser, acted: Environment) -> None:
    acted.studio.gate.clear()
    move(page, "camera_yaw", 40)
    page.run("document.querySelector('#history li:last-child button').click()")
    acted.studio.gate.set()
    page.wait("!foveate.live.waiting")
    assert page.run("foveate.shown.factors.camera_yaw") == 0
    assert page.run("document.getElementById('stage').getAttribute('aria-busy')") == "false"


def test_a_design_is_collected_saved_and_rendered(
    page: Browser, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page.run("document.getElementById('add').click()")
    page.wait("document.getElementById('count').textContent === '1 picture'")
    move(page, "light")
    move(page, "camera_yaw", 10)
    page.wait(SETTLED)
    page.run("document.getElementById('add').click()")
    page.wait("document.getElementById('count').textContent === '2 pictures'")
    page.run("document.getElementById('add').click()")
    page.wait("document.getElementById('saved').textContent.includes('already')")
    assert page.run("document.querySelectorAll('#rows li').length") == 2
    page.run(
        "(() => { const layout = document.getElementById('layout'); layout.value = 'full'; layout.dispatchEvent(new Event('change')) })()"
    )
    page.wait("document.getElementById('count').textContent === '4 pictures'")
    page.run("document.getElementById('save').click()")
    page.wait("document.getElementById('saved').textContent.startsWith('Saved')")
    saved = tmp_path / "out" / "design.toml"
    assert saved.read_text() == page.run("document.getElementById('toml').textContent")
    assert cli.main(["render", str(saved), "--dry-run"]) == 0
    assert "4 pictures of 64 px at 8 samples" in capsys.readouterr().err
    page.run("document.querySelector('#rows .back').click()")
    page.wait("document.getElementById('count').textContent === '1 picture'")
    page.run("document.querySelector('#rows .row').click()")
    page.wait(SETTLED)
    assert page.errors == []


def test_a_row_that_does_not_hold_is_not_collected(page: Browser) -> None:
    move(page, "relation")
    page.wait("!foveate.live.waiting")
    page.run("document.getElementById('add').click()")
    page.wait(
        "document.querySelectorAll('#rows li').length === 0 && document.getElementById('trouble').textContent.includes('contradict')"
    )
    assert text(page, "count") == "empty"


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1200, 900, 500])
def test_it_fits_wide_and_narrow_in_light_and_dark(browser: Browser, served: Server, width: int, dark: bool) -> None:
    visit(browser, served.url, width=width, dark=dark)
    browser.wait(SETTLED)
    assert browser.run("document.documentElement.scrollWidth") <= width
    stage = browser.run(
        "(() => { const f = document.getElementById('stage').getBoundingClientRect(); return [f.left, f.right, f.width] })()"
    )
    assert 0 <= stage[0] < stage[1] <= width
    assert stage[2] > 300
    paper = browser.run("getComputedStyle(document.body).backgroundColor")
    assert paper == ("rgb(16, 19, 23)" if dark else "rgb(252, 252, 250)")
    narrow = browser.run(
        "[...document.querySelectorAll('.group')].slice(0, 3).every(group => [...group.querySelectorAll('input, select')].every(one => one.getBoundingClientRect().width >= 40))"
    )
    assert narrow, "no control is too narrow to use"
    assert browser.errors == []


def test_the_keyboard_reaches_and_moves_everything(page: Browser) -> None:
    names = page.run(
        """[...document.querySelectorAll('button, input, select, a, summary, [tabindex]')].filter(one => one.checkVisibility({visibilityProperty: true}))
          .filter(one => !(one.tabIndex >= 0 && (one.labels?.length || one.getAttribute('aria-label') || one.textContent.trim() || one.querySelector('img[alt]'))))
          .map(one => one.outerHTML)"""
    )
    assert names == [], "each has a name and takes the focus"
    page.run("document.getElementById('factor-camera_yaw').focus()")
    for _ in range(3):
        page.press("ArrowRight")
    page.wait(SETTLED)
    assert page.run("foveate.shown.factors.camera_yaw") == 3
    page.press("Tab")
    assert page.run("document.activeElement.type") == "number"


def test_without_the_token_there_is_nothing(browser: Browser, served: Server) -> None:
    browser.call("Page.navigate", url=f"http://127.0.0.1:{served.port}/")
    browser.wait("document.body?.textContent.startsWith('403')")
    status = browser.run(f"fetch('http://127.0.0.1:{served.port}/page.js').then(answer => answer.status)")
    assert status == 403


def test_a_server_that_ends_and_comes_back(
    page: Browser, acted: Environment, desk: Desk, served: Server, tmp_path: Path
) -> None:
    served.close()
    page.wait("document.getElementById('worker').textContent.startsWith('no connection')")
    assert "run foveate render --serve again" in text(page, "trouble")
    move(page, "camera_yaw")
    again = Server(app(acted, desk, Drafts(acted.palette, Render(), tmp_path)), served.port)
    again._server.config.app._token = served.token.encode()  # the same address, as after a laptop's sleep
    with again:
        page.wait(SETTLED)
        assert page.run("foveate.shown.factors.camera_yaw") == 3
        assert page.run("document.getElementById('trouble').hidden")


@pytest.mark.slow
def test_blender_answers_the_page(
    browser: Browser, blender: str, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOVEATE_CACHE", str(built))
    with (
        Environment(world="plain", pixels=48, samples=2, blender_python=blender) as environment,
        Desk(environment) as desk,
    ):
        drafts = Drafts(environment.palette, Render(size=48, samples=2), tmp_path)
        with Server(app(environment, desk, drafts)) as server:
            visit(browser, server.url)
            browser.wait(SETTLED)
            first = browser.run("document.getElementById('image').src")
            os.kill(environment.studio.worker.pid, signal.SIGKILL)
            move(browser, "camera_yaw", 60)
            browser.wait(SETTLED)
            assert environment.lost == 1
            assert "started anew 1×" in text(browser, "worker")
            assert browser.run("document.getElementById('image').src") != first
            assert text(browser, "caption") == "a photo of a zebra, in an empty place by day"
            assert browser.errors == []
            browser.call("Page.navigate", url="about:blank")
