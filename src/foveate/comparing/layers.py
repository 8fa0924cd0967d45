"""Similarity of two encoders, layer by layer, with the controls it is read against."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from foveate.core.errors import FoveateError
from foveate.core.estimate import Estimate
from foveate.core.seeds import numpy_stream
from foveate.measures import alignment, cka
from foveate.measures.cka import Intervals

LEAST = 20  # images below which an interval says nothing


@dataclass(frozen=True, kw_only=True)
class Layers:
    """One encoder's features of the compared images, layer by layer in the order of depth.

    Attributes:
        letter: A, B, … as metrics and charts call it. name: its address.
        taps: where features were read. arrays: float32 [n d] for each tap, row by row the images ``ids``.
        digests: what each image decodes to, 16 bytes; so that one id cannot stand for two pictures.
    """

    letter: str
    name: str
    taps: tuple[str, ...]
    arrays: tuple[Float[np.ndarray, "n d"], ...]
    ids: tuple[str, ...]
    digests: tuple[bytes, ...] = ()

    def at(self, tap: str) -> Float[np.ndarray, "n d"]:
        return self.arrays[self.taps.index(tap)]


@dataclass(frozen=True, kw_only=True)
class Pair:
    """What two encoders have in common.

    Attributes:
        layers: debiased linear CKA of each tap of ``a`` with each of ``b``, with jackknife intervals.
        independent: at the last taps, with the images of ``b`` permuted: must be about 0.
        neighbours: at the last taps, the share of each image's nearest others that both agree on (mutual kNN).
        by_chance: the share that unrelated features would agree on.
        untrained: CKA of the untrained twins at the last taps, or None.
    """

    a: Layers
    b: Layers
    layers: Intervals
    independent: Estimate
    neighbours: Estimate
    by_chance: float
    untrained: Estimate | None = None

    @property
    def name(self) -> str:
        return f"{self.a.letter}~{self.b.letter}"

    @property
    def last(self) -> Estimate:
        """The similarity at the last taps."""
        return self.layers.at(len(self.a.taps) - 1, len(self.b.taps) - 1)


def check_pairing(a: Layers, b: Layers) -> None:
    """Refuse features that are not of the same images in the same order.

    Raises:
        FoveateError: other images, another order, or the same ids for other pictures. A similarity of shuffled rows is
            a number without meaning that nothing in it gives away.
    """
    if a.ids != b.ids:
        same = sorted(a.ids) == sorted(b.ids)
        what = "the same images in another order" if same else "other images"
        raise FoveateError(
            f"the features of {b.name} are of {what} than those of {a.name}.",
            "compute both on the same data, or bring the rows into one order by their ids",
        )
    if a.digests and b.digests and a.digests != b.digests:
        raise FoveateError(
            f"under the same ids, {a.name} and {b.name} saw other pictures.", "compute both again on the same data"
        )


def compare(
    a: Layers, b: Layers, *, seed: int, k: int = 10, untrained: tuple[np.ndarray, np.ndarray] | None = None
) -> Pair:
    """Measure one pair.

    Args:
        k: neighbours of the second measure.
        untrained: the twins' features at the last taps, where they are wanted.

    Raises:
        FoveateError: the rows do not belong together, or are too few.
    """
    check_pairing(a, b)
    n = len(a.ids)
    if n < LEAST:
        raise FoveateError(f"{n} images are too few to compare on.", f"give {LEAST} or more")
    shuffled = numpy_stream(seed, "compare", a.letter, b.letter).permutation(n)
    twins = None if untrained is None else cka.interval(*untrained, seed=seed)
    return Pair(
        a=a,
        b=b,
        layers=cka.intervals(a.arrays, b.arrays, seed=seed),
        independent=cka.interval(a.arrays[-1], b.arrays[-1][shuffled], seed=seed),
        neighbours=alignment.mutual_knn(a.arrays[-1], b.arrays[-1], k=k, seed=seed),
        by_chance=k / (n - 1),
        untrained=twins,
    )


def self_similarity(layers: Layers, *, seed: int) -> tuple[Estimate, list[str]]:
    """The control that must be 1: each tap with itself.

    Returns:
        The estimate that is furthest from 1, and the taps that have none because they are the same for every image.
    """
    each = {tap: cka.interval(x, x, seed=seed) for tap, x in zip(layers.taps, layers.arrays, strict=True)}
    constant = [tap for tap, one in each.items() if math.isnan(one.value)]
    varying = [one for one in each.values() if not math.isnan(one.value)]
    nothing = Estimate(math.nan, math.nan, math.nan, len(layers.ids))
    return max(varying, key=lambda one: abs(one.value - 1), default=nothing), constant
