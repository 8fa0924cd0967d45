"""From decoded pixels to batches of views on the device."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Int, UInt8
from torch import Tensor

from foveate.core.seeds import derive, torch_stream
from foveate.data.views import View, apply, draw
from foveate.engine.distributed import Ranks
from foveate.training.contract import Batch
from foveate.training.growth import Growth
from foveate.training.order import Order, shuffled


class ViewFeed:
    """Batches of random views of images that are decoded already.

    Which images a step sees and what happens to them is drawn from (seed, epoch, step) alone: the same for any number
    of processes, and after an interruption. A last batch that would be short is left out.

    Args:
        pixels: uint8 [n 3 S S], in memory or mapped from a file. sizes: [n 2], the originals' height and width.
        labels: int64 [n], or None. views: what to make of each image.
        among: int64, the images to train on; ``Batch.rows`` are of these numbers.
        batch: images a step, over all processes; at most len(among).
        mean, std: of the encoder's preprocessing.
        order: how an epoch goes through ``among``. Default: every image once, shuffled. growth: how views grow through the run. Default: they do not.
        ahead: make the next batch in a thread while the device works on this one. For devices other than the CPU: on
            one, views are 5 % of the work of even a small encoder, and a thread would take its cores from the step.
    """

    def __init__(
        self,
        pixels: UInt8[Tensor, "n 3 s s"] | UInt8[np.ndarray, "n 3 s s"],
        sizes: Int[Tensor, "n 2"],
        labels: Int[Tensor, " n"] | None,
        views: Sequence[View],
        *,
        among: Int[Tensor, " m"],
        batch: int,
        seed: int,
        ranks: Ranks,
        mean: Sequence[float],
        std: Sequence[float],
        channels_last: bool = False,
        ahead: bool = False,
        order: Order | None = None,
        growth: Growth | None = None,
    ) -> None:
        assert 1 <= batch <= len(among)
        assert ranks.device is not None
        self.pixels, self.sizes, self.labels, self.views = pixels, sizes, labels, tuple(views)
        self.among, self.batch, self.seed, self.ranks, self.device = among, batch, seed, ranks, ranks.device
        self.mean, self.std, self.channels_last, self.ahead = mean, std, channels_last, ahead
        self.order, self.growth = order or shuffled(among, seed), growth

    @property
    def steps(self) -> int:
        return len(self.among) // self.batch

    def epoch(self, epoch: int, start: int) -> Iterator[Batch]:
        """The batches of an epoch from step ``start`` on."""
        order = self.order(epoch)
        made = (
            self.make(order[step * self.batch : (step + 1) * self.batch], epoch, step)
            for step in range(start, self.steps)
        )
        return _ahead(made) if self.ahead else made

    def make(self, rows: Int[Tensor, " b"], epoch: int, step: int) -> Batch:
        """This process's share of one batch."""
        mine = self.ranks.share(rows)
        first = self.ranks.rank * len(mine)
        pixels = self._pixels(mine).to(self.device, non_blocking=True)
        stream = torch_stream(self.seed, "views", epoch, step)
        views = []
        done = epoch * self.steps + step
        for view in self.views if self.growth is None else self.growth.views(self.views, done):
            # Drawn for the whole batch, so that the views do not depend on how many processes share it.
            parameters = draw(view, self.sizes[rows], stream)[first : first + len(mine)]
            made = apply(pixels, parameters, view, mean=self.mean, std=self.std)
            views.append(made.contiguous(memory_format=torch.channels_last) if self.channels_last else made)
        return Batch(
            views=views,
            labels=None if self.labels is None else self.labels[mine].to(self.device, non_blocking=True),
            rows=mine.to(self.device, non_blocking=True),
            size=self.batch,
            first=first,
            step=done,
            seed=derive(self.seed, "objective", epoch, step),
        )

    def _pixels(self, rows: Tensor) -> Tensor:
        if isinstance(self.pixels, Tensor):
            return self.pixels[rows]
        return torch.from_numpy(self.pixels[rows.numpy()])  # fancy indexing copies: what is mapped is never written


def _ahead(made: Iterator[Batch]) -> Iterator[Batch]:
    """The same batches, the next one made in a thread while this one is used."""
    ready: queue.Queue[Any] = queue.Queue(maxsize=1)
    done = threading.Event()

    def work() -> None:
        try:
            for batch in made:
                if not _put(ready, batch, done):
                    return
            _put(ready, None, done)
        except BaseException as error:  # whatever it is, it is raised where the batch is wanted
            _put(ready, error, done)

    thread = threading.Thread(target=work, name="views", daemon=True)
    thread.start()
    try:
        while (item := ready.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        done.set()
        thread.join(timeout=10)


def _put(ready: queue.Queue[Any], item: Any, done: threading.Event) -> bool:
    """Put an item where the user will take it; False when nobody will any more."""
    while not done.is_set():
        try:
            ready.put(item, timeout=0.1)
        except queue.Full:
            continue
        return True
    return False
