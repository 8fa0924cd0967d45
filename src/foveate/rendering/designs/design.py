"""A design: which combinations of factors are rendered, and which of them are held out."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Literal

import numpy as np

from foveate.core.errors import FoveateError
from foveate.core.seeds import derive, numpy_stream
from foveate.rendering.factors import DEFAULTS, FACTORS, Value, check, contradiction, overruled, placed
from foveate.rendering.palette import Palette

Scheme = Literal["full", "one-factor", "latin", "random"]
SCHEMES: tuple[Scheme, ...] = ("full", "one-factor", "latin", "random")
MANY = 2_000_000  # pictures: nine times the largest published set of the kind (215,040), and 5 GB as a list
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


def checked(design: Design, palette: Palette) -> Design:
    """The design with every value checked.

    Raises:
        FoveateError: a factor or value that does not exist, no values, a range where a list is needed, a missing count …
    """
    from dataclasses import replace

    blocks = []
    for block in design.blocks:
        if block.scheme not in SCHEMES:
            raise FoveateError(f"unknown scheme '{block.scheme}'.", f"use {', '.join(SCHEMES)}")
        named = [*block.factors, *block.each, *block.fixed, *block.path]
        if twice := sorted({name for name in named if named.count(name) > 1}):
            raise FoveateError(f"{twice[0]} is given twice in one design.", "vary it or fix it, not both")
        if block.scheme in ("latin", "random") and not block.count:
            raise FoveateError(f"a {block.scheme} design needs a count.", "add count = N to it, or --count N")
        if block.each and block.scheme != "one-factor":
            raise FoveateError(
                f"'each' is of one-factor designs, not of {block.scheme}.", "put its factors under [factors]"
            )
        blocks.append(
            replace(
                block,
                factors={name: _levels(name, levels, palette, block.scheme) for name, levels in block.factors.items()},
                each={name: _levels(name, levels, palette, "full") for name, levels in block.each.items()},
                fixed={name: check(name, value, palette) for name, value in block.fixed.items()},
                path={name: _ends(name, ends, palette) for name, ends in block.path.items()},
            )
        )
    held_out = tuple(
        {name: _levels(name, levels, palette, "random") for name, levels in one.items()} for one in design.held_out
    )
    for condition in held_out:
        _parted(blocks, condition)
    return replace(design, blocks=tuple(blocks), held_out=held_out)


def _parted(blocks: Sequence[Block], condition: Mapping[str, Levels]) -> None:
    """Refuse a condition that no picture of these blocks can meet, or that all of them do."""
    said = " and ".join(f"{name} = {_said(levels)}" for name, levels in condition.items())
    # Of each block and factor, whether every value, some or none is held out; None where it is drawn.
    met = [[_share(block, name, levels) for name, levels in condition.items()] for block in blocks]
    if all(0.0 in shares for shares in met):
        raise FoveateError(f"held_out: no picture has {said}.", "hold out values that the design has")
    if all(share == 1 for shares in met for share in shares):
        raise FoveateError(f"held_out: every picture has {said}.", "leave some values to train on")


def _share(block: Block, name: str, held: Levels) -> float | None:
    """Share of a factor's values in a block that are held out; None where that is for chance to say."""
    if name in NUISANCE and not any(name in given for given in (block.factors, block.each, block.fixed)):
        return None
    if name in block.path:
        steps = np.linspace(*block.path[name], max(block.frames, 1))
        return sum(_within(float(step), held) for step in steps) / len(steps)
    levels = block.factors.get(name) or block.each.get(name) or (block.fixed.get(name, DEFAULTS[name]),)
    if isinstance(levels, Range):
        inside = (_within(levels.low, held), _within(levels.high, held)) if isinstance(held, Range) else (False, False)
        apart = isinstance(held, Range) and (held.high < levels.low or held.low > levels.high)
        return 1.0 if all(inside) else 0.0 if apart else None
    return sum(_within(value, held) for value in levels) / len(levels)


def _within(value: Value, levels: Levels) -> bool:
    if isinstance(levels, Range):
        return not isinstance(value, str) and levels.low <= value <= levels.high
    return value in levels


def _said(levels: Levels) -> str:
    if isinstance(levels, Range):
        return f"{levels.low:g} to {levels.high:g}"
    return " or ".join(str(value) for value in levels)


def _ends(name: str, ends: tuple[Any, Any], palette: Palette) -> tuple[float, float]:
    first, last = (check(name, end, palette) for end in ends)
    if isinstance(first, str) or isinstance(last, str) or (name in FACTORS and FACTORS[name].whole):
        raise FoveateError(f"a path cannot lead along {name}.", "take a factor of real numbers, e.g. camera_yaw")
    return float(first), float(last)


def _levels(name: str, levels: Any, palette: Palette, scheme: str) -> Levels:
    if isinstance(levels, Range):
        if scheme in ("full", "one-factor"):
            raise FoveateError(
                f"{name} has a range, but a {scheme} design lists values.", "list them, or use latin or random"
            )
        low, high = (float(check(name, bound, palette)) for bound in (levels.low, levels.high))
        if low > high:
            raise FoveateError(f"{name} runs from {low:g} down to {high:g}.", "give the smaller number first")
        return Range(low, high)
    values = tuple(check(name, value, palette) for value in levels)
    if scheme != "random":  # where a value that stands twice is drawn twice as often
        values = tuple(dict.fromkeys(values))
    if not values:
        raise FoveateError(f"{name} has no values.", "list at least one, or leave the factor out")
    return values


def size(block: Block) -> int:
    """Pictures that a block asks for, before contradictions are left out."""
    if block.scheme in ("latin", "random"):
        return (block.count or 0) * block.frames
    rows = combinations(block.factors)
    if block.scheme == "one-factor":
        others = sum(
            sum(value != _default(block, name) for value in _listed(levels)) for name, levels in block.factors.items()
        )
        rows = combinations(block.each) * (1 + others)
    return (min(rows, block.count) if block.count else rows) * block.frames


def combinations(factors: Mapping[str, Levels]) -> int:
    """How many combinations of values there are."""
    return math.prod(len(_listed(levels)) for levels in factors.values())


def _listed(levels: Levels) -> tuple[Value, ...]:
    assert not isinstance(levels, Range), "only latin and random designs have ranges"
    return levels


def plan(design: Design, seed: int) -> list[Planned]:
    """Every picture of a checked design, in its order. Combinations that contradict themselves are left out.

    Raises:
        FoveateError: nothing is left, or more than can be listed.
    """
    total = sum(size(block) for block in design.blocks)
    if total > MANY:
        raise FoveateError(
            f"{design.name} asks for {total:,} pictures.", "take fewer values, or --count N for a balanced part of it"
        )
    planned: list[Planned] = []
    why = ""
    for number, block in enumerate(design.blocks):
        free = tuple(name for name in NUISANCE if name not in {*block.factors, *block.each, *block.fixed})
        for row, (chosen, varied) in enumerate(_rows(block, derive(seed, "design", design.name, number))):
            asked: dict[str, Value] = {**DEFAULTS, **block.fixed, **chosen}
            factors = placed(asked)
            if block.scheme == "random":
                draw = numpy_stream(seed, "nuisance", number, row)
                factors |= {name: int(draw.integers(NUISANCE[name])) for name in free}
            if reason := overruled(asked) or contradiction(factors):
                why = reason
                continue
            sequence = len(planned) if block.frames > 1 else -1
            for frame in range(block.frames):
                t = frame / max(block.frames - 1, 1)
                moved: dict[str, Value] = {name: a + (b - a) * t for name, (a, b) in block.path.items()}
                index = len(planned)
                split = "test" if any(_meets(factors | moved, one) for one in design.held_out) else "train"
                planned.append(
                    Planned(
                        index,
                        factors | moved,
                        derive(seed, "picture", index),
                        free,
                        varied,
                        block.stage,
                        split,
                        sequence,
                        frame,
                    )
                )
    if not planned:
        raise FoveateError(
            f"{design.name} asks for no picture{': every one has ' + why if why else ''}.", "change its factors"
        )
    return planned


def _meets(factors: Mapping[str, Value], condition: Mapping[str, Levels]) -> bool:
    return all(_within(factors[name], levels) for name, levels in condition.items())


def _default(block: Block, name: str) -> Value:
    """A one-factor design's value of a factor while others vary: foveate's default where it is listed, else the first one."""
    levels = _listed(block.factors[name])
    return DEFAULTS[name] if DEFAULTS[name] in levels else levels[0]


def _rows(block: Block, seed: int) -> Iterator[tuple[dict[str, Value], str]]:
    """The block's combinations, each with the factor that it varies."""
    if block.scheme == "one-factor":
        yield from _one_factor(block, seed)
    elif block.scheme == "random":
        yield from ((row, "") for row in _random(block, seed))
    elif block.scheme == "latin" or (block.count and block.count < combinations(block.factors)):
        yield from ((row, "") for row in _latin(block.factors, block.count or 0, seed))
    else:
        names = list(block.factors)
        yield from (
            (dict(zip(names, values, strict=True)), "") for values in product(*map(_listed, block.factors.values()))
        )


def _one_factor(block: Block, seed: int) -> Iterator[tuple[dict[str, Value], str]]:
    default = {name: _default(block, name) for name in block.factors}
    rows: list[tuple[dict[str, Value], str]] = []
    for base in product(*map(_listed, block.each.values())):
        same = {**default, **dict(zip(block.each, base, strict=True))}
        rows.append((same, "default"))
        for name, levels in block.factors.items():
            rows += [({**same, name: value}, name) for value in _listed(levels) if value != default[name]]
    if block.count and block.count < len(rows):
        keep = sorted(random.Random(seed).sample(range(len(rows)), block.count))
        rows = [rows[k] for k in keep]
    yield from rows


def _random(block: Block, seed: int) -> Iterator[dict[str, Value]]:
    for row in range(block.count or 0):
        draw = numpy_stream(seed, row)
        yield {name: _pick(levels, float(draw.random())) for name, levels in block.factors.items()}


def _latin(factors: Mapping[str, Levels], count: int, seed: int) -> Iterator[dict[str, Value]]:
    """Rows of a Latin hypercube: along each factor alone, values come as evenly as ``count`` allows (McKay et al. 1979)."""
    from scipy.stats import qmc

    if not factors:
        yield from ({} for _ in range(count))
        return
    spread = "random-cd" if count <= 2000 and len(factors) > 1 else None
    sampler = qmc.LatinHypercube(len(factors), rng=np.random.default_rng(seed), optimization=spread)
    for row in sampler.random(count):
        yield {name: _pick(levels, float(u)) for (name, levels), u in zip(factors.items(), row, strict=True)}


def _pick(levels: Levels, u: float) -> Value:
    if isinstance(levels, Range):
        return levels.low + u * (levels.high - levels.low)
    return levels[min(int(u * len(levels)), len(levels) - 1)]
