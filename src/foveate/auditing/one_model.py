"""One-model mode: the reference is a classifier of crops, fitted on held-out images that the target never saw.

Source: Kokhlikyan, Jayaraman, Bordes, Guo and Chaudhuri, "Measuring Déjà vu Memorization Efficiently" (NeurIPS 2024), whose
classifier is a ResNet-50 trained on crops from scratch. Here it is a logistic regression on the features of an encoder
that saw none of the members: --reference where given, else the target's untrained twin. A weaker classifier leaves
correlation in the score, so that the score is an upper figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Int

from foveate.auditing.reference import Setting
from foveate.auditing.search import Lookup
from foveate.auditing.sets import Crops, cut
from foveate.core.errors import FoveateError
from foveate.core.seeds import numpy_stream

C_GRID = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)


@dataclass(frozen=True)
class Classified:
    """A classifier's answers; the same at every tap and k, since it is no part of the target."""

    correct: Bool[np.ndarray, " n"]

    def right(self, tap: str, k: int) -> Bool[np.ndarray, " n"]:
        return self.correct

    def neighbours(self, tap: str) -> Int[np.ndarray, "n k"] | None:
        return None


@dataclass(frozen=True)
class CropClassifier:
    """Crop → label, by logistic regression on an encoder's features."""

    lookup: Lookup
    model: Any
    name: str
    symmetric: bool = False

    def answer(self, crops: Crops) -> Classified:
        features = self.lookup.features(crops)[self.lookup.taps[0]]
        return Classified(np.asarray(self.model.predict(features)) == crops.images.labels)


def reference(setting: Setting) -> CropClassifier:
    """Fit the classifier on the held-out images' crops; its regularisation is chosen on a fifth of them.

    Raises:
        FoveateError: no held-out images, or none of a class that the public set has.
    """
    from foveate.encoders.load import load
    from foveate.measures import logistic

    config, held_out = setting.config, setting.held_out
    if held_out is None:
        raise FoveateError(
            "--mode one-model needs --held-out.", "give labelled images that the target was not trained on"
        )
    if config.reference is None:
        encoder = setting.target.untrained(config.seed)
        name = f"a classifier of held-out crops on features of the untrained twin of {setting.target.address}"
    else:
        encoder = load(config.reference, device=setting.device, seed=config.seed, trust_code=config.trust_code)
        name = f"a classifier of held-out crops on features of {config.reference}"
    lookup = Lookup(encoder, setting.public, ("pooled",), setting.device, config.metric, config.engine)
    crops = cut(held_out, config.crop, share=config.crop_share)
    features, labels = lookup.features(crops)["pooled"], crops.images.labels
    order = numpy_stream(config.seed, "audit", "one-model").permutation(len(labels))
    fit, choose = order[len(order) // 5 :], order[: len(order) // 5]
    if len(np.unique(labels[fit])) < 2:
        raise FoveateError("the held-out images are all of one class.", "give held-out images of every class")
    model = logistic.fit(features[fit], labels[fit], len(held_out.classes), C_GRID, features[choose], labels[choose])
    return CropClassifier(lookup, model, name)
