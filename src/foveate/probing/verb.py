"""``foveate probe``: hands the encoder to the task that was asked for."""

from __future__ import annotations

import inspect

from foveate.core.run import Run
from foveate.probing.config import Probe
from foveate.probing.registry import TASKS
from foveate.reporting.record import Report


def run(config: Probe) -> Report:
    """Probe an encoder.

    Returns:
        A report; of the task ``classify`` with the metrics ``knn.accuracy``, ``linear.accuracy``, their controls
        (``….untrained``, ``….pixels``, ``….shuffled``), ``lowshot.accuracy/N`` and ``linear.accuracy/CLASS``; of ``factors``
        with ``linear.accuracy/FACTOR=VALUE``, ``decode.accuracy/FACTOR`` and what else ``probing.factors.report`` names; of
        ``heads`` and ``finetune`` with ``heads.accuracy``, ``finetune.accuracy``, and their controls.

    Raises:
        FoveateError: an unknown task, or what the task cannot work with.
    """
    with Run(config.out, "probe", config, resume=config.resume) as run:
        task = TASKS.load(config.task)
        # A task that keeps files of its own, such as checkpoints, takes the run as well.
        report: Report = task(config, run) if len(inspect.signature(task).parameters) > 1 else task(config)
        report.save(run)
    return report
