"""``foveate report RUN…``: several runs on one page."""

from __future__ import annotations

from foveate.core.errors import FoveateError
from foveate.core.run import Run
from foveate.reporting.config import ReportConfig
from foveate.reporting.join import join
from foveate.reporting.record import Report


def run(config: ReportConfig) -> Report:
    """Join the reports of the named runs; nothing is written unless all of them can be read.

    Raises:
        FoveateError: a run that is absent, has not ended, or is torn, newer or named twice; metrics that do not match.
    """
    if not config.runs:
        raise FoveateError("no run is named.", "foveate report RUN… --out DIR")
    report = join([Report.read(path) for path in config.runs])
    with Run(config.out, "report", config, resume=config.resume) as opened:
        report.save(opened)
    return report
