"""All that one audit found: the page and the metrics are made from it alone."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Bool

from foveate.auditing import dejavu
from foveate.auditing.config import Audit
from foveate.auditing.dejavu import Score
from foveate.auditing.reference import Answers, Reference
from foveate.auditing.sets import Crops, Labelled
from foveate.auditing.two_model import LookedUp, Searcher
from foveate.core.estimate import Estimate


@dataclass(kw_only=True)
class Audited:
    """The measurements of an audit.

    Attributes:
        taps: where features were read; the first is the headline. k: neighbours that vote in the headline.
        members: the crops that were looked up. answers, reference_answers: what the two said of them.
        near: which members have a near twin in the public set. identical: pictures taken out of the public set.
        looked_up: in words, how it was found what the two were trained on.
        others: further images, of which some may have been left out.
        scores: (tap, k) → score on the members.
        shuffled, held_out, swapped, apart: the headline's score with public labels permuted (over permutations), on images that neither
            encoder saw, on the reference's members with the roles traded, and on members without a near twin;
            None where not measured.
    """

    config: Audit
    target: Searcher
    reference: Reference
    taps: tuple[str, ...]
    k: int
    public: Labelled
    members: Crops
    answers: LookedUp
    reference_answers: Answers
    near: Bool[np.ndarray, " n"]
    looked_up: tuple[str, str]
    others: tuple[Labelled, ...] = ()
    identical: int
    scores: dict[tuple[str, int], Score] = field(default_factory=dict)
    shuffled: Estimate | None = None
    held_out: Score | None = None
    swapped: Score | None = None
    apart: Score | None = None

    @property
    def headline(self) -> Score:
        return self.scores[self.taps[0], self.k]

    @property
    def chance(self) -> float:
        """The share right by always naming the public set's most frequent class."""
        usual = np.bincount(self.public.labels).argmax()
        return float((self.members.images.labels == usual).mean())

    @property
    def adjusted(self) -> Estimate | None:
        """The score less that on held-out images: what is left if the target is the better encoder on any image."""
        return None if self.held_out is None else minus(self.headline.score, self.held_out.score)

    @property
    def unequal(self) -> bool:
        """Whether target and reference differ also where neither can remember anything."""
        return self.held_out is not None and not self.held_out.score.low <= 0 <= self.held_out.score.high

    @property
    def odd(self) -> bool:
        """Whether more shows on held-out images than on members: then those were remembered, or are of another kind."""
        return (
            self.held_out is not None
            and self.held_out.score.low > 0
            and minus(self.headline.score, self.held_out.score).high < 0
        )

    @property
    def judged(self) -> Estimate:
        """What the verdict is about: the score, or what is left of it when the held-out control does not contain 0."""
        return self.adjusted if self.unequal and self.adjusted is not None else self.headline.score

    @property
    def naive(self) -> bool:
        """Whether the reference is an untrained encoder and nothing tells what training does to the score without memory."""
        untrained = (self.config.reference or "").startswith(("random:", "foveate:"))
        return untrained and self.reference.symmetric and self.held_out is None

    @property
    def verdict(self) -> dejavu.Outcome:
        found = dejavu.verdict(self.judged, self.config.threshold)
        return "INCONCLUSIVE" if self.odd or (found == "FAIL" and self.naive) else found


def minus(one: Estimate, other: Estimate) -> Estimate:
    """The difference of two independent estimates; its interval from theirs, by squares (Newcombe's MOVER)."""
    value = one.value - other.value
    below = math.hypot(one.value - one.low, other.high - other.value)
    above = math.hypot(one.high - one.value, other.value - other.low)
    return Estimate(value, value - below, value + above, min(one.n, other.n))
