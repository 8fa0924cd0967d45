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
from foveate.core.stats import mean_interval
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
DRAWS, SHUFFLES = 1000, 8


@dataclass(frozen=True, kw_only=True)
class Task:
    """Training and test rows, and what the test rows are drawn anew by: worlds, or each by itself."""

    train: Dataset
    test: Dataset
    groups: Int[np.ndarray, " n"]

    @property
    def labels(self) -> Int[np.ndarray, " m"]:
        """Of the training rows."""
        return labels(self.train)[0]


def ranking(seed: int, options: Mapping[str, Any]) -> dict[str, float]:
    """(c) Do encoders rank on rendered pictures, in worlds never seen, as they do on photographs? Spearman's ρ."""
    run, last = small(seed, options), options["epochs"]
    encoders = [
        *map(real, ("mobilenetv2_100.coral_in1k", "tf_efficientnet_lite0.in1k", "vit_small_patch14_saliency")),
        *(f"{run}@{epoch}" for epoch in (0, max(1, last // 4), last)),
        *(f"random:timm:{name}" for name in ("mobilenetv2_100", "tf_efficientnet_lite0")),
    ]
    tasks = _worlds(rendered("worlds", seed, options)), _photos()
    features = [[_features(encoder, task, seed) for encoder in encoders] for task in tasks]
    made, photographed = (
        np.stack([_right(one, task, task.labels, seed) for one in some])
        for task, some in zip(tasks, features, strict=True)
    )
    shuffled = []
    for number in range(SHUFFLES):
        taught = numpy_stream(seed, "shuffled", number).permutation(tasks[1].labels)
        blind = np.stack([_right(one, tasks[1], taught, seed) for one in features[1]])
        shuffled.append(_rho(made, blind))
    found = correlation(made, tasks[0].groups, photographed, tasks[1].groups, seed)
    return flat("rho", found) | flat("rho_control", mean_interval(shuffled))


def correlation(
    made: Bool[np.ndarray, "e n"],
    made_groups: Int[np.ndarray, " n"],
    photographed: Bool[np.ndarray, "e m"],
    photo_groups: Int[np.ndarray, " m"],
    seed: int,
) -> Estimate:
    """ρ of the encoders' accuracies, its interval from drawing groups of both anew."""
    random = numpy_stream(seed, "ranking")
    drawn = [_rho(_drawn(made, made_groups, random), _drawn(photographed, photo_groups, random)) for _ in range(DRAWS)]
    low, high = np.nanquantile(drawn, [0.025, 0.975]).tolist()
    return Estimate(_rho(made, photographed), low, high, len(made))


def _rho(one: Bool[np.ndarray, "e n"], other: Bool[np.ndarray, "e m"]) -> float:
    return float(spearmanr(one.mean(1), other.mean(1)).statistic)


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


def _features(encoder: str, task: Task, seed: int) -> TapFeatures:
    loaded = load_encoder(encoder, seed=seed)
    train, test = (embed(loaded, part, ("pooled",)).array("pooled") for part in (task.train, task.test))
    return TapFeatures(train=train, test=test)


def _right(features: TapFeatures, task: Task, taught: Int[np.ndarray, " m"], seed: int) -> Bool[np.ndarray, " n"]:
    """Whether a linear classifier that was taught these labels of the training rows is right, test row by test row."""
    truth, names = labels(task.test)
    return np.asarray(linear(features, Rows(train=taught, test=truth, classes=len(names), seed=seed)).right)
