"""The record of what a verb measured: filled by the verb, kept as ``report.json``, read back, shown as one page."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from foveate.core.estimate import Estimate
from foveate.core.files import read_json, write_json, write_text
from foveate.core.findings import Control, Finding, Metric
from foveate.core.run import Run, as_plain, command_line, environment
from foveate.reporting import schema
from foveate.reporting.numbers import interval, number, plain
from foveate.reporting.sections import Section

if TYPE_CHECKING:
    from typing import Self


@dataclass(frozen=True)
class Headline:
    """A metric that stands at the head of the page, with the controls it must be read against.

    Attributes:
        metric: its key. label: its name for people. controls: (label, key of a metric) pairs.
        better: ``higher`` or ``lower``, where that means anything. group: what it belongs to, e.g. the run of a join.
    """

    metric: str
    label: str
    controls: tuple[tuple[str, str], ...] = ()
    better: Literal["higher", "lower", ""] = "higher"
    group: str = ""

    def to_json(self) -> dict[str, Any]:
        controls = [{"label": label, "metric": key} for label, key in self.controls]
        own = {"metric": self.metric, "label": self.label, "controls": controls, "better": self.better}
        return own | ({"group": self.group} if self.group else {})


@dataclass
class Report:
    """What a verb found out. Every verb returns one.

    Attributes:
        verb: which. title: what was measured on what, in a few words.
        answer: the result in one sentence; it stands under the title.
        inputs: what it was measured on: name → address, or a mapping whose ``address`` leads and whose other entries
            (rows, fingerprint, …) stand behind it.
        verdict: ``PASS``, ``FAIL`` or ``INCONCLUSIVE``, for a verb whose whole report is one judgement.
        runs: (name, report) of the reports that this one joins.
    """

    verb: str
    title: str
    answer: str = ""
    inputs: dict[str, Any] = field(default_factory=dict)
    config: Any = field(default_factory=dict)
    verdict: Literal["PASS", "FAIL", "INCONCLUSIVE"] | None = None
    metrics: dict[str, Metric] = field(default_factory=dict)
    headlines: list[Headline] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    runs: list[tuple[str, Report]] = field(default_factory=list)
    created: str = ""
    command: str = ""
    environment: dict[str, Any] = field(default_factory=dict)
    folder: Path | None = None  # where it was saved or read; no part of the record

    def metric(
        self, key: str, value: Metric | Estimate, *, over: str = "images", chance: float | None = None
    ) -> Metric:
        """Record a metric under ``METHOD.QUANTITY[@TAP][/SLICE]``, and give it back.

        Raises:
            FoveateError: the key breaks the grammar.
        """
        assert key not in self.metrics, f"{key} is recorded twice"
        metric = value if isinstance(value, Metric) else Metric.of(value, over=over, chance=chance)
        self.metrics[schema.check_key(key)] = metric
        return metric

    def headline(
        self,
        key: str,
        label: str,
        *,
        controls: Mapping[str, str] | None = None,
        better: Literal["higher", "lower", ""] = "higher",
        group: str = "",
    ) -> None:
        """Put a recorded metric at the head of the page. ``controls``: label → key of a recorded metric."""
        assert {key, *(controls or {}).values()} <= self.metrics.keys(), f"{key} and its controls: record them first"
        self.headlines.append(Headline(key, label, tuple((controls or {}).items()), better, group))

    def finding(self, finding: Finding) -> None:
        """Record the outcome of a claim."""
        self.findings.append(finding)

    def skip(self, id: str, reason: str) -> None:
        """Record what was left out, and why."""
        self.skipped.append((id, reason))

    def section(self, section: Section) -> None:
        """Add a part to the page."""
        self.sections.append(section)

    def to_json(self) -> dict[str, Any]:
        """The record as ``report.json`` holds it."""
        self.created = self.created or time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        config = as_plain(self.config)
        record: dict[str, Any] = {
            "schema": f"{schema.NAME}/{schema.VERSION}",
            "verb": self.verb,
            "title": self.title,
            "answer": self.answer,
            "created": self.created,
            "command": self.command or command_line(self.verb, config),
            "config": config,
            "environment": self.environment or environment(),
            "inputs": self.inputs,
            "verdict": self.verdict,
            "headlines": [headline.to_json() for headline in self.headlines],
            "metrics": {key: _whole(metric.to_json()) for key, metric in self.metrics.items()},
            "findings": [_whole(finding.to_json()) for finding in self.findings],
            "skipped": [{"id": str(id), "reason": str(reason)} for id, reason in self.skipped],
            "sections": [section.to_json() for section in self.sections],
            "runs": [{"name": name, "report": report.to_json()} for name, report in self.runs],
        }
        return plain({key: value for key, value in record.items() if not (key in _OPTIONAL and not value)})

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The report that ``to_json`` wrote; the record must be valid."""
        return cls(
            **{key: record[key] for key in ("verb", "title", "created", "command", "config", "environment", "inputs")},
            answer=record.get("answer", ""),
            verdict=record.get("verdict"),
            headlines=[
                Headline(
                    item["metric"],
                    item["label"],
                    tuple((control["label"], control["metric"]) for control in item["controls"]),
                    item["better"],
                    item.get("group", ""),
                )
                for item in record.get("headlines", [])
            ],
            metrics={key: Metric(**metric) for key, metric in record["metrics"].items()},
            findings=[
                Finding(**{**finding, "control": Control(**finding["control"])}) for finding in record["findings"]
            ],
            skipped=[(item["id"], item["reason"]) for item in record["skipped"]],
            sections=[Section.from_json(section) for section in record["sections"]],
            runs=[(item["name"], Report.from_json(item["report"])) for item in record.get("runs", [])],
        )

    def save(self, run: Run) -> Path:
        """Write ``report.json`` and ``report.html`` into a run's folder; the page's path.

        Configuration, command and environment are those that the run recorded when it began.
        """
        started = read_json(run.folder / "config.json", what="the configuration of a run")
        self.config, self.command, self.environment = (started[key] for key in ("config", "command", "environment"))
        return self.write(run.folder)

    def write(self, folder: Path | str) -> Path:
        """Write ``report.json`` and ``report.html`` into any folder; the page's path.

        Raises:
            FoveateError: the folder cannot be written.
        """
        from foveate.reporting.page import page

        record = schema.validate(self.to_json(), where="the report")
        self.folder = Path(folder)
        try:
            html = page(record)
        except Exception:  # a chart that cannot be drawn loses no result: `foveate report` draws the page later
            write_json(self.folder / "report.json", record)
            raise
        write_text(self.folder / "report.html", html)
        write_json(self.folder / "report.json", record)  # last: whoever finds it takes the run for finished
        return self.folder / "report.html"

    @classmethod
    def read(cls, path: Path | str) -> Self:
        """The report of a run's folder, or of a ``report.json``.

        Raises:
            FoveateError: there is none (the remedy differs for a run that has not ended), it is torn, of another
                kind, or of a newer foveate.
        """
        from foveate.core.errors import FoveateError

        path = Path(path).expanduser()
        file = path / "report.json" if path.is_dir() else path
        if path.is_dir() and not file.exists():
            if (path / "config.json").exists():
                raise FoveateError(
                    f"the run in {path} has no report: it has not ended.", "wait for it, or resume it, then join it"
                )
            raise FoveateError(f"{path} holds no report.json.", "give a folder that a verb of foveate wrote")
        report = cls.from_json(schema.validate(read_json(file, what="a report of foveate"), where=str(file)))
        report.folder = file.parent
        return report

    def summary(self) -> str:
        """The report as a few lines of text: verdict, metrics with intervals, findings."""
        lines = [f"{self.verb} · {self.title}" + (f" · {self.verdict}" if self.verdict else "")]
        if self.answer:
            lines.append(f"  {self.answer}")
        shown = [item.metric for item in self.headlines for item in (item, *_controls(item))] or list(self.metrics)
        shown = list(dict.fromkeys(shown))
        width = max(map(len, shown[:_SHOWN]), default=0)
        for key in shown[:_SHOWN]:
            metric = self.metrics[key]
            chance = f"  chance {number(metric.chance)}" if metric.chance is not None else ""
            lines.append(f"  {key:{width}}  {interval(metric.to_json()):22}  n {metric.n:,} {metric.over}{chance}")
        if rest := len(self.metrics) - min(len(shown), _SHOWN):
            lines.append(f"  … and {rest} more metrics in report.json")
        lines += [
            f"  {item.verdict}: {item.claim} ({interval(item.to_json())}; δ {number(item.threshold)})"
            + (f": {item.note}" if item.note and item.verdict == "inconclusive" else "")
            for item in ([] if self.verdict else self.findings)  # a verdict rests on its finding and says more
        ]
        if self.skipped:
            id, reason = self.skipped[0]
            lines.append(f"  skipped: {len(self.skipped):,}, e.g. {id}: {reason}")
        if self.folder:
            lines.append(f"  {self.folder / 'report.html'}")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        """The verdict and the metrics, for a notebook's cell; charts and galleries are in ``report.html``."""
        from foveate.reporting.page import fragment

        return fragment(self.to_json())


_OPTIONAL = {"answer", "verdict", "headlines", "runs"}
_SHOWN = 12


def _controls(headline: Headline) -> list[Headline]:
    return [Headline(key, label) for label, key in headline.controls]


def _whole(record: dict[str, Any]) -> dict[str, Any]:
    """An estimate that is not finite has neither value nor interval."""
    record = plain(record)
    if any(record[key] is None for key in ("value", "low", "high")):
        record |= dict.fromkeys(("value", "low", "high"))
    return record
