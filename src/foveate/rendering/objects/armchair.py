"""An armchair: club with rolled arms, wing chair, square modern or round tub, in cloth or leather, with cushions and short legs."""

from __future__ import annotations

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
    choice = HIDES if hide else CLOTHS
    colour = vary(pick(choice, rng), rng, 0.06)
    frame = _frame(style, wide, deep, arm, lift, seat, arms, top)
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
        pillow = blend(pad, ball((0, -0.03, height / 2), (inner * 0.45, 0.09, height * 0.42)), melt=0.04, detail=0.013)[
            0
        ]
        soft.append(_puffed(pillow.turned(-12, "x").moved((0, deep / 2 - 0.26, seat + 0.06)), rng))
    cloth: dict[str, Any] = {"material": "leather" if hide else "fabric", "scale": 0.5 if hide else 0.25}
    pattern = rng.random() if not hide else 1.0
    parts = [
        Part(mesh=each, colour=_cover(each.vertices, colour, pattern, rng.spawn(1)[0], hide), **cloth)
        for each in (mesh, *soft)
    ]
    trim = tuple(0.65 * c for c in colour)
    studs = hide and rng.random() < 0.5
    if style in ("club", "wing"):
        parts.append(_arm_fronts(wide, deep, arm, lift, arms, studs, trim))
    if buttons:
        heads, _ = blend(*(ball((x, y + 0.012, z), (0.016, 0.010, 0.016)) for x, y, z in buttons), melt=0, detail=0.006)
        parts.append(Part(mesh=heads, colour=trim, material="leather"))
    if rng.random() < 0.3:  # a loose pillow in another colour
        other = vary(pick(CLOTHS, rng), rng, 0.06)
        square, _ = blend(
            ball((0, 0, 0), (0.17, 0.07, 0.17)), block((0, 0, 0), (0.36, 0.03, 0.36), 0.012), melt=0.06, detail=0.012
        )
        placed = (
            square.turned(-18, "x")
            .turned(rng.uniform(-20, 20), "y")
            .moved((rng.uniform(-0.06, 0.06), 0.04, seat + 0.235))
        )
        parts.append(
            Part(
                mesh=placed,
                colour=mix(
                    flat(other, len(placed.vertices)),
                    (0.9, 0.88, 0.82),
                    stripes(square.vertices, (1, 0, 0), 0.04) * (rng.random() < 0.5),
                ),
                material="fabric",
                scale=0.25,
            )
        )
    wood = vary(pick(((0.30, 0.18, 0.11), (0.55, 0.38, 0.22), (0.12, 0.09, 0.08)), rng), rng, 0.05)
    inset = 0.13 if style == "tub" else 0.07
    places = [(x * (wide / 2 - inset), y * (deep / 2 - inset)) for x in (-1, 1) for y in (-1, 1)]
    thick, splay = rng.uniform(0.018, 0.030), rng.uniform(0.0, 0.25)
    legs = [
        tube([(x * (1 + splay * 0.2), y * (1 + splay * 0.2), 0.0), (x, y, lift + 0.05)], [thick * 0.6, thick], 16)
        for x, y in places
    ]
    steel = style == "square" and rng.random() < 0.4
    parts.append(
        Part(
            mesh=join(*legs),
            colour=(0.7, 0.7, 0.72) if steel else wood,
            material="steel" if steel else "wood",
            scale=0.5,
        )
    )
    return Asset(parts=tuple(parts))


def _frame(
    style: str, wide: float, deep: float, arm: float, lift: float, seat: float, arms: float, top: float
) -> list[Solid]:
    """The upholstered body without its cushions."""
    shift = (lift + seat - 0.06) / 2
    base = block((0, 0.0, shift), (wide - 0.04, deep - 0.04, seat - 0.06 - lift), 0.025)
    if style == "tub":
        base = block((0, 0.0, shift), (wide - 0.13, deep - 0.06, seat - 0.06 - lift), 0.06)
    solids = [base]
    x = wide / 2 - arm / 2
    if style == "tub":  # a shell that runs from arm to arm around the back
        for a in np.radians(np.linspace(-35, 215, 44)):
            height = arms + (top - arms) * max(np.sin(a), 0) ** 1.2
            spot = (
                (wide / 2 - 0.055) * np.cos(a),
                -0.02 + (deep / 2 - 0.055) * np.sin(a) * (1 if np.sin(a) > 0 else 1.0),
            )
            solids.append(limb((*spot, lift + 0.07), (spot[0] * 1.05, spot[1] * 1.05, height), 0.058))
        return solids
    round_ = 0.05 if style != "square" else 0.022
    tall = arms - lift if style == "square" else arms - lift - 0.05
    solids += block(
        (x, -0.01, lift + tall / 2), (arm * (1.0 if style == "square" else 0.75), deep - 0.03, tall), round_ * 0.8
    ).mirrored()
    if style != "square":
        roll = arm * 0.52
        solids += limb(
            (x + 0.01, -deep / 2 + roll * 0.6 + 0.02, arms - roll),
            (x + 0.01, deep / 2 - 0.12, arms - roll + 0.01),
            roll,
        ).mirrored()
    lean = block(
        (0, deep / 2 - 0.10, (lift + 0.05 + top) / 2),
        (wide - (0.04 if style == "square" else arm * 0.9), 0.16, top - lift - 0.05),
        0.06 if style != "square" else 0.03,
    )
    solids.append(lean.turned(-8, "x", (0, deep / 2 - 0.1, seat)).named("back"))
    if style == "club":
        bar = limb(
            (-(wide / 2 - arm * 0.75), deep / 2 + 0.0, top - 0.03),
            (wide / 2 - arm * 0.75, deep / 2 + 0.0, top - 0.03),
            0.07,
        )
        solids.append(bar)
    if style == "wing":
        wing = block(
            (wide / 2 - arm * 0.62, deep / 2 - 0.19, (arms + top) / 2 - 0.01), (0.075, 0.30, top - arms + 0.02), 0.035
        )
        slope = limb(
            (wide / 2 - arm * 0.62, deep / 2 - 0.30, arms - 0.02),
            (wide / 2 - arm * 0.62, deep / 2 - 0.22, top - 0.10),
            0.045,
        )
        solids += [*wing.turned(-8, "x", (0, deep / 2 - 0.1, seat)).mirrored(), *slope.mirrored()]
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
    nails = join(
        *(
            tube([(px, py + 0.01, pz), (px, py - 0.006, pz), (px, py - 0.010, pz)], [0.008, 0.008, 0.004], 8)
            for px, py, pz in spots
        )
    )
    return Part(mesh=join(nails, nails.mirrored()), colour=(0.72, 0.55, 0.28), material="gold")


OBJECT = Kind(build=build, phrase="an armchair", group="furniture")
