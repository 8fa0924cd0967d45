"""The task ``patches``: what stands at each place of an image, read from patch tokens (or a net's cells) and scored on masks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from foveate.core.run import Run
    from foveate.probing.config import Probe
    from foveate.reporting.record import Report


def run(config: Probe, run: Run) -> Report:
    """Measure and describe."""
    from foveate.probing.patches import measure, report

    return report.write(measure.measure(config))
