from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest

from foveate.core.estimate import Estimate
from foveate.core.findings import Control, Finding, Metric
from foveate.reporting import charts
from foveate.reporting.charts import Point
from foveate.reporting.join import join
from foveate.reporting.page import _columns, page
from foveate.reporting.record import Report
from foveate.reporting.sections import Exhibit, Gallery, Picture, Section, Table, Text, Verdict

EVIL = "</script><script>window.evil=1</script><img src=x onerror='window.evil=1'>\" onclick=\"evil()"
DOT = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


class Elements(HTMLParser):
    """All elements with their attributes, and the text of scripts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self.found and self.cdata_elem == "script":
            self.scripts[-1] += data


def evil_report() -> Report:
    """Hostile text wherever a name from the outside can stand."""
    report = Report(
        "probe", EVIL, answer=EVIL, inputs={EVIL: {"address": EVIL, EVIL: EVIL}}, config={EVIL: EVIL}, command=EVIL
    )
    report.environment = {"versions": {"torch": EVIL}, "git": {"commit": EVIL}}
    estimate = Estimate(0.5, 0.4, 0.6, 9)
    report.metric(f"a.b/{EVIL}", estimate)
    report.headline(f"a.b/{EVIL}", EVIL, controls={EVIL: f"a.b/{EVIL}"})
    for control in (Control(EVIL, 0.0, 0.0, 0.0), Control(EVIL, 0.5, None, None)):
        report.finding(Finding(EVIL, EVIL, EVIL, EVIL, *estimate, EVIL, 0.0, 0.1, control, "reproduced", EVIL))
    report.skip(EVIL, EVIL)
    dot = Picture(DOT, 1, 1, EVIL, EVIL, EVIL, [{"x0": 0, "y0": 0, "x1": 1, "y1": 1, "label": EVIL}], EVIL)  # type: ignore[list-item]
    blocks = [
        Text(EVIL),
        Table([EVIL], [[EVIL]], EVIL),
        Gallery([dot, Exhibit(EVIL, [dot], EVIL)], EVIL),
        Verdict("PASS", EVIL, EVIL),
        charts.bars([Point(EVIL, 0.5, series=EVIL)], x=EVIL, y=EVIL, alt=EVIL, caption=EVIL),
    ]
    report.section(Section(EVIL, blocks, EVIL))
    return report


def test_hostile_words_stay_words(tmp_path: Path) -> None:
    elements = Elements(evil_report().write(tmp_path).read_text(encoding="utf-8"))
    assert not [tag for tag, attributes in elements.found if any(name.startswith("on") for name in attributes)]
    assert {attributes["src"] for tag, attributes in elements.found if tag == "img"} == {DOT}
    assert len(elements.scripts) == 3  # the chart's data, Vega, the page's own
    assert "<script" not in elements.scripts[0]


@pytest.mark.browser
def test_hostile_words_do_nothing_in_a_browser(browser, tmp_path: Path) -> None:
    browser.open(evil_report().write(tmp_path))
    assert browser.errors == []
    assert browser.run("typeof window.evil") == "undefined"


def test_the_policy_lets_only_the_page_s_own_scripts_run(rich_page: Path) -> None:
    elements = Elements(rich_page.read_text(encoding="utf-8"))
    (policy,) = [
        a["content"] for tag, a in elements.found if tag == "meta" and a.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy
    assert policy.startswith("default-src 'none';")
    assert "eval" not in policy
    kinds = [attributes.get("type") for tag, attributes in elements.found if tag == "script"]
    running = [text for text, kind in zip(elements.scripts, kinds, strict=True) if kind is None]
    hashes = {f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in running}
    assert len(running) == 2
    assert set(re.findall(r"'sha256-[^']+'", policy)) == hashes


def test_nothing_points_outside_the_file(rich_page: Path) -> None:
    targets = [
        (tag, attributes[name])
        for tag, attributes in Elements(rich_page.read_text(encoding="utf-8")).found
        for name in ("src", "href", "xlink:href", "action", "data", "srcset")
        if attributes.get(name)
    ]
    assert targets
    assert not [one for one in targets if not re.match(r"(data:(image|text)/|#)", str(one[1]))]
    css = Elements(rich_page.read_text(encoding="utf-8"))
    assert not any("url(" in (a.get("style") or "") for _, a in css.found)


def test_anchors_are_unique_and_links_lead_somewhere(rich_page: Path) -> None:
    elements = Elements(rich_page.read_text(encoding="utf-8")).found
    ids = Counter(attributes["id"] for _, attributes in elements if attributes.get("id"))
    assert [name for name, count in ids.items() if count > 1] == []
    links = {a["href"] for tag, a in elements if tag == "a" and str(a.get("href")).startswith("#")}
    assert links <= {f"#{name}" for name in ids}


def test_images_and_charts_have_words(rich_page: Path) -> None:
    elements = Elements(rich_page.read_text(encoding="utf-8")).found
    assert all(a.get("alt") for tag, a in elements if tag == "img")
    assert all(a.get("aria-label") for tag, a in elements if a.get("role") == "img" and a.get("class") == "canvas")
    assert ("html", {"lang": "en"}) in elements
    assert Counter(tag for tag, _ in elements)["h1"] == 1
    assert {"main", "nav", "header", "footer"} <= {tag for tag, _ in elements}


def test_a_page_without_charts_does_not_carry_their_engine(small) -> None:
    html = page(small(knn__accuracy=Metric(0.5, 0.4, 0.6, 10)).to_json())
    assert len(html) < 60_000
    assert "vegaEmbed = " not in html


def test_contents_stand_only_before_a_long_page(small, rich_page: Path) -> None:
    assert "<nav" not in page(small().to_json())
    assert "<nav" in rich_page.read_text(encoding="utf-8")


def test_an_input_s_facts_are_short(small) -> None:
    report = small()
    report.inputs = {
        "encoder": {
            "address": "timm:x",
            "fingerprint": "0123456789abcdef" * 2,
            "grid": [14, 14],
            "preprocess": {"a": 1},
            "no": None,
        }
    }
    html = page(report.to_json())
    assert "fingerprint 0123456789ab<" in html
    assert "grid 14 × 14<" in html
    assert "preprocess" not in html


@pytest.mark.parametrize(("verbs", "first"), [(("probe", "audit"), "run"), (("probe", "probe"), "section")])
def test_runs_of_several_verbs_go_first_and_runs_of_one_are_compared_first(
    small, verbs, first: str, tmp_path: Path
) -> None:
    reports = [small(verb, knn__accuracy=Metric(0.5, 0.4, 0.6, 10)) for verb in verbs]
    for index, report in enumerate(reports):
        report.write(tmp_path / str(index))
    html = page(join(reports).to_json())
    places = {"run": html.index('<details class="run"'), "section": html.index("<section")}
    assert min(places, key=places.__getitem__) == first


@pytest.mark.parametrize(("cards", "columns"), [(1, 1), (4, 4), (5, 3), (6, 3), (7, 4), (8, 4), (9, 3)])
def test_no_card_stands_alone_in_its_row(cards: int, columns: int) -> None:
    assert _columns(cards) == columns


def test_the_page_depends_on_the_record_alone(rich: Report, rich_page: Path) -> None:
    assert page(Report.read(rich_page.parent).to_json()) == rich_page.read_text(encoding="utf-8")
