"""What a crop tells without memory: the reference that the target is held against, by mode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from jaxtyping import Bool, Int

from foveate.auditing.config import Audit
from foveate.auditing.sets import Crops, Labelled

if TYPE_CHECKING:
    import torch

    from foveate.encoders.encoder import Encoder


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What a mode builds its reference from."""

    config: Audit
    target: Encoder
    taps: tuple[str, ...]
    public: Labelled
    held_out: Labelled | None
    device: torch.device


class Answers(Protocol):
    """A reference's answers on one set of crops."""

    def right(self, tap: str, k: int) -> Bool[np.ndarray, " n"]:
        """Which labels it gets right; ``k`` counts neighbours, where it has any."""
        ...

    def neighbours(self, tap: str) -> Int[np.ndarray, "n k"] | None:
        """Positions of each crop's nearest public images, or None where it looks nothing up."""
        ...


class Reference(Protocol):
    """Who is asked about the same crops as the target, without having seen their images."""

    @property
    def name(self) -> str:
        """One line that says what it is."""
        ...

    @property
    def symmetric(self) -> bool:
        """Whether it may trade places with the target."""
        ...

    def answer(self, crops: Crops) -> Answers: ...
