"""What each saving saves: a training step with it against the plain form, in CPU seconds and in peak memory, each in a fresh process.

Peak memory is what a process grows by from before its first step to its highest point. ``--progressive`` is the mean over five
steps from all parts of a run, and the peak of the largest of them. Bounds: growth to 3/4 of the run leaves 69 % of the pixels;
a block run again is a third more work; MAE's encoder sees a quarter of the patches, MSN's student half of them and its teacher
all; a crop of half the side has a quarter of the pixels.
"""

from __future__ import annotations

import dataclasses
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from foveate.encoders.load import load
from foveate.pretraining.objective import Batch, Objective, Setting
from foveate.pretraining.registry import OBJECTIVES
from foveate.pretraining.sizes import growth_of
from foveate.training.recompute import recompute_blocks

IMAGES, SIZE = 64, 32
VIT, CNN = "foveate:vit-mini", "foveate:resnet18"

Case = dict[str, Any]
CASES: list[tuple[str, Case, Case]] = [
    ("--progressive 0.5, SimCLR, ResNet-9", {"encoder": "foveate:resnet9", "progressive": 0.5}, {"progressive": None}),
    ("--progressive 0.5, SimCLR, ViT-Mini", {"encoder": VIT, "progressive": 0.5}, {"progressive": None}),
    ("--checkpointing, SimCLR, ResNet-18", {"encoder": CNN, "checkpointing": True}, {"checkpointing": False}),
    ("--checkpointing, SimCLR, ViT-Mini", {"encoder": VIT, "checkpointing": True}, {"checkpointing": False}),
    ("--micro-batch 32, SimCLR, ViT-Mini", {"encoder": VIT, "chunk": 32}, {"chunk": None}),
    ("tokens left out, MAE for SimMIM, ViT-Mini", {"encoder": VIT, "objective": "mae"}, {"objective": "simmim"}),
    (
        "tokens left out, MSN mask=0.5, ViT-Mini",
        {"encoder": VIT, "objective": "msn", "knobs": {"mask": 0.5}},
        {"knobs": {"mask": 0.0}},
    ),
    (
        "four crops of 16 px for four of 32, SimCLR, ResNet-9",
        {"encoder": "foveate:resnet9", "knobs": {"crops": 4, "crop_size": 16}},
        {"knobs": {"crops": 4, "crop_size": 32}},
    ),
]


def measured(case: Case, steps: int = 5) -> tuple[float, float]:
    """CPU seconds a step, and MB of peak memory above what stood before; of this process."""
    name = case.get("objective", "simclr")
    kind = OBJECTIVES.load(name)
    args = {"global_pool": "avg"} if "vit" in case["encoder"] else {}
    encoder = load(case["encoder"], args=args)
    setting = Setting(image_size=SIZE, images=IMAGES, batch=IMAGES, steps=10)
    objective: Objective = kind(kind.Config(**case.get("knobs", {})), encoder, setting).train()
    if case.get("checkpointing"):
        recompute_blocks(encoder)
    objective.chunk = case.get("chunk")
    if "vit" not in case["encoder"]:
        objective.to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW([p for p in objective.parameters() if p.requires_grad], 1e-4)
    before, times = _status("VmRSS"), []
    batches = list(_batches(objective, case.get("progressive"), steps))
    for number, batch in enumerate([batches[-1], *batches]):  # the first warms up, and is the largest
        started = time.process_time()
        objective.loss(dataclasses.replace(batch, seed=number)).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        times.append(time.process_time() - started)
    grown = case.get("progressive") is not None
    return (statistics.mean if grown else statistics.median)(times[1:]), _status("VmHWM") - before


def _status(name: str) -> float:
    """A line of this process's status in MB; Linux only. (``ru_maxrss`` would begin with what the parent had.)"""
    text = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(text.partition(f"{name}:")[2].split()[0]) * 1024 / 1e6


def _batches(objective: Objective, progressive: float | None, steps: int) -> Iterator[Batch]:
    growth = growth_of(objective, progressive)
    for step in range(steps):
        views = objective.views()
        if growth is not None:
            views = dataclasses.replace(growth, steps=2 * steps).views(views, 2 * step + 1)
        made = [torch.randn(IMAGES, 3, view.size, view.size) for view in views]
        yield Batch(views=made, labels=None, rows=torch.arange(IMAGES), size=IMAGES)


def _apart(case: Case) -> tuple[float, float]:
    command = [sys.executable, "-m", "benchmarks.savings", json.dumps(case)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, megabytes = json.loads(done.stdout.splitlines()[-1])
    return seconds, megabytes


def run(pairs: int = 1) -> list[dict[str, Any]]:
    """Two rows a saving: medians of alternating pairs of processes, of five steps each."""
    rows = []
    for name, case, plain in CASES:
        taken = [(_apart(case), _apart(case | plain)) for _ in range(pairs)]
        for which, unit in enumerate(("CPU s a step", "MB at the peak")):
            ours, peer = (statistics.median(each[side][which] for each in taken) for side in (0, 1))
            rows.append(
                {
                    "name": name,
                    "ours": ours,
                    "peer": peer,
                    "ratio": peer / ours,
                    "unit": unit,
                    "note": "peer: plain; fp32",
                }
            )
    return rows


if __name__ == "__main__":
    print(json.dumps(measured(json.loads(sys.argv[1]))))
