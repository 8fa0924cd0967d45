"""What an hour of two cores buys on CIFAR-10: ``--recipe laptop-32`` against SimCLR of lightly's parts in a plain loop, same network.

Each side makes the epochs that fit into ``FOVEATE_MINUTES`` (60), by steps that it times before it begins: begin on idle cores. Both go
on where they stopped, in ``FOVEATE_HOUR`` (runs/laptop-hour), whatever else runs by then. Then both read the test images once, with the
same kNN and ridge classifier; the difference is paired over images.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks import _lightly
from foveate.data.load import load
from foveate.encoders.load import load as load_encoder
from foveate.pretraining.evaluate import evaluate
from foveate.studies.cookbook.worlds import cifar

BY_NAME_ONLY = True  # `python -m benchmarks` alone leaves it out: it takes two hours
BATCH, CLASSES, RATE = 128, 10, 0.06
WARM, TIMED = 12, 60  # steps; a loader has up to four batches ready when the first is asked for


def run() -> Iterator[dict[str, Any]]:
    """kNN and ridge accuracy of both, and ours less the peer's with its interval."""
    minutes = float(os.environ.get("FOVEATE_MINUTES", "60"))
    out = Path(os.environ.get("FOVEATE_HOUR", "runs/laptop-hour"))
    folder = cifar()
    train, test = f"folder:{folder}/train", f"folder:{folder}/test"
    images = load(train)
    pixels = _pixels(images)
    epochs = lightly_epochs(pixels, 60 * minutes, out / "lightly.json")
    ours = out / "ours"
    command = ["pretrain", train, "--test", test, "--recipe", "laptop-32", "--minutes", f"{minutes:g}"]
    subprocess.run([sys.executable, "-m", "foveate.cli", *command, "--out", str(ours), "--resume"], check=True)
    peer = load_encoder("foveate:resnet9")
    peer.module.load_state_dict(lightly_loop(pixels, epochs, out / "lightly.pt"))
    both = evaluate(load_encoder(f"run:{ours}"), peer, images, load(test), CLASSES, device=torch.device("cpu"))
    for name, gain in both.gain.items():
        a, b = both.accuracy[name], both.untrained[name]
        note = (
            f"difference {gain.value:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]; peer: lightly's parts in a plain loop"
        )
        row = {"name": f"{name} on CIFAR-10's test images after {minutes:g} minutes", "unit": "accuracy", "note": note}
        yield row | {"ours": a.value, "peer": b.value, "ratio": a.value / b.value}


def _pixels(rows: Any) -> Tensor:
    return torch.stack([torch.from_numpy(np.array(row["image"].convert("RGB"))).permute(2, 0, 1) for row in rows])


def lightly_epochs(images: Tensor, seconds: float, file: Path) -> int:
    """How many fit into so many seconds, by a few steps on a network that is thrown away; a run that goes on keeps its number."""
    if not file.exists():
        net = _lightly.SimCLR("foveate:resnet9", images.shape[-1]).train()
        optimizer, batches = net.optimizer(rate=RATE), _lightly.loader(net, images, BATCH)
        for number, views in enumerate(batches):
            if number == WARM:
                started = time.perf_counter()
            if number == WARM + TIMED:
                break
            _step(net, optimizer, views)
        step = (time.perf_counter() - started) / TIMED
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"epochs": max(1, int(seconds / (len(batches) * step))), "seconds_per_step": step}))
    return int(json.loads(file.read_text())["epochs"])


def lightly_loop(images: Tensor, epochs: int, file: Path) -> dict[str, Tensor]:
    """The backbone's weights after so many epochs on uint8 images [n 3 h w]; the rate falls on a cosine."""
    torch.manual_seed(0)
    net = _lightly.SimCLR("foveate:resnet9", images.shape[-1]).train()
    optimizer = net.optimizer(rate=RATE)
    batches, done = _lightly.loader(net, images, BATCH), 0
    if file.exists():
        saved = torch.load(file)
        net.load_state_dict(saved["net"])
        optimizer.load_state_dict(saved["optimizer"])
        done = saved["epoch"]
    for epoch in range(done, epochs):
        for step, views in enumerate(batches):
            for group in optimizer.param_groups:
                group["lr"] = RATE * (1 + math.cos(math.pi * (epoch + step / len(batches)) / epochs)) / 2
            loss = _step(net, optimizer, views)
        print(f"lightly: epoch {epoch + 1} of {epochs}, loss {loss.item():.3f}", flush=True)
        state = {"net": net.state_dict(), "optimizer": optimizer.state_dict(), "epoch": epoch + 1}
        torch.save(state, file.with_suffix(".part"))
        file.with_suffix(".part").replace(file)
    return net.backbone.state_dict()


def _step(net: _lightly.Peer, optimizer: torch.optim.Optimizer, views: list[Tensor]) -> Tensor:
    loss: Tensor = net(views)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss
