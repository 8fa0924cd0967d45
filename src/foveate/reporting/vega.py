"""The charts' engine: Vega as one script that needs no network, and every chart drawn once beforehand as plain SVG."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from foveate.core.cache import folder_of
from foveate.core.errors import FoveateError
from foveate.core.files import write_text
from foveate.reporting.palette import INKS, themed

FONT = 'Inter, "Segoe UI", "Helvetica Neue", Helvetica, Arial, sans-serif'
_ADDRESS_SPACE = 6e9  # bytes that the JavaScript engine reserves, which it does not use
_STILL_WIDTH = 880  # px of the drawing that stands until the script has run, or for good where none may
_INK, _MUTED, _LINE = (INKS[name][0] for name in ("ink", "muted", "line"))
CONFIG: dict[str, Any] = {
    "font": FONT,
    "background": "transparent",
    "view": {"stroke": None},
    "axis": {
        "labelColor": _MUTED,
        "labelFontSize": 11.5,
        "titleColor": _MUTED,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titlePadding": 10,
        "gridColor": _LINE,
        "domainColor": _LINE,
        "tickColor": _LINE,
        "tickSize": 4,
    },
    "axisQuantitative": {"tickCount": 5},
    "axisY": {"domain": False, "ticks": False, "labelPadding": 8},
    "legend": {
        "labelColor": _INK,
        "labelFontSize": 12,
        "titleColor": _MUTED,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "symbolSize": 70,
        "columnPadding": 18,
        "rowPadding": 4,
        "offset": 14,
    },
    "text": {"color": _INK},
}


def widest(spec: Mapping[str, Any]) -> int | None:
    """The width (px) beyond which the chart asks not to be stretched: few cells or bars need no whole page."""
    return spec.get("usermeta", {}).get("widest")


def dressed(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A chart's specification with the page's frame; what the chart says itself goes first."""
    config = {**CONFIG, **spec.get("config", {})}
    fit = {"autosize": {"type": "fit-x", "contains": "padding"}} if spec.get("width") == "container" else {}
    return {**fit, **spec, "config": config}


@functools.cache
def _engine() -> Any:
    """vl-convert, unless a limit on the address space leaves too little for its JavaScript engine, which then aborts.

    Raises:
        FoveateError: so it is.
    """
    import resource

    import vl_convert

    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    with suppress(OSError):  # no /proc: nothing is known, and nothing is refused
        taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        if limit != resource.RLIM_INFINITY and limit - taken < _ADDRESS_SPACE:
            raise FoveateError(
                f"charts cannot be drawn: ulimit -v leaves {max(limit - taken, 0) / 1e9:.1f} GB of address space.",
                f"raise it by {_ADDRESS_SPACE / 1e9:.0f} GB and run: foveate report OUT (report.json is written already)",
            )
    return vl_convert


def still(spec: Mapping[str, Any], prefix: str) -> str:
    """The chart as SVG text, in the page's variable colours. ``prefix`` keeps its ids apart from other charts'.

    Raises:
        FoveateError: Vega-Lite cannot draw the specification.
    """
    vl_convert = _engine()

    frame = dressed(spec)
    if frame.get("width") == "container":
        frame["width"] = min(_STILL_WIDTH, widest(spec) or _STILL_WIDTH)
    try:
        svg = vl_convert.vegalite_to_svg(frame, show_warnings=False)
    except ValueError as error:
        raise FoveateError(
            f"the chart '{prefix}' cannot be drawn: {str(error).strip().splitlines()[-1][:200]}",
            "mend its Vega-Lite specification",
        ) from None
    # The converter counts its clips over the life of the process: counted anew, the same chart is the same text.
    numbers: dict[str, int] = {}
    svg = re.sub(
        r'(id="|url\(#|href="#)(gradient|clip)[-_]?(\d+)',
        lambda m: f"{m[1]}{prefix}-{m[2]}{numbers.setdefault(m[2] + m[3], len(numbers))}",
        svg,
    )
    svg = re.sub(r'(<svg[^>]*?) width="[\d.]+" height="[\d.]+"', r"\1", svg, count=1)
    return themed(svg)


@functools.cache
def bundle() -> str:
    """Vega, Vega-Lite and Vega-Embed as one classic script that defines ``vegaEmbed`` and nothing else.

    Putting it together takes about 2 s of CPU, so it is kept in the cache.
    """
    vl_convert = _engine()

    path = folder_of("reporting") / f"vega-{version('vl-convert-python')}.js"
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        pass
    script = f"(()=>{{{vl_convert.javascript_bundle('window.vegaEmbed = vegaEmbed;')}}})();\n"
    assert "</script" not in script.lower()
    with suppress(OSError, FoveateError):  # a cache that cannot be written costs two seconds, not the report
        write_text(path, script)
    return script
