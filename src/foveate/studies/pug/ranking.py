"""Encoders ranked on rendered pictures and on photographs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from datasets import Dataset
from jaxtyping import Bool, Int
from scipy.stats import spearmanr

from foveate.core.estimate import Estimate
from foveate.core.seeds import numpy_stream
from foveate.data.columns import labels
from foveate.data.load import load, load_pair
from foveate.encoders.load import load as load_encoder
from foveate.features.embed import embed
from foveate.probing.readouts import Rows, TapFeatures, linear
from foveate.studies.pug.measures import flat
from foveate.studies.pug.sets import WORLDS, real, rendered, small

HELD_OUT = WORLDS[1::3]
PHOTOS = 450
"""Training photographs; more would only take time."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """Training and test rows, and what the test rows are drawn anew by: worlds, or each by itself."""

    train: Dataset
    test: Dataset
    groups: Int[np.ndarray, " n"]


def ranking(seed: int, options: Mapping[str, Any]) -> dict[str, float]:
    """(c) Do encoders rank on rendered pictures, in worlds never seen, as they do on photographs? Spearman's ρ."""
    run, last = small(seed, options), options["epochs"]
    encoders = [
        *map(real, ("mobilenetv2_100.coral_in1k", "tf_efficientnet_lite0.in1k", "vit_small_patch14_saliency")),
        *(f"{run}@{epoch}" for epoch in (0, max(1, last // 4), last)),
        *(f"random:timm:{name}" for name in ("mobilenetv2_100", "tf_efficientnet_lite0")),
    ]
    made, photographed = _worlds(rendered("worlds", seed, options)), _photos()
    by_made, by_photo = (np.stack([_right(one, task, seed) for one in encoders]) for task in (made, photographed))
    blind = np.stack([_right(one, photographed, seed, shuffled=True) for one in encoders])
    random = numpy_stream(seed, "ranking")

    def correlation(other: Bool[np.ndarray, "e n"]) -> Estimate:
        pairs = [
            (_drawn(by_made, made.groups, random), _drawn(other, photographed.groups, random)) for _ in range(1000)
        ]
        drawn = [float(spearmanr(a.mean(1), b.mean(1)).statistic) for a, b in pairs]
        low, high = np.nanquantile(drawn, [0.025, 0.975])
        value = float(spearmanr(by_made.mean(1), other.mean(1)).statistic)
        return Estimate(value, float(low), float(high), len(encoders))

    return flat("rho", correlation(by_photo)) | flat("rho_control", correlation(blind))


def _worlds(address: str) -> Task:
    dataset = load(address)
    world = np.array([factors["world"] for factors in dataset["factors"]])
    held = np.isin(world, HELD_OUT)
    return Task(
        train=dataset.select(np.flatnonzero(~held)),
        test=dataset.select(np.flatnonzero(held)),
        groups=np.unique(world[held], return_inverse=True)[1],
    )


def _photos() -> Task:
    pair = load_pair(f"folder:{Path(os.environ['FOVEATE_REAL_DATA']) / 'clothing10'}")
    return Task(
        train=pair.train.select(range(0, len(pair.train), max(1, len(pair.train) // PHOTOS))),
        test=pair.test,
        groups=np.arange(len(pair.test)),
    )


def _drawn(
    right: Bool[np.ndarray, "e n"], groups: Int[np.ndarray, " n"], random: np.random.Generator
) -> Bool[np.ndarray, "e m"]:
    """Columns of groups drawn with replacement."""
    chosen = random.integers(groups.max() + 1, size=groups.max() + 1)
    return right[:, np.concatenate([np.flatnonzero(groups == group) for group in chosen])]


def _right(encoder: str, task: Task, seed: int, *, shuffled: bool = False) -> Bool[np.ndarray, " n"]:
    """Whether a linear classifier on the features is right, test row by test row."""
    loaded = load_encoder(encoder, seed=seed)
    train, test = (embed(loaded, part, ("pooled",)).array("pooled") for part in (task.train, task.test))
    (y, names), (z, _) = labels(task.train), labels(task.test)
    if shuffled:
        y = numpy_stream(seed, "blind").permutation(y)
    rows = Rows(train=y, test=z, classes=len(names), seed=seed)
    return np.asarray(linear(TapFeatures(train=train, test=test), rows).right)
