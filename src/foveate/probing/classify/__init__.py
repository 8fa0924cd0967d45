"""The task ``classify``: which class an image shows, read from frozen features, beside every control."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from foveate.core.run import Run
    from foveate.probing.config import Probe
    from foveate.reporting.record import Report


def run(config: Probe, run: Run) -> Report:
    """Measure and describe."""
    from foveate.probing.classify import measure, report

    return report.write(measure.measure(config))
