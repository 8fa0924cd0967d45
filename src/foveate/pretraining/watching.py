"""The monitors of a run, and what they look at besides its images: views of some of them, and the layers of the backbone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from foveate.core.seeds import torch_stream
from foveate.data.views import View
from foveate.encoders.encoder import Encoder
from foveate.encoders.preprocess import Preprocess
from foveate.engine.distributed import Ranks
from foveate.pretraining.build import Built
from foveate.pretraining.material import Material, Prepare
from foveate.pretraining.monitors import Monitors, Surrogates

VIEWS, FEWEST, MOST = 8, 32, 128


def monitors_of(built: Built, ranks: Ranks, device: torch.device) -> Monitors:
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
        bf16=built.plan.bf16,
        surrogates=surrogates(material, built.views[0], built.encoder.preprocess, seed=built.settings.seed),
        layers=layers(built.encoder) if ranks.world == 1 else None,  # else its weights may be in shards
        speak=ranks.first,
    )


def surrogates(material: Material, view: View, preprocess: Preprocess, *, seed: int) -> Surrogates | None:
    """Some training images in an order of chance and eight views of each, about a quarter of what monitors embed.

    None where there are fewer than 32 images.
    """
    order = material.base[torch.randperm(len(material.base), generator=torch_stream(seed, "surrogates"))]
    rows = order[: max(FEWEST, min(MOST, len(order) // (4 * VIEWS)))]
    if len(rows) < FEWEST:
        return None
    return Surrogates(
        sample=material.sample(rows),
        sizes=material.sizes[rows],
        view=view,
        count=VIEWS,
        seed=seed,
        mean=preprocess.mean,
        std=preprocess.std,
    )


def layers(encoder: Encoder) -> Callable[[Tensor], Mapping[str, Tensor]] | None:
    """Images → the features of each stage of a network or, where it has none, of each block; None where it has neither."""
    found = {
        kind: [tap for tap in encoder.taps() if re.fullmatch(rf"{kind}\.\d+", tap)] for kind in ("stages", "blocks")
    }
    taps = found["stages"] or found["blocks"]
    return (lambda images: encoder(images, taps)) if taps else None
