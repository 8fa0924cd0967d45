"""What passes between the loop and the thing that learns: batches in, a loss and named outputs out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from foveate.core.seeds import torch_stream


@dataclass(frozen=True, kw_only=True)
class Batch:
    """One step's material, on the device.

    Attributes:
        views: one tensor [b 3 h w] for each view that the objective asked for, normalised.
        labels: int64 [b], or None where the data has none.
        rows: int64 [b], which training images these are (stable through the run).
        size: images of the whole batch, over all processes; ``b`` is this process's share, from image ``first`` on.
        step: optimiser steps that went before, of ``Setting.steps``.
        seed: of everything that is drawn for this batch; a function of the run's seed and the step.
    """

    views: list[Tensor]
    labels: Tensor | None
    rows: Tensor
    size: int
    first: int = 0
    step: int = 0
    seed: int = 0

    def stream(self, name: str) -> torch.Generator:
        """A generator on the CPU for what holds for the whole batch: the same in every process, and after a resume."""
        return torch_stream(self.seed, name)

    def draw(self, name: str, *shape: int, normal: bool = False) -> Tensor:
        """Random numbers for each image, float32 [b, *shape] on the device: masks, noise, positions.

        They are an image's own: the same however many processes share the batch, or pieces it is cut into.

        Args:
            name: of the stream; the same name gives the same numbers again.
            normal: standard normal instead of uniform in [0, 1).
        """
        sample = torch.randn if normal else torch.rand
        return self.own(sample((self.size, *shape), generator=self.stream(name)))

    def own(self, whole: Tensor) -> Tensor:
        """The rows of this share, on the device, of what was drawn for all images of the whole batch, [size …] → [b …]."""
        return whole[self.first : self.first + len(self.rows)].to(self.rows.device)

    def part(self, start: int, stop: int) -> Batch:
        """The images ``start:stop`` of it, for accumulation of losses that do not couple images."""
        return replace(
            self,
            views=[view[start:stop] for view in self.views],
            labels=None if self.labels is None else self.labels[start:stop],
            rows=self.rows[start:stop],
            first=self.first + start,
        )


@dataclass(frozen=True, kw_only=True)
class LossOutput:
    """What an objective answers.

    Attributes:
        loss: the scalar to descend.
        terms: its named addends and other scalars worth a curve, detached. ``momentum`` is read as that of a teacher.
        outputs: what monitors and probes read, detached; they never touch the objective and use what is there.
            ``backbone``: the first view's embedding [b d]. All others may be absent:
            ``projector``: the same behind the head. ``other``: where there is a head behind it, else the backbone's
            embedding, of another view of the same images. ``prediction``, ``target``: what the student says and what
            it is to say, row by row [b d]. ``assignments``: soft ones of the first view to prototypes or
            classes [b k]; rows sum to 1.
    """

    loss: Tensor
    terms: Mapping[str, Tensor] = field(default_factory=dict)
    outputs: Mapping[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True)
class Progress:
    """Where the run stands after a step: ``done`` of ``total`` optimiser steps."""

    done: int
    total: int


class Trainable(Protocol):
    """What the loop needs of the thing that learns; every ``Objective`` is one.

    ``coupled`` says whether the loss of an image depends on the others of its batch. If so, accumulation must not cut
    the batch: the objective embeds it in chunks of ``chunk`` images (see ``training.chunks``) and sees all embeddings.
    """

    coupled: bool
    chunk: int | None

    def loss(self, batch: Batch) -> LossOutput: ...

    def after_step(self, progress: Progress) -> None: ...


class Feed(Protocol):
    """Where batches come from. The same (epoch, step) gives the same batch, whatever came before."""

    @property
    def steps(self) -> int:
        """Batches an epoch."""
        ...

    @property
    def batch(self) -> int:
        """Images a batch, over all processes."""
        ...

    def epoch(self, epoch: int, start: int) -> Iterator[Batch]:
        """The batches of an epoch from step ``start`` on."""
        ...


class Watcher(Protocol):
    """What looks on: it reads outputs, and its own state is saved with the run's."""

    @property
    def module(self) -> nn.Module: ...

    def gradient(self, norm: Tensor) -> None:
        """Before each update: the norm of the whole gradient, as it was before any clipping."""
        ...

    def step(self, output: LossOutput, batch: Batch) -> Mapping[str, Tensor]:
        """After each step's gradient; what it returns is averaged into the curves."""
        ...

    def epoch(self, epoch: int) -> Mapping[str, Any]:
        """After each epoch (0: before the first); what it returns stands in the log."""
        ...


def as_module(objective: Trainable) -> nn.Module:
    """The same object, as the module that it also is."""
    assert isinstance(objective, nn.Module)
    return objective
