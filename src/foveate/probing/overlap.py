"""Test rows that also stand in train: what they add to an accuracy is memory, not generalisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, UInt8

from foveate.measures.duplicates import Match, Prints, overlap, thumbnails

if TYPE_CHECKING:
    from foveate.features.features import Features


@dataclass(frozen=True)
class Overlap:
    """Which test rows stand in train too.

    Attributes:
        matches: one for each such test row, with the training row and by what it was known.
        rows: bool [m], whether a test row is one of them.
    """

    matches: tuple[Match, ...]
    rows: Bool[np.ndarray, " m"]

    def __len__(self) -> int:
        return len(self.matches)

    def count(self, how: str) -> int:
        """How many are known by ``bytes``, ``pixels`` or ``thumbnail`` (each by the strictest that holds)."""
        return sum(match.how == how for match in self.matches)


def find(
    train: Features, test: Features, train_small: UInt8[np.ndarray, "n 3 s s"], test_small: UInt8[np.ndarray, "m 3 s s"]
) -> Overlap:
    """Test rows that have the file, the pixels or the thumbnail of a training row.

    Args:
        train, test: stored features, for the digests of their rows.
        train_small, test_small: the images squashed to small squares, in the same order.
    """
    matches = overlap(*(_prints(*part) for part in ((train, train_small), (test, test_small))))
    rows = np.zeros(len(test_small), dtype=bool)
    rows[[match.test for match in matches]] = True
    return Overlap(tuple(matches), rows)


def _prints(stored: Features, small: UInt8[np.ndarray, "n 3 s s"]) -> Prints:
    return Prints(encoded=stored.encoded_digests, pixels=stored.digests, thumbnails=thumbnails(small))
