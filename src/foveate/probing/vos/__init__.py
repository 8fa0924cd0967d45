"""The task ``vos``: objects followed through videos by the similarity of frozen features, from their mask in the first frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from foveate.core.run import Run
    from foveate.probing.config import Probe
    from foveate.reporting.record import Report


def run(config: Probe, run: Run) -> Report:
    """Measure and describe; predicted masks and scores stay in the run's folder."""
    from foveate.probing.vos import measure, report

    return report.write(measure.measure(config, run))
