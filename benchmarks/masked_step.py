"""A step of MAE, which runs the encoder on a quarter of the patches, against SimMIM's, which runs it on all: same ViT, same images.

ViT-Tiny with patches of 4 on 32-px views. The bound: 17 of 65 tokens leave 3.8 times less for the encoder, and MAE's decoder
(96 wide, 2 blocks on all 64 patches) adds to what is left. And multi-crop: SimCLR with four crops of half the side against two views
alone; four crops have as many pixels as one view, so half as much again is what it should cost.
"""

from __future__ import annotations

import dataclasses
import statistics
import time
from collections.abc import Callable
from typing import Any

import torch

from foveate.encoders.load import load
from foveate.engine.local import bf16_wins
from foveate.pretraining.objective import Batch, Objective, Setting
from foveate.pretraining.registry import OBJECTIVES

IMAGES, SIZE = 128, 32


def made(name: str, encoder: str, **knobs: Any) -> Callable[[bool], float]:
    """The CPU seconds of one step: views are ready."""
    kind = OBJECTIVES.load(name)
    setting = Setting(image_size=SIZE, images=IMAGES, batch=IMAGES, steps=100)
    args = {"global_pool": "avg"} if "vit" in encoder else {}
    objective: Objective = kind(kind.Config(**knobs), load(encoder, args=args), setting).train()
    if "vit" not in encoder:
        objective.to(memory_format=torch.channels_last)
    views = [torch.randn(IMAGES, 3, view.size, view.size) for view in objective.views()]
    batch = Batch(views=views, labels=None, rows=torch.arange(IMAGES), size=IMAGES)
    optimizer = torch.optim.AdamW([p for p in objective.parameters() if p.requires_grad], 1e-4)
    count = 0

    def step(bf16: bool) -> float:
        nonlocal count
        count += 1
        started = time.process_time()
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            loss, _, _ = objective(dataclasses.replace(batch, seed=count))
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        return time.process_time() - started

    return step


def compared(
    name: str, ours: Callable[[bool], float], peer: Callable[[bool], float], bf16: bool, note: str, pairs: int
) -> dict[str, Any]:
    """Medians of alternating pairs."""
    ours(bf16), peer(bf16)
    times = [(ours(bf16), peer(bf16)) for _ in range(pairs)]
    a, b = (statistics.median(side) for side in zip(*times, strict=True))
    return {"name": name, "ours": a, "peer": b, "ratio": b / a, "unit": "CPU s a step", "note": note}


def run(pairs: int = 5) -> list[dict[str, Any]]:
    """The rows."""
    rows = []
    for bf16 in (False, True) if bf16_wins(torch.device("cpu")) else (False,):
        kind = "bf16" if bf16 else "fp32"
        mae, simmim = made("mae", "foveate:vit-tiny"), made("simmim", "foveate:vit-tiny")
        rows.append(compared(f"MAE, {kind}", mae, simmim, bf16, "peer: SimMIM; bound 3.8x less the decoder", pairs))
        plain = made("simclr", "foveate:resnet9")
        crops = made("simclr", "foveate:resnet9", crops=4, crop_size=16)
        rows.append(
            compared(f"two views, {kind}", plain, crops, bf16, "peer: and four crops of 16 px; bound 1.5x", pairs)
        )
    return rows
