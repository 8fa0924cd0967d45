"""A report's tables as CSV for programs and as LaTeX (booktabs) for papers. Works on tables as ``report.json`` holds them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from foveate.reporting.numbers import text_of

_LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "−": "$-$",
    "–": "--",
    "×": r"$\times$",
    "δ": r"$\delta$",
    "±": r"$\pm$",
    "≥": r"$\geq$",
    "≤": r"$\leq$",
    "→": r"$\to$",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
}


def to_csv(table: Mapping[str, Any]) -> str:
    """Full precision; an interval column becomes ``NAME, NAME low, NAME high`` and, where known, ``NAME n``.

    Text that a spreadsheet would run as a formula is kept from it by a leading apostrophe.
    """
    counted = [any(_has(row[index], "n") for row in table["rows"]) for index in range(len(table["columns"]))]
    head: list[str] = []
    for column, has_n in zip(table["columns"], counted, strict=True):
        name = column["name"]
        wide = column["kind"] == "interval"
        head += [name, f"{name} low", f"{name} high", *([f"{name} n"] if has_n else [])] if wide else [name]
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(map(_safe, head))
    for row in table["rows"]:
        cells: list[Any] = []
        for column, has_n, value in zip(table["columns"], counted, row, strict=True):
            record = value if isinstance(value, Mapping) else {"value": value}
            if column["kind"] == "interval":
                cells += [record.get(key) for key in ("value", "low", "high", *(["n"] if has_n else []))]
            else:
                cells.append(record["value"])
        writer.writerow(map(_safe, cells))
    return stream.getvalue()


def to_latex(table: Mapping[str, Any]) -> str:
    """A ``table`` with booktabs rules: numbers right, intervals as ``.863 [.825, .895]``, all text escaped."""
    numeric = [column["kind"] in {"number", "interval"} for column in table["columns"]]
    lines = [
        "% needs \\usepackage{booktabs}",
        r"\begin{table}",
        r"  \centering",
        f"  \\caption{{{escape(table['caption'])}}}",
        f"  \\begin{{tabular}}{{{''.join('r' if right else 'l' for right in numeric)}}}",
        r"    \toprule",
        "    " + " & ".join(escape(column["name"]) for column in table["columns"]) + r" \\",
        r"    \midrule",
    ]
    for row in table["rows"]:
        cells = (escape(text_of(value, column["digits"])) for value, column in zip(row, table["columns"], strict=True))
        lines.append("    " + " & ".join(cells) + r" \\")
    return "\n".join([*lines, r"    \bottomrule", r"  \end{tabular}", r"\end{table}", ""])


def escape(text: str) -> str:
    """Text that LaTeX sets as it stands."""
    return "".join(_LATEX.get(char, char) for char in " ".join(text.split()))


def _safe(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return "'" + value
    return "" if value is None else value


def _has(value: Any, key: str) -> bool:
    return isinstance(value, Mapping) and value.get(key) is not None
