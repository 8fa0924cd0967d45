"""The task ``heads``: many linear heads trained at once by SGD, over rates, poolings and depths; the best chosen on held-out rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from foveate.core.run import Run
    from foveate.probing.config import Probe
    from foveate.reporting.record import Report


def run(config: Probe, run: Run) -> Report:
    """Measure and describe."""
    from foveate.probing.heads import measure, report

    return report.write(measure.measure(config))
