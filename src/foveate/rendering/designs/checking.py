"""A design's values, checked before anything is planned."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from foveate.core.errors import FoveateError
from foveate.rendering.designs.design import SCHEMES, Design, Levels, Range
from foveate.rendering.designs.heldout import refuse_idle
from foveate.rendering.factors import FACTORS, check
from foveate.rendering.palette import Palette


def checked(design: Design, palette: Palette) -> Design:
    """The design with every value checked.

    Raises:
        FoveateError: a factor or value that does not exist, no values, a range where a list is needed, a missing count …
    """
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
        refuse_idle(blocks, condition)
    return replace(design, blocks=tuple(blocks), held_out=held_out)


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
