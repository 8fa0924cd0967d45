"""54 linear heads on stored features, trained at once against one after another: the same heads, batches and steps.

The peer is the usual loop: a ``torch.nn.Linear`` and ``torch.optim.SGD`` for each head. Accuracies of both are compared.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

import numpy as np
import torch
from torch import nn

from foveate.core.seeds import torch_stream
from foveate.probing.heads.bank import Bank

ROWS, WIDTH, CLASSES, EPOCHS, BATCH = 4096, 384, 10, 3, 256
RATES = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0)
TAPS = [f"{block}:{readout}" for block in range(4) for readout in ("cls", "mean")]
INPUTS = {
    f"{kind} {last}": tuple(tap for tap in TAPS[-2 * last :] if kind == "concat" or tap.endswith(kind))
    for kind in ("cls", "mean", "concat")
    for last in (1, 4)
}


def one_after_another(parts: dict[str, np.ndarray], labels: torch.Tensor) -> list[float]:
    right = []
    scaled = {name: (part - part.mean(0)) / part.std(0) for name, part in parts.items()}
    for used in INPUTS.values():
        x = torch.from_numpy(np.concatenate([scaled[tap] for tap in used], axis=1))
        for rate in RATES:
            head = nn.Linear(x.shape[1], CLASSES)
            nn.init.zeros_(head.weight)
            nn.init.zeros_(head.bias)
            optimizer = torch.optim.SGD(head.parameters(), lr=rate, momentum=0.9)
            schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS * -(-ROWS // BATCH))
            for epoch in range(EPOCHS):
                for rows in torch.randperm(ROWS, generator=torch_stream(0, "heads", "order", epoch)).split(BATCH):
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(head(x[rows]), labels[rows]).backward()
                    optimizer.step()
                    schedule.step()
            with torch.inference_mode():
                right.append(float((head(x).argmax(1) == labels).float().mean()))
    return right


def at_once(parts: dict[str, np.ndarray], labels: torch.Tensor) -> list[float]:
    bank = Bank(INPUTS, parts, labels.numpy(), CLASSES, RATES, epochs=EPOCHS, batch=BATCH, seed=0)
    found = dict(bank.scores(parts))
    return [float((each.argmax(1) == labels).float().mean()) for name in INPUTS for each in found[name]]


def run(pairs: int = 5) -> list[dict[str, Any]]:
    """Medians of alternating pairs, in seconds."""
    random = np.random.default_rng(0)
    labels = random.integers(0, CLASSES, ROWS)
    centres = random.normal(0, 0.3, (CLASSES, WIDTH))
    parts = {tap: (random.normal(size=(ROWS, WIDTH)) + centres[labels]).astype(np.float32) for tap in TAPS}
    truth = torch.from_numpy(labels)
    apart = float(np.abs(np.subtract(at_once(parts, truth), one_after_another(parts, truth))).max())
    times: dict[str, list[float]] = {"ours": [], "peer": []}
    for _ in range(pairs):
        for key, method in (("ours", at_once), ("peer", one_after_another)):
            began = time.perf_counter()
            method(parts, truth)
            times[key].append(time.perf_counter() - began)
    ours, peer = (statistics.median(times[key]) for key in ("ours", "peer"))
    heads = len(INPUTS) * len(RATES)
    return [
        {
            "name": f"{heads} linear heads, n={ROWS:,}, widths {WIDTH} to {8 * WIDTH}, {EPOCHS} passes: at once",
            "ours": ours,
            "peer": peer,
            "ratio": peer / ours,
            "unit": "s",
            "note": f"peer: torch.optim.SGD, one head after another; largest difference in accuracy {apart:.4f}; "
            f"{torch.get_num_threads()} threads",
        }
    ]


if __name__ == "__main__":
    for row in run():
        print(
            f"{row['name']}: {row['ours']:.3f} {row['unit']}, peer {row['peer']:.3f}, {row['ratio']:.1f}x  ({row['note']})"
        )
