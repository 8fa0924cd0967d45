"""From the record to the page: one HTML file that asks for nothing outside itself.

Everything is drawn from ``report.json`` alone, text is escaped by the templates, and the page's own policy (CSP) lets
no script run but the two whose hashes it names: a class called ``<script>`` is a word like any other.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from foveate.reporting import export, numbers, palette, vega
from foveate.reporting.sections import Section, Table, slug

_MARKS = {"reproduced": "good", "PASS": "good", "not reproduced": "bad", "FAIL": "bad"}


def page(record: Mapping[str, Any]) -> str:
    """The whole page for a valid record.

    Raises:
        FoveateError: a chart's specification cannot be drawn.
    """
    view = _view(record, "", set())
    script = _asset("page.js")
    scripts = [vega.bundle(), script] if _has_charts(record) else [script]
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in scripts)
    style = palette.tokens() + _asset("page.css")
    return _templates().get_template("page.html.j2").render(
        report=view,
        style=Markup(style.replace("/*FONT*/", vega.FONT)),
        scripts=[Markup(s) for s in scripts],
        policy=Markup(
            f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; "
            "base-uri 'none'; form-action 'none'"
        ),
    )  # fmt: skip


def fragment(record: Mapping[str, Any]) -> str:
    """Title, verdict and metrics as a small piece of HTML without script, for a notebook."""
    return _templates().get_template("fragment.html.j2").render(report=record, headlines=_headlines(record)[:8])


@functools.cache
def _templates() -> Environment:
    env = Environment(
        loader=PackageLoader("foveate.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters |= {
        "number": numbers.number,
        "interval": numbers.interval,
        "ends": numbers.ends,
        "cell": numbers.text_of,
        "tone": lambda word: _MARKS.get(word, "open"),
        "prose": _prose,
        "download": _download,
        "json_block": _json_block,
        "when": _when,
    }
    return env


def _asset(name: str) -> str:
    return (resources.files("foveate.reporting") / "templates" / name).read_text(encoding="utf-8")


def _view(record: Mapping[str, Any], prefix: str, taken: set[str]) -> dict[str, Any]:
    """The record with what the templates need besides: unique anchors, drawn charts, downloads, positions on scales."""
    sections = []
    for section in record["sections"]:
        anchor = _unique(prefix + section["id"], taken)
        blocks = [_block(block, anchor, taken) for block in section["blocks"]]
        sections.append({**section, "id": anchor, "blocks": blocks})
    runs = [
        {"name": item["name"], "id": _unique(f"run-{slug(item['name'])}", taken), "report": item["report"]}
        for item in record.get("runs", [])
    ]
    return {
        **record,
        "answer": record.get("answer", ""),
        "verdict": record.get("verdict"),
        "prefix": prefix,
        "sections": sections,
        "headlines": _headlines(record),
        "columns": _columns(len(_headlines(record))),
        "told": len({run["report"]["verb"] for run in runs}) > 1,
        "findings": [{**item, "scale": _finding_scale(item)} for item in record["findings"]],
        "findings_table": _block(_findings_table(record["findings"]), f"{prefix}findings", taken),
        "metrics_table": _block(_metrics_table(record["metrics"]), f"{prefix}metrics", taken),
        "skipped_table": _block(_skipped_table(record["skipped"]), f"{prefix}skipped", taken),
        "runs": [{**run, "report": _view(run["report"], f"{run['id']}-", taken)} for run in runs],
        "config_rows": numbers.flat(record["config"]),
        "environment_rows": numbers.flat(record["environment"]),
        "stamp": _stamp(record["environment"]),
        "input_rows": [_input(name, value) for name, value in record["inputs"].items()],
    }


def _block(block: Mapping[str, Any], anchor: str, taken: set[str]) -> dict[str, Any]:
    view = dict(block)
    if "id" in block:
        view["id"] = _unique(f"{anchor}-{block['id']}", taken)
    if block["kind"] == "table":
        view["csv"], view["latex"] = export.to_csv(block), export.to_latex(block)
        view["file"] = block["id"]
    elif block["kind"] == "chart":
        view["width"] = vega.widest(block["spec"])
        view["still"] = Markup(vega.still(block["spec"], view["id"]))
        view["spec"] = Markup(palette.themed(_json_block(vega.dressed(block["spec"]))))
        rows = block["spec"].get("data", {}).get("values") or []
        view["csv"] = export.to_csv(_data_table(rows)) if rows else ""
        view["file"] = block["id"]
    elif block["kind"] == "gallery":
        groups = [item for item in block["items"] if "src" not in item]
        view["narrow"] = max((len(item["pictures"]) for item in groups), default=0) <= 4
        view["pictures"] = [item for item in block["items"] if "src" in item]
        view["exhibits"] = [
            {**item, "groups": _groups(item["pictures"])} for item in block["items"] if "src" not in item
        ]
    return view


def _groups(pictures: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """Pictures under the name of their group, groups in the order in which they first appear."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for picture in pictures:
        groups.setdefault(picture["group"], []).append(picture)
    return list(groups.items())


def _headlines(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The metrics at the head: those the verb named, else the first four that are no slices."""
    metrics = record["metrics"]
    named = (
        record.get("headlines")
        or [{"metric": key, "label": key, "controls": [], "better": ""} for key in list(metrics) if "/" not in key][:4]
    )
    shown = []
    for item in named:
        metric = metrics[item["metric"]]
        controls = [{**control, **metrics[control["metric"]]} for control in item["controls"]]
        scale = _scale([metric, *controls], [metric["chance"]])
        shown.append({"group": "", **item, **metric, "key": item["metric"], "controls": controls, "scale": scale})
    return shown


def _columns(count: int) -> int:
    """Columns for so many cards: at most four, and no card alone in its row."""
    return count if count <= 4 else 3 if count in {5, 6, 9} else 4


def _scale(estimates: Sequence[Mapping[str, Any]], marks: Sequence[float | None]) -> dict[str, Any]:
    """Ends of the axis that a small interval is drawn on, and the function from a value to per cent of its width."""
    found = [item[key] for item in estimates for key in ("low", "value", "high")] + list(marks)
    known = [float(value) for value in found if value is not None]
    low, high = min([0.0, *known]), max([0.0, *known])
    if low >= -0.05 and 0.3 < high <= 1:
        low, high = 0.0, 1.0  # an accuracy's own scale; a control's end just below it stands at its edge
    else:
        room = 0.12 * (high - low) or 1.0
        low, high = (low - room if low < 0 else 0.0), high + room

    def at(value: float) -> str:
        return f"{100 * min(max((value - low) / (high - low), 0), 1):.2f}%"

    def span(first: float, last: float) -> str:
        return f"{max(100 * (min(last, high) - max(first, low)) / (high - low), 0.6):.2f}%"

    return {"low": low, "high": high, "at": at, "span": span}


def _finding_scale(finding: Mapping[str, Any]) -> dict[str, Any]:
    return _scale([finding, finding["control"]], [finding["null"], finding["threshold"]])


def _findings_table(findings: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    rows = [
        [f["verdict"], f["claim"], f["statistic"], f, f["over"], f["null"], f["threshold"], f["control"]["name"],
         f["control"], f["source"], f["note"]]
        for f in findings
    ]  # fmt: skip
    names = [
        "verdict",
        "claim",
        "statistic",
        "value",
        "over",
        "null",
        "threshold",
        "control",
        "control value",
        "source",
    ]
    return _as_block(Table([*names, "note"], rows, "Findings", "findings"))


def _metrics_table(metrics: Mapping[str, Any]) -> dict[str, Any]:
    rows = [[key, metric, metric["n"], metric["over"], metric["chance"]] for key, metric in metrics.items()]
    table = Table(["metric", "value [95 % interval]", "n", "over", "chance"], rows, "All metrics", "metrics")
    return _as_block(table)


def _skipped_table(skipped: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    rows = [[item["id"], item["reason"]] for item in skipped]
    return _as_block(Table(["what", "why"], rows, "What was left out.", "skipped"))


def _data_table(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A chart's data as a table, for its CSV."""
    hidden = {"estimate", "text", "strong"}
    names = [name for name in dict.fromkeys(key for row in rows for key in row) if name not in hidden]
    return _as_block(Table(names, [[_scalar(row.get(name)) for name in names] for row in rows], "data", "data"))


def _scalar(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value


def _as_block(table: Table) -> dict[str, Any]:
    return Section("", [table]).to_json()["blocks"][0]


def _has_charts(record: Mapping[str, Any]) -> bool:
    blocks = (block for section in record["sections"] for block in section["blocks"])
    return any(b["kind"] == "chart" for b in blocks) or any(_has_charts(r["report"]) for r in record.get("runs", []))


def _unique(name: str, taken: set[str]) -> str:
    candidate, again = name, 1
    while candidate in taken:
        again += 1
        candidate = f"{name}-{again}"
    taken.add(candidate)
    return candidate


def _input(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        rest = [(key, _fact(item)) for key, item in value.items() if key != "address" and _fact(item)]
        return {"name": name, "address": str(value.get("address", "")), "facts": rest}
    return {"name": name, "address": str(value), "facts": []}


def _fact(value: Any) -> str:
    """A short fact about an input. Nested settings stand in report.json, and hashes are cut where the eye gives up."""
    if value is None or isinstance(value, Mapping):
        return ""
    text = " × ".join(map(str, value)) if isinstance(value, list) else numbers.text_of(value)
    return text[:12] if re.fullmatch(r"[0-9a-f]{20,}", text) else text


def _stamp(environment: Mapping[str, Any]) -> str:
    """What it ran with, in a line; the whole of it stands under *Details*."""
    versions = environment.get("versions") or {}
    parts = [f"{name} {versions[name]}" for name in ("foveate", "torch") if name in versions]
    parts += [f"Python {environment['python']}"] if environment.get("python") else []
    if git := environment.get("git"):
        parts.append(f"commit {str(git.get('commit'))[:10]}{' with uncommitted changes' if git.get('dirty') else ''}")
    return " · ".join(parts)


def _prose(text: str, tag: str = "") -> Markup:
    """Escaped text in which `backticks` make code; paragraphs where ``tag`` names their element."""
    parts = re.split(r"\n\s*\n", text.strip()) if tag else [text]
    done = [Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(part)))) for part in parts]
    return Markup("\n").join(Markup(f"<{tag}>{{}}</{tag}>").format(part) if tag else part for part in done)


def _download(text: str, kind: str) -> str:
    return f"data:{kind};charset=utf-8;base64,{base64.b64encode(text.encode()).decode()}"


def _json_block(value: Any) -> Markup:
    """JSON that can stand inside a script element: nothing in it can close the element."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def _when(stamp: str) -> str:
    try:
        moment = datetime.fromisoformat(stamp)
    except ValueError:
        return stamp
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"
