"""RankMe and LiDAR without an SVD: the smaller side's Gram matrix and a Cholesky factor, against the usual forms.

RankMe's peer is ``torch.linalg.svdvals`` of the features in their own float32. LiDAR's is the definition as written: the
inverse root of the within-class matrix from its eigenvectors, two products with it, and the eigenvalues of the result, all
width × width, in float64 as ours.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from foveate.measures.lidar import lidar
from foveate.measures.spectrum import rankme

RANKME = ((2048, 2048), (10_000, 2048), (2048, 8192))
LIDAR = ((256, 8, 2048), (1000, 10, 2048), (256, 8, 4096))
VIEWS = 0.5  # deviation of an image's views, beside images' own of 1


def svd_rankme(x: Tensor) -> float:
    values = torch.linalg.svdvals(x)
    share = values / values.sum()
    return float(torch.exp(-torch.special.xlogy(share, share).sum()))


def written_lidar(x: Tensor, delta: float = 1e-4) -> float:
    n, q, d = x.shape
    x = x.double()
    means = x.mean(1)
    within = (x - means[:, None]).reshape(n * q, d)
    sigma_w = within.T @ within / (n * q) + delta * torch.eye(d, dtype=torch.float64)
    centred = means - means.mean(0)
    values, vectors = torch.linalg.eigh(sigma_w)
    root = vectors / values.sqrt() @ vectors.T
    found = torch.linalg.eigvalsh(root @ (centred.T @ centred / n) @ root).clamp_min(0)
    share = found / found.sum()
    return float(torch.exp(-torch.special.xlogy(share, share).sum()))


def decaying(n: int, d: int, stream: torch.Generator) -> Tensor:
    """Features whose directions matter less and less, turned so that none is an axis."""
    scale = torch.arange(1, d + 1).rsqrt()
    return (torch.randn(n, d, generator=stream) * scale)[:, torch.randperm(d, generator=stream)]


def run(pairs: int = 3) -> list[dict[str, Any]]:
    """Medians of alternating pairs, in CPU seconds."""
    stream = torch.Generator().manual_seed(0)
    cases: list[tuple[str, Callable[[Tensor], float], Callable[[Tensor], float], Tensor]] = []
    for n, d in RANKME:
        cases.append((f"RankMe, n={n:,}, d={d:,}", rankme, svd_rankme, decaying(n, d, stream)))
    for n, q, d in LIDAR:
        images, views = decaying(n, d, stream), decaying(n * q, d, stream).view(n, q, d)
        cases.append(
            (f"LiDAR, {n:,} images × {q} views, d={d:,}", lidar, written_lidar, images[:, None] + VIEWS * views)
        )
    rows = []
    for name, ours, peer, x in cases:
        times: dict[str, list[float]] = {"ours": [], "peer": []}
        values: dict[str, float] = {}
        for _ in range(pairs):
            for key, measure in (("ours", ours), ("peer", peer)):
                began = time.process_time()
                values[key] = measure(x)
                times[key].append(time.process_time() - began)
        median = {key: statistics.median(found) for key, found in times.items()}
        note = f"{values['ours']:.3f} against {values['peer']:.3f}; {torch.get_num_threads()} threads"
        rows.append({"name": name, **median, "ratio": median["peer"] / median["ours"], "unit": "CPU s", "note": note})
    return rows


if __name__ == "__main__":
    for row in run():
        print(f"{row['name']}: {row['ours']:.3f} s, peer {row['peer']:.3f} s, {row['ratio']:.1f}x  ({row['note']})")
