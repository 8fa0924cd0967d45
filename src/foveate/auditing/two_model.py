"""Two-model mode: the reference is an encoder of the same recipe, trained on other images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int

from foveate.auditing.dejavu import Inference
from foveate.auditing.reference import Setting
from foveate.auditing.search import Lookup
from foveate.auditing.sets import Crops
from foveate.core.errors import FoveateError


@dataclass(frozen=True)
class LookedUp:
    """Answers by lookup: those of an encoder in two-model mode, and those of the target in any mode."""

    lookup: Lookup
    crops: Crops
    found: dict[str, Int[np.ndarray, "n k"]]

    def inference(self, tap: str, k: int) -> Inference:
        return self.lookup.infer(self.found[tap], k)

    def right(self, tap: str, k: int) -> Bool[np.ndarray, " n"]:
        return self.inference(tap, k).right(self.crops.images.labels)

    def neighbours(self, tap: str) -> Int[np.ndarray, "n k"]:
        return self.found[tap]


@dataclass(frozen=True)
class Searcher:
    """An encoder that answers by looking crops up among the public images."""

    lookup: Lookup
    name: str
    symmetric: bool = True

    def answer(self, crops: Crops) -> LookedUp:
        return LookedUp(self.lookup, crops, self.lookup.neighbours(crops))


def searcher(setting: Setting, address: str | None = None) -> Searcher:
    """The target as a searcher, or the encoder at ``address``."""
    from foveate.encoders.load import load

    encoder = setting.target
    if address is not None:
        encoder = load(address, device=setting.device, seed=setting.config.seed, trust_code=setting.config.trust_code)
    for tap in setting.taps:
        encoder.check(tap)
    lookup = Lookup(encoder, setting.public, setting.taps, setting.device, setting.config.metric, setting.config.engine)
    return Searcher(lookup, encoder.address)


def reference(setting: Setting) -> Searcher:
    """The other encoder.

    Raises:
        FoveateError: none was given, it lacks the taps, or it is the target itself.
    """
    address = setting.config.reference
    if address is None:
        raise FoveateError(
            "--mode two-model needs a --reference.",
            "give an encoder of the same recipe trained on other images, or use --mode one-model --held-out DATA",
        )
    found = searcher(setting, address)
    if found.lookup.encoder.fingerprint == setting.target.fingerprint:
        raise FoveateError(
            f"the reference {address} has the very weights of the target.",
            "give an encoder that was not trained on the members",
        )
    return found
