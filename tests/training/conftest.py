"""A small thing that learns, and all that the loop wants besides: for tests of the loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from foveate.core.run import Run
from foveate.core.seeds import derive, torch_stream
from foveate.engine.distributed import Ranks
from foveate.training.checkpoints import Checkpoints
from foveate.training.contract import Batch, LossOutput, Progress
from foveate.training.journal import Journal
from foveate.training.loop import Loop, Outcome, Plan


class Toy(nn.Module):
    """Regression on random pixels, with batch norm and dropout: everything that could break a bit-equal resume."""

    coupled = True
    chunk: int | None = None

    def __init__(self) -> None:
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(0)
            self.net = nn.Sequential(
                nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout(0.2), nn.Flatten(), nn.Linear(8 * 36, 4)
            )
        self.steps = 0

    def loss(self, batch: Batch) -> LossOutput:
        out = self.net(batch.views[0])
        target = batch.views[0].mean((1, 2, 3))
        noise = torch.rand(1, generator=batch.stream("noise"))
        loss = (out.mean(1) - target - noise).square().mean()
        return LossOutput(loss=loss, terms={"noise": noise[0]}, outputs={"backbone": out.detach()})

    def forward(self, batch: Batch) -> Any:
        output = self.loss(batch)
        return output.loss, dict(output.terms), dict(output.outputs)

    def after_step(self, progress: Progress) -> None:
        self.steps = progress.done


class ToyFeed:
    """Batches that are a function of epoch and step; ``breaks`` raises instead of the given one."""

    steps, batch = 5, 8

    def __init__(self, breaks: tuple[int, int] | None = None, error: type[BaseException] = KeyboardInterrupt) -> None:
        self.breaks, self.error = breaks, error
        self.spoil: tuple[int, int] | None = None

    def epoch(self, epoch: int, start: int) -> Iterator[Batch]:
        for step in range(start, self.steps):
            if self.breaks == (epoch, step):
                raise self.error
            images = torch.rand(self.batch, 3, 8, 8, generator=torch_stream(7, "toy", epoch, step))
            if self.spoil == (epoch, step):
                images[0, 0, 0, 0] = float("nan")
            seed = derive(7, "drawn", epoch, step)
            yield Batch(views=[images], labels=None, rows=torch.arange(self.batch), size=self.batch, seed=seed)


class Nobody:
    """A watcher with state of its own, which must survive too."""

    def __init__(self) -> None:
        self.module = nn.Module()
        self.module.register_buffer("seen", torch.zeros(()))
        self.gradients: list[float] = []

    def gradient(self, norm: Tensor) -> None:
        self.gradients.append(float(norm))

    def step(self, output: LossOutput, batch: Batch) -> Mapping[str, Tensor]:
        self.module.seen += output.outputs["backbone"].mean()
        return {"seen": self.module.seen.clone()}

    def epoch(self, epoch: int) -> Mapping[str, float]:
        return {"watched": float(self.module.seen)}


Fitter = Callable[..., tuple[Toy, Outcome]]


@pytest.fixture
def toy_fit() -> Fitter:
    """Train the toy in a folder: ``toy_fit(folder, feed, resume=…, **plan) → (toy, outcome)``."""

    def train(
        folder: Path,
        feed: ToyFeed,
        *,
        resume: bool = False,
        keep: int = 0,
        factor: Callable[[str], float] | None = None,
        **plan: Any,
    ) -> tuple[Toy, Outcome]:
        toy = Toy()
        settings: dict[str, Any] = {"epochs": 3, "rate": 1e-2, "warmup": 2, "clip": 1.0, "minutes": 0.0, **plan}
        with Run(folder, "pretrain", {}, resume=resume) as run:
            outcome = Loop(
                objective=toy,
                feed=feed,
                plan=Plan(**settings),
                checkpoints=Checkpoints(folder / "checkpoints", keep=keep),
                export=lambda epoch: (dict(toy.net.state_dict()), {"epoch": epoch}),
                journal=Journal(run),
                watcher=Nobody(),
                ranks=Ranks(device=torch.device("cpu")),
                seed=3,
                rate_factor=factor,
            ).run()
        return toy, outcome

    return train


@pytest.fixture
def toy_feed() -> type[ToyFeed]:
    return ToyFeed
