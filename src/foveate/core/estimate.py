"""A number that is never told without its interval."""

from __future__ import annotations

from typing import NamedTuple


class Estimate(NamedTuple):
    """A value with its 95 % interval and the number of units that it rests on."""

    value: float
    low: float
    high: float
    n: int
