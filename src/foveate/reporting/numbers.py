"""How a number stands on the page, in a table and on the console: ``.863 [.825, .895]``, ``1,450``, ``4.2e-06``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ABSENT = "–"


def number(value: float | int | None, digits: int = 3, *, tiny: bool = True) -> str:
    """A number to be read: below one without the leading zero, from a hundred on with thousands separated.

    ``tiny`` shows what its digits would round to zero as a power of ten; else it is a zero.

    >>> number(0.8634), number(1450.2), number(12), number(-0.05), number(None)
    ('.863', '1,450', '12', '−.050', '–')
    """
    if value is None:
        return ABSENT
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}".replace("-", "−")
    value = value or 0.0  # no negative zero
    size = abs(value)
    if size and size < 0.5 * 10**-digits:
        return f"{value:.1e}".replace("-", "−") if tiny else number(0.0, digits)
    text = f"{value:,.{digits if size < 10 else max(digits - 2, 0) if size < 100 else 0}f}"
    if size < 1:
        text = text.replace("0.", ".", 1)
    return text.replace("-", "−")


def interval(cell: Mapping[str, Any], digits: int = 3) -> str:
    """An estimate with its interval: ``.863 [.825, .895]``; the bare value where there is no interval."""
    value, low, high = cell.get("value"), cell.get("low"), cell.get("high")
    if value is None:
        return ABSENT
    if low is None or high is None:
        return number(value, digits)
    return f"{number(value, digits)} {ends(cell, digits)}"


def ends(cell: Mapping[str, Any], digits: int = 3) -> str:
    """The interval alone: ``[.825, .895]``. An end near zero is a zero, unless the value is as small."""
    tiny = abs(cell["value"]) < 0.5 * 10**-digits
    return f"[{number(cell['low'], digits, tiny=tiny)}, {number(cell['high'], digits, tiny=tiny)}]"


def text_of(cell: Any, digits: int = 3) -> str:
    """A table's cell as people read it."""
    if isinstance(cell, Mapping):
        return interval(cell, digits)
    if cell is None or isinstance(cell, int | float):
        return number(cell, digits)
    return str(cell)


def plain(value: Any) -> Any:
    """A value as JSON holds it: scalars of NumPy and torch as Python's, arrays and tuples as lists, not finite as None."""
    from foveate.core.files import finite
    from foveate.core.run import as_plain

    def unwrap(item: Any) -> Any:
        if isinstance(item, Mapping):
            return {str(key): unwrap(inner) for key, inner in item.items()}
        if isinstance(item, list | tuple):
            return [unwrap(inner) for inner in item]
        return item.tolist() if hasattr(item, "tolist") else item

    return finite(unwrap(as_plain(value)))


def flat(value: Any, name: str = "") -> list[tuple[str, str]]:
    """Nested settings as rows of (dotted name, text)."""
    if isinstance(value, Mapping) and value:
        return [row for key, item in value.items() for row in flat(item, f"{name}.{key}" if name else str(key))]
    if isinstance(value, list | tuple):
        value = ", ".join(map(str, value))
    return [(name, ABSENT if value is None or value in ("", {}) else str(value))] if name else []
