"""How much of what a device can do a training step does: model FLOP/s over those of a large matrix product in the same precision.

No peer: the product, run here in turn with the step, is the physical bound. FLOPs are torch's own count of the forward and the
backward pass of everything that is trained and of teachers; recomputation is not counted twice.
"""

from __future__ import annotations

import dataclasses
import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from foveate.encoders.load import load
from foveate.pretraining.objective import Batch, Objective, Setting
from foveate.pretraining.registry import OBJECTIVES

CELLS: dict[str, tuple[tuple[str, str, dict[str, Any], int, int], ...]] = {
    "cpu": (
        ("simclr", "foveate:resnet9", {}, 128, 32),
        ("mae", "foveate:vit-mini", {}, 128, 32),
    ),
    "cuda": (
        ("mae", "random:vit_base_patch16_224", {"decoder_width": 512, "decoder_depth": 8, "decoder_heads": 16}, 512, 224),
        ("dino", "random:vit_small_patch16_224", {"prototypes": 65536}, 128, 224),
        ("dino", "random:vit_small_patch16_224", {"prototypes": 65536, "crops": 6}, 128, 224),
        ("simclr", "random:vit_small_patch16_224", {}, 256, 224),
        ("vicreg", "random:resnet50", {"projector": (8192, 8192, 8192)}, 256, 224),
        ("simclr", "foveate:resnet18", {}, 1024, 32),
    ),
}  # fmt: skip
"""(objective, encoder, knobs, images, side) by device."""
SIDE = {"cpu": 2048, "cuda": 8192}
"""Of the matrix product."""


def run(pairs: int = 5) -> list[dict[str, Any]]:
    """The rows."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return [_row(*cell, device=device, pairs=pairs) for cell in CELLS[device.type]]


def _row(
    name: str, encoder: str, knobs: dict[str, Any], images: int, side: int, *, device: torch.device, pairs: int
) -> dict[str, Any]:
    step = _step(name, encoder, knobs, images, side, device)
    with FlopCounterMode(display=False) as counter:
        step()
    flops = counter.get_total_flops()
    n = SIDE[device.type]
    a, b = (torch.randn(n, n, device=device, dtype=torch.bfloat16) for _ in range(2))
    for _ in range(3):
        step(), a @ b
    ours, bound = [], []
    for _ in range(pairs):
        ours.append(flops / _seconds(step, device))
        bound.append(2 * n**3 / _seconds(lambda: a @ b, device))
    mine, most = statistics.median(ours), statistics.median(bound)
    crops = f", {knobs['crops']} small crops" if "crops" in knobs else ""
    note = f"{device.type}; {images * mine / flops:,.0f} images/s, {flops / images / 1e9:.3g} GFLOP an image; peer: a product of {n} × {n}, bf16"
    return {
        "name": f"{name}, {encoder.partition(':')[2]}{crops}", "ours": mine / 1e12, "peer": most / 1e12, "ratio": mine / most,
        "unit": "TFLOP/s", "note": note,
    }  # fmt: skip


def _step(
    name: str, encoder: str, knobs: dict[str, Any], images: int, side: int, device: torch.device
) -> Callable[[], None]:
    """A step in bf16 on views that are ready."""
    kind: type[Objective] = OBJECTIVES.load(name)
    setting = Setting(image_size=side, images=images, batch=images, steps=1000)
    args = {"global_pool": "avg"} if name == "mae" else {"dynamic_img_size": True} if "crops" in knobs else {}
    objective = kind(kind.Config(**knobs), load(encoder, image_size=side, args=args), setting).train().to(device)
    if "vit" not in encoder:
        objective.to(memory_format=torch.channels_last)
    views = [torch.randn(images, 3, view.size, view.size, device=device) for view in objective.views()]
    batch = Batch(views=views, labels=None, rows=torch.arange(images, device=device), size=images)
    optimizer = torch.optim.AdamW([p for p in objective.parameters() if p.requires_grad], 1e-4)
    count = 0

    def step() -> None:
        nonlocal count
        count += 1
        with torch.autocast(device.type, torch.bfloat16):
            loss, _, _ = objective(dataclasses.replace(batch, seed=count))
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()

    return step


def _seconds(work: Callable[[], Any], device: torch.device, times: int = 5) -> float:
    """Wall seconds of one of several runs in a row, the device idle before and after."""
    _wait(device)
    started = time.perf_counter()
    for _ in range(times):
        work()
    _wait(device)
    return (time.perf_counter() - started) / times


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
