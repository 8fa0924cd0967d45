"""The loop that any objective runs in."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from foveate.core import console
from foveate.core.errors import FoveateError
from foveate.core.seeds import derive
from foveate.engine.distributed import Parallel, Ranks, any_rank, wrap
from foveate.training.checkpoints import Checkpoints, Position, State
from foveate.training.contract import Batch, Feed, LossOutput, Progress, Trainable, Watcher, as_module
from foveate.training.journal import Journal
from foveate.training.optim import OptimizerName, make_optimizer, parameter_groups
from foveate.training.schedule import cosine, warmup_cosine
from foveate.training.stop import Signals, Stopped
from foveate.training.sums import Sums


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How to train: everything the loop decides by.

    Attributes:
        rate: peak learning rate of the effective batch, after any rule. end_rate: at the end of the cosine.
        warmup: optimiser steps of warm-up. weight_decay_end: at the end of half a cosine; None: constant.
        clip: largest norm of the whole gradient; None lets it be.
        micro_batch: images in memory at a time (of one view); None: the whole batch.
        bf16: matrix work under autocast in bfloat16; weights and losses stay in float32.
        minutes: also save between epochs after so long; 0: never.
        resume_with: the command that goes on with this run, for messages. label: what the progress display calls it.
        calmer: what to change where the loss is not finite; empty: pretrain's own flags.
    """

    epochs: int
    rate: float
    end_rate: float = 0.0
    warmup: int = 0
    optimizer: OptimizerName = "adamw"
    momentum: float = 0.9
    weight_decay: float = 1e-4
    weight_decay_end: float | None = None
    clip: float | None = None
    micro_batch: int | None = None
    bf16: bool = False
    parallel: Parallel = "ddp"
    minutes: float = 10.0
    resume_with: str = "the same command with --resume"
    label: str = "pretraining"
    calmer: str = ""


@dataclass(frozen=True)
class Outcome:
    """How a run went: seconds of training (monitors and checkpoints included) since this process began, and its rate."""

    seconds: float
    images_per_second: float
    steps: int
    resumed_at: Position | None


@dataclass(kw_only=True)
class Loop:
    """Train an objective, or go on from its newest checkpoint: ``Loop(...).run()``.

    All randomness of a step is a function of seed, epoch and step, so that an interrupted and resumed run ends with the
    weights of an uninterrupted one (bit for bit on a CPU).

    Attributes:
        objective: a module already on its device. export: epoch → (weights for use, their description).
        rate_factor: a parameter's name in the objective → its factor of the learning rate; above 0. Default: 1 for all.
    """

    objective: Trainable
    feed: Feed
    plan: Plan
    checkpoints: Checkpoints
    export: Callable[[int], tuple[Mapping[str, Tensor], Mapping[str, Any]]]
    journal: Journal
    watcher: Watcher
    ranks: Ranks
    seed: int
    rate_factor: Callable[[str], float] | None = None

    def __post_init__(self) -> None:
        plan, ranks = self.plan, self.ranks
        self.module = as_module(self.objective)
        self.wrapped = wrap(self.module, plan.parallel, ranks)
        self.device = next(self.module.parameters()).device
        self.optimizer = make_optimizer(
            plan.optimizer,
            parameter_groups([self.module], plan.weight_decay, factor=self.rate_factor),
            rate=plan.rate,
            momentum=plan.momentum,
            fused=ranks.world == 1 or plan.parallel == "ddp",
        )
        self.state = State(self.module, self.optimizer, {"watcher": self.watcher.module})
        self.total = plan.epochs * self.feed.steps
        self.epoch_sums, self.window = Sums(self.device), Sums(self.device)
        self.saved_at = time.monotonic()

    def run(self) -> Outcome:
        """Train to the end.

        Raises:
            FoveateError: the loss or gradient stopped being finite; the last good checkpoint stays.
            Stopped: Ctrl-C or SIGTERM; the run is saved where it stood.
        """
        started = time.monotonic()
        devices = [self.device] if self.device.type == "cuda" else []
        with torch.random.fork_rng(devices=devices), Signals() as signals:
            first = self._restore()
            resumed = first if (first.epoch, first.step) != (0, 0) else None
            label = f"{self.plan.label}, {self.plan.epochs} epochs"
            images = (self.total - first.epoch * self.feed.steps - first.step) * self.feed.batch
            with console.progress(label, images) if self.ranks.first else _Silent() as display:
                for epoch in range(first.epoch, self.plan.epochs):
                    self._epoch(epoch, first.step if epoch == first.epoch else 0, signals, display)
        seconds = time.monotonic() - started
        return Outcome(seconds, images / seconds if images else 0.0, self.total, resumed)

    def _restore(self) -> Position:
        self.checkpoints.prune()
        path = self.checkpoints.latest()
        if path is not None:
            position = self.checkpoints.load(path, self.state)
            self.epoch_sums.restore(position.sums.get("epoch", {}))
            self.window.restore(position.sums.get("window", {}))
            self.journal.rewind(position.lines)
            return position
        self.journal.rewind(0)
        self.journal.log("epoch", epoch=0, step=0, **self.watcher.epoch(0))
        self._save_epoch(0)
        return Position(0)

    def _epoch(self, epoch: int, start: int, signals: Signals, display: Any) -> None:
        self.module.train()
        every = max(1, min(50, self.feed.steps // 10))
        since = time.monotonic()
        for step, batch in enumerate(self.feed.epoch(epoch, start), start):
            self._step(epoch, step, batch)
            display.advance(batch.size, note=self.window.note())
            if (step + 1) % every == 0 and step + 1 < self.feed.steps:
                rate = every * batch.size / max(time.monotonic() - since, 1e-9)
                since = time.monotonic()
                self._log_window(epoch, step, rate)
            self._between(epoch, step + 1, signals)
        self._finish(epoch + 1)
        self._stop_if_told(signals, epoch + 1, 0)

    def _step(self, epoch: int, step: int, batch: Batch) -> None:
        plan, done = self.plan, epoch * self.feed.steps + step
        rate = warmup_cosine(done, self.total, plan.warmup, peak=plan.rate, end=plan.end_rate)
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["rate_factor"]
            if plan.weight_decay_end is not None and group["adapt"]:
                group["weight_decay"] = cosine(done, self.total, start=plan.weight_decay, end=plan.weight_decay_end)
        torch.manual_seed(derive(self.seed, "step", epoch, step, self.ranks.rank))
        self.optimizer.zero_grad(set_to_none=True)
        output = self._forward_backward(batch)
        norm = self._gradient_norm()
        scalars = {"loss": output.loss.detach(), **output.terms, **self.watcher.step(output, batch)}
        scalars["gradient_norm"] = norm
        if self.device.type == "cpu":  # free here; an accelerator would wait for it, and is asked before a save
            self._check(scalars, epoch, step, rate)
        self.optimizer.step()
        self.objective.after_step(Progress(done + 1, self.total))
        self.window.add(scalars)
        self.epoch_sums.add(scalars)

    def _forward_backward(self, batch: Batch) -> LossOutput:
        """Loss and gradients of the whole batch, in pieces of ``micro_batch`` where the memory needs it."""
        micro, count = self.plan.micro_batch, len(batch.rows)
        self.objective.chunk = micro if self.objective.coupled else None
        parts = [batch]
        if micro is not None and not self.objective.coupled and micro < count:
            parts = [batch.part(at, min(at + micro, count)) for at in range(0, count, micro)]
        outputs = []
        for part in parts:
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.plan.bf16):
                loss, terms, named = self.wrapped(part)
            (loss * (len(part.rows) / count)).backward()
            outputs.append((len(part.rows) / count, LossOutput(loss=loss.detach(), terms=terms, outputs=named)))
        return outputs[0][1] if len(outputs) == 1 else _joined(outputs)

    def _gradient_norm(self) -> Tensor:
        """The norm of the whole gradient before clipping, which the watcher is told; clips where the plan says so."""
        weights = [p for p in self.module.parameters() if p.grad is not None]
        norm = nn.utils.get_total_norm([p.grad for p in weights if p.grad is not None], foreach=None)
        if self.plan.clip is not None:
            nn.utils.clip_grads_with_norm_(weights, self.plan.clip, norm)
        norm = (norm.full_tensor() if hasattr(norm, "full_tensor") else norm).detach()
        self.watcher.gradient(norm)
        return norm

    def _check(self, scalars: Mapping[str, Tensor], epoch: int, step: int, rate: float) -> None:
        """Stop before a number that is not finite reaches the weights, or before such weights reach a checkpoint."""
        bad = [name for name, value in scalars.items() if not bool(torch.isfinite(value))]
        if any_rank(int(bool(bad)), self.device):
            kept = self.checkpoints.latest()
            calmer = self.plan.calmer or "a lower --lr, --clip 1" + (" or --precision fp32" if self.plan.bf16 else "")
            raise FoveateError(
                f"{bad[0] if bad else 'the loss'} is not finite in epoch {epoch + 1}, step {step + 1} (learning rate {rate:.2g}).",
                f"start anew with {calmer}"
                + (
                    f"; the weights of {kept.name} are whole"
                    if kept is not None and kept.name.startswith("epoch")
                    else ""
                ),
            )

    def _between(self, epoch: int, steps_done: int, signals: Signals) -> None:
        """Between two steps: agree with the other processes whether to save or to stop."""
        if steps_done >= self.feed.steps or (self.ranks.world > 1 and steps_done % 10):
            return
        due = self.plan.minutes > 0 and time.monotonic() - self.saved_at > 60 * self.plan.minutes
        if not any_rank(int(due or bool(signals.received)), self.device):
            return
        self._save_partial(epoch, steps_done)
        self._stop_if_told(signals, epoch, steps_done)

    def _stop_if_told(self, signals: Signals, epoch: int, step: int) -> None:
        received = any_rank(signals.received, self.device)
        if received and (epoch, step) != (self.plan.epochs, 0):
            raise Stopped(
                f"stopped in epoch {epoch + 1} of {self.plan.epochs} after step {step}; everything is saved.",
                f"go on with {self.plan.resume_with}",
                received=received,
            )

    def _log_window(self, epoch: int, step: int, rate: float) -> None:
        done = epoch * self.feed.steps + step + 1
        means = self.window.across_ranks().means()
        left = (self.total - done) * self.feed.batch / rate
        group = self.optimizer.param_groups[0]
        lr = group["lr"] / group["rate_factor"]
        self.journal.log(
            "step",
            epoch=epoch + 1,
            step=done,
            lr=lr,
            images_per_second=round(rate, 1),
            seconds_left=round(left),
            **means,
        )
        self.window.clear()

    def _finish(self, epoch: int) -> None:
        means = self.epoch_sums.across_ranks().means()
        self._check({k: torch.tensor(v) for k, v in means.items()}, epoch - 1, self.feed.steps - 1, self.plan.rate)
        self.journal.log("epoch", epoch=epoch, step=epoch * self.feed.steps, **means, **self.watcher.epoch(epoch))
        self.epoch_sums.clear()
        self.window.clear()
        self._save_epoch(epoch)

    def _save_epoch(self, epoch: int) -> None:
        weights, encoder = self.export(epoch)
        state = self.state if epoch else None  # nothing to go on from before the first step: the seed gives it again
        self.checkpoints.save_epoch(epoch, weights=weights, encoder=encoder, state=state, lines=self.journal.lines)
        self.saved_at = time.monotonic()

    def _save_partial(self, epoch: int, step: int) -> None:
        so_far = self.epoch_sums.across_ranks()
        self._check({k: torch.tensor(v) for k, v in so_far.means().items()}, epoch, step - 1, self.plan.rate)
        sums = {"epoch": so_far.plain(), "window": self.window.across_ranks().plain()}
        position = Position(epoch, step, self.journal.lines, sums)
        self.checkpoints.save_partial(position, epoch * self.feed.steps + step, self.state)
        self.saved_at = time.monotonic()


def _joined(parts: list[tuple[float, LossOutput]]) -> LossOutput:
    """Outputs of the pieces of a batch as those of the whole."""
    first = parts[0][1]
    return LossOutput(
        loss=sum((share * part.loss for share, part in parts), torch.zeros_like(first.loss)),
        terms={n: sum((s * p.terms[n] for s, p in parts), torch.zeros_like(first.terms[n])) for n in first.terms},
        outputs={name: torch.cat([part.outputs[name] for _, part in parts]) for name in first.outputs},
    )


class _Silent:
    """The display of a process that does not speak."""

    def __enter__(self) -> _Silent:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def advance(self, count: int = 1, *, note: str = "") -> None:
        return None
