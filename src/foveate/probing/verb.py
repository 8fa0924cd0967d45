"""``foveate probe``: hands the encoder to the task that was asked for."""

from __future__ import annotations

from foveate.core.run import Run
from foveate.probing.config import Probe
from foveate.probing.registry import TASKS
from foveate.reporting.record import Report


def run(config: Probe) -> Report:
    """Probe an encoder.

    Returns:
        A report; of the task ``classify`` with the metrics ``knn.accuracy``, ``linear.accuracy``, their controls
        (``….untrained``, ``….pixels``, ``….shuffled``), ``lowshot.accuracy/N`` and ``linear.accuracy/CLASS``; of ``factors``
        with ``linear.accuracy/FACTOR=VALUE``, ``decode.accuracy/FACTOR`` and what else ``probing.factors.report`` names.

    Raises:
        FoveateError: an unknown task, or what the task cannot work with.
    """
    with Run(config.out, "probe", config, resume=config.resume) as run:
        report: Report = TASKS.load(config.task)(config)
        report.save(run)
    return report
