"""A chair without arms: four legs, a seat of wood or upholstered, and a back of slats, spindles, a splat, a cross or a panel."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from foveate.rendering.modelling.patterns import pick, vary
from foveate.rendering.modelling.profiles import box, hull, join, loft, smooth, tube
from foveate.rendering.scene import Array, Asset, Colour, Kind, Mesh, Part

WOODS: tuple[Colour, ...] = (
    (0.62, 0.42, 0.25), (0.42, 0.25, 0.15), (0.72, 0.55, 0.36), (0.36, 0.16, 0.10), (0.25, 0.16, 0.11),
)  # fmt: skip
PAINTS: tuple[Colour, ...] = (
    (0.90, 0.89, 0.85), (0.09, 0.09, 0.09), (0.35, 0.50, 0.50), (0.55, 0.13, 0.10), (0.75, 0.68, 0.45),
)  # fmt: skip
CLOTHS: tuple[Colour, ...] = (
    (0.48, 0.10, 0.12), (0.20, 0.30, 0.42), (0.32, 0.38, 0.24), (0.78, 0.72, 0.60), (0.42, 0.40, 0.38), (0.72, 0.50, 0.16),
)  # fmt: skip
HIDES: tuple[Colour, ...] = ((0.16, 0.10, 0.08), (0.42, 0.22, 0.11), (0.10, 0.10, 0.10), (0.40, 0.08, 0.07))
STYLES = {
    "windsor": 0.15,
    "panel": 0.12,
    "ladder": 0.15,
    "steel": 0.12,
    "splat": 0.14,
    "cross": 0.1,
    "spindles": 0.12,
    "parsons": 0.1,
}


def build(rng: np.random.Generator) -> Asset:
    style = pick(list(STYLES), rng, list(STYLES.values()))
    wide, deep = rng.uniform(0.41, 0.49), rng.uniform(0.39, 0.46)
    seat, top, rake = rng.uniform(0.43, 0.47), rng.uniform(0.84, 1.06), rng.uniform(0.06, 0.13)
    if style in ("cross", "windsor", "steel"):
        top = min(top, 0.94)
    painted = style != "parsons" and rng.random() < 0.3
    colours = PAINTS if painted else WOODS
    wood = vary(pick(colours, rng), rng, 0.05)
    timber: dict[str, Any] = {"colour": wood, "material": "plastic" if painted else "wood", "scale": 0.6}
    half, front, rear = wide / 2 - 0.03, -deep / 2 + 0.03, deep / 2 - 0.02

    def back(z: float) -> float:
        """How far back the posts are at a height."""
        t = max((z - seat) / (top - seat), 0.0)
        return float(rear + rake * t**1.25)

    flat: list[Mesh] = []
    round_: list[Mesh] = []
    parts: list[Part] = []
    slender = style in ("windsor", "cross", "steel")
    turned = style in ("windsor", "spindles", "cross") or (style == "ladder" and rng.random() < 0.5)
    thick, kick = rng.uniform(0.034, 0.044), rng.uniform(0.03, 0.07)
    for side in (-1, 1):
        x, out = half * side, (0.05 if style == "windsor" else 0.02 * slender) * side
        post = [(x, back(z), z) for z in np.linspace(seat, top, 9)]
        if style == "steel":
            bend = smooth([
                (x + out, front - 0.04, 0), (x, front, seat * 0.85), (x, front + 0.05, seat - 0.03),
                (x, rear, seat - 0.03),
            ], 24)  # fmt: skip
            leg = smooth([(x + out, rear + kick, 0), (x, rear, seat - 0.03), *post[1::3], post[-1]], 30)
            round_ += [tube(bend, 0.011, 12), tube(leg, 0.011, 12)]
        elif turned:
            round_.append(
                _turned((x + out, front - abs(out), 0), (x, front, seat - 0.01), 0.021, fancy=style != "cross")
            )
            foot = (x + out, rear + kick, 0)
            round_.append(_turned(foot, (x, rear, seat - 0.01), 0.020, fancy=style == "windsor"))
            if style != "windsor" and style != "cross":
                round_.append(tube([*post[:-1], (x, back(top), top + 0.02)], [0.019] * 6 + [0.017, 0.015, 0.010]))
        else:
            flat.append(
                _beam([(x, front, 0), (x, front, seat)], [thick * 0.7, thick * 1.05], [thick * 0.7, thick * 1.05])
            )
            rear_leg = [(x, rear + kick * (1 - z / seat) ** 1.5, z) for z in np.linspace(0, seat, 5)]
            posts = rear_leg if style == "parsons" else [*rear_leg, *post[1:]]
            flat.append(
                _beam(
                    posts,
                    np.linspace(thick * 0.8, thick * 0.85, len(posts)),
                    [thick * 0.8 + 0.3 * thick * np.exp(-(((p[2] - seat) / 0.2) ** 2)) for p in posts],
                )
            )
    if not turned and style != "steel":
        rail = rng.uniform(0.05, 0.08)
        flat += [box((2 * half, 0.022, rail), (0, y, seat - rail / 2 - 0.005), 0.003) for y in (front, rear)]
        flat += [
            box((0.022, rear - front, rail), (x, (front + rear) / 2, seat - rail / 2 - 0.005), 0.003)
            for x in (-half, half)
        ]
    elif style != "steel" or rng.random() < 0.5:
        low, r = seat * rng.uniform(0.32, 0.5), 0.007 if style == "steel" else 0.0125
        grown = 1 + (0.1 if style == "windsor" else 0.03) * (1 - low / seat)
        for side in (-1, 1):
            round_.append(tube([(half * grown * side, front, low), (half * grown * side, rear + kick / 2, low)], r))
        round_.append(tube([(-half * grown, 0, low), (half * grown, 0, low)], r))
    bow = rng.uniform(0.015, 0.045)
    _add_back(style, rng, half, seat, top, back, bow, flat, round_)
    soft = style in ("parsons", "panel") or (style not in ("windsor", "steel") and rng.random() < 0.6)
    hide = rng.random() < 0.35
    choice = HIDES if hide else CLOTHS
    cover = vary(pick(choice, rng), rng, 0.05)
    cloth: dict[str, Any] = {"colour": cover, "material": "leather" if hide else "fabric", "scale": 0.22}
    outline = _outline(
        wide, deep + (0.03 if turned else 0.0), rng.uniform(0.06, 0.16), 3.2 if style in ("windsor", "cross") else 7
    )
    if soft:
        parts.append(
            Part(mesh=_slab(outline, rng.uniform(0.045, 0.08), 0.05, 0.02).moved((0, -0.01, seat + 0.02)), **cloth)
        )
    if not soft or turned:
        board = _slab(outline, 0.034 if style == "windsor" else 0.022, 0.02, 0.0).moved((0, -0.01, seat - 0.006))
        parts.append(
            Part(mesh=board, **(timber if not painted or style != "steel" else {**timber, "material": "wood"}))
        )
    if style in ("panel", "parsons"):
        low, high = (seat - 0.02, top) if style == "parsons" else (seat + 0.13, top - 0.04)
        width = wide if style == "parsons" else 2 * half - thick
        pad = _slab(_outline(width, high - low, -0.05, 9), 0.075 if style == "parsons" else 0.055, 0.04, 0.006).turned(
            90, "x"
        )
        pad = pad.moved((0, 0, (low + high) / 2))
        parts.append(Part(mesh=_bent(pad, back, bow * 0.6, half), **cloth))
    if style == "steel":
        plate = (
            _slab(_outline(2 * half + 0.04, 0.2, 0.0, 6), 0.014, 0.01, 0.0)
            .turned(90, "x")
            .moved((0, -0.01, top - 0.07))
        )
        parts.append(Part(mesh=_bent(plate, back, bow, half), **timber))
        metal = pick(((0.75, 0.76, 0.78), (0.08, 0.08, 0.085)), rng)
        parts.append(Part(mesh=join(*round_), colour=metal, material="steel"))
    elif round_:
        parts.append(Part(mesh=join(*round_), **timber))
    if flat:
        parts.append(Part(mesh=join(*flat), smooth=False, **timber))
    return Asset(parts=tuple(parts))


def _add_back(
    style: str,
    rng: np.random.Generator,
    half: float,
    seat: float,
    top: float,
    back: Any,
    bow: float,
    flat: list[Mesh],
    round_: list[Mesh],
) -> None:
    """The wooden back between the posts."""
    xs = np.linspace(-1, 1, 13)

    def rail(z: float, tall: float, crest: float = 0.0, over: float = 0.0) -> Mesh:
        path = [((half + over) * x, back(z) + bow * (1 - x * x), z + crest * (1 - x * x)) for x in xs]
        return _beam(path, [0.018] * 13, tall * (1 - 0.25 * (crest > 0) * xs**2), (0, 1, 0), (0, 0, 1))

    if style == "ladder":
        count, crest = int(rng.integers(3, 6)), rng.uniform(0, 0.03)
        tall = rng.uniform(0.045, 0.07) * 4 / (count + 1)
        flat += [rail(z, tall, crest) for z in np.linspace(seat + 0.15, top - 0.05, count)]
    elif style == "spindles":
        count, low = int(rng.integers(5, 8)), seat + rng.uniform(0.0, 0.12)
        flat += [
            rail(top - 0.05, 0.09, rng.uniform(0.005, 0.03), 0.02),
            *([rail(low, 0.035)] if low > seat + 0.05 else []),
        ]
        for x in np.linspace(-0.8, 0.8, count):
            path = [
                (half * x, back(z) + bow * (1 - x * x) * min((z - seat) * 8, 1), z)
                for z in np.linspace(min(low, seat), top - 0.05, 8)
            ]
            round_.append(tube(path, [0.008, 0.009, 0.011, 0.012, 0.012, 0.011, 0.009, 0.008], 10))
    elif style == "windsor":
        angle = np.linspace(0, np.pi, 40)
        wide, tall = half + 0.005, top - seat
        # A hoop whose legs run straight down into the seat.
        x, z = wide * np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** 0.75, seat + tall * np.sin(angle) ** 0.75
        round_.append(tube(list(zip(x, map(back, z), z, strict=True)), 0.014, 14))
        for u in np.linspace(-0.78, 0.78, int(rng.integers(6, 10))):
            end = seat + tall * (1 - np.abs(u) ** (2 / 0.75)) ** (0.75 / 2)
            path = [
                (wide * u * (0.82 + 0.18 * t), back(seat + t * (end - seat)), seat + t * (end - seat))
                for t in np.linspace(0, 1, 7)
            ]
            round_.append(tube(path, [0.007, 0.009, 0.010, 0.009, 0.008, 0.007, 0.006], 10))
    elif style == "splat":
        flat += [rail(top - 0.04, 0.075, rng.uniform(0.0, 0.035), 0.01), rail(seat + 0.06, 0.04)]
        t, waist = np.linspace(0, 1, 26), rng.uniform(0.25, 0.45)
        width = half * (
            0.30 + 0.16 * np.cos(2 * np.pi * (t - 0.72)) - 0.10 * np.exp(-(((t - waist) / 0.1) ** 2)) + 0.12 * t
        )
        flat.append(
            _beam([(0, back(v) + bow, v) for v in np.linspace(seat + 0.05, top - 0.04, 26)], 2 * width, [0.012] * 26)
        )
    elif style == "cross":
        angle = np.linspace(0, np.pi, 40)
        x, z = (half + 0.005) * np.cos(angle), seat + (top - seat) * np.sin(angle) ** 0.55
        round_.append(tube(list(zip(x, map(back, z), z, strict=True)), 0.015, 14))
        for side in (-1, 1):
            arc = [
                (
                    half * side * (1 - 1.75 * t**0.8),
                    back(seat + (top - seat) * 0.85 * t) + 0.006 * side,
                    seat + 0.02 + (top - seat) * 0.80 * t,
                )
                for t in np.linspace(0, 1, 14)
            ]
            flat.append(_beam(arc, [0.028] * 14, [0.010] * 14))


def _beam(
    path: Any,
    wide: Any,
    deep: Any,
    u: Sequence[float] = (1, 0, 0),
    v: Sequence[float] = (0, 1, 0),
) -> Mesh:
    """A beam along a path, ``wide`` along u and ``deep`` along v at each point, its edges broken."""
    c, s = np.array([1, 0.78, -0.78, -1, -1, -0.78, 0.78, 1]), np.array([0.7, 1, 1, 0.7, -0.7, -1, -1, -0.7])
    rings = [
        np.asarray(p) + (c * w / 2)[:, None] * np.asarray(u) + (s * d / 2)[:, None] * np.asarray(v)
        for p, w, d in zip(path, wide, deep, strict=True)
    ]
    return join(*(hull(np.concatenate(pair)) for pair in itertools.pairwise(rings)))


def _turned(low: Sequence[float], high: Sequence[float], radius: float, *, fancy: bool) -> Mesh:
    """A leg from the lathe: tapered, with a ring and a vase where ``fancy``."""
    u = np.linspace(0, 1, 48)
    shape = 0.6 + 0.4 * u
    if fancy:
        shape = (
            0.62
            + 0.42 * np.exp(-(((u - 0.62) / 0.13) ** 2))
            + 0.3 * np.exp(-(((u - 0.30) / 0.035) ** 2))
            + 0.22 * np.exp(-(((u - 0.84) / 0.03) ** 2))
            + 0.25 * u**6
        )
    return tube(list(np.linspace(low, high, 48)), list(radius * shape), 14)


def _outline(wide: float, deep: float, taper: float, power: float) -> Array:
    """(n, 2) a rounded rectangle about the origin that narrows towards +y."""
    a = np.linspace(0, 2 * np.pi, 56, endpoint=False)
    x, y = (np.sign(f) * np.abs(f) ** (2 / power) for f in (np.cos(a), np.sin(a)))
    return np.stack([wide / 2 * x * (1 - taper * (y + 1) / 2), deep / 2 * y], -1)


def _slab(outline: Array, thick: float, edge: float, crown: float) -> Mesh:
    """A plate of an outline about z = 0 with round edges, higher in the middle by ``crown``: a board or a cushion."""
    rings = [(s, -thick / 2) for s in (0.01, 0.3, 0.6, 0.85)]
    rings += [(1.0 - edge * (1 - np.cos(a)), thick / 2 * np.sin(a)) for a in np.linspace(-1.57, 1.57, 9)]
    rings += [(s, thick / 2 + crown * (1 - s**2)) for s in (0.9, 0.75, 0.5, 0.25, 0.01)]
    return loft([np.column_stack([outline * s, np.full(len(outline), z)]) for s, z in rings], ring=True)


def _bent(mesh: Mesh, back: Any, bow: float, half: float) -> Mesh:
    """A plate in the plane y = 0 laid along the posts."""
    p = mesh.vertices.copy()
    p[:, 1] += [back(float(z)) for z in p[:, 2]] + bow * (1 - (p[:, 0] / half) ** 2)
    return mesh.reshaped(p)


OBJECT = Kind(build=build, phrase="a chair", group="furniture", imagenet=(423, 559, 765))
