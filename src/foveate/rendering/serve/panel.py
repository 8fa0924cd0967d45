"""The controls of the page: factors in groups, each a list or a slider with the reach that is of use by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from foveate.rendering.factors import Factor

_GROUPS: dict[str, tuple[str, ...]] = {
    "World and light": ("world", "scene", "light", "light_intensity", "light_kelvin", "light_azimuth"),
    "Camera": ("camera_yaw", "camera_pitch", "camera_roll", "camera_distance", "camera_fov"),
    "Main object": ("object", "asset", "material", "size", "object_yaw", "object_pitch", "object_roll", "position"),
    "Second object": ("object2", "asset2", "material2", "size2", "object2_yaw", "position2", "relation"),
    "Crowd and air": ("count", "fog", "blur"),
}
_SHORT = {
    "asset": "individual",
    "asset2": "individual",
    "object2": "object",
    "material2": "material",
    "size2": "size",
    "position2": "position",
}


@dataclass(frozen=True)
class _Hand:
    """How far a slider reaches, and its step; the number beside it takes whatever the factor may be."""

    step: float
    low: float | None = None
    high: float | None = None


_TURN, _KIND = _Hand(1, -180, 180), _Hand(1, 0, 30)
_HANDS: dict[str, _Hand] = {
    **dict.fromkeys(
        ("camera_yaw", "camera_roll", "object_yaw", "object_pitch", "object_roll", "object2_yaw", "light_azimuth"),
        _TURN,
    ),
    **dict.fromkeys(("scene", "asset", "asset2"), _KIND),
    **dict.fromkeys(("size", "size2"), _Hand(0.05)),
    "camera_pitch": _Hand(1),
    "camera_distance": _Hand(0.1),
    "camera_fov": _Hand(1),
    "count": _Hand(1),
    "light_intensity": _Hand(0.05),
    "light_kelvin": _Hand(100),
    "fog": _Hand(0.01),
    "blur": _Hand(0.001),
}


def groups(spaces: Mapping[str, Factor], default: Mapping[str, Any]) -> list[dict[str, Any]]:
    """``[{title, controls: [{name, label, help, unit, default, choices} or {…, low, high, step, least, most}]}]``.

    Args:
        spaces: of an ``Environment``; every factor is in exactly one group. default: what a control goes back to.
    """
    assert sorted(spaces) == sorted(name for names in _GROUPS.values() for name in names), (
        "each factor has its place on the page"
    )
    return [
        {"title": title, "controls": [_control(name, spaces[name], default[name]) for name in names]}
        for title, names in _GROUPS.items()
    ]


def _control(name: str, factor: Factor, default: Any) -> dict[str, Any]:
    label = _SHORT.get(name) or (name.split("_", 1)[1] if "_" in name else name)
    about = {"name": name, "label": label, "help": factor.help, "unit": factor.unit, "default": default}
    if factor.choices is not None:
        return {**about, "choices": list(factor.choices)}
    hand = _HANDS[name]
    low, high = (own if own is not None else limit for own, limit in ((hand.low, factor.low), (hand.high, factor.high)))
    return {
        **about,
        "low": low,
        "high": high,
        "step": hand.step,
        "least": factor.low,
        "most": factor.high,
        "whole": factor.whole,
    }
