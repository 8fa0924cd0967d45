"""``foveate study``: the registry, the plan, the run and its report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from foveate.core import console, stats
from foveate.core.findings import Finding
from foveate.core.run import Run
from foveate.reporting import charts
from foveate.reporting.numbers import number
from foveate.reporting.record import Report
from foveate.reporting.sections import Column, Section, Table, Text
from foveate.studies.config import StudyConfig
from foveate.studies.registry import STUDIES
from foveate.studies.study import MIN_SEEDS, Study, Values


def run(config: StudyConfig) -> Report:
    """Run a study (or print its plan, or list all) and return the report.

    Raises:
        FoveateError: no such study or scale, or a run folder that holds something else.
    """
    if not config.name:
        return _listing()
    study: Study = STUDIES.load(config.name)
    report = Report("study", f"{study.title}, {config.scale} scale")
    report.section(_plan(study, config.scale))
    if config.plan:
        _say(report)
        return report
    with Run(config.out, "study", config, resume=config.resume) as run:
        rows = study.compute(config.scale, run, config.seed)
        findings = study.judge(config.scale, rows)
        for finding in findings:
            report.finding(finding)
        for claim, reason in study.skipped(config.scale).items():
            report.skip(claim, reason)
        report.section(_evidence(findings))
        report.section(_cells(study.conditions(config.scale), rows))
        counts = Counter(f.verdict for f in findings)
        report.answer = ", ".join(f"{n} {verdict}" for verdict, n in counts.items()) or "nothing could be measured here"
        report.save(run)
    return report


def _listing() -> Report:
    report = Report("study", "Studies")
    rows = []
    for name in STUDIES:
        study: Study = STUDIES.load(name)
        rows.append([name, study.title, study.source, ", ".join(study.scales), len(study.claims)])
    table = Table(
        ["study", "title", "source", "scales", "claims"],
        rows,
        caption="foveate study NAME --plan says what one would do.",
    )
    report.section(Section("Studies", [table]))
    _say(report)
    return report


def _say(report: Report) -> None:
    """Tables as lines, for what is printed and not kept."""
    for section in report.sections:
        console.say(section.lead or section.title)
        for block in section.blocks:
            if isinstance(block, Text):
                console.say(f"  {block.text}")
            elif isinstance(block, Table):
                names = [column.name if isinstance(column, Column) else column for column in block.columns]
                for row in block.rows:
                    cells = (
                        f"{name}: {number(v) if isinstance(v, float) else v}"
                        for name, v in zip(names, row, strict=True)
                        if v not in (None, "")
                    )
                    console.say("  " + "; ".join(cells))


def _plan(study: Study, scale: str) -> Section:
    """Conditions × seeds × time, and what each claim could detect with them."""
    setting = study.setting(scale)
    conditions, skipped = study.conditions(scale), study.skipped(scale)
    cells = len(study.cells(scale))
    given = [name for name in conditions if name in setting.once]
    once = f" ({', '.join(given)}: once)" if given else ""
    lead = f"{len(conditions)} conditions × {setting.seeds} seeds{once} = {cells} cells, about {study.minutes(scale):.1f} minutes."
    rows = []
    for claim in study.claims:
        seeds = study.seeds(scale, claim)
        detectable = stats.detectable_effect(claim.sd, seeds) if claim.over == "seeds" and seeds > 1 else None
        pilot = "pilot" if claim.over == "seeds" and seeds < MIN_SEEDS else ""
        rows.append([claim.id, claim.text, claim.kind, claim.effect, detectable, skipped.get(claim.id, pilot)])
    table = Table(
        ["claim", "text", "kind", "smallest effect δ", "detectable at power .8", "note"],
        rows,
        caption="Fixed before the first run.",
    )
    return Section("Plan", [Text(f"Conditions: {', '.join(conditions)}."), table], lead)


def _cells(conditions: Sequence[str], rows: Sequence[Values]) -> Section:
    """What was measured under each condition: the numbers that claims are made of, a pilot's too."""
    lines = []
    for condition in conditions:
        names = dict.fromkeys(name for row in rows for name in row if name.startswith(f"{condition}."))
        for name in names:
            values = [row[name] for row in rows if name in row]
            mean, low, high = sum(values) / len(values), min(values), max(values)
            lines.append([condition, name.removeprefix(f"{condition}."), mean, low, high, len(values)])
    table = Table(["condition", "value", "mean", "least", "most", "seeds"], lines, id="cells")
    return Section("Cells", [table], "The means of each condition's values over its seeds.")


def _evidence(findings: list[Finding]) -> Section:
    points = [charts.Point(f.id, f.value, f.low, f.high, "claim") for f in findings if f.value is not None]
    points += [charts.Point(f.id, f.control.value, f.control.low, f.control.high, "control") for f in findings]
    chart = charts.intervals(
        points, value="effect", alt="Each claim's effect and its control, with 95 % intervals.", chance=0.0
    )
    return Section("Evidence", [chart] if findings else [], "Each claim's effect beside its control; 0 is no effect.")
