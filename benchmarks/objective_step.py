"""A training step at 32 px, one objective of each family: ours against lightly's parts in a plain loop (``_lightly``).

Rows of each family:

- as shipped: our loop (views on the fly, bf16 and channels_last where they win) and the peer's, loading included;
- equal precision: both in fp32 and plain memory order, with the same optimiser, on views that are made already: the step alone.

And SimCLR on a small encoder, as shipped: there the peer waits for its loader.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks import _lightly
from benchmarks._lightly import AHEAD, WORKERS, Peer
from foveate.encoders.load import load
from foveate.engine.distributed import Ranks
from foveate.engine.local import bf16_wins
from foveate.pretraining.objective import Objective, Progress, Setting
from foveate.pretraining.registry import OBJECTIVES
from foveate.training.feed import ViewFeed
from foveate.training.optim import make_optimizer, parameter_groups

BATCH, IMAGES, SIZE, CPU = 128, 4096, 32, torch.device("cpu")
QUEUED, REST = WORKERS * AHEAD, 2.0  # batches that it has ready when nobody takes any; seconds in which it has them
PAIRS = 5
FAMILIES = {
    "SimCLR": ("foveate:resnet18", "metric learning"),
    "BYOL": ("foveate:resnet18", "self-distillation"),
    "VICReg": ("foveate:resnet18", "covariances"),
    "MAE": ("foveate:vit-tiny", "masked"),
}
Step = Callable[[], None]


def pixels() -> Tensor:
    """Noise with some structure; the work does not depend on what the images show."""
    small = torch.randint(0, 256, (IMAGES, 3, 8, 8), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    return F.interpolate(small.float(), size=SIZE, mode="bilinear").round().byte()


def theirs(name: str, encoder: str, images: Tensor, *, views: list[Tensor] | None = None) -> Step:
    """The peer's step; without ``views`` its loader runs too."""
    net: Peer = getattr(_lightly, name)(encoder, SIZE).train()
    optimizer = net.optimizer()
    endless = _lightly.forever(_lightly.loader(net, images, BATCH)) if views is None else None

    def step() -> None:
        loss = net(views if endless is None else next(endless))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        net.after_step(0.5)

    return step


def ours(name: str, encoder: str, images: Tensor, *, views: list[Tensor] | None = None) -> Step:
    """Our step as the loop takes it; with ``views`` given, plain fp32 on them."""
    kind = OBJECTIVES.load(name.lower())
    body = load(encoder, args={"global_pool": "avg"} if "vit" in encoder else {})
    objective: Objective = kind(
        kind.Config(), body, Setting(image_size=SIZE, images=IMAGES, batch=BATCH, steps=100)
    ).train()
    shipped = views is None
    if shipped and "vit" not in encoder:
        objective.to(memory_format=torch.channels_last)
    plain = "adamw" if shipped or "vit" in encoder else "sgd"  # AdamW's step takes longer than SGD's
    optimizer = make_optimizer(plain, parameter_groups([objective], 1e-4), rate=1e-3)
    feed = ViewFeed(
        images, torch.full((len(images), 2), SIZE), None, objective.views(), among=torch.arange(len(images)),
        batch=BATCH, seed=0, ranks=Ranks(device=CPU), mean=(0.5,) * 3, std=(0.25,) * 3,
        channels_last=shipped and "vit" not in encoder,
    )  # fmt: skip
    endless = _epochs(feed)
    ready = next(endless)
    fixed = ready if views is None else type(ready)(**{**vars(ready), "views": views[: len(ready.views)]})

    def step() -> None:
        batch = next(endless) if shipped else fixed
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16, enabled=shipped and bf16_wins(CPU)):
            loss, _, _ = objective(batch)
        loss.backward()
        optimizer.step()
        objective.after_step(Progress(50, 100))

    return step


def _epochs(feed: ViewFeed) -> Iterator[Any]:
    epoch = 0
    while True:
        yield from feed.epoch(epoch, 0)
        epoch += 1


def pairs(mine: Step, peer: Step, count: int, steps: int, *, loads: bool = True) -> tuple[float, float, float]:
    """Median seconds a step of each, and the median of the ratios of neighbouring measurements.

    Where the peer ``loads``: before ours is timed, its loader is given time to fill its queue, or its workers would take
    our cores; before the peer is timed, that queue is emptied, or its first batches would cost it nothing.
    """
    for step in (mine, mine, peer):
        step()
    times: list[tuple[float, float]] = []
    for _ in range(count):
        time.sleep(REST if loads else 0)
        a = _seconds(mine, steps)
        for _ in range(QUEUED if loads else 0):
            peer()
        times.append((a, _seconds(peer, steps)))
    first, second = zip(*times, strict=True)
    return statistics.median(first), statistics.median(second), statistics.median(y / x for x, y in times)


def _seconds(step: Step, steps: int) -> float:
    started = time.perf_counter()
    for _ in range(steps):
        step()
    return (time.perf_counter() - started) / steps


def run() -> Iterator[dict[str, Any]]:
    """The rows; images per second of each side and the ratio."""
    images = pixels()
    views = [torch.randn(BATCH, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(i)) for i in range(2)]
    shipped = "bf16 channels_last against fp32 with a PIL loader of 2 workers"
    for name, (encoder, family) in FAMILIES.items():
        for ready, note in ((None, shipped), (views, "equal precision: both fp32, the same optimiser and ready views")):
            mine, peer = (side(name, encoder, images, views=ready) for side in (ours, theirs))
            yield _row(f"{name} step ({family}), {encoder}", mine, peer, 1, note, loads=ready is None)
    mine, peer = (side("SimCLR", "foveate:resnet9", images) for side in (ours, theirs))
    yield _row("SimCLR step, foveate:resnet9", mine, peer, 8, shipped)


def _row(name: str, mine: Step, peer: Step, steps: int, note: str, *, loads: bool = True) -> dict[str, Any]:
    a, b, ratio = pairs(mine, peer, PAIRS, steps, loads=loads)
    return {"name": name, "ours": BATCH / a, "peer": BATCH / b, "ratio": ratio, "unit": "images/s", "note": note}
