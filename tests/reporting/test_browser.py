"""The page as a browser shows it: everything drawn, nothing fetched, usable by hand, on a phone and on paper."""

from __future__ import annotations

import csv
import io
import shutil
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

DRAWN = "[...document.querySelectorAll('[data-chart]')].filter(one => one.querySelector('.live svg path, .live svg text')).length"


def column(browser, index: int) -> list[str]:
    return browser.run(
        f"[...document.querySelector('figure.table tbody').rows].map(row => row.cells[{index}].textContent.trim())"
    )


def test_it_opens_from_another_folder_with_no_network(browser, rich_page: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "a folder, elsewhere" / "report.html"
    elsewhere.parent.mkdir()
    shutil.copy(rich_page, elsewhere)
    browser.open(elsewhere)
    assert browser.errors == []
    assert browser.run("document.documentElement.dataset.errors") is None
    assert [url for url in browser.requests if not url.startswith(("file:", "data:"))] == []
    charts = browser.run("document.querySelectorAll('[data-chart]').length")
    assert charts >= 7
    assert browser.run(DRAWN) == charts
    assert browser.run("document.querySelectorAll('.canvas > svg').length") == 0, "the still drawings have given way"
    assert browser.run("[...document.images].every(image => image.naturalWidth > 0)")


def test_without_script_every_chart_is_still_drawn(browser, rich_page: Path) -> None:
    browser.open(rich_page, script=False)
    drawn = browser.run("[...document.querySelectorAll('.canvas > svg')].map(svg => svg.getBoundingClientRect().width)")
    assert len(drawn) >= 7
    assert min(drawn) > 300


def test_a_click_sorts_a_table_and_another_turns_it(browser, rich_page: Path) -> None:
    browser.open(rich_page)
    click = "document.querySelectorAll('figure.table thead th button')[{}].click()"
    browser.run(click.format(1))
    values = [float("0" + text.split()[0]) for text in column(browser, 1)]
    assert values == sorted(values, reverse=True), "a number's first order is the best first"
    assert browser.run("document.querySelectorAll('figure.table th')[1].getAttribute('aria-sort')") == "descending"
    browser.run(click.format(1))
    assert [float("0" + text.split()[0]) for text in column(browser, 1)] == sorted(values)
    browser.run(click.format(0))
    assert column(browser, 0) == [f"blocks.{index}:mean" for index in range(12)], "names sort as people count"


def test_a_table_s_downloads_hold_the_table(browser, rich_page: Path) -> None:
    browser.open(rich_page)
    text = browser.run(
        "(() => { const href = document.querySelector('figure.table a[download$=\".csv\"]').href;"
        "return new TextDecoder().decode(Uint8Array.from(atob(href.split(',')[1]), char => char.charCodeAt(0))) })()"
    )
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 12
    assert float(rows[7]["linear"]) == pytest.approx(0.871)
    assert browser.run("document.querySelectorAll('figure.table a[download$=\".tex\"]').length") >= 2


def test_hovering_over_a_heat_map_shows_value_and_interval(browser, rich_page: Path) -> None:
    browser.open(rich_page)
    place = browser.run(
        "(() => { const cell = document.querySelector('#what-two-encoders-share .live .mark-rect path[aria-roledescription]');"
        "cell.scrollIntoView({block: 'center', behavior: 'instant'}); const box = cell.getBoundingClientRect();"
        "return [box.x + box.width / 2, box.y + box.height / 2] })()"
    )
    # A pointer that moves once may do so before the chart listens.
    for step in range(100):
        browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=place[0] + step % 3, y=place[1])
        if browser.run("!!document.querySelector('#vg-tooltip-element.visible')"):
            break
        time.sleep(0.1)
    shown = browser.run("document.querySelector('#vg-tooltip-element').innerText")
    assert ".970 [.950, .990]" in shown


def test_a_picture_opens_and_leads_on_by_keyboard(browser, rich_page: Path) -> None:
    browser.open(rich_page)
    browser.run("document.querySelector('.picture .frame').focus()")
    browser.press("Enter")
    assert browser.run("document.querySelector('dialog.zoom').open")
    assert browser.run("document.querySelectorAll('dialog .stage rect').length") == 2, "the box is enlarged with it"
    first = browser.run("document.querySelector('dialog figcaption').textContent")
    browser.press("ArrowRight")
    assert browser.run("document.querySelector('dialog figcaption').textContent") != first
    browser.press("Escape")
    assert not browser.run("document.querySelector('dialog.zoom').open")
    assert browser.run("document.activeElement.className") == "frame"


def test_dark_follows_the_system_and_the_button(browser, rich_page: Path) -> None:
    browser.open(rich_page, dark=True)
    paper = "getComputedStyle(document.body).backgroundColor"
    cell = "document.querySelector('#what-two-encoders-share .live .mark-rect path').getAttribute('fill')"
    assert browser.run(paper) == "rgb(16, 19, 23)"
    dark = browser.run(cell)
    browser.run("document.querySelector('.theme').click()")
    assert browser.run(paper) == "rgb(252, 252, 250)"
    assert browser.run(cell) != dark, "a heat map's ramp turns with the page"
    browser.run("localStorage.clear()")
    assert browser.errors == []


@pytest.mark.parametrize("width", [320, 390, 768])
def test_a_narrow_window_needs_no_sideways_scrolling(browser, rich_page: Path, width: int) -> None:
    browser.open(rich_page, width=width)
    browser.run("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert browser.run("document.documentElement.scrollWidth") <= width
    wide = (
        "[...document.querySelectorAll('main *')].filter(one => !one.closest('.scroll, svg, .vega-embed') &&"
        f"one.getBoundingClientRect().right > {width} + 1).map(one => one.className)"
    )
    assert browser.run(wide) == []


def test_paper_shows_every_part_in_light(browser, rich_page: Path) -> None:
    browser.open(rich_page, dark=True)
    pdf = browser.pdf()
    assert pdf.startswith(b"%PDF")
    assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") >= 4
    browser.run("dispatchEvent(new Event('beforeprint'))")
    assert browser.run("document.querySelectorAll('details:not([open])').length") == 0
    features = [{"name": "prefers-color-scheme", "value": "dark"}]
    browser.call("Emulation.setEmulatedMedia", media="print", features=features)
    assert browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    browser.run("dispatchEvent(new Event('afterprint'))")
    browser.call("Emulation.setEmulatedMedia", media="", features=features)
    assert browser.run("document.querySelectorAll('main details[open]').length") == 0


def test_opening_a_joined_run_draws_its_charts(browser, rich, small, tmp_path: Path) -> None:
    from foveate.reporting.join import join

    rich.write(tmp_path / "rich")
    other = small()
    other.write(tmp_path / "other")
    browser.open(join([rich, other]).write(tmp_path / "joined"))
    inside = "document.querySelectorAll('details.run [data-chart=drawn]').length"
    assert browser.run(inside) == 0
    browser.run("document.querySelector('details.run').open = true")
    browser.wait(f"{inside} >= 7")
    assert browser.errors == []
