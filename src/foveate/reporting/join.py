"""Several reports as one: what differs between the runs, what they measured alike, and each of them whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from foveate.core.errors import FoveateError
from foveate.core.findings import Metric
from foveate.reporting.charts import Point, intervals, lines
from foveate.reporting.numbers import ABSENT, flat
from foveate.reporting.record import Report
from foveate.reporting.sections import Block, Column, Section, Table, Text, slug

_OWN = {"out", "json", "resume"}  # settings that say where a run lies, not what it did
_ANSWERS, _CHARTS, _ROWS, _TAPS = 5, 6, 16, 3


def join(reports: Sequence[Report], *, verb: str = "report", title: str | None = None) -> Report:
    """One report of several, in the order given. Reports that are joins themselves are taken apart first.

    Its metrics are the runs' own, with the run's name as the last slice: ``knn.accuracy@pooled/RUN``.

    Raises:
        FoveateError: no report, the same run twice, or a metric that counts images in one run and seeds in another.
    """
    runs = _named([one for report in reports for one in _apart(report)])
    _comparable(runs)
    joined = Report(
        verb,
        title or " · ".join(runs),
        answer=_answer(runs) if len(runs) > 1 else "",
        inputs={name: str(report.folder or report.title) for name, report in runs.items()},
        config={"runs": [str(report.folder or name) for name, report in runs.items()]},
        runs=list(runs.items()),
    )
    for name, report in runs.items():
        for key, metric in report.metrics.items():
            joined.metric(f"{key}/{name}", metric)
        for item in report.headlines[: 1 if len(runs) > 2 else 2]:
            controls = {label: f"{key}/{name}" for label, key in item.controls}
            joined.headline(f"{item.metric}/{name}", item.label, controls=controls, better=item.better, group=name)
    for alike in _alike(runs):
        shared = [key for key in _keys(alike) if sum(key in report.metrics for report in alike.values()) > 1]
        if shared:
            joined.section(_side_by_side(alike, shared))
        joined.section(_what_differs(alike))
    return joined


def _alike(runs: Mapping[str, Report]) -> list[dict[str, Report]]:
    """Runs to set side by side: those of one verb. What two verbs call by one name was measured on other images."""
    verbs = dict.fromkeys(report.verb for report in runs.values())
    groups = [{name: report for name, report in runs.items() if report.verb == verb} for verb in verbs]
    return [group for group in groups if len(group) > 1]


def _apart(report: Report) -> list[Report]:
    if not report.runs:
        return [report]
    for name, inner in report.runs:
        inner.folder = inner.folder or (report.folder / name if report.folder else Path(name))
    return [inner for _, inner in report.runs]


def _named(reports: Sequence[Report]) -> dict[str, Report]:
    """Reports under the shortest ends of their folders' paths that tell them apart."""
    if not reports:
        raise FoveateError("there is no report to join.", "name one or more run folders")
    folders = [report.folder.absolute() if report.folder else None for report in reports]
    for folder in folders:
        if folder and folders.count(folder) > 1:
            raise FoveateError(f"{folder} is named twice.", "name each run once")
    depth = 1
    while depth < 12:
        names = [
            "/".join(folder.parts[-depth:]).lstrip("/") if folder else f"{report.verb} {index + 1}"
            for index, (folder, report) in enumerate(zip(folders, reports, strict=True))
        ]
        if len(set(names)) == len(names):
            break
        depth += 1
    return dict(zip(names, reports, strict=True))


def _comparable(runs: Mapping[str, Report]) -> None:
    """The same key must mean the same unit everywhere."""
    first: dict[str, tuple[str, Metric]] = {}
    for name, report in runs.items():
        for key, metric in report.metrics.items():
            other, seen = first.setdefault(key, (name, metric))
            if seen.over != metric.over:
                raise FoveateError(
                    f"the runs do not match: {key} counts {seen.over} in {other} and {metric.over} in {name}.",
                    "join runs whose metrics rest on the same unit",
                )


def _keys(runs: Mapping[str, Report]) -> list[str]:
    return list(dict.fromkeys(key for report in runs.values() for key in report.metrics))


def _differences(runs: Mapping[str, Report]) -> list[list[str]]:
    """Rows (what, its value in each run) for all that at least two runs have and that is not the same in all."""
    settings = []
    for report in runs.values():
        own = dict(flat({key: value for key, value in dict(report.config).items() if key not in _OWN}))
        inputs = {f"input: {name}": text for name, text in flat(report.inputs)}
        machine = {f"environment: {name}": text for name, text in flat(report.environment)}
        settings.append(own | inputs | machine)
    names = dict.fromkeys(name for one in settings for name in one)
    rows = []
    for name in names:
        values = [one.get(name) for one in settings]
        present = [value for value in values if value is not None]
        if len(present) > 1 and len(set(present)) > 1:
            rows.append([name, *(ABSENT if value is None else value for value in values)])
    return rows


def _answer(runs: Mapping[str, Report]) -> str:
    """What each run found; of many runs, only how many of which verbs they are."""
    if len(runs) <= _ANSWERS:
        return "\n\n".join(f"{name}: {report.answer or report.title}" for name, report in runs.items())
    verbs = [report.verb for report in runs.values()]
    return f"{len(runs)} runs: " + ", ".join(f"{verbs.count(verb)} {verb}" for verb in dict.fromkeys(verbs)) + "."


def _verb(runs: Mapping[str, Report]) -> str:
    return next(iter(runs.values())).verb


def _side_by_side(runs: Mapping[str, Report], shared: Sequence[str]) -> Section:
    rows = [[key, *(report.metrics.get(key) for report in runs.values())] for key in shared]
    columns = [Column("metric", "code"), *(Column(name, "interval") for name in runs)]
    table = Table(columns, rows, caption="Metrics that more than one run has.", id=f"shared-{_verb(runs)}")
    note = "The runs' inputs differ: check below that a difference in a metric is not one of its data."
    differ = any(report.inputs != next(iter(runs.values())).inputs for report in runs.values())
    return Section(
        f"Side by side: {_verb(runs)}", [*([Text(note, "note")] if differ else []), *_charts(runs, shared), table]
    )


def _charts(runs: Mapping[str, Report], shared: Sequence[str]) -> list[Block]:
    """A line over taps for each quantity that has several, and one chart of the other shares and scores."""
    by_tap: dict[str, list[str]] = {}
    single = []
    for key in shared:
        quantity, at, tap = key.partition("@")
        if at and "/" not in tap:
            by_tap.setdefault(quantity, []).append(key)
        elif "/" not in key:
            single.append(key)
    single += [key for keys in by_tap.values() if len(keys) < _TAPS for key in keys]
    alt = f"in {', '.join(runs)}, with 95 % intervals."
    charts: list[Block] = [
        lines(
            _points(runs, keys, lambda key: key.partition("@")[2]),
            x="tap",
            y=quantity,
            chance=_chance(runs, keys),
            alt=f"{quantity} by tap {alt}",
            caption=f"`{quantity}` by tap in each run.",
            id=slug(f"shared-{_verb(runs)}-{quantity}"),
        )
        for quantity, keys in list(by_tap.items())[:_CHARTS]
        if len(keys) >= _TAPS
    ]
    if plotted := [key for key in single if _is_share(runs, key)][:_ROWS]:
        points, chance = _points(runs, plotted, str), _chance(runs, plotted)
        caption = "What the runs have in common besides." if charts else "What the runs have in common."
        charts.append(
            intervals(
                points,
                value="value",
                chance=chance,
                alt=f"Values {alt}",
                caption=caption,
                id=f"shared-{_verb(runs)}-metrics",
            )
        )
    return charts


def _points(runs: Mapping[str, Report], keys: Sequence[str], name: Callable[[str], str]) -> list[Point]:
    pairs = ((key, run, report) for key in keys for run, report in runs.items() if key in report.metrics)
    return [Point.of(name(key), report.metrics[key], run) for key, run, report in pairs]


def _chance(runs: Mapping[str, Report], keys: Sequence[str]) -> float | None:
    levels = {report.metrics[key].chance for key in keys for report in runs.values() if key in report.metrics}
    return levels.pop() if len(levels) == 1 else None


def _is_share(runs: Mapping[str, Report], key: str) -> bool:
    """Whether the key's values can stand on one axis with accuracies and scores: all between −1 and 1."""
    found = [report.metrics[key].value for report in runs.values() if key in report.metrics]
    return all(value is not None and abs(value) <= 1 for value in found)


def _what_differs(runs: Mapping[str, Report]) -> Section:
    title, differing = f"What differs: {_verb(runs)}", _differences(runs)
    if not differing:
        return Section(title, [Text("No setting, input or version that two of these runs have differs.")])
    columns = [Column("setting", "code"), *(Column(name, "text") for name in runs)]
    table = Table(
        columns,
        differing,
        caption="Settings, inputs and versions that are not the same.",
        id=f"differences-{_verb(runs)}",
    )
    return Section(title, [table])
