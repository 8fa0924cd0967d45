"""The pictures of a design, laid out one after the other."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping
from itertools import product

import numpy as np

from foveate.core.errors import FoveateError
from foveate.core.seeds import derive, numpy_stream
from foveate.rendering.designs.design import NUISANCE, Block, Design, Levels, Planned, Range
from foveate.rendering.designs.heldout import meets
from foveate.rendering.factors import DEFAULTS, Value, contradiction, overruled, placed

MANY = 2_000_000  # pictures: nine times the largest published set of the kind (215,040), and 5 GB as a list


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
                split = "test" if any(meets(factors | moved, one) for one in design.held_out) else "train"
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
