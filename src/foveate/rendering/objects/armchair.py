"""An armchair: club with rolled arms, wing chair, square modern or round tub, in cloth or leather, with cushions and short legs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from foveate.rendering.modelling.patterns import flat, mix, noise, pick, stripes, vary
from foveate.rendering.modelling.profiles import join, tube
from foveate.rendering.modelling.solids import Solid, ball, blend, block, limb
from foveate.rendering.scene import Array, Asset, Colour, Kind, Mesh, Part

CLOTHS: tuple[Colour, ...] = (
    (0.60, 0.56, 0.50), (0.24, 0.34, 0.42), (0.36, 0.42, 0.30), (0.52, 0.14, 0.14), (0.82, 0.77, 0.66), (0.70, 0.50, 0.20),
    (0.22, 0.24, 0.28), (0.62, 0.42, 0.42), (0.20, 0.40, 0.40),
)  # fmt: skip
HIDES: tuple[Colour, ...] = (
    (0.34, 0.17, 0.09), (0.12, 0.09, 0.08), (0.52, 0.30, 0.15), (0.30, 0.07, 0.06), (0.78, 0.72, 0.62),
)  # fmt: skip
DETAIL = 0.015


@dataclass(frozen=True)
class Sizes:
    """Measures in metres: ``arm`` is an arm's breadth; lift, seat, arms and top are heights, of the legs and so on."""

    style: str
    wide: float
    deep: float
    arm: float
    lift: float
    seat: float
    arms: float
    top: float


def build(rng: np.random.Generator) -> Asset:
    style = pick(["club", "wing", "square", "tub"], rng, [0.28, 0.28, 0.24, 0.20])
    wide, deep = rng.uniform(0.76, 0.92), rng.uniform(0.76, 0.88)
    arm, lift = rng.uniform(0.11, 0.17), rng.uniform(0.09, 0.17)
    seat, arms = rng.uniform(0.40, 0.45), rng.uniform(0.58, 0.66)
    top = {
        "wing": rng.uniform(1.02, 1.15),
        "club": rng.uniform(0.82, 0.95),
        "square": rng.uniform(0.76, 0.90),
        "tub": rng.uniform(0.72, 0.82),
    }[style]
    hide = rng.random() < 0.4
    colour = vary(pick(HIDES if hide else CLOTHS, rng), rng, 0.06)
    size = Sizes(style, wide, deep, arm, lift, seat, arms, top)
    frame = _tub(size) if style == "tub" else _frame(size)
    buttons = _buttons(rng, deep, seat, top, wide - 2 * arm) if style in ("club", "wing") and rng.random() < 0.5 else []
    if buttons:
        dimples = _union([ball(b, 0.022) for b in buttons])
        frame = [solid.without(dimples) if solid.part == "back" else solid for solid in frame]
    mesh, _ = blend(*frame, melt=0.035, detail=DETAIL)
    inner = wide - 2 * arm - (0.03 if style != "tub" else 0.0)
    cushions = [
        block((0, -0.06, seat), (inner, deep - 0.20, 0.15), 0.055),
        ball((0, -0.06, seat + 0.035), (inner * 0.46, (deep - 0.2) * 0.45, 0.07)),
    ]
    soft = [_puffed(blend(*cushions, melt=0.04, detail=0.013)[0], rng)]
    if style in ("square", "club") and not buttons:
        height = top - seat - 0.06
        pad = block((0, 0, height / 2), (inner, 0.16, height), 0.06)
        bulge = ball((0, -0.03, height / 2), (inner * 0.45, 0.09, height * 0.42))
        pillow, _ = blend(pad, bulge, melt=0.04, detail=0.013)
        soft.append(_puffed(pillow.turned(-12, "x").moved((0, deep / 2 - 0.26, seat + 0.06)), rng))
    cloth: dict[str, Any] = {"material": "leather" if hide else "fabric", "scale": 0.5 if hide else 0.25}
    pattern = rng.random() if not hide else 1.0
    parts = [
        Part(mesh=one, colour=_cover(one.vertices, colour, pattern, rng.spawn(1)[0], hide), **cloth)
        for one in (mesh, *soft)
    ]
    trim = tuple(0.65 * c for c in colour)
    studs = hide and rng.random() < 0.5
    if style in ("club", "wing"):
        parts.append(_arm_fronts(wide, deep, arm, lift, arms, studs, trim))
    if buttons:
        heads, _ = blend(*(ball((x, y + 0.012, z), (0.016, 0.010, 0.016)) for x, y, z in buttons), melt=0, detail=0.006)
        parts.append(Part(mesh=heads, colour=trim, material="leather"))
    if rng.random() < 0.3:  # a loose pillow in another colour
        parts.append(_pillow(seat + 0.235, rng))
    wood = vary(pick(((0.30, 0.18, 0.11), (0.55, 0.38, 0.22), (0.12, 0.09, 0.08)), rng), rng, 0.05)
    inset = 0.13 if style == "tub" else 0.07
    places = [(x * (wide / 2 - inset), y * (deep / 2 - inset)) for x in (-1, 1) for y in (-1, 1)]
    thick, splay = rng.uniform(0.018, 0.030), rng.uniform(0.0, 0.25)
    out = 1 + splay * 0.2
    legs = [tube([(x * out, y * out, 0.0), (x, y, lift + 0.05)], [thick * 0.6, thick], 16) for x, y in places]
    tint, stuff = ((0.7, 0.7, 0.72), "steel") if style == "square" and rng.random() < 0.4 else (wood, "wood")
    parts.append(Part(mesh=join(*legs), colour=tint, material=stuff, scale=0.5))
    return Asset(parts=tuple(parts))


def _pillow(z: float, rng: np.random.Generator) -> Part:
    """A loose pillow in another colour, plain or striped."""
    tint = vary(pick(CLOTHS, rng), rng, 0.06)
    core = block((0, 0, 0), (0.36, 0.03, 0.36), 0.012)
    square, _ = blend(ball((0, 0, 0), (0.17, 0.07, 0.17)), core, melt=0.06, detail=0.012)
    mesh = square.turned(-18, "x").turned(rng.uniform(-20, 20), "y").moved((rng.uniform(-0.06, 0.06), 0.04, z))
    lines = stripes(square.vertices, (1, 0, 0), 0.04) * (rng.random() < 0.5)
    colour = mix(flat(tint, len(mesh.vertices)), (0.9, 0.88, 0.82), lines)
    return Part(mesh=mesh, colour=colour, material="fabric", scale=0.25)


def _tub(s: Sizes) -> list[Solid]:
    """A shell that runs from arm to arm around the back."""
    middle, tall = (s.lift + s.seat - 0.06) / 2, s.seat - 0.06 - s.lift
    solids = [block((0, 0.0, middle), (s.wide - 0.13, s.deep - 0.06, tall), 0.06)]
    for a in np.radians(np.linspace(-35, 215, 44)):
        height = s.arms + (s.top - s.arms) * max(np.sin(a), 0) ** 1.2
        x, y = (s.wide / 2 - 0.055) * np.cos(a), -0.02 + (s.deep / 2 - 0.055) * np.sin(a)
        solids.append(limb((x, y, s.lift + 0.07), (x * 1.05, y * 1.05, height), 0.058))
    return solids


def _frame(s: Sizes) -> list[Solid]:
    """The upholstered body of the other styles, without its cushions."""
    square, rear = s.style == "square", s.deep / 2
    middle, tall = (s.lift + s.seat - 0.06) / 2, s.seat - 0.06 - s.lift
    solids = [block((0, 0.0, middle), (s.wide - 0.04, s.deep - 0.04, tall), 0.025)]
    x, roll, high = s.wide / 2 - s.arm / 2, s.arm * 0.52, s.arms - s.lift - (0 if square else 0.05)
    side = (s.arm * (1.0 if square else 0.75), s.deep - 0.03, high)
    solids += block((x, -0.01, s.lift + high / 2), side, (0.022 if square else 0.05) * 0.8).mirrored()
    if not square:
        z = s.arms - roll
        solids += limb((x + 0.01, -rear + roll * 0.6 + 0.02, z), (x + 0.01, rear - 0.12, z + 0.01), roll).mirrored()
    size = (s.wide - (0.04 if square else s.arm * 0.9), 0.16, s.top - s.lift - 0.05)
    lean = block((0, rear - 0.10, (s.lift + 0.05 + s.top) / 2), size, 0.03 if square else 0.06)
    solids.append(lean.turned(-8, "x", (0, rear - 0.1, s.seat)).named("back"))
    if s.style == "club":
        end = s.wide / 2 - s.arm * 0.75
        solids.append(limb((-end, rear, s.top - 0.03), (end, rear, s.top - 0.03), 0.07))
    if s.style == "wing":
        x = s.wide / 2 - s.arm * 0.62
        wing = block((x, rear - 0.19, (s.arms + s.top) / 2 - 0.01), (0.075, 0.30, s.top - s.arms + 0.02), 0.035)
        slope = limb((x, rear - 0.30, s.arms - 0.02), (x, rear - 0.22, s.top - 0.10), 0.045)
        solids += [*wing.turned(-8, "x", (0, rear - 0.1, s.seat)).mirrored(), *slope.mirrored()]
    return solids


def _union(solids: list[Solid]) -> Solid:
    return Solid(lambda p: np.min([s.distance(p) for s in solids], axis=0), solids[0].low, solids[0].high)


def _buttons(
    rng: np.random.Generator, deep: float, seat: float, top: float, width: float
) -> list[tuple[float, float, float]]:
    """Where the back is buttoned: rows of a diamond pattern on its leaning face."""
    rows, found = int(rng.integers(2, 4)), []
    for row in range(rows):
        z = seat + 0.17 + (top - seat - 0.27) * row / max(rows - 1, 1)
        count = 4 if row % 2 else 3
        found += [
            (float(x), deep / 2 - 0.185 + 0.14 * (z - seat), z)
            for x in np.linspace(-1, 1, count) * width * (0.40 if count == 4 else 0.30)
        ]
    return found


def _puffed(mesh: Mesh, rng: np.random.Generator) -> Mesh:
    """Slight hollows and creases, as of use."""
    p = mesh.vertices.astype(float)
    p[:, 2] += 0.014 * (noise(0.22, int(rng.integers(1 << 30)), 2)(p) - 0.5)
    return mesh.reshaped(p)


def _cover(p: Array, colour: Colour, pattern: float, rng: np.random.Generator, hide: bool) -> Array:
    """Plain, striped or checked cloth; worn leather."""
    base = flat(colour, len(p))
    pale = 0.45 * np.array(colour) + 0.5
    if hide:
        return base * (0.8 + 0.35 * noise(0.25, int(rng.integers(1 << 30)))(p))[:, None]
    if pattern < 0.15:
        return mix(base, pale, stripes(p, (1, 0, 0), 0.045))
    if pattern < 0.25:
        return mix(base, pale, 0.5 * stripes(p, (1, 0, 0), 0.06) + 0.5 * stripes(p, (0, 0.7, 0.7), 0.06))
    return base


def _arm_fronts(wide: float, deep: float, arm: float, lift: float, arms: float, studs: bool, trim: Colour) -> Part:
    """Piping, or brass nails, around the front of each rolled arm."""
    roll, x, y = arm * 0.52, wide / 2 - arm / 2 + 0.01, -deep / 2 + 0.022
    a = np.linspace(-0.9, np.pi + 0.9, 30)
    arc = [(x + 0.80 * roll * np.cos(v), y - 0.012, arms - roll + 0.80 * roll * np.sin(v)) for v in a]
    path = [(x + arm * 0.3, y + 0.004, lift + 0.04), *arc, (x - arm * 0.3, y + 0.004, lift + 0.04)]
    if not studs:
        cord = tube(path, 0.006, 8)
        return Part(mesh=join(cord, cord.mirrored()), colour=trim, material="fabric")
    line = np.array(path)
    t = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    spots = np.stack([np.interp(np.arange(0, t[-1], 0.022), t, line[:, k]) for k in range(3)], -1)
    nail = tube([(0, 0.01, 0), (0, -0.006, 0), (0, -0.010, 0)], [0.008, 0.008, 0.004], 8)
    nails = join(*(nail.moved(spot) for spot in spots))
    return Part(mesh=join(nails, nails.mirrored()), colour=(0.72, 0.55, 0.28), material="gold")


OBJECT = Kind(build=build, phrase="an armchair", group="furniture")
