"""A SimCLR step at 32 px: ours against a loop as lightly's tutorial writes it, in fp32 PyTorch with a PIL loader.

The peer stands below in full: ResNet-18 with a CIFAR stem (or the same small encoder), an MLP head, NT-Xent with a
2n × 2n mask, SGD, and torchvision's transforms on PIL images in a DataLoader with two workers. Rows:

- as shipped: our loop (views on the fly, bf16 and channels_last where they win) and the peer's, loading included;
- equal precision: both in fp32 and plain memory order, on views that are made already: the step alone;
- a small encoder, as shipped: there the peer waits for its loader.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn
from torchvision import transforms

from foveate.encoders.load import load
from foveate.engine.distributed import Ranks
from foveate.engine.local import bf16_wins
from foveate.pretraining.objective import Setting
from foveate.pretraining.objectives.simclr import Knobs, SimCLR
from foveate.training.feed import ViewFeed
from foveate.training.optim import make_optimizer, parameter_groups

BATCH, IMAGES, CPU = 128, 4096, torch.device("cpu")
WORKERS, AHEAD = 2, 2  # of the peer's loader: PyTorch's default is to prepare two batches a worker
QUEUED, REST = WORKERS * AHEAD, 2.0  # batches that it has ready when nobody takes any; seconds in which it has them
Step = Callable[[], None]


def pixels() -> Tensor:
    """Noise with some structure; the work does not depend on what the images show."""
    small = torch.randint(0, 256, (IMAGES, 3, 8, 8), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    return F.interpolate(small.float(), size=32, mode="bilinear").round().byte()


class TwoViews(torch.utils.data.Dataset[Any]):
    """The peer's data: PIL images in memory, already decoded, two transforms each."""

    def __init__(self, images: Tensor) -> None:
        self.images = [Image.fromarray(np.ascontiguousarray(x.permute(1, 2, 0).numpy())) for x in images]
        jitter = transforms.ColorJitter(0.4, 0.4, 0.4, 0.1)
        self.transform = transforms.Compose(
            [
                transforms.RandomResizedCrop(32, scale=(0.2, 1.0)),
                transforms.RandomHorizontalFlip(),
                transforms.RandomApply([jitter], p=0.8),
                transforms.RandomGrayscale(p=0.2),
                transforms.ToTensor(),
                transforms.Normalize((0.5,) * 3, (0.25,) * 3),
            ]
        )

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
        return self.transform(self.images[i]), self.transform(self.images[i])


def peer_loss(a: Tensor, b: Tensor, temperature: float = 0.2) -> Tensor:
    """NT-Xent with an explicit mask over the whole similarity matrix."""
    z = F.normalize(torch.cat([a, b]), dim=1)
    logits = z @ z.T / temperature
    logits = logits[~torch.eye(len(z), dtype=torch.bool)].view(len(z), -1)
    n = len(a)
    target = torch.cat([torch.arange(n) + n - 1, torch.arange(n)])
    return F.cross_entropy(logits, target)


def peer(encoder: str, images: Tensor | None, views: list[Tensor] | None) -> Step:
    """The peer's step; with ``images`` its loader runs too."""
    body = load(encoder)
    net = nn.Sequential(
        body.module, nn.Linear(body.width, 512), nn.BatchNorm1d(512), nn.ReLU(), nn.Linear(512, 128)
    ).train()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.06, momentum=0.9, weight_decay=5e-4)
    loader = None
    if images is not None:
        loader = torch.utils.data.DataLoader(
            TwoViews(images),
            BATCH,
            shuffle=True,
            num_workers=WORKERS,
            prefetch_factor=AHEAD,
            drop_last=True,
            persistent_workers=True,
        )
    endless = _forever(loader) if loader is not None else None

    def step() -> None:
        a, b = next(endless) if endless is not None else views  # type: ignore[misc]
        loss = peer_loss(net(a), net(b))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def ours(encoder: str, images: Tensor, *, views: list[Tensor] | None = None) -> Step:
    """Our step as the loop takes it; with ``views`` given, plain fp32 on them."""
    body = load(encoder)
    setting = Setting(image_size=32, images=IMAGES, batch=BATCH, steps=100)
    objective = SimCLR(Knobs(), body, setting).train()
    shipped = views is None
    if shipped:
        objective.to(memory_format=torch.channels_last)
    optimizer = make_optimizer("adamw", parameter_groups([objective], 1e-4), rate=1e-3)
    feed = ViewFeed(
        images, torch.full((len(images), 2), 32), None, objective.views(), among=torch.arange(len(images)), batch=BATCH,
        seed=0, ranks=Ranks(device=CPU), mean=(0.5,) * 3, std=(0.25,) * 3, channels_last=shipped,
    )  # fmt: skip
    endless = _epochs(feed)
    ready = next(endless)
    fixed = ready if views is None else type(ready)(**{**vars(ready), "views": views})

    def step() -> None:
        batch = next(endless) if shipped else fixed
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16, enabled=shipped and bf16_wins(CPU)):
            loss, _, _ = objective(batch)
        loss.backward()
        optimizer.step()

    return step


def _forever(loader: Any) -> Iterator[list[Tensor]]:
    while True:
        yield from loader


def _epochs(feed: ViewFeed) -> Iterator[Any]:
    epoch = 0
    while True:
        yield from feed.epoch(epoch, 0)
        epoch += 1


def pairs(mine: Step, theirs: Step, count: int, steps: int) -> tuple[float, float, float]:
    """Median seconds a step of each, and the median of the ratios of neighbouring measurements.

    Before ours is timed, the peer's loader is given time to fill its queue, or its workers would take our cores; before
    the peer is timed, that queue is emptied, or its first batches would cost it nothing.
    """
    mine(), mine(), theirs()
    times: list[tuple[float, float]] = []
    for _ in range(count):
        time.sleep(REST)
        a = _seconds(mine, steps)
        for _ in range(QUEUED):
            theirs()
        times.append((a, _seconds(theirs, steps)))
    a, b = zip(*times, strict=True)
    return statistics.median(a), statistics.median(b), statistics.median(y / x for x, y in times)


def _seconds(step: Step, steps: int) -> float:
    started = time.perf_counter()
    for _ in range(steps):
        step()
    return (time.perf_counter() - started) / steps


def run() -> list[dict[str, Any]]:
    """Three rows; images per second of each side and the ratio."""
    images = pixels()
    views = [torch.randn(BATCH, 3, 32, 32, generator=torch.Generator().manual_seed(i)) for i in range(2)]
    cases: list[tuple[str, Step, Step, int, str]] = [
        (
            "SimCLR step, ResNet-18, 32 px, as shipped",
            ours("foveate:resnet18", images),
            peer("foveate:resnet18", images, None),
            1,
            "bf16 channels_last against fp32 with a PIL loader of 2 workers",
        ),
        (
            "SimCLR step, ResNet-18, 32 px, equal precision",
            ours("foveate:resnet18", images, views=views),
            peer("foveate:resnet18", None, views),
            1,
            "both fp32, the same ready views",
        ),
        (
            "SimCLR step, foveate:resnet9, 32 px, with loading",
            ours("foveate:resnet9", images),
            peer("foveate:resnet9", images, None),
            8,
            "as the first row, a small encoder",
        ),
    ]
    rows = []
    for name, mine, theirs, steps, note in cases:
        a, b, ratio = pairs(mine, theirs, 3, steps)
        rows.append(
            {"name": name, "ours": BATCH / a, "peer": BATCH / b, "ratio": ratio, "unit": "images/s", "note": note}
        )
    return rows


if __name__ == "__main__":
    for row in run():
        print(
            f"{row['name']}: {row['ours']:.0f} against {row['peer']:.0f} {row['unit']}, {row['ratio']:.2f}x ({row['note']})"
        )
