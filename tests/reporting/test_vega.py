from __future__ import annotations

from pathlib import Path

import pytest

from foveate.core.errors import FoveateError
from foveate.reporting import vega


@pytest.fixture
def _fresh():  # type: ignore[no-untyped-def]
    vega.bundle.cache_clear()
    yield
    vega.bundle.cache_clear()


@pytest.mark.usefixtures("_fresh")
def test_the_engine_is_one_classic_script_and_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOVEATE_CACHE", str(tmp_path))
    script = vega.bundle()
    assert "window.vegaEmbed" in script
    assert 500_000 < len(script) < 1_500_000
    (kept,) = (tmp_path / "reporting").iterdir()
    kept.write_text("from the cache", encoding="utf-8")
    vega.bundle.cache_clear()
    assert vega.bundle() == "from the cache"


@pytest.mark.usefixtures("_fresh")
def test_a_cache_that_cannot_be_written_costs_no_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FOVEATE_CACHE", str(tmp_path / "file"))
    monkeypatch.setattr("vl_convert.javascript_bundle", lambda snippet: snippet)
    assert "window.vegaEmbed" in vega.bundle()


def test_a_chart_that_cannot_be_drawn_is_named() -> None:
    with pytest.raises(FoveateError, match="the chart 'mine' cannot be drawn"):
        vega.still({"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "mark": {}, "data": 3}, "mine")


def test_what_a_chart_says_itself_goes_before_the_page_s_frame() -> None:
    spec = {"mark": "point", "width": "container", "config": {"font": "Mine"}}
    framed = vega.dressed(spec)
    assert framed["config"]["font"] == "Mine"
    assert framed["autosize"]["type"] == "fit-x"
    assert "autosize" not in vega.dressed({"mark": "point"})
