"""A chair without arms: four legs, a seat of wood or upholstered, and a back of slats, spindles, a splat, a cross or a panel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from foveate.rendering.modelling.joinery import beam, cushion, rounded, turned_leg
from foveate.rendering.modelling.patterns import pick, vary
from foveate.rendering.modelling.profiles import box, join, smooth, tube
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
    "windsor": 0.15, "panel": 0.12, "ladder": 0.15, "steel": 0.12, "splat": 0.14, "cross": 0.1, "spindles": 0.12, "parsons": 0.1,
}  # fmt: skip


@dataclass(kw_only=True)
class Frame:
    """The wooden or steel frame as it grows.

    Attributes:
        half: from the middle to the legs. front, rear: y of the legs. seat, top: heights. rake: how far the back leans.
        thick: of legs. kick: how far the rear legs stand out. bow: how much the back is curved across.
        flat, round: members with flat and with round sides.
    """

    style: str
    half: float
    front: float
    rear: float
    seat: float
    top: float
    rake: float
    turned: bool
    thick: float
    kick: float
    bow: float = 0.0
    flat: list[Mesh] = field(default_factory=list)
    round: list[Mesh] = field(default_factory=list)

    def back(self, z: float) -> float:
        """How far back the posts are at a height."""
        t = max((z - self.seat) / (self.top - self.seat), 0.0)
        return float(self.rear + self.rake * t**1.25)

    def laid(self, mesh: Mesh, bow: float) -> Mesh:
        """A plate in the plane y = 0 laid along the posts."""
        p = mesh.vertices.copy()
        p[:, 1] += [self.back(float(z)) for z in p[:, 2]] + bow * (1 - (p[:, 0] / self.half) ** 2)
        return mesh.reshaped(p)

    def rail(self, z: float, tall: float, crest: float = 0.0, over: float = 0.0) -> Mesh:
        """A bowed rail from post to post, higher in the middle by ``crest``."""
        xs = np.linspace(-1, 1, 13)
        path = [((self.half + over) * x, self.back(z) + self.bow * (1 - x * x), z + crest * (1 - x * x)) for x in xs]
        return beam(path, [0.018] * 13, tall * (1 - 0.25 * (crest > 0) * xs**2), (0, 1, 0), (0, 0, 1))


def build(rng: np.random.Generator) -> Asset:
    style = pick(list(STYLES), rng, list(STYLES.values()))
    wide, deep = rng.uniform(0.41, 0.49), rng.uniform(0.39, 0.46)
    seat, top, rake = rng.uniform(0.43, 0.47), rng.uniform(0.84, 1.06), rng.uniform(0.06, 0.13)
    if style in ("cross", "windsor", "steel"):
        top = min(top, 0.94)
    painted = style != "parsons" and rng.random() < 0.3
    wood = vary(pick(PAINTS if painted else WOODS, rng), rng, 0.05)
    timber: dict[str, Any] = {"colour": wood, "material": "plastic" if painted else "wood", "scale": 0.6}
    turned = style in ("windsor", "spindles", "cross") or (style == "ladder" and rng.random() < 0.5)
    frame = Frame(
        style=style, half=wide / 2 - 0.03, front=-deep / 2 + 0.03, rear=deep / 2 - 0.02, seat=seat, top=top, rake=rake, turned=turned,
        thick=rng.uniform(0.034, 0.044), kick=rng.uniform(0.03, 0.07),
    )  # fmt: skip
    _add_legs(frame)
    _add_stretchers(frame, rng)
    frame.bow = rng.uniform(0.015, 0.045)
    _add_back(frame, rng)
    soft = style in ("parsons", "panel") or (style not in ("windsor", "steel") and rng.random() < 0.6)
    hide = rng.random() < 0.35
    cover = vary(pick(HIDES if hide else CLOTHS, rng), rng, 0.05)
    cloth: dict[str, Any] = {"colour": cover, "material": "leather" if hide else "fabric", "scale": 0.22}
    power = 3.2 if style in ("windsor", "cross") else 7
    outline = rounded(wide, deep + (0.03 if turned else 0.0), rng.uniform(0.06, 0.16), power)
    parts: list[Part] = []
    if soft:
        pad = cushion(outline, rng.uniform(0.045, 0.08), 0.05, 0.02)
        parts.append(Part(mesh=pad.moved((0, -0.01, seat + 0.02)), **cloth))
    if not soft or turned:
        board = cushion(outline, 0.034 if style == "windsor" else 0.022, 0.02, 0.0).moved((0, -0.01, seat - 0.006))
        parts.append(Part(mesh=board, **(timber | {"material": "wood"} if style == "steel" else timber)))
    if style in ("panel", "parsons"):
        whole = style == "parsons"
        low, high = (seat - 0.02, top) if whole else (seat + 0.13, top - 0.04)
        across = rounded(wide if whole else 2 * frame.half - frame.thick, high - low, -0.05, 9)
        pad = cushion(across, 0.075 if whole else 0.055, 0.04, 0.006).turned(90, "x").moved((0, 0, (low + high) / 2))
        parts.append(Part(mesh=frame.laid(pad, frame.bow * 0.6), **cloth))
    if style == "steel":
        plate = cushion(rounded(2 * frame.half + 0.04, 0.2, 0.0, 6), 0.014, 0.01, 0.0).turned(90, "x")
        parts.append(Part(mesh=frame.laid(plate.moved((0, -0.01, top - 0.07)), frame.bow), **timber))
        metal = pick(((0.75, 0.76, 0.78), (0.08, 0.08, 0.085)), rng)
        parts.append(Part(mesh=join(*frame.round), colour=metal, material="steel"))
    elif frame.round:
        parts.append(Part(mesh=join(*frame.round), **timber))
    if frame.flat:
        parts.append(Part(mesh=join(*frame.flat), smooth=False, **timber))
    return Asset(parts=tuple(parts))


def _add_legs(f: Frame) -> None:
    """Four legs, the rear ones running on as posts where the back hangs between posts."""
    splay = {"windsor": 0.05, "cross": 0.02, "steel": 0.02}.get(f.style, 0.0)
    for side in (-1, 1):
        x, out = f.half * side, splay * side
        post = [(x, f.back(z), z) for z in np.linspace(f.seat, f.top, 9)]
        foot = (x + out, f.rear + f.kick, 0)
        if f.style == "steel":
            knee = [(x, f.front, f.seat * 0.85), (x, f.front + 0.05, f.seat - 0.03), (x, f.rear, f.seat - 0.03)]
            bend, leg = (
                smooth([(x + out, f.front - 0.04, 0), *knee], 24),
                smooth([foot, knee[2], *post[1::3], post[-1]], 30),
            )
            f.round += [tube(bend, 0.011, 12), tube(leg, 0.011, 12)]
        elif f.turned:
            start = (x + out, f.front - abs(out), 0)
            f.round.append(turned_leg(start, (x, f.front, f.seat - 0.01), 0.021, fancy=f.style != "cross"))
            f.round.append(turned_leg(foot, (x, f.rear, f.seat - 0.01), 0.020, fancy=f.style == "windsor"))
            if f.style not in ("windsor", "cross"):
                f.round.append(
                    tube([*post[:-1], (x, f.back(f.top), f.top + 0.02)], [0.019] * 6 + [0.017, 0.015, 0.010])
                )
        else:
            taper = [f.thick * 0.7, f.thick * 1.05]
            f.flat.append(beam([(x, f.front, 0), (x, f.front, f.seat)], taper, taper))
            path = [(x, f.rear + f.kick * (1 - z / f.seat) ** 1.5, z) for z in np.linspace(0, f.seat, 5)]
            path += [] if f.style == "parsons" else post[1:]
            stout = [f.thick * (0.8 + 0.3 * np.exp(-(((z - f.seat) / 0.2) ** 2))) for _, _, z in path]
            f.flat.append(beam(path, np.linspace(f.thick * 0.8, f.thick * 0.85, len(path)), stout))


def _add_stretchers(f: Frame, rng: np.random.Generator) -> None:
    """Rails under the seat between square legs, rungs further down between round ones."""
    if not f.turned and f.style != "steel":
        tall, middle = rng.uniform(0.05, 0.08), (f.front + f.rear) / 2
        z = f.seat - tall / 2 - 0.005
        f.flat += [box((2 * f.half, 0.022, tall), (0, y, z), 0.003) for y in (f.front, f.rear)]
        f.flat += [box((0.022, f.rear - f.front, tall), (x, middle, z), 0.003) for x in (-f.half, f.half)]
    elif f.style != "steel" or rng.random() < 0.5:
        low, r = f.seat * rng.uniform(0.32, 0.5), 0.007 if f.style == "steel" else 0.0125
        x = f.half * (1 + (0.1 if f.style == "windsor" else 0.03) * (1 - low / f.seat))
        f.round += [tube([(side * x, f.front, low), (side * x, f.rear + f.kick / 2, low)], r) for side in (-1, 1)]
        f.round.append(tube([(-x, 0, low), (x, 0, low)], r))


def _hoop(f: Frame, x: Array, z: Array, radius: float) -> Mesh:
    return tube(list(zip(x, map(f.back, z), z, strict=True)), radius, 14)


def _add_back(f: Frame, rng: np.random.Generator) -> None:
    """What is between the posts."""
    seat, top, back = f.seat, f.top, f.back
    angle, wide, tall = np.linspace(0, np.pi, 40), f.half + 0.005, top - seat
    if f.style == "ladder":
        count, crest = int(rng.integers(3, 6)), rng.uniform(0, 0.03)
        high = rng.uniform(0.045, 0.07) * 4 / (count + 1)
        f.flat += [f.rail(z, high, crest) for z in np.linspace(seat + 0.15, top - 0.05, count)]
    elif f.style == "spindles":
        count, low = int(rng.integers(5, 8)), seat + rng.uniform(0.0, 0.12)
        f.flat += [f.rail(top - 0.05, 0.09, rng.uniform(0.005, 0.03), 0.02)]
        f.flat += [f.rail(low, 0.035)] if low > seat + 0.05 else []
        for x in np.linspace(-0.8, 0.8, count):
            zs = np.linspace(min(low, seat), top - 0.05, 8)
            path = [(f.half * x, back(z) + f.bow * (1 - x * x) * min((z - seat) * 8, 1), z) for z in zs]
            f.round.append(tube(path, [0.008, 0.009, 0.011, 0.012, 0.012, 0.011, 0.009, 0.008], 10))
    elif f.style == "windsor":  # a hoop whose legs run straight down into the seat
        f.round.append(
            _hoop(
                f,
                wide * np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** 0.75,
                seat + tall * np.sin(angle) ** 0.75,
                0.014,
            )
        )
        t = np.linspace(0, 1, 7)
        for u in np.linspace(-0.78, 0.78, int(rng.integers(6, 10))):
            z = seat + t * tall * (1 - np.abs(u) ** (2 / 0.75)) ** (0.75 / 2)
            rod = list(zip(wide * u * (0.82 + 0.18 * t), map(back, z), z, strict=True))
            f.round.append(tube(rod, [0.007, 0.009, 0.010, 0.009, 0.008, 0.007, 0.006], 10))
    elif f.style == "splat":
        f.flat += [f.rail(top - 0.04, 0.075, rng.uniform(0.0, 0.035), 0.01), f.rail(seat + 0.06, 0.04)]
        t, waist = np.linspace(0, 1, 26), rng.uniform(0.25, 0.45)
        shape = 0.30 + 0.16 * np.cos(2 * np.pi * (t - 0.72)) - 0.10 * np.exp(-(((t - waist) / 0.1) ** 2)) + 0.12 * t
        path = [(0, back(v) + f.bow, v) for v in np.linspace(seat + 0.05, top - 0.04, 26)]
        f.flat.append(beam(path, 2 * f.half * shape, [0.012] * 26))
    elif f.style == "cross":
        f.round.append(_hoop(f, wide * np.cos(angle), seat + tall * np.sin(angle) ** 0.55, 0.015))
        t = np.linspace(0, 1, 14)
        for side in (-1, 1):
            y = [back(seat + tall * 0.85 * v) + 0.006 * side for v in t]
            arc = np.column_stack([f.half * side * (1 - 1.75 * t**0.8), y, seat + 0.02 + tall * 0.80 * t])
            f.flat.append(beam(arc, [0.028] * 14, [0.010] * 14))


OBJECT = Kind(build=build, phrase="a chair", group="furniture", imagenet=(423, 559, 765))
