"""What of a design is held out for the test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from foveate.core.errors import FoveateError
from foveate.rendering.designs.design import NUISANCE, Block, Levels, Range
from foveate.rendering.factors import DEFAULTS, Value


def meets(factors: Mapping[str, Value], condition: Mapping[str, Levels]) -> bool:
    """Whether a picture of these factors meets all of a condition."""
    return all(_within(factors[name], levels) for name, levels in condition.items())


def refuse_idle(blocks: Sequence[Block], condition: Mapping[str, Levels]) -> None:
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
    if name in ("position", "position2") and any(
        "relation" in given for given in (block.factors, block.each, block.fixed)
    ):
        return None  # the relation sets it
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
