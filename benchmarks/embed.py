"""Embedding a folder of photos: foveate, storing what it computes, against the plain timm loop, which keeps nothing.

Same network and weights, float32, same batch size, the same processors: both start from JPEG files and end with an array
[n, d]; pairs are timed in turn and the median of their ratios is told. The peer reads with a DataLoader of one worker
process a processor, as timm's own scripts do. The features of both are compared before anything is timed.

``python -m benchmarks.embed million``: write and read 1,000,000 × 768 numbers and tell the growth of peak memory.
"""

from __future__ import annotations

import copy
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import timm
import torch
from PIL import Image
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder

from foveate.data.load import load
from foveate.encoders.encoder import Encoder
from foveate.encoders.load import load as load_encoder
from foveate.features.embed import embed
from foveate.features.keys import Keys
from foveate.features.store import Key, Store

PHOTOS, BATCH = 128, 32
PROCESSORS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def photos(folder: Path) -> Path:
    """Class folders of JPEG photos: real ones where ``FOVEATE_REAL_DATA`` is set, else smooth noise of their size."""
    real = os.environ.get("FOVEATE_REAL_DATA")
    found = sorted(Path(real, "clothing10", "test").rglob("*.jpg")) if real else []
    # Evenly over the classes; copies, so that both sides read the same few files.
    chosen = found[:: max(1, len(found) // PHOTOS)][:PHOTOS]
    stream = np.random.default_rng(0)
    for i in range(PHOTOS):
        path = folder / f"class{i % 4}" / f"{i}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        if i < len(chosen):
            path.write_bytes(chosen[i].read_bytes())
        else:
            small = Image.fromarray(stream.integers(0, 256, (40, 30, 3), dtype=np.uint8))
            small.resize((400, 533), Image.Resampling.BICUBIC).save(path, quality=90)
    return folder


def peer(network: torch.nn.Module, folder: Path) -> np.ndarray:
    """The loop that everybody writes."""
    transform = timm.data.create_transform(**timm.data.resolve_model_data_config(network), is_training=False)
    loader = DataLoader(ImageFolder(folder, transform), batch_size=BATCH, num_workers=PROCESSORS)
    with torch.inference_mode():
        return torch.cat(
            [network.forward_head(network.forward_features(x), pre_logits=True) for x, _ in loader]
        ).numpy()


def ours(encoder: Encoder, folder: Path, cache: Path) -> np.ndarray:
    data = load(f"folder:{folder}")
    return embed(encoder, data, ["pooled"], batch_size=BATCH, cache=cache, progress=False).array("pooled")


def rate(work: Callable[[], np.ndarray]) -> float:
    """Images per second of wall time."""
    start = time.perf_counter()
    work()
    return PHOTOS / (time.perf_counter() - start)


def rows(name: str, folder: Path, scratch: Path, pairs: int) -> list[dict[str, Any]]:
    encoder = load_encoder(f"random:{name}")
    network = copy.deepcopy(encoder.module).eval()
    by_name = peer(network, folder), ours(encoder, folder, scratch / "check")
    assert np.allclose(by_name[0], by_name[1], atol=1e-4 * np.abs(by_name[0]).max()), f"{name}: features differ"
    timed = []
    for pair in range(pairs):
        cache = scratch / f"{name}-{pair}"
        first = rate(lambda cache=cache: ours(encoder, folder, cache))  # type: ignore[misc]
        again = rate(lambda cache=cache: ours(encoder, folder, cache))  # type: ignore[misc]
        timed.append((first, rate(lambda: peer(network, folder)), again))
    note = f"median of {pairs} pairs, {PHOTOS} JPEG photos, batches of {BATCH}, fp32, {PROCESSORS} processors; peer timm loop"
    return [
        {
            "name": title,
            "ours": statistics.median(t[column] for t in timed),
            "peer": statistics.median(t[1] for t in timed),
            "ratio": statistics.median(t[column] / t[1] for t in timed),
            "unit": "images per second",
            "note": note,
        }
        for title, column in ((f"embed, {name}", 0), (f"embed again, {name}", 2))
    ]


def run(pairs: int = 3) -> list[dict[str, Any]]:
    """The benchmark's rows."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = photos(Path(scratch) / "photos")
        names = ("mobilenetv2_100", "resnet18", "vit_tiny_patch16_224")
        return [row for name in names for row in rows(name, folder, Path(scratch), pairs)]


def million(rows: int = 1_000_000, width: int = 768) -> None:
    """Features of a million images through the store, in parts; the peak of memory must not follow."""
    names: Keys = np.random.default_rng(0).integers(0, 1 << 63, (rows, 2), dtype=np.uint64)
    block = np.random.default_rng(1).random((16384, width), dtype=np.float32)
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    with tempfile.TemporaryDirectory(dir=".") as scratch:
        key = Key(encoder="e", preprocessing="p", precision="fp32", tap="pooled")
        store = Store(Path(scratch), key)
        for at in range(0, rows, len(block)):
            block[:, 0] = at
            store.write(names[at : at + len(block)], block[: len(names[at : at + len(block)])])
        wrote = time.perf_counter()
        store = Store(Path(scratch), key)
        found = store.find(names)
        for at in range(0, rows, len(block)):
            assert (store.read(found[at : at + len(block)])[:, 0] == at).all()
        size = store.size()
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(
        f"{rows:,} × {width}: {size / 1e9:.2f} GB written in {wrote - start:.0f} s, checked and read in "
        f"{time.perf_counter() - wrote:.0f} s; peak memory grew by {grown:,.0f} MB"
    )


if __name__ == "__main__":
    if sys.argv[1:] == ["million"]:
        million()
    else:
        for result in run():
            print(
                f"{result['name']}: {result['ours']:,.1f} against {result['peer']:,.1f} {result['unit']}, {result['ratio']:.2f}x"
            )
