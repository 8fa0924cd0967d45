"""Colours: a name means the same in every chart, in light and in dark, with and without full colour vision.

A chart's record holds the light hues, so that it is an ordinary Vega-Lite chart anywhere; the page swaps each for a
variable of its style sheet that has a dark twin.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib import resources

# Name → (on light, on dark): contrast ≥ 3 against the page for marks, ≥ 4.5 for text; checked by a test, as is the
# distance between the first series under simulated deuteranopia and protanopia.
INKS = {
    "paper": ("#fcfcfa", "#101317"),
    "ink": ("#15181d", "#eceef1"),
    "muted": ("#585f6b", "#a3abb8"),
    "line": ("#e3e3de", "#2a3039"),
}
SERIES = {
    "blue": ("#1c5fb4", "#74aef7"),
    "orange": ("#b8480a", "#f79a4f"),
    "teal": ("#0a8f83", "#3fd0bf"),
    "plum": ("#85317f", "#e08ad8"),
    "gold": ("#b58a00", "#e3c53d"),
    "crimson": ("#b3223f", "#ff8095"),
    "grey": ("#747b87", "#8f98a6"),
}
_ORDER = ("blue", "orange", "teal", "plum", "gold", "crimson")
# What a series is called decides its colour: the thing under study, what it is held against, and what explains nothing.
_ROLES = {
    "target": "blue",
    "trained": "blue",
    "reference": "orange",
    "untrained": "grey",
    "control": "grey",
    "chance": "grey",
    "random": "grey",
    "shuffled": "plum",
    "pixels": "gold",
}
# One hue from the page's own colour to full strength, for heat maps: light, dark.
RAMP = (
    ("#f1f4f6", "#cbdfe9", "#8fbdd6", "#4f94c2", "#2368a8", "#123f7c", "#0a2150"),
    ("#171c23", "#17304a", "#19507f", "#2a78b5", "#5aa2d8", "#9ccbee", "#e2f2fd"),
)
# Below, zero, above: for differences.
DIVERGING = (
    ("#a3400a", "#d98b57", "#f0d3bf", "#f4f4f2", "#c3d6ea", "#6397cd", "#174f97"),
    ("#f9a868", "#b96c33", "#5c3a22", "#1b2027", "#213d5e", "#3673b4", "#8cc0fb"),
)


def colours(series: Iterable[str]) -> list[str]:
    """A hue for each series name: its role's where the name is one, else the next that is free."""
    names = list(series)
    chosen = {name: _ROLES[name.lower()] for name in names if name.lower() in _ROLES}
    free = [hue for hue in _ORDER if hue not in chosen.values()] or list(_ORDER)
    others = [name for name in names if name not in chosen]
    chosen |= {name: free[index % len(free)] for index, name in enumerate(others)}
    return [SERIES[chosen[name]][0] for name in names]


def variables(dark: bool) -> str:
    """The palette as CSS custom properties."""
    return "".join(f"--{name}:{pair[dark]};" for name, pair in (INKS | SERIES).items())


def tokens() -> str:
    """The style sheet that every page of foveate begins with: the palette and its washes, in light and in dark."""
    sheet = (resources.files("foveate.reporting") / "templates" / "tokens.css").read_text(encoding="utf-8")
    return sheet.replace("/*LIGHT*/", variables(dark=False)).replace("/*DARK*/", variables(dark=True))


_SWAP = {pair[0]: f"var(--{name})" for name, pair in (INKS | SERIES).items()}
_HEX = re.compile("|".join(map(re.escape, _SWAP)))


def themed(text: str) -> str:
    """A chart's text (Vega-Lite or SVG) with the palette's light hues replaced by the page's variables."""
    return _HEX.sub(lambda match: _SWAP[match[0]], text)
