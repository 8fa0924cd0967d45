"""The monitors of a run: what they look at, from what was built."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from foveate.core.seeds import torch_stream
from foveate.encoders.encoder import Encoder
from foveate.engine.distributed import Ranks
from foveate.pretraining.build import Built
from foveate.pretraining.material import Prepare
from foveate.pretraining.monitors import Monitors, Surrogates


def monitors_of(built: Built, ranks: Ranks, device: torch.device, *, bf16: bool) -> Monitors:
    """The watcher of a run."""
    material, objective, epochs = built.material, built.objective, built.settings.epochs
    assert epochs is not None
    size, channels_last = objective.setting.image_size, built.feed.channels_last
    return Monitors(
        objective,
        objective,
        base=material.sample(material.base),
        held_out=material.sample(material.held_out),
        prepare=Prepare(built.encoder.preprocess, size, channels_last=channels_last),
        width=built.encoder.width,
        classes=len(material.classes) or None,
        trained=built.feed.steps * built.feed.batch * len(built.views) // ranks.world,
        epochs=epochs,
        device=device,
        bf16=bf16,
        surrogates=_surrogates(built),
        layers=_layers(built.encoder) if ranks.world == 1 else None,  # else its weights may be in shards
        speak=ranks.first,
    )


def _surrogates(built: Built) -> Surrogates | None:
    """Some training images, in an order of chance, and the first view of them: a quarter of the monitors' work."""
    material, count, seed = built.material, 8, built.settings.seed
    base = material.base[torch.randperm(len(material.base), generator=torch_stream(seed, "surrogates"))]
    rows = base[: max(32, min(128, len(base) // (4 * count)))]
    if len(rows) < 32:
        return None
    return Surrogates(
        sample=material.sample(rows),
        sizes=material.sizes[rows],
        view=built.views[0],
        count=count,
        seed=seed,
        mean=built.encoder.preprocess.mean,
        std=built.encoder.preprocess.std,
    )


def _layers(encoder: Encoder) -> Callable[[Tensor], Mapping[str, Tensor]] | None:
    """The outputs of a network's blocks, or of its stages where it has those."""
    found = {kind: [t for t in encoder.taps() if re.fullmatch(rf"{kind}\.\d+", t)] for kind in ("stages", "blocks")}
    taps = found["stages"] or found["blocks"]
    return (lambda images: encoder(images, taps)) if taps else None
