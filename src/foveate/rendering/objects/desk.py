"""A writing desk: a wide top on pedestals of drawers, on legs or on steel, a knee-hole in front, with a few things to work with on it."""

from __future__ import annotations

from typing import Any

import numpy as np

from foveate.rendering.modelling.assembling import put
from foveate.rendering.modelling.patterns import flat, mix, noise, pick, vary
from foveate.rendering.modelling.profiles import box, join, lathe, sheet, tube
from foveate.rendering.modelling.stationery import at_work
from foveate.rendering.scene import Asset, Colour, Kind, Mesh, Part

WOODS: tuple[Colour, ...] = (
    (0.42, 0.25, 0.15), (0.68, 0.50, 0.32), (0.28, 0.17, 0.12), (0.44, 0.18, 0.11), (0.76, 0.64, 0.48),
)  # fmt: skip
PAINTS: tuple[Colour, ...] = ((0.90, 0.89, 0.87), (0.16, 0.17, 0.18), (0.46, 0.55, 0.54))


def build(rng: np.random.Generator) -> Asset:
    style = pick(["double", "single", "writing", "steel"], rng, [0.30, 0.27, 0.25, 0.18])
    wide, deep, tall = rng.uniform(1.15, 1.6), rng.uniform(0.58, 0.74), rng.uniform(0.72, 0.77)
    thick, wood = rng.uniform(0.024, 0.040), vary(pick(WOODS, rng), rng, 0.05)
    painted = rng.random() < 0.3
    body = vary(pick(PAINTS, rng), rng, 0.03) if painted else wood
    timber: dict[str, Any] = {"colour": body, "material": "plastic" if painted else "wood", "scale": 0.7}
    modesty = 0.30 if style in ("single", "double") else 0.12  # the board behind the knees
    flat_: list[Mesh] = [box((wide - 0.04, 0.018, modesty), (0, deep / 2 - 0.06, tall - thick - modesty / 2))]
    round_: list[Mesh] = []
    pulls: list[Mesh] = []
    knob = bool(rng.random() < 0.5)
    under = tall - thick
    column, count = rng.uniform(0.34, 0.42), int(rng.integers(3, 5))
    sides = {"double": (-1, 1), "single": (1,) if rng.random() < 0.5 else (-1,)}.get(style, ())
    for s in sides:
        _pedestal(s * (wide / 2 - column / 2 - 0.02), column, deep - 0.06, under, count, knob, flat_, pulls)
    free = [s for s in (-1, 1) if s not in sides]
    leg, turned = rng.uniform(0.040, 0.055), rng.random() < 0.45
    for s in free if style != "steel" else ():
        for y in (-deep / 2 + 0.05, deep / 2 - 0.05):
            x = s * (wide / 2 - 0.05)
            if turned:
                t = np.linspace(0, 1, 40)
                rings = ((0.25, 0.72, 0.05), (0.2, 0.1, 0.03))
                shape = 0.55 + 0.45 * t + sum(by * np.exp(-(((t - at) / thin) ** 2)) for by, at, thin in rings)
                round_.append(tube([(x, y, under * v) for v in t], leg * 0.5 * shape, 18))
            else:
                flat_.append(box((leg, leg, under), (x, y, under / 2), 0.003))
    if style == "writing" or (style == "double" and rng.random() < 0.7):
        writing = style == "writing"
        span = wide if writing else wide - 2 * column - 0.04
        _apron(span, deep, under, 3 if writing else 1, knob, writing, flat_, pulls)
    parts: list[Part] = []
    if style == "steel":
        steel = _steel_frame(wide, deep, under, rng)
        metal = pick(((0.08, 0.08, 0.09), (0.72, 0.73, 0.75), (0.88, 0.88, 0.87)), rng)
        parts.append(Part(mesh=steel, colour=metal, material="steel", scale=0.3))
        box_deep = deep * 0.7
        if rng.random() < 0.6:
            _pedestal(wide / 2 - 0.30, 0.36, box_deep, 0.55, 3, knob, flat_, pulls)
    lip = 0.0 if style == "steel" else 0.012
    flat_.append(box((wide + lip, deep + lip, thick), (0, 0, tall - thick / 2), 0.005))
    parts.append(Part(mesh=join(*flat_), smooth=False, **timber))
    parts.append(_top(wide + lip, deep + lip, tall, wood, style == "double" and rng.random() < 0.4, rng))
    if round_:
        parts.append(Part(mesh=join(*round_), **timber))
    if pulls:
        metal = pick(((0.78, 0.62, 0.32), (0.75, 0.75, 0.76), (0.12, 0.11, 0.11)), rng)
        parts.append(Part(mesh=join(*pulls), colour=metal, material="gold"))
    return Asset(parts=(*parts, *put(at_work(wide, rng), 0, 0, tall)))


def _pedestal(
    x: float, wide: float, deep: float, tall: float, count: int, knob: bool, flat_: list[Mesh], pulls: list[Mesh]
) -> None:
    """A chest of drawers on a low plinth: proud fronts with shadow gaps."""
    flat_ += [
        box((wide, deep, tall - 0.06), (x, 0, 0.06 + (tall - 0.06) / 2), 0.003),
        box((wide - 0.03, deep - 0.05, 0.06), (x, 0, 0.03)),
    ]
    heights = np.array([1.0] * (count - 1) + [1.5])
    z = tall - 0.015
    for high in heights / heights.sum() * (tall - 0.09):
        _drawer(x, -deep / 2, z - high / 2, wide - 0.03, high - 0.014, knob, flat_, pulls)
        z -= high


def _drawer(
    x: float, y: float, z: float, wide: float, high: float, knob: bool, flat_: list[Mesh], pulls: list[Mesh]
) -> None:
    flat_.append(box((wide, 0.018, high), (x, y - 0.009, z), 0.005))
    places = (-0.28, 0.28) if wide > 0.5 else (0.0,)
    for u in places:
        if knob:
            profile = [(0.006, 0.0), (0.006, 0.012), (0.016, 0.018), (0.017, 0.026), (0.010, 0.032), (0.001, 0.033)]
            pulls.append(lathe(profile, 18).turned(90, "x").moved((x + u * wide, y - 0.018, z)))
        else:
            a = np.linspace(0, np.pi, 14)
            arc = [x + u * wide + 0.055 * np.cos(a), y - 0.016 - 0.022 * np.sin(a) ** 0.6, np.full(14, z)]
            pulls.append(tube(np.stack(arc, -1), 0.006, 8))


def _apron(
    wide: float, deep: float, under: float, count: int, knob: bool, sides: bool, flat_: list[Mesh], pulls: list[Mesh]
) -> None:
    """Shallow drawers right under the top."""
    high, inner = 0.115, wide - 0.10 if sides else wide
    flat_.append(box((inner + 0.02, deep - 0.12, high), (0, 0.01, under - high / 2)))
    for k in range(count):
        x = (k - (count - 1) / 2) * inner / count
        _drawer(x, -deep / 2 + 0.07, under - high / 2, inner / count - 0.012, high - 0.02, knob, flat_, pulls)


def _steel_frame(wide: float, deep: float, under: float, rng: np.random.Generator) -> Mesh:
    """Slanted legs, or a closed frame, at either end."""
    x, y, found = wide / 2 - 0.10, deep / 2 - 0.05, []
    slant = rng.uniform(0.04, 0.09) if rng.random() < 0.5 else 0.0
    foot = lathe([(0.001, 0.0), (0.022, 0.0), (0.022, 0.016), (0.001, 0.017)], 16)
    for s in (-1, 1):
        out, up = s * (x + slant), under - 0.01
        ring = [(out, -y, 0.018), (s * x, -y + slant, up), (s * x, y - slant, up), (out, y, 0.018)]
        found += [tube([a, b], 0.018, 14) for a, b in zip(ring, ring[1:] + ring[:1], strict=True)][: 3 if slant else 4]
        found += [foot.moved((out, q * y, 0)) for q in (-1, 1)]
    return join(*found, tube([(-x, y - slant - 0.02, under - 0.03), (x, y - slant - 0.02, under - 0.03)], 0.014, 12))


def _top(wide: float, deep: float, tall: float, wood: Colour, inlay: bool, rng: np.random.Generator) -> Part:
    """The top's face: the wood material's grain runs upwards, so the grain along the top is painted; some have a leather inlay."""
    mesh = sheet(wide - 0.012, deep - 0.012, 130, 110).moved((0, 0, tall + 0.0006))
    p, seed = mesh.vertices, int(rng.integers(1 << 30))
    grain = 0.6 * noise(0.05, seed)(p * [0.10, 1.6, 1]) + 0.4 * noise(0.20, seed + 1)(p * [0.15, 1.3, 1])
    colour = flat(wood, len(p)) * (0.68 + 0.6 * grain)[:, None]
    if inlay:
        field = (np.abs(p[:, 0]) < wide / 2 - 0.09) & (np.abs(p[:, 1]) < deep / 2 - 0.08)
        line = field & ~((np.abs(p[:, 0]) < wide / 2 - 0.105) & (np.abs(p[:, 1]) < deep / 2 - 0.095))
        hide = vary(pick(((0.12, 0.26, 0.18), (0.36, 0.10, 0.09), (0.28, 0.16, 0.09)), rng), rng, 0.04)
        colour = mix(mix(colour, hide, field), (0.72, 0.58, 0.28), line)
    return Part(mesh=mesh, colour=np.clip(colour, 0, 1), material="plastic")


OBJECT = Kind(build=build, phrase="a desk", group="furniture", imagenet=(526,))
