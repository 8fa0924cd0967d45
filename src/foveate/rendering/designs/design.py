"""A design: which combinations of factors are rendered, and which of them are held out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from foveate.rendering.factors import Value

Scheme = Literal["full", "one-factor", "latin", "random"]
SCHEMES: tuple[Scheme, ...] = ("full", "one-factor", "latin", "random")
NUISANCE = {"scene": 4, "asset": 8, "asset2": 8}
"""What a design may leave open → of how many it is drawn, at random or where a picture fails. Each has to be built, so there are few."""


@dataclass(frozen=True)
class Range:
    """Numbers drawn evenly from an interval, for the schemes latin and random."""

    low: float
    high: float


Levels = tuple[Value, ...] | Range


@dataclass(frozen=True, kw_only=True)
class Block:
    """A part of a design that is laid out in one way.

    Attributes:
        scheme: ``full`` every combination; ``one-factor`` a default picture and each other value of each factor, one at a
            time; ``latin`` ``count`` rows in which every value of every factor comes equally often (a Latin hypercube);
            ``random`` ``count`` independent draws.
        factors: name → its values. each: for one-factor, what every value is repeated for. fixed: name → one value.
        count: rows of latin and random; for full, that many of its rows, chosen as by latin.
        frames: each row is a sequence of so many pictures. path: factor → (first, last) value along it.
        stage: what a caption exam calls this part, e.g. ``two_positions``.
    """

    scheme: Scheme = "full"
    factors: Mapping[str, Levels] = field(default_factory=dict)
    each: Mapping[str, Levels] = field(default_factory=dict)
    fixed: Mapping[str, Value] = field(default_factory=dict)
    count: int | None = None
    frames: int = 1
    path: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    stage: str = ""


@dataclass(frozen=True, kw_only=True)
class Design:
    """What is rendered.

    Attributes:
        name: of the preset or file. about: in a sentence.
        blocks: its parts, one after the other.
        held_out: conditions, factor → values or range; a picture that meets all of one condition is test data.
        size: pixels of a side; samples: per pixel.
        visible: least and most share of the frame that the main object may cover.
    """

    name: str
    blocks: tuple[Block, ...]
    about: str = ""
    held_out: tuple[Mapping[str, Levels], ...] = ()
    size: int = 224
    samples: int = 16
    visible: tuple[float, float] = (0.02, 0.7)
    normal: bool = False
    flow: bool = False


@dataclass(frozen=True)
class Planned:
    """One picture of a design before it is rendered.

    Attributes:
        index: its place in the design. factors: all of them. free: nuisance factors that the design leaves open.
        varied: in a one-factor design, the factor that differs from the default, or ``default``; else empty.
        split: train or test. sequence: of a video, and frame: its place therein.
    """

    index: int
    factors: dict[str, Value]
    seed: int
    free: tuple[str, ...] = ()
    varied: str = ""
    stage: str = ""
    split: str = "train"
    sequence: int = -1
    frame: int = 0
