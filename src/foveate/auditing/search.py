"""Label inference with one encoder: crops looked up among public images."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Int

from foveate.auditing.dejavu import Inference, infer
from foveate.auditing.sets import Crops, Labelled
from foveate.core.errors import FoveateError

if TYPE_CHECKING:
    import torch

    from foveate.encoders.encoder import Encoder

K_MAX = 100  # neighbours kept, so that the score can be shown over k


@dataclass
class Lookup:
    """An encoder and the public images among which it looks crops up.

    Args:
        metric: ``cosine`` of features centred on the public mean, or ``l2``.
        taps: where features are read.
    """

    encoder: Encoder
    public: Labelled
    taps: tuple[str, ...]
    device: torch.device
    metric: str = "cosine"
    engine: str = "local"
    _base: dict[str, Float[np.ndarray, "m d"]] = field(default_factory=dict)

    def neighbours(self, crops: Crops, k: int = K_MAX) -> dict[str, Int[np.ndarray, "n k"]]:
        """At each tap, the positions of each crop's nearest public images, nearest first."""
        import torch

        from foveate.measures.neighbours import nearest

        if not self._base:
            self._base = self._embed(self.public, None)
        features = self.features(crops)
        k = min(k, len(self.public))
        found = {}
        for tap in self.taps:
            base, queries = self._base[tap], features[tap]
            if self.metric == "cosine":
                mean = base.mean(0, dtype=np.float64).astype(np.float32)
                base, queries = base - mean, queries - mean
            _, index = nearest(
                torch.from_numpy(queries).to(self.device),
                torch.from_numpy(base).to(self.device),
                k,
                metric="l2" if self.metric == "l2" else "cosine",
            )
            found[tap] = np.asarray(torch.as_tensor(index).cpu())
        return found

    def features(self, crops: Crops) -> dict[str, Float[np.ndarray, "n d"]]:
        """The crops' features at each tap."""
        return self._embed(crops.images, crops.boxes)

    def infer(self, neighbours: Int[np.ndarray, "n k"], k: int) -> Inference:
        """Majority vote of the first ``k`` neighbours."""
        return infer(self.public.labels[neighbours[:, :k]], len(self.public.classes))

    def _embed(self, images: Labelled, boxes: Int[np.ndarray, "n 4"] | None) -> dict[str, Float[np.ndarray, "n d"]]:
        from foveate.features.embed import embed

        features = embed(self.encoder, images.dataset, self.taps, device=self.device, boxes=boxes, engine=self.engine)
        if len(features.rows) != len(images):
            raise FoveateError(
                f"{len(images) - len(features.rows)} images of {images.address} could not be read a second time.",
                "leave the files alone while the audit runs, then run it again",
            )
        return {tap: np.ascontiguousarray(features.array(tap), dtype=np.float32) for tap in self.taps}
