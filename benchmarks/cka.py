"""CKA of 12 × 12 layers, 2,000 images, width 192: foveate against torch_cka, each from the models' forward pass on.

The peer is the package torch_cka where it is installed, else its algorithm written out here: minibatch HSIC₁ by hooks, with
both self terms computed anew for each pair of layers, tr KL as a full matrix product, and autograd left on.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from foveate.measures import cka

LAYERS, IMAGES, WIDTH, BATCH = 12, 2000, 192, 100
FORWARD = 500  # images in a forward pass of ours, which the estimator's batch does not bind as it binds torch_cka


class Chain(nn.Module):
    """Twelve layers whose outputs are compared; so light that the comparison is what is timed."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.layers = nn.ModuleList(nn.Linear(WIDTH, WIDTH) for _ in range(LAYERS))

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = x + layer(x)
        return x


def peer_hsic(K: Tensor, L: Tensor) -> float:
    n = len(K)
    ones = torch.ones(n, 1)
    total = torch.trace(K @ L)
    total = total + (ones.T @ K @ ones @ ones.T @ L @ ones).item() / ((n - 1) * (n - 2))
    total = total - (ones.T @ K @ L @ ones).item() * 2 / (n - 2)
    return float(total / (n * (n - 3)))


def peer_written_out(one: Chain, two: Chain, images: Tensor) -> np.ndarray:
    sums = np.zeros((3, LAYERS, LAYERS))
    seen: tuple[list[Tensor], list[Tensor]] = ([], [])
    hooks = [
        layer.register_forward_hook(lambda _module, _inputs, output, kept=kept: kept.append(output))
        for model, kept in zip((one, two), seen, strict=True)
        for layer in model.layers
    ]
    for batch in images.split(BATCH):
        for kept in seen:
            kept.clear()
        one(batch)
        two(batch)
        for i, x in enumerate(seen[0]):
            K = x.flatten(1) @ x.flatten(1).T
            K.fill_diagonal_(0.0)
            sums[0, i] += peer_hsic(K, K)
            for j, y in enumerate(seen[1]):
                L = y.flatten(1) @ y.flatten(1).T
                L.fill_diagonal_(0.0)
                sums[1, i, j] += peer_hsic(K, L)
                sums[2, i, j] += peer_hsic(L, L)
    for hook in hooks:
        hook.remove()
    return sums[1] / np.sqrt(sums[0] * sums[2])


def peer_package(one: Chain, two: Chain, images: Tensor) -> np.ndarray:
    from torch.utils.data import DataLoader, TensorDataset
    from torch_cka import CKA

    names = [f"layers.{i}" for i in range(LAYERS)]
    compared = CKA(one, two, model1_layers=names, model2_layers=names, device="cpu")
    compared.compare(DataLoader(TensorDataset(images), batch_size=BATCH))
    return compared.export()["CKA"].numpy()


def features(model: Chain, images: Tensor) -> list[Tensor]:
    parts: list[list[Tensor]] = [[] for _ in range(LAYERS)]
    with torch.inference_mode():
        for batch in images.split(FORWARD):
            x = batch
            for kept, layer in zip(parts, model.layers, strict=True):
                kept.append(layer(x))
                x = x + kept[-1]
    return [torch.cat(part) for part in parts]


def run(pairs: int = 5) -> list[dict[str, Any]]:
    """Medians of alternating pairs, in seconds."""
    try:
        import torch_cka  # noqa: F401

        peer, name = peer_package, "torch_cka"
    except ImportError:
        peer, name = peer_written_out, "torch_cka's algorithm, written out (the package is not installed)"
    one, two = Chain(0), Chain(1)
    images = torch.randn(IMAGES, WIDTH, generator=torch.Generator().manual_seed(2))
    ours: dict[str, Callable[[list[Tensor], list[Tensor]], Any]] = {
        f"same estimator (batches of {BATCH})": lambda a, b: cka.matrix(a, b, batch=BATCH),
        "all images at once": lambda a, b: cka.matrix(a, b),
        "all images, with 144 jackknife intervals": lambda a, b: cka.intervals(a, b).value,
    }
    times: dict[str, list[float]] = {key: [] for key in (*ours, "peer")}
    apart = {}
    expected = peer(one, two, images)
    for method in ours.values():
        method(features(one, images), features(two, images))
    for _ in range(pairs):
        for key, method in ours.items():
            began = time.perf_counter()
            found = method(features(one, images), features(two, images))
            times[key].append(time.perf_counter() - began)
            apart[key] = float(np.abs(found - expected).max())
        began = time.perf_counter()
        peer(one, two, images)
        times["peer"].append(time.perf_counter() - began)
    median = {key: statistics.median(values) for key, values in times.items()}
    return [
        {
            "name": f"CKA {LAYERS}×{LAYERS}, n={IMAGES:,}, d={WIDTH}: {key}",
            "ours": median[key],
            "peer": median["peer"],
            "ratio": median["peer"] / median[key],
            "unit": "s",
            "note": f"peer: {name}; largest difference of a cell {apart[key]:.1e}; {torch.get_num_threads()} threads",
        }
        for key in ours
    ]


if __name__ == "__main__":
    for row in run():
        print(
            f"{row['name']}: {row['ours']:.3f} {row['unit']}, peer {row['peer']:.3f}, {row['ratio']:.1f}x  ({row['note']})"
        )
