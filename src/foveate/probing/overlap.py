"""Test rows that also stand in train: what they add to an accuracy is memory, not generalisation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int, UInt8


@dataclass(frozen=True)
class Overlap:
    """Which test rows stand in train too.

    Attributes:
        twins: for each such test row (by position) the position of a training row.
        rows: bool [m], whether a test row is one of them.
        same_bytes: how many of them are the same file to the last byte.
    """

    twins: dict[int, int]
    rows: Bool[np.ndarray, " m"]
    same_bytes: int

    def __len__(self) -> int:
        return len(self.twins)


def find(
    train_digests: list[bytes],
    test_digests: list[bytes],
    train_small: UInt8[np.ndarray, "n 3 s s"],
    test_small: UInt8[np.ndarray, "m 3 s s"],
) -> Overlap:
    """Test rows with the bytes or the thumbnail of a training row.

    Args:
        train_digests, test_digests: of the encoded files.
        train_small, test_small: the images squashed to small squares, in the same order.
    """
    from foveate.measures.duplicates import overlap

    pairs: Int[np.ndarray, "p 2"] = overlap(train_digests, train_small, test_digests, test_small)
    twins = {int(test): int(train) for train, test in pairs}
    rows = np.zeros(len(test_digests), dtype=bool)
    rows[list(twins)] = True
    known = set(train_digests)
    return Overlap(twins, rows, sum(test_digests[row] in known for row in twins))
