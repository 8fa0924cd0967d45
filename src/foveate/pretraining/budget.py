"""``--minutes``: how many epochs fit, from a few steps that are made on a copy and thrown away."""

from __future__ import annotations

import copy
import dataclasses
import math
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import torch

from foveate.core import console
from foveate.core.files import read_json, write_json
from foveate.engine.distributed import mean_over_ranks
from foveate.pretraining.objective import Objective
from foveate.training.contract import Batch
from foveate.training.feed import ViewFeed

WATCHED = 1.05
"""What monitors and checkpoints add to the steps."""
TRIES = 5
SMALL_BATCH = 128
"""Of smaller batches no half is advised: losses that compare images live on the others of the batch."""
FEW_STEPS = 300
"""Steps below which most of the gain is still to come: SimCLR on 2,200 images of CIFAR-10 (batch 64) reads a kNN of .269 untrained and
.324, .330, .351 and .371 after 30, 60, 120 and 240 steps of seed 0, .308, .338, .352 and .387 of seed 1."""


def epochs_within(
    minutes: float, objective: Objective, feed: ViewFeed, *, bf16: bool, micro_batch: int | None, folder: Path
) -> int:
    """Epochs that fit into so many minutes of training, at least 1; a run that is resumed keeps its number.

    A measured number differs from time to time: it is printed, and ``--epochs`` with it repeats the run.

    Args:
        objective: on its device. folder: of the run, where the number is kept.
    """
    file = folder / "epochs.json"
    if file.exists():
        record = read_json(file, what="a run's epochs")
        if isinstance(record, dict) and isinstance(record.get("epochs"), int):
            return int(record["epochs"])
    seconds = _step_seconds(objective, feed, bf16=bf16, micro_batch=micro_batch) * WATCHED
    epochs = max(1, int(60 * minutes / (seconds * feed.steps)))
    if feed.ranks.first:
        write_json(file, {"epochs": epochs, "seconds_per_step": seconds, "minutes": minutes})
        needed = seconds * feed.steps / 60
        late = f"; one takes {needed:.1f}" if needed > minutes else ""
        console.say(
            f"about {epochs} epochs fit into {minutes:g} minutes{late}: an estimate, from a few steps that took {seconds:.3g} s "
            f"each (--epochs {epochs} repeats this run)"
        )
    return epochs


def few_steps(steps: int, *, epochs: int, batch: int, minutes: float | None = None) -> str | None:
    """What to say of a run of so few steps that little can come of it; None: they are enough.

    Args:
        steps: of the whole run. minutes: that were asked for, where that decided the epochs.
    """
    if steps >= FEW_STEPS:
        return None
    more = math.ceil(epochs * FEW_STEPS / max(steps, 1))
    longer = "more --minutes" if minutes is not None else f"more epochs (--epochs {more} makes {FEW_STEPS})"
    smaller = f"a smaller batch (--batch {batch // 2} makes twice as many) or " if batch >= SMALL_BATCH else ""
    return f"this run makes {steps:,} steps, and little is learned in fewer than some {FEW_STEPS}: {smaller}{longer} would help"


def _step_seconds(objective: Objective, feed: ViewFeed, *, bf16: bool, micro_batch: int | None) -> float:
    """The median time of a step on this device; of all processes the mean.

    On a CPU it is at most the time that this process computed: what neighbours take does not cut a run short.
    """
    device = next(objective.parameters()).device
    trial = copy.deepcopy(objective).train()
    trial.chunk = micro_batch if trial.coupled else None
    made = feed.epoch(0, 0) if feed.growth is None else _through(feed)
    times = []
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        for number in range((min(TRIES, feed.steps) if feed.growth is None else 2 * TRIES) + 1):
            started, computed = time.perf_counter(), time.process_time()
            batch = next(made, None) if number else feed.make(feed.among[: feed.batch], 0, 0)
            if batch is None:
                break
            pieces = [batch]
            if micro_batch is not None and not trial.coupled:
                pieces = [batch.part(at, at + micro_batch) for at in range(0, len(batch.rows), micro_batch)]
            for piece in pieces:
                with torch.autocast(device.type, torch.bfloat16, enabled=bf16):
                    loss, _, _ = trial(piece)
                loss.backward()
            if device.type != "cpu":
                torch.accelerator.synchronize(device)
            seconds = time.perf_counter() - started
            times.append(min(seconds, time.process_time() - computed) if device.type == "cpu" else seconds)
    if feed.growth is None:
        typical = statistics.median(times[1:] or times)  # the first also warms up
    else:
        typical = statistics.mean(times[2::2])  # each size twice, the first of them warms up
    return float(mean_over_ranks(torch.tensor(typical, dtype=torch.float32, device=device)))


def _through(feed: ViewFeed) -> Iterator[Batch]:
    """Two batches each of as large views as at the middle of every fifth of the run."""
    assert feed.growth is not None
    part = copy.copy(feed)
    part.growth = dataclasses.replace(feed.growth, steps=2 * TRIES)
    for fifth in range(TRIES):
        for _ in range(2):
            yield part.make(feed.among[: feed.batch], 0, 2 * fifth + 1)
