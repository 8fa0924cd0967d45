"""``foveate probe``: hands the encoder to the task that was asked for."""

from __future__ import annotations

import dataclasses

from foveate.core.errors import FoveateError
from foveate.core.run import Run
from foveate.probing.config import Probe
from foveate.probing.registry import FLAGS, OWN, TASKS
from foveate.reporting.record import Report


def run(config: Probe) -> Report:
    """Probe an encoder.

    Returns:
        A report; of the task ``classify`` with the metrics ``knn.accuracy``, ``linear.accuracy``, their controls
        (``….untrained``, ``….pixels``, ``….shuffled``), ``lowshot.accuracy/N`` and ``linear.accuracy/CLASS``; of ``factors``
        with ``linear.accuracy/FACTOR=VALUE``, ``decode.accuracy/FACTOR`` and what else ``probing.factors.report`` names; of
        ``heads`` and ``finetune`` with ``heads.accuracy``, ``finetune.accuracy``, and their controls; of ``decode`` with ``decode.r2`` and
        ``decode.psnr``; of ``vos`` with ``vos.jf``, ``vos.j`` and ``vos.f``, of all and by video, and their controls.

    Raises:
        FoveateError: an unknown task, a flag of another one, or what the task cannot work with.
    """
    _check_flags(config)
    with Run(config.out, "probe", config, resume=config.resume) as run:
        report: Report = TASKS.load(config.task)(config, run)
        report.save(run)
    return report


def _check_flags(config: Probe) -> None:
    defaults = {field.name: field.default for field in dataclasses.fields(config)}
    for flag, tasks in FLAGS.items():
        if config.task in OWN and config.task not in tasks and getattr(config, flag) != defaults[flag]:
            raise FoveateError(
                f"--{flag.replace('_', '-')} is nothing to --task {config.task}.",
                f"leave it out, or use --task {' or '.join(tasks)}",
            )
