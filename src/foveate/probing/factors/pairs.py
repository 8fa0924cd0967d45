"""Pairs of pictures that differ in one factor alone, found in the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int

from foveate.core.seeds import numpy_stream
from foveate.probing.factors.columns import Factor, determines

PARTNERS = 8
"""Others that a row is paired with at most, so that the work grows with the rows and not with their square."""


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Pairs that differ in one factor.

    Attributes:
        first, second: rows. stratum: a number for each pair; in one stratum all that is held equal is equal.
        free: other factors that are not held equal, since a change of this one changes them (a scene lies in one world).
    """

    first: Int[np.ndarray, " p"]
    second: Int[np.ndarray, " p"]
    stratum: Int[np.ndarray, " p"]
    free: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.first)


def pairs(mine: Factor, fields: Mapping[str, Int[np.ndarray, " n"]], *, seed: int = 0) -> Pairs:
    """Pairs of rows that have the same value of every other field and another of this factor.

    Not held equal are fields that tell this one's value (of ``world``: ``scene``), what those tell besides, and those that take
    a new value in most rows: of them no two pictures agree. Each row has at most sixteen partners, at random where there are more.

    Args:
        fields: name → each row's exact value as a code, of all factors and the label.
    """
    name = mine.name
    others = {field: codes for field, codes in fields.items() if field != name}
    above = [field for field, codes in others.items() if determines(codes, mine.exact)]
    new = [field for field, codes in others.items() if 2 * len(np.unique(codes)) > len(codes)]
    free = [
        field
        for field, codes in others.items()
        if field in (*above, *new) or any(determines(others[up], codes) for up in above)
    ]
    held = [codes for field, codes in others.items() if field not in free]
    rows = np.flatnonzero(mine.known)
    table = np.stack([np.zeros(len(rows), np.int64), *(codes[rows] for codes in held)], axis=1)
    stratum = np.unique(table, axis=0, return_inverse=True)[1].ravel()
    order = numpy_stream(seed, "factors", "pairs", name).permutation(len(rows))
    order = order[np.argsort(stratum[order], kind="stable")]  # by stratum, at random within it
    first, second = _within(stratum[order])
    first, second = order[first], order[second]
    differ = mine.exact[rows[first]] != mine.exact[rows[second]]
    first, second = first[differ], second[differ]
    return Pairs(
        first=rows[first],
        second=rows[second],
        stratum=stratum[first],
        free=tuple(free),
    )


def oriented(found: Pairs, factor: Factor) -> tuple[Pairs, Int[np.ndarray, " p"]]:
    """Those pairs that go between the value of most rows and another, the former first, and the other's code."""
    usual = int(np.bincount(factor.codes[factor.known]).argmax())
    a, b = factor.codes[found.first], factor.codes[found.second]
    turned = b == usual
    kept = (a == usual) ^ turned
    first, second = (
        np.where(turned, x, y)[kept] for x, y in ((found.second, found.first), (found.first, found.second))
    )
    chosen = Pairs(first=first, second=second, stratum=found.stratum[kept], free=found.free)
    return chosen, factor.codes[second]


def units(found: Pairs, of_row: Int[np.ndarray, " n"]) -> Int[np.ndarray, " p"]:
    """What is held out together: the rows' common unit (an asset), or the stratum where a pair spans two."""
    one, two = of_row[found.first], of_row[found.second]
    return one if bool(np.all(one == two)) else found.stratum


def _within(stratum: Int[np.ndarray, " n"]) -> tuple[Int[np.ndarray, " p"], Int[np.ndarray, " p"]]:
    """Positions of pairs within runs of equal numbers: all of them where runs are short, each with the next few where not.

    Each run is a circle, and a row's partners are those at distance 1, 2 … : every row has as many.
    """
    starts = np.flatnonzero(np.r_[True, stratum[1:] != stratum[:-1]]) if len(stratum) else np.zeros(0, np.int64)
    lengths = np.diff(np.r_[starts, len(stratum)])
    start, length = np.repeat(starts, lengths), np.repeat(lengths, lengths)
    place = np.arange(len(stratum)) - start
    firsts, seconds = [], []
    for step in range(1, PARTNERS + 1):
        # Half a circle on, a pair is met from both ends: it counts once.
        reached: Bool[np.ndarray, " n"] = (2 * step < length) | ((2 * step == length) & (place < step))
        rows = np.flatnonzero(reached)
        firsts.append(rows)
        seconds.append(start[rows] + (place[rows] + step) % length[rows])
    return np.concatenate(firsts), np.concatenate(seconds)
