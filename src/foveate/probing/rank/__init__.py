"""The task ``rank``: several runs of one method in the order of their RankMe, without a label."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from foveate.core.run import Run
    from foveate.probing.config import Probe
    from foveate.reporting.record import Report


def run(config: Probe, run: Run) -> Report:
    """Measure and describe."""
    from foveate.probing.rank import ranking

    return ranking.write(ranking.measure(config))
