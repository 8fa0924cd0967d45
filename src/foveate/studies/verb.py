"""``foveate study``: the registry, the plan, the run and its report."""

from __future__ import annotations

from foveate.core import stats
from foveate.core.findings import Finding
from foveate.core.run import Run
from foveate.reporting import charts
from foveate.reporting.record import Report
from foveate.reporting.sections import Chart, Section, Table, Text
from foveate.studies.config import StudyConfig
from foveate.studies.registry import STUDIES
from foveate.studies.study import MIN_SEEDS, Study


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
        return report
    with Run(config.out, "study", config, resume=config.resume) as run:
        rows = study.compute(config.scale, run, config.seed)
        findings = study.judge(config.scale, rows)
        for finding in findings:
            report.finding(finding)
        for claim, reason in study.skipped(config.scale).items():
            report.skip(claim, reason)
        report.section(_evidence(findings))
        report.save(run)
    return report


def _listing() -> Report:
    report = Report("study", "Studies")
    rows = []
    for name in STUDIES:
        study: Study = STUDIES.load(name)
        rows.append([name, study.title, study.source, ", ".join(study.scales), len(study.claims)])
    table = Table(["study", "title", "source", "scales", "claims"], rows, caption="foveate study NAME --plan says what one would do.")
    report.section(Section("Studies", "", [table]))
    return report


def _plan(study: Study, scale: str) -> Section:
    """Conditions × seeds × time, and what each claim could detect with them."""
    setting = study.setting(scale)
    conditions, skipped = study.conditions(scale), study.skipped(scale)
    cells = len(conditions) * setting.seeds
    minutes = cells * setting.seconds_per_cell / 60
    lead = f"{len(conditions)} conditions × {setting.seeds} seeds = {cells} cells, about {minutes:.1f} minutes."
    rows = []
    for claim in study.claims:
        detectable = stats.detectable_effect(claim.sd, setting.seeds) if claim.over == "seeds" and setting.seeds > 1 else None
        pilot = "pilot" if claim.over == "seeds" and setting.seeds < MIN_SEEDS else ""
        rows.append([claim.id, claim.text, claim.kind, claim.effect, detectable, skipped.get(claim.id, pilot)])
    table = Table(["claim", "text", "kind", "smallest effect δ", "detectable at power .8", "note"], rows, caption="Fixed before the first run.")
    return Section("Plan", lead, [Text(f"Conditions: {', '.join(conditions)}."), table])


def _evidence(findings: list[Finding]) -> Section:
    measured = [f for f in findings if f.value is not None]
    chart = Chart(
        charts.intervals([{"label": f.id, "value": f.value, "low": f.low, "high": f.high} for f in measured], x_title="effect"),
        alt="Each claim's effect with its 95 % interval.",
    )
    return Section("Evidence", "Each claim's effect with its 95 % interval; 0 is no effect.", [chart] if measured else [])
