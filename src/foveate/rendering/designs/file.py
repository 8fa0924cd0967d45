"""A design in a TOML or JSON file."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from foveate.core.errors import FoveateError, nearest
from foveate.rendering.designs.checking import checked
from foveate.rendering.designs.design import Block, Design, Levels, Range
from foveate.rendering.designs.presets import PRESETS
from foveate.rendering.palette import Palette

MOST_SAMPLES = 65_536
_BLOCK = {"scheme", "factors", "each", "fixed", "count", "frames", "path", "stage"}
_DESIGN = {"about", "held_out", "size", "samples", "visible", "normal", "flow", "block"}


def read(name: str, palette: Palette) -> Design:
    """A design by the name of a preset or the path of a file, checked.

    A file holds the fields of ``Block`` at its top, or several ``[[block]]`` tables, beside those of ``Design``::

        scheme = "full"
        factors = { world = ["meadow", "desert"], object = ["zebra", "car"], size = [0.7, 1.0] }
        held_out = { world = ["desert"] }

    A range for latin and random designs is ``{ low = 0, high = 90 }``.

    Raises:
        FoveateError: no such preset or file, no TOML or JSON, an unknown key, factor or value.
    """
    path = Path(name).expanduser()
    if path.suffix.lower() not in (".toml", ".json"):
        if name not in PRESETS:
            raise FoveateError(f"unknown design '{name}'.", f"{nearest(name, PRESETS)} Or give a .toml or .json file")
        return checked(PRESETS.load(name)(palette), palette)
    try:
        text = path.read_text(encoding="utf-8")
        record = tomllib.loads(text) if path.suffix.lower() == ".toml" else json.loads(text, object_pairs_hook=_once)
    except OSError as error:
        raise FoveateError(f"the design {name} cannot be read: {error.strerror}.", "check the path") from None
    except (ValueError, RecursionError) as error:  # both parsers' errors, and bytes that are no text
        raise FoveateError(
            f"{name} is no {path.suffix[1:].upper()}: {str(error).splitlines()[0]}.", "mend it there"
        ) from None
    return checked(_design(path.stem, record, name), palette)


def _design(stem: str, record: Any, name: str) -> Design:
    if not isinstance(record, Mapping):
        raise FoveateError(f"{name} holds no table.", "give keys such as scheme and factors")
    if unknown := sorted(record.keys() - _BLOCK - _DESIGN):
        raise FoveateError(f"{name}: unknown key '{unknown[0]}'.", nearest(unknown[0], _BLOCK | _DESIGN))
    several = record.get("block")
    own = {key: record[key] for key in _BLOCK & record.keys()}
    if several is not None and own:
        raise FoveateError(
            f"{name} has [[block]] tables and {sorted(own)[0]} beside them.", "put everything into the blocks"
        )
    if several is not None and not (isinstance(several, list) and several):
        raise FoveateError(f"{name}: block is no list of tables.", "write [[block]]")
    held_out = record.get("held_out", [])
    held_out = held_out if isinstance(held_out, list) else [held_out]
    visible = record.get("visible", Design.visible)
    if not (
        isinstance(visible, list | tuple)
        and len(visible) == 2
        and all(isinstance(v, int | float) and 0 <= v <= 1 for v in visible)
        and visible[0] < visible[1]
    ):
        raise FoveateError(f"{name}: visible is no pair of shares.", "write [least, most], e.g. [0.02, 0.7]")
    for switch in ("normal", "flow"):
        if not isinstance(record.get(switch, False), bool):
            raise FoveateError(f"{name}: {switch} is neither true nor false.", "write it without quotes")
    return Design(
        name=stem,
        about=str(record.get("about", "")),
        blocks=tuple(_block(one, name) for one in (several or [own])),
        held_out=tuple(
            {key: _levels(levels, key, name) for key, levels in _table(one, "held_out", name).items()}
            for one in held_out
        ),
        size=_whole(record.get("size", 224), "size", name),
        samples=_samples(record.get("samples", 16), name),
        visible=(float(visible[0]), float(visible[1])),
        normal=record.get("normal", False),
        flow=record.get("flow", False),
    )


def _block(record: Any, name: str) -> Block:
    record = _table(record, "block", name)
    if unknown := sorted(record.keys() - _BLOCK):
        raise FoveateError(f"{name}: unknown key '{unknown[0]}' in a block.", nearest(unknown[0], _BLOCK))
    return Block(
        scheme=record.get("scheme", "full"),
        factors={
            key: _levels(levels, key, name)
            for key, levels in _table(record.get("factors", {}), "factors", name).items()
        },
        each={
            key: tuple(_list(levels, key, name)) for key, levels in _table(record.get("each", {}), "each", name).items()
        },
        fixed=dict(_table(record.get("fixed", {}), "fixed", name)),
        count=_whole(record["count"], "count", name) if "count" in record else None,
        frames=_whole(record.get("frames", 1), "frames", name),
        path={key: _pair(ends, key, name) for key, ends in _table(record.get("path", {}), "path", name).items()},
        stage=str(record.get("stage", "")),
    )


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object whose keys all differ, as TOML's must: of two, the first would be lost without a word."""
    names = [name for name, _ in pairs]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return dict(pairs)


def _table(value: Any, key: str, name: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise FoveateError(f"{name}: {key} is no table.", f"write [{key}] and one line per factor")
    return value


def _list(value: Any, key: str, name: str) -> list[Any]:
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return [value]
    if not isinstance(value, list):
        raise FoveateError(f"{name}: the values of {key} are no list.", "write them in [ ]")
    return value


def _levels(value: Any, key: str, name: str) -> Levels:
    if isinstance(value, Mapping):
        if set(value) != {"low", "high"}:
            raise FoveateError(f"{name}: the range of {key} needs low and high.", "write { low = 0, high = 90 }")
        return Range(value["low"], value["high"])
    return tuple(_list(value, key, name))


def _pair(value: Any, key: str, name: str) -> tuple[float, float]:
    ends = _list(value, key, name)
    if len(ends) != 2:
        raise FoveateError(f"{name}: the path of {key} needs two ends.", "write [first, last]")
    return ends[0], ends[1]


def _samples(value: Any, name: str) -> int:
    if _whole(value, "samples", name) > MOST_SAMPLES:
        raise FoveateError(f"{name}: samples is out of reach.", f"give 1 to {MOST_SAMPLES:,}")
    return int(value)


def _whole(value: Any, key: str, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise FoveateError(f"{name}: {key} is a whole number above 0, not {value!r}.", "mend it there")
    return value
