"""The lookup encoder: an artificial world in which the true déjà vu score is known, and nothing is trained."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from foveate.core.seeds import numpy_stream


@dataclass(frozen=True, kw_only=True)
class LookupWorld:
    """What the two artificial encoders know of ``members`` crops.

    Attributes:
        memorized: share of crops that the target puts among the public images of their class, and the reference does not.
        correlated: share that both put there (the crop tells its class to anyone).
        same_recipe: the control: the reference remembers what the target does, so that the true score is 0.
    """

    memorized: float
    correlated: float
    members: int = 1000
    public: int = 800
    classes: int = 10
    width: int = 16
    same_recipe: bool = False

    @property
    def expected(self) -> float:
        """The true score, m(1 − 1/C): a guess is right once in C also without memory."""
        return 0.0 if self.same_recipe else self.memorized * (1 - 1 / self.classes)


@dataclass(frozen=True)
class LookupDraw:
    """Features and labels of one draw: crops under both encoders, and public images (which both see alike)."""

    target: Float[np.ndarray, "n d"]
    reference: Float[np.ndarray, "n d"]
    labels: Int[np.ndarray, " n"]
    public: Float[np.ndarray, "m d"]
    public_labels: Int[np.ndarray, " m"]


def draw(world: LookupWorld, seed: int) -> LookupDraw:
    """One sample of the world. Crops that an encoder does not know lie in a random direction."""
    random = numpy_stream(seed, "lookup")
    # Orthogonal places of equal length: by symmetry a random direction is nearest to each class equally often.
    places = np.linalg.qr(random.normal(size=(world.width, world.width)))[0][: world.classes]

    def around(labels: Int[np.ndarray, " n"]) -> Float[np.ndarray, "n d"]:
        return places[labels] + 0.05 * random.normal(size=(len(labels), world.width))

    public_labels = np.arange(world.public) % world.classes
    labels = random.integers(world.classes, size=world.members)
    fate = random.random(world.members)
    remembered = fate < world.memorized
    obvious = (fate >= world.memorized) & (fate < world.memorized + world.correlated)

    def embed(known: np.ndarray) -> Float[np.ndarray, "n d"]:
        nowhere = random.normal(size=(world.members, world.width))
        nowhere /= np.linalg.norm(nowhere, axis=1, keepdims=True)
        return np.where(known[:, None], around(labels), nowhere)

    return LookupDraw(
        target=embed(remembered | obvious).astype(np.float32),
        reference=embed((remembered | obvious) if world.same_recipe else obvious).astype(np.float32),
        labels=labels,
        public=around(public_labels).astype(np.float32),
        public_labels=public_labels,
    )
