"""Encoders ranked on rendered pictures and on photographs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from foveate.core.estimate import Estimate
from foveate.core.seeds import numpy_stream
from foveate.data.columns import labels
from foveate.data.load import load_pair
from foveate.encoders.load import load as load_encoder
from foveate.features.embed import embed
from foveate.probing.readouts import Rows, TapFeatures, linear
from foveate.studies.pug.measures import flat
from foveate.studies.pug.sets import real, rendered, small


def ranking(seed: int, options: Mapping[str, Any], folder: Path) -> dict[str, float]:
    """(c) Do encoders rank on rendered pictures as they do on photographs? Spearman's ρ, with pictures of both drawn anew."""

    run = small(seed, options, folder)
    last = options["epochs"]
    encoders = [
        *(
            real(name)
            for name in ("mobilenetv2_100.coral_in1k", "tf_efficientnet_lite0.in1k", "vit_small_patch14_saliency")
        ),
        *(f"{run}@{epoch}" for epoch in (0, 1, last)),
        *(f"random:timm:{name}" for name in ("mobilenetv2_100", "tf_efficientnet_lite0")),
    ]
    photos = f"folder:{Path(os.environ['FOVEATE_REAL_DATA']) / 'clothing10'}"
    made = [_right(encoder, rendered("worlds", seed, options), seed) for encoder in encoders]
    photographed = [_right(encoder, photos, seed) for encoder in encoders]
    blind = [_right(encoder, photos, seed, shuffled=True) for encoder in encoders]
    random = numpy_stream(seed, "ranking")

    def correlation(one: list[np.ndarray], other: list[np.ndarray]) -> Estimate:
        a, b = np.stack(one), np.stack(other)
        drawn = []
        for _ in range(500):
            first, second = (x[:, random.integers(x.shape[1], size=x.shape[1])].mean(1) for x in (a, b))
            drawn.append(float(spearmanr(first, second).statistic))
        low, high = np.nanquantile(drawn, [0.025, 0.975])
        return Estimate(float(spearmanr(a.mean(1), b.mean(1)).statistic), float(low), float(high), len(encoders))

    return flat("rho", correlation(made, photographed)) | flat("rho_control", correlation(made, blind))


def _right(encoder: str, data: str, seed: int, *, shuffled: bool = False) -> Any:
    """Whether a linear classifier on the features is right, picture by picture of the test rows."""

    pair = load_pair(data, None)
    loaded = load_encoder(encoder, seed=seed)
    train, test = (embed(loaded, part, ("pooled",)).array("pooled") for part in (pair.train, pair.test))
    (y, names), (z, _) = labels(pair.train), labels(pair.test)
    if shuffled:
        y = numpy_stream(seed, "blind").permutation(y)
    return np.asarray(
        linear(TapFeatures(train=train, test=test), Rows(train=y, test=z, classes=len(names), seed=seed)).right
    )
