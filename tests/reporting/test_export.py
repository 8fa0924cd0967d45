from __future__ import annotations

import csv
import io
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from foveate.core.estimate import Estimate
from foveate.reporting.export import escape, to_csv, to_latex
from foveate.reporting.sections import Column, Section, Table


def record(*arguments: Any, **more: Any) -> dict[str, Any]:
    return Section("", [Table(*arguments, **more)]).to_json()["blocks"][0]


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_csv_keeps_full_precision_and_spreads_intervals() -> None:
    third = 1 / 3
    table = record(["tap", "score", "n"], [["blocks.5", Estimate(third, 0.25, 0.5, 12), 12], ["pixels", None, None]])
    assert rows_of(to_csv(table)) == [
        ["tap", "score", "score low", "score high", "score n", "n"],
        ["blocks.5", repr(third), "0.25", "0.5", "12", "12"],
        ["pixels", "", "", "", "", ""],
    ]


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])), min_size=2, max_size=2), max_size=5))
def test_any_text_comes_back_from_csv(rows: list[list[str]]) -> None:
    read = rows_of(to_csv(record(["a", "b"], rows)))[1:]
    assert [[cell.removeprefix("'") for cell in row] for row in read] == [
        [cell.removeprefix("'") for cell in row] for row in rows
    ]


def test_no_cell_is_a_formula() -> None:
    formulas = ["=1+1", "+1", "-1", "@SUM(A1)"]
    assert [row[0] for row in rows_of(to_csv(record(["a"], [[text] for text in formulas])))[1:]] == [
        "'" + text for text in formulas
    ]


def test_latex_is_a_booktabs_table() -> None:
    table = record(
        ["tap", Column("score", digits=2)],
        [["stem_1", Estimate(0.8634, 0.825, 0.895, 9)], ["50 % & more", -0.5]],
        "Top #1",
    )
    text = to_latex(table)
    for line in (
        r"\caption{Top \#1}",
        r"\begin{tabular}{lr}",
        r"\toprule",
        r"tap & score \\",
        r"stem\_1 & .86 [.82, .90] \\",
        r"50 \% \& more & $-$.50 \\",
        r"\bottomrule",
    ):
        assert line in text


@given(st.text())
def test_no_text_can_break_out_of_latex(text: str) -> None:
    bare = escape(text)
    for command in (
        "\\textbackslash{}",
        "\\textasciitilde{}",
        "\\textasciicircum{}",
        "\\textless{}",
        "\\textgreater{}",
    ):
        bare = bare.replace(command, "")
    for mark in "&%$#_{}":
        bare = bare.replace("\\" + mark, "")
    for mark in ("-", "\\times", "\\delta", "\\pm", "\\geq", "\\leq", "\\to"):
        bare = bare.replace(f"${mark}$", "")
    assert not set(bare) & set("&%$#_{}~^\\<>")
