"""The task ``finetune``: the whole encoder and a linear head trained on the labels, beside the same training from scratch."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from foveate.core.run import Run
    from foveate.probing.config import Probe
    from foveate.reporting.record import Report


def run(config: Probe, run: Run) -> Report:
    """Train in the run's folder (or go on there), measure and describe."""
    from foveate.probing.finetune import measure, report

    return report.write(measure.measure(config, run))
