"""``--set NAME=VALUE``: an objective's own knobs and changes to its views, read against what they are declared as."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import math
import re
import textwrap
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from foveate.core.errors import FoveateError, nearest
from foveate.data.views import View

_VIEW = re.compile(r"^view(\d*)\.(.+)$")


@dataclass(frozen=True, kw_only=True)
class Told:
    """What ``--set`` said.

    Attributes:
        own: field of the objective's configuration → value.
        views: (number of the view, or None for all; field of ``View``; value), in the order given.
    """

    own: Mapping[str, Any]
    views: Sequence[tuple[int | None, str, Any]]


def read(settings: Sequence[str], config: type, *, objective: str) -> Told:
    """Read the knobs of one objective.

    Args:
        settings: ``NAME=VALUE`` each; ``view.FIELD`` changes all views, ``view2.FIELD`` the second one.
        config: the objective's configuration class. objective: its name, for messages.

    Raises:
        FoveateError: no ``=``, a name that this objective has not, or a value of another kind.
    """
    own: dict[str, Any] = {}
    views: list[tuple[int | None, str, Any]] = []
    for setting in settings:
        name, equals, text = setting.partition("=")
        name = name.strip().replace("-", "_")
        if not equals:
            raise FoveateError(f"--set {setting} has no value.", f"write --set {name or 'NAME'}=VALUE")
        if match := _VIEW.match(name):
            declared = _declared(View)
            if match[2] not in declared:
                raise FoveateError(f"a view has no knob '{match[2]}'.", nearest(match[2], declared))
            views.append((int(match[1]) if match[1] else None, match[2], value(text, declared[match[2]], name)))
            continue
        declared = _declared(config)
        if name not in declared:
            of_views = [f"view.{field}" for field in _declared(View)]
            near = f"did you mean view.{name}?" if f"view.{name}" in of_views else nearest(name, [*declared, *of_views])
            raise FoveateError(f"the objective {objective} has no knob '{name}'.", near)
        own[name] = value(text, declared[name], name)
    return Told(own=own, views=views)


def changed(views: Sequence[View], changes: Sequence[tuple[int | None, str, Any]]) -> tuple[View, ...]:
    """The views of an objective with the user's changes.

    Raises:
        FoveateError: a view that the objective has not, or a value that a view refuses.
    """
    out = list(views)
    for number, field, value in changes:
        if number is not None and not 1 <= number <= len(out):
            raise FoveateError(
                f"there is no view{number}: the objective has {len(out)}.", f"use view1 to view{len(out)}"
            )
        for i in range(len(out)) if number is None else [number - 1]:
            out[i] = dataclasses.replace(out[i], **{field: value})
    return tuple(out)


def arguments(settings: Sequence[str]) -> dict[str, Any]:
    """``NAME=VALUE`` settings of a builder that declares nothing, as Python reads the values: numbers, tuples, words.

    Raises:
        FoveateError: no ``=``.
    """
    found: dict[str, Any] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals or not name.strip():
            raise FoveateError(f"--encoder-set {setting} has no value.", f"write --encoder-set {name or 'NAME'}=VALUE")
        word = {"true": "True", "false": "False", "none": "None"}.get(text.strip().lower(), text.strip())
        try:
            found[name.strip()] = ast.literal_eval(word)
        except (ValueError, SyntaxError):
            found[name.strip()] = text.strip()
    return found


def documented(config: type) -> list[tuple[str, str, str]]:
    """(name, default, documentation) of each knob, from the strings that stand below the fields; a subclass's word is the last."""
    texts: dict[str, str] = {}
    for base in reversed(config.__mro__):
        if not dataclasses.is_dataclass(base):
            continue
        try:
            source = inspect.getsource(base)
        except (OSError, TypeError):  # typed into an interpreter: its words are lost
            continue
        tree = ast.parse(textwrap.dedent(source)).body[0]
        assert isinstance(tree, ast.ClassDef)
        for field, after in zip(tree.body, tree.body[1:], strict=False):
            if (
                isinstance(field, ast.AnnAssign)
                and isinstance(after, ast.Expr)
                and isinstance(after.value, ast.Constant)
            ):
                texts[ast.unparse(field.target)] = " ".join(str(after.value.value).split())
    return [(f.name, _shown(f.default), texts.get(f.name, "")) for f in dataclasses.fields(config)]


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _declared(config: type) -> dict[str, Any]:
    hints = typing.get_type_hints(config)
    return {field.name: hints[field.name] for field in dataclasses.fields(config)}


def value(text: str, kind: Any, name: str) -> Any:
    """Text as a value of a declared kind; ``name`` for messages.

    Raises:
        FoveateError: it is none.
    """
    try:
        return _read_as(text.strip(), kind)
    except ValueError:
        raise FoveateError(f"{name}={text} is not {_words(kind)}.", f"write --set {name}={_example(kind)}") from None


def _read_as(text: str, kind: Any) -> Any:
    """Text as one of the few kinds that configurations are made of."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        if any(text in map(str, typing.get_args(a)) for a in arguments if typing.get_origin(a) is typing.Literal):
            return text  # a word of its own, though it be "none"
        if type(None) in arguments and text.lower() in {"none", ""}:
            return None
        return _read_as(text, next(a for a in arguments if a is not type(None)))
    if origin is tuple:
        parts = [part for part in text.strip("()[] ").split(",") if part.strip()]
        if arguments[-1] is Ellipsis:
            return tuple(_read_as(part.strip(), arguments[0]) for part in parts)
        if len(parts) != len(arguments):
            raise ValueError(text)
        return tuple(_read_as(part.strip(), argument) for part, argument in zip(parts, arguments, strict=True))
    if origin is typing.Literal:
        if text not in map(str, arguments):
            raise ValueError(text)
        return next(a for a in arguments if str(a) == text)
    if kind is bool:
        if text.lower() not in {"true", "false", "1", "0", "yes", "no", "on", "off"}:
            raise ValueError(text)
        return text.lower() in {"true", "1", "yes", "on"}
    found = kind(text)
    if kind is float and not math.isfinite(found):
        raise ValueError(text)
    return found


def _words(kind: Any) -> str:
    arguments = typing.get_args(kind)
    if typing.get_origin(kind) in (types.UnionType, typing.Union):
        return " or ".join("none" if a is type(None) else _words(a) for a in arguments)
    if typing.get_origin(kind) is tuple:
        return "numbers with commas" if arguments[-1] is Ellipsis else f"{len(arguments)} numbers with commas"
    if typing.get_origin(kind) is typing.Literal:
        return f"one of {', '.join(map(str, arguments))}"
    return {bool: "true or false", int: "a whole number", float: "a number"}.get(kind, "a word")


def _example(kind: Any) -> str:
    arguments = typing.get_args(kind)
    if typing.get_origin(kind) in (types.UnionType, typing.Union):
        return _example(next(a for a in arguments if a is not type(None)))
    if typing.get_origin(kind) is tuple:
        items = [arguments[0]] * 2 if arguments[-1] is Ellipsis else arguments
        return ",".join(_example(item) for item in items)
    if typing.get_origin(kind) is typing.Literal:
        return str(arguments[0])
    return {bool: "true", int: "128", float: "0.5"}.get(kind, "WORD")
