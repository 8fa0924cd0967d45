"""The task ``decode``: images painted back from frozen features: what these still hold of them, to be looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from foveate.core.run import Run
    from foveate.probing.config import Probe
    from foveate.reporting.record import Report


def run(config: Probe, run: Run) -> Report:
    """Measure and describe."""
    from foveate.probing.decode import measure, report

    return report.write(measure.measure(config))
