"""Two views of a batch: foveate on the whole batch against torchvision.transforms.v2 on one PIL image after another.

Both get decoded images and return normalised float32 tensors of the same two views. Pairs are timed in turn on one
thread, in CPU seconds, and the median of the pairs' ratios is told.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms import v2

from foveate.data.views import View, augment_views, simclr_views, vicreg_views

MEAN, STD = (0.4914, 0.4822, 0.4465), (0.247, 0.243, 0.261)


def peer_view(view: View) -> v2.Compose:
    """The same view as torchvision users write it."""
    assert view.scale is not None
    steps: list[Any] = [
        v2.RandomResizedCrop(view.size, scale=view.scale, ratio=view.ratio, antialias=True),
        v2.RandomHorizontalFlip(view.flip),
        v2.RandomApply([v2.ColorJitter(*view.jitter)], view.jitter_p),
        v2.RandomGrayscale(view.grayscale),
    ]
    if view.blur:
        steps.append(v2.RandomApply([v2.GaussianBlur(view.kernel, view.blur_sigma)], view.blur))
    if view.solarize:
        steps.append(v2.RandomSolarize(128, view.solarize))
    return v2.Compose([*steps, v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize(MEAN, STD)])


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def row(name: str, views: tuple[View, ...], canvas: int, batch: int, *, peer_batch: int, pairs: int) -> dict[str, Any]:
    """Images per CPU second, each image giving all its views."""
    generator = torch.Generator().manual_seed(0)
    coarse = torch.rand(batch, 3, 8, 8, generator=generator)
    noise = torch.rand(batch, 3, canvas, canvas, generator=generator)
    pixels = (0.7 * torch.nn.functional.interpolate(coarse, canvas, mode="bilinear") + 0.3 * noise).mul(255).byte()
    images = [Image.fromarray(image.permute(1, 2, 0).numpy()) for image in pixels[:peer_batch]]
    transforms = [peer_view(view) for view in views]

    def ours() -> list[Tensor]:
        return augment_views(pixels, None, views, generator, mean=MEAN, std=STD)

    def peer() -> list[Tensor]:
        return [torch.stack([transform(image) for image in images]) for transform in transforms]

    ours(), peer()
    timed = [(batch / seconds(ours), peer_batch / seconds(peer)) for _ in range(pairs)]
    return {
        "name": name,
        "ours": statistics.median(a for a, _ in timed),
        "peer": statistics.median(b for _, b in timed),
        "ratio": statistics.median(a / b for a, b in timed),
        "unit": "images per CPU second",
        "note": f"median of {pairs} pairs, canvas {canvas} px, batches of {batch}, one thread; peer torchvision v2 on PIL",
    }


def run(pairs: int = 15) -> list[dict[str, Any]]:
    """The benchmark's rows."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return [
            row("two views, SimCLR, 32 px", simclr_views(32), 32, 512, peer_batch=128, pairs=pairs),
            row("two views, SimCLR, 64 px", simclr_views(64), 64, 256, peer_batch=64, pairs=pairs),
            row("two views, VICReg, 32 px", vicreg_views(32), 32, 512, peer_batch=128, pairs=pairs),
            row("two views, SimCLR without blur, 224 px", (View(size=224),) * 2, 256, 32, peer_batch=16, pairs=pairs),
            row("two views, VICReg with blur, 224 px", vicreg_views(224), 256, 32, peer_batch=16, pairs=pairs),
        ]
    finally:
        torch.set_num_threads(threads)


if __name__ == "__main__":
    for result in run():
        print(
            f"{result['name']}: {result['ours']:,.0f} against {result['peer']:,.0f} {result['unit']}, {result['ratio']:.1f}x"
        )
