"""The runs of a sweep, rung by rung."""

from __future__ import annotations

import dataclasses
import shlex
import typing
from collections.abc import Sequence
from pathlib import Path

from foveate.core import console
from foveate.core.errors import FoveateError
from foveate.core.run import Run
from foveate.pretraining.config import Pretrain
from foveate.pretraining.settings import resolve
from foveate.pretraining.sweep.grid import Candidate, candidates, check, check_knobs, rungs
from foveate.pretraining.sweep.outcome import Outcome, read
from foveate.pretraining.sweep.report import tell
from foveate.reporting.record import Report
from foveate.training.stop import Stopped


def sweep(config: Pretrain, train: typing.Callable[[Pretrain], Report]) -> Report:
    """Sweep, and say which setting did best on rows that are not trained on.

    Args:
        train: one pretraining without a look at test rows.

    Raises:
        FoveateError: what is asked cannot be varied or read; a setting that fails later is reported and left out.
    """
    if config.engine != "local":
        raise FoveateError(
            f"--sweep runs its settings one after another, not on {config.engine}.", "use --engine local"
        )
    check(config)
    grid = candidates(config.sweep)
    base = dataclasses.replace(config, sweep=())
    for candidate in grid:
        check_knobs(candidate.apply(base))
    budget = base.minutes if base.minutes is not None else resolve(base).epochs
    assert budget is not None
    with Run(config.out, "sweep", dataclasses.replace(config, resume=False), resume=config.resume) as run:
        outcomes: list[Outcome] = []
        entering = grid
        plan = rungs(len(grid), budget, config.halving)
        seeds = [config.seed + i for i in range(config.sweep_seeds)]
        with console.progress("sweep", sum(n for _, n in plan) * len(seeds), "runs") as display:
            for share, count in plan:
                entering = entering[:count]
                done = []
                for candidate in entering:
                    done.append(_measure(candidate, base, share, seeds, run.folder, train, display))
                outcomes += done
                if (error := done[-1].failed) is not None and all(each.failed for each in done):
                    raise error  # it is no setting's fault: the data, the disk
                entering = [each.candidate for each in sorted(done, key=lambda o: -o.mean) if not each.failed]
        report = tell(config, outcomes, len(grid))
        report.save(run)
    return report


def _measure(
    candidate: Candidate,
    base: Pretrain,
    budget: float,
    seeds: Sequence[int],
    folder: Path,
    train: typing.Callable[[Pretrain], Report],
    display: typing.Any,
) -> Outcome:
    outcome = Outcome(candidate, budget)
    given: dict[str, typing.Any] = {"minutes" if base.minutes is not None else "epochs": budget}
    for seed in seeds:
        out = folder / "runs" / f"{candidate.folder}@{budget:g}" / f"seed-{seed}"
        config = dataclasses.replace(
            candidate.apply(base), **given, seed=seed, out=str(out), resume=out.exists(), json=False
        )
        try:
            train(config)
            outcome = read(outcome, out)
        except Stopped as stopped:  # the sweep was told to stop: no setting failed
            again = f"go on with the same command and --out {shlex.quote(str(folder))} --resume"
            raise Stopped(stopped.what, again, received=stopped.exit_code - 128) from stopped
        except FoveateError as error:
            console.warn(f"{candidate.name} drops out: {error.what}")
            return dataclasses.replace(outcome, failed=error)
        display.advance(note=f"{candidate.name}: {outcome.values[-1]:.3f}")
    return outcome
