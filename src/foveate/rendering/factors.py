"""The factors of a picture: their names, defaults and limits, and what a value must be."""

from __future__ import annotations

import math
import reprlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from foveate.core.errors import FoveateError, nearest
from foveate.rendering.catalogue import LIGHTS
from foveate.rendering.palette import Palette

Value = str | int | float
POSITIONS = ("centre", "left", "right", "top", "bottom", "front", "back")
RELATED: dict[str, tuple[str, str]] = {
    "left of": ("left", "right"),
    "right of": ("right", "left"),
    "above": ("top", "bottom"),
    "below": ("bottom", "top"),
    "in front of": ("front", "back"),
    "behind": ("back", "front"),
}
"""Relation → positions of the two objects, which it sets."""
RELATIONS = ("none", *RELATED)
NOTHING = "none"
SCATTERED = "scattered"  # what the table says of a position where all are in random places


@dataclass(frozen=True, kw_only=True)
class Factor:
    """One thing that a design may vary.

    Attributes:
        default: what it is where a design does not say.
        choices: the values, or the name of the palette's list that holds them; None for numbers.
        low, high: limits of a number. whole: a whole number. unit: of a number.
        help: in a few words.
    """

    default: Value
    help: str
    choices: tuple[str, ...] | str | None = None
    low: float = -math.inf
    high: float = math.inf
    whole: bool = False
    unit: str = ""


def _angle(default: float, help: str, low: float = -180, high: float = 360) -> Factor:
    return Factor(default=default, help=help, low=low, high=high, unit="°")


FACTORS: dict[str, Factor] = {
    "world": Factor(default="meadow", choices="worlds", help="the surroundings"),
    "scene": Factor(default=0, low=0, high=9999, whole=True, help="which of a world's endless variants"),
    "object": Factor(default="zebra", choices="objects", help="class of the main object, or none"),
    "asset": Factor(default=0, low=0, high=9999, whole=True, help="which individual of its class"),
    "material": Factor(default="own", choices="materials", help="what the main object is made of"),
    "size": Factor(default=1.0, low=0.1, high=3, help="of the main object, relative to its usual size"),
    "object_yaw": _angle(35, "the main object turned about the vertical, 0 faces the camera"),
    "object_pitch": _angle(0, "the main object tipped forward or back"),
    "object_roll": _angle(0, "the main object tipped to its side"),
    "position": Factor(default="centre", choices=POSITIONS, help="where in the picture the main object is"),
    "object2": Factor(default=NOTHING, choices="objects", help="class of a second object, or none"),
    "asset2": Factor(default=0, low=0, high=9999, whole=True, help="which individual of its class"),
    "material2": Factor(default="own", choices="materials", help="what the second object is made of"),
    "size2": Factor(default=1.0, low=0.1, high=3, help="of the second object"),
    "object2_yaw": _angle(-35, "the second object turned about the vertical"),
    "position2": Factor(default="right", choices=POSITIONS, help="where in the picture the second object is"),
    "relation": Factor(default="none", choices=RELATIONS, help="of the main object to the second; sets both positions"),
    "count": Factor(
        default=0, low=0, high=12, whole=True, help="objects in all, others added at random; 0: just those named"
    ),
    "camera_yaw": _angle(0, "the camera's way around the scene"),
    "camera_pitch": _angle(10, "the camera's height above the horizon", 2, 80),
    "camera_roll": _angle(0, "the camera tilted about its axis"),
    "camera_distance": Factor(default=2.6, low=1.2, high=8, unit="m", help="from the camera to what it looks at"),
    "camera_fov": Factor(default=35.0, low=10, high=100, unit="°", help="field of view"),
    "light": Factor(default="day", choices=tuple(LIGHTS), help="time of day or weather"),
    "light_intensity": Factor(default=1.0, low=0.05, high=8, help="of all light, with the camera's exposure kept"),
    "light_kelvin": Factor(default=6500.0, low=1500, high=15000, unit="K", help="colour temperature of all light"),
    "light_azimuth": _angle(40, "where the sun stands, seen from the default camera's side"),
    "fog": Factor(default=0.0, low=0, high=1, help="share of the light lost over ten metres of air"),
    "blur": Factor(default=0.0, low=0, high=0.1, help="width of the defocus, as a share of the picture's width"),
}
DEFAULTS: dict[str, Value] = {name: factor.default for name, factor in FACTORS.items()}


def check(name: str, value: Any, palette: Palette) -> Value:
    """A factor's value as it is used.

    Raises:
        FoveateError: no such factor, or a value that it cannot have; the remedy names those it can.
    """
    if name not in FACTORS:
        raise FoveateError(f"unknown factor '{name}'.", nearest(name, FACTORS))
    factor = FACTORS[name]
    if name in ("scene", "asset", "asset2") and isinstance(value, str):  # as the table tells them: street#3, none
        number = value.rpartition("#")[2]
        value = 0 if value == NOTHING else int(number) if number.isdecimal() and len(number) < 5 else value
    if name in ("position", "position2") and value == SCATTERED:
        return factor.default
    if factor.choices is not None:
        known = getattr(palette, factor.choices) if isinstance(factor.choices, str) else factor.choices
        if factor.choices == "objects":
            known = [*known, NOTHING]
        if value not in known:
            raise FoveateError(f"{name} cannot be '{value}'.", nearest(str(value), known))
        return str(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < math.inf:
        raise FoveateError(
            f"{name} is a number, not {value!r}.", f"give numbers from {factor.low:g} to {factor.high:g}"
        )
    if not factor.low <= value <= factor.high:
        raise FoveateError(
            f"{name} = {reprlib.repr(value)} is out of reach.",
            f"give {factor.low:g} to {factor.high:g}{' ' + factor.unit if factor.unit else ''}",
        )
    if factor.whole and value != int(value):
        raise FoveateError(f"{name} is a whole number, not {value:g}.", "leave out the fraction")
    return int(value) if factor.whole else float(value)


def placed(factors: Mapping[str, Value]) -> dict[str, Value]:
    """The factors, with both positions as a relation sets them."""
    if factors["relation"] == "none":
        return dict(factors)
    first, second = RELATED[str(factors["relation"])]
    return {**factors, "position": first, "position2": second}


def scattered(factors: Mapping[str, Value]) -> bool:
    """Whether there are more objects than those named: then all stand in random places."""
    return float(factors["count"]) > (factors["object"] != NOTHING) + (factors["object2"] != NOTHING)


def overruled(factors: Mapping[str, Value]) -> str | None:
    """Why a relation leaves no room for a position that was asked for, or None. The default is taken as not asked for."""
    for name, value in placed(factors).items():
        if factors[name] not in (DEFAULTS[name], value):
            return f"'{factors['relation']}' with {name} = {factors[name]}, which the relation sets"
    return None


def contradiction(factors: Mapping[str, Value]) -> str | None:
    """Why these factors cannot all hold in one picture, or None."""
    alone = factors["object2"] == NOTHING
    if factors["object"] == NOTHING and not alone:
        return "a second object without a first"
    if factors["relation"] != "none" and alone:
        return f"'{factors['relation']}' without a second object"
    if factors["relation"] == "none" and not alone and factors["position"] == factors["position2"]:
        return f"both objects at the {factors['position']}"
    named = (factors["object"] != NOTHING) + (not alone)
    if 0 < float(factors["count"]) < named:
        return f"{named} objects, but count = {factors['count']}"
    if scattered(factors):
        for name in ("relation", "position", "position2"):
            if factors[name] != DEFAULTS[name]:
                return f"{name} = {factors[name]} among count = {factors['count']} objects, which are scattered"
    return None
