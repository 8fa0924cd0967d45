"""What an hour of two cores buys on CIFAR-10: ``--recipe laptop-32`` against SimCLR of lightly's parts in a plain loop, same network.

Each side trains for ``FOVEATE_MINUTES`` (60) minutes of wall time with the machine to itself, first ours. Then both read the test
images once, with the same kNN and ridge classifier; the difference is paired over images. Both go on where they stopped, in
``FOVEATE_HOUR`` (runs/laptop-hour).
"""

from __future__ import annotations

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


def run() -> Iterator[dict[str, Any]]:
    """kNN and ridge accuracy of both, and ours less the peer's with its interval."""
    minutes = float(os.environ.get("FOVEATE_MINUTES", "60"))
    out = Path(os.environ.get("FOVEATE_HOUR", "runs/laptop-hour"))
    folder = cifar()
    train, test = f"folder:{folder}/train", f"folder:{folder}/test"
    ours = out / "ours"
    command = ["pretrain", train, "--test", test, "--recipe", "laptop-32", "--minutes", f"{minutes:g}"]
    subprocess.run([sys.executable, "-m", "foveate.cli", *command, "--out", str(ours), "--resume"], check=True)
    images = load(train)
    peer = load_encoder("foveate:resnet9")
    peer.module.load_state_dict(lightly_loop(_pixels(images), 60 * minutes, out / "lightly.pt"))
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


def lightly_loop(images: Tensor, seconds: float, file: Path) -> dict[str, Tensor]:
    """The backbone's weights after so many seconds of training on uint8 images [n 3 h w]; the rate falls on a cosine of time."""
    torch.manual_seed(0)
    net = _lightly.SimCLR("foveate:resnet9", images.shape[-1]).train()
    optimizer = net.optimizer(rate=RATE)
    batches, spent, epoch = _lightly.loader(net, images, BATCH), 0.0, 0
    if file.exists():
        saved = torch.load(file)
        net.load_state_dict(saved["net"])
        optimizer.load_state_dict(saved["optimizer"])
        spent, epoch = saved["spent"], saved["epoch"]
    while spent < seconds:
        started, before = time.perf_counter(), spent
        for views in batches:
            for group in optimizer.param_groups:
                group["lr"] = RATE * (1 + math.cos(math.pi * min(1.0, spent / seconds))) / 2
            loss = net(views)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            spent = before + time.perf_counter() - started
            if spent >= seconds:
                break
        epoch += 1
        print(f"lightly: epoch {epoch}, {spent:.0f} of {seconds:.0f} s, loss {loss.item():.3f}", flush=True)
        state = {"net": net.state_dict(), "optimizer": optimizer.state_dict(), "spent": spent, "epoch": epoch}
        torch.save(state, file.with_suffix(".part"))
        file.with_suffix(".part").replace(file)
    return net.backbone.state_dict()
