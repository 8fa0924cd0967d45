"""A passenger car: hatchback, saloon, estate or off-roader, with glass, lamps, grille, mirrors, plates, tyres and rims."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.coachwork import (
    Lines,
    drawn_on,
    flank,
    headlamps,
    opening_field,
    rear_lamps,
    shell,
    window_field,
)
from foveate.rendering.modelling.cutting import cut
from foveate.rendering.modelling.patterns import pick, vary
from foveate.rendering.modelling.profiles import box, join, pairs, smooth, tube
from foveate.rendering.modelling.solids import ball, blend
from foveate.rendering.modelling.wheels import car_wheel
from foveate.rendering.scene import Asset, Kind, Part

PAINTS = [(0.85, 0.86, 0.86), (0.62, 0.64, 0.66), (0.27, 0.29, 0.31), (0.05, 0.05, 0.06), (0.62, 0.05, 0.06), (0.08, 0.20, 0.45),
          (0.10, 0.28, 0.22), (0.80, 0.42, 0.08), (0.35, 0.50, 0.62), (0.55, 0.48, 0.38)]  # fmt: skip
DARK = (0.035, 0.035, 0.04)


def build(rng: np.random.Generator) -> Asset:
    lines = _draw(rng)
    mesh = shell(lines)
    glass = window_field(lines)
    windows, mesh = cut(mesh, glass(mesh.vertices.astype(float)))
    rubber, mesh = cut(mesh, glass(mesh.vertices.astype(float)) - 0.022)
    wells, mesh = cut(mesh, lines.arch(mesh.vertices.astype(float), 0.045) - 0.006)
    thin = rng.uniform(0.045, 0.075)
    lamp, rear = 0.655 + lines.high + lines.snub / 2, 0.83 + lines.high  # heights of the lamps' middles
    big = 0.17 if lines.kind != "saloon" else 0.075
    lamps, bulbs, mesh = headlamps(mesh, lines, lamp, thin)
    red, white, mesh = rear_lamps(mesh, lines, rear, big)
    black, mesh = cut(mesh, opening_field(lines, lamp + thin * 0.3)(mesh.vertices.astype(float)))
    paint = vary(pick(PAINTS, rng), rng, 0.03)
    seams, handles = flank(mesh, lines)
    y = mesh.vertices[:, 1]
    front, back = drawn_on(mesh, y < lines.ends[0] + 0.5), drawn_on(mesh, y > lines.ends[1] - 0.7)
    edge = lamp + thin * 0.3
    seams.append(back([(0.0, rear - 0.22), (0.5, rear - 0.22), (0.62, rear - 0.17), (0.66, rear - big * 0.8)]))
    seams.append(
        front([(0.0, edge + 0.04), (0.38, edge + 0.04), (0.46, lamp + thin + 0.02), (0.70, lamp + thin + 0.04)])
    )
    badges = ((lines.ends[0], lamp - 0.02), (lines.ends[1] - 0.005, rear + 0.06))
    chrome = [front([(-0.36, edge - 0.01), (0.0, edge - 0.01), (0.36, edge - 0.01)])]
    chrome.append(blend([ball((0, y, z), (0.055, 0.02, 0.055)) for y, z in badges], melt=0, detail=0.008)[0])
    if lines.kind in ("suv", "estate"):
        steps = (
            (lines.crest + 0.25, -0.06),
            (lines.crest + 0.4, 0.02),
            (lines.drop - 0.4, -0.01),
            (lines.drop - 0.25, -0.08),
        )
        chrome += pairs(tube(smooth([(0.53, y, lines.roof + z) for y, z in steps], 20), 0.02, 8))
    mirrors = ball((0.90, lines.cowl + 0.38, lines.belt + 0.10), (0.11, 0.055, 0.075)).mirrored()
    cap, _ = blend(mirrors, melt=0.02, detail=0.012)
    scale = lines.length
    parts = [
        Part(mesh=mesh, colour=paint, material="paint", scale=scale),
        Part(mesh=join(cap, *pairs(*handles)), colour=paint, material="paint", scale=scale),
        Part(mesh=windows, colour=(0.05, 0.06, 0.065), material="eye", keep=True),
        Part(mesh=join(wells, black, rubber), colour=DARK, material="matte"),
        Part(mesh=join(*pairs(*seams)), colour=DARK, material="matte"),
        Part(mesh=lamps, colour=(0.33, 0.35, 0.37), material="eye", keep=True),
        Part(mesh=join(bulbs, white), colour=(0.95, 0.95, 0.93), material="eye", keep=True),
        Part(mesh=join(*chrome), colour=(0.8, 0.81, 0.82), material="steel", scale=scale),
        Part(mesh=red, colour=(0.55, 0.02, 0.025), material="eye", keep=True),
    ]
    tyre, rim = (
        join(*pairs(*(mesh.moved((0.775, axle, lines.wheel)) for axle in lines.axles)))
        for mesh in car_wheel(lines.wheel, rng)
    )
    parts.append(Part(mesh=tyre, colour=(0.045, 0.045, 0.047), material="rubber"))
    parts.append(Part(mesh=rim, colour=(0.68, 0.69, 0.71), material="steel", smooth=False))
    parts += _plate(lines.ends[0] - 0.006, 0.48 + lines.high * 0.8, 0, rng)
    parts += _plate(lines.ends[1] + 0.006, 0.70 + lines.high * 0.8, 180, rng)
    return Asset(parts=tuple(parts))


def _draw(rng: np.random.Generator) -> Lines:
    kind = pick(("hatch", "saloon", "estate", "suv"), rng)
    high = 0.12 if kind == "suv" else 0.0
    length = {"hatch": 4.0, "saloon": 4.6, "estate": 4.6, "suv": 4.45}[kind] * rng.uniform(0.98, 1.02)
    front, tail = -length / 2 + 0.84, length / 2
    roof = 1.45 + 1.5 * high + rng.uniform(-0.02, 0.03)
    cowl, crest = front + rng.uniform(0.42, 0.52), front + rng.uniform(1.22, 1.36)
    drop, foot = {"hatch": (0.62, 0.14), "saloon": (1.45, 0.62), "estate": (0.5, 0.10), "suv": (0.55, 0.10)}[kind]
    rear = tail - (0.70 if kind == "hatch" else 0.95)
    return Lines(
        kind=kind, length=length, high=high, axles=(front, rear), wheel=0.325 + high / 3, sill=0.20 + 0.8 * high, belt=0.93 + high,
        roof=roof, cowl=cowl, crest=crest, drop=tail - drop, foot=tail - foot, snub=rng.uniform(0.0, 0.06),
    )  # fmt: skip


def _plate(y: float, z: float, yaw: float, rng: np.random.Generator) -> list[Part]:
    """A number plate: upright strokes, some joined as in H or L."""
    letters = []
    for x in np.delete(np.linspace(-0.20, 0.20, 8), int(rng.integers(2, 6))):
        letters.append(box((0.012, 0.024, 0.07), (x - 0.012, 0, 0)))
        letters.append(box((0.03, 0.024, 0.012), (x, 0, pick((-0.03, 0.0, 0.03), rng))))
        letters += [box((0.012, 0.024, 0.07), (x + 0.012, 0, 0))] * int(rng.integers(2))
    return [
        Part(mesh=part.turned(yaw).moved((0, y, z)), colour=tint, material="plastic", smooth=False, keep=True)
        for part, tint in (
            (box((0.50, 0.02, 0.11), (0, 0, 0), 0.004), (0.9, 0.9, 0.87)),
            (join(*letters), (0.05, 0.05, 0.08)),
        )
    ]


OBJECT = Kind(build=build, phrase="a car", group="vehicle", imagenet=(436, 468, 511, 627, 656, 717, 751, 817))
