"""A passenger car: hatchback, saloon, estate or off-roader, with glass, lamps, grille, mirrors, plates, tyres and rims."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.spatial import cKDTree

from foveate.rendering.modelling.cutting import cut, outline, smooth_maximum, tabulated
from foveate.rendering.modelling.patterns import pick, vary
from foveate.rendering.modelling.profiles import box, join, lathe, pairs, smooth, tube
from foveate.rendering.modelling.solids import Solid, ball, blend
from foveate.rendering.scene import Array, Asset, Kind, Mesh, Part

PAINTS = [(0.85, 0.86, 0.86), (0.62, 0.64, 0.66), (0.27, 0.29, 0.31), (0.05, 0.05, 0.06), (0.62, 0.05, 0.06), (0.08, 0.20, 0.45),
          (0.10, 0.28, 0.22), (0.80, 0.42, 0.08), (0.35, 0.50, 0.62), (0.55, 0.48, 0.38)]  # fmt: skip
DARK = (0.035, 0.035, 0.04)


def build(rng: np.random.Generator) -> Asset:
    kind = pick(("hatch", "saloon", "estate", "suv"), rng)
    high = 0.12 if kind == "suv" else 0.0
    length = {"hatch": 4.0, "saloon": 4.6, "estate": 4.6, "suv": 4.45}[kind] * rng.uniform(0.98, 1.02)
    nose, tail, wheel = -length / 2, length / 2, 0.325 + high / 3
    front, rear = nose + 0.84, tail - (0.70 if kind == "hatch" else 0.95)
    roof, belt, sill = 1.45 + 1.5 * high + rng.uniform(-0.02, 0.03), 0.93 + high, 0.20 + 0.8 * high
    cowl, crest = front + rng.uniform(0.42, 0.52), front + rng.uniform(1.22, 1.36)
    drop = {"hatch": tail - 0.62, "saloon": tail - 1.45, "estate": tail - 0.5, "suv": tail - 0.55}[kind]
    foot = {"hatch": tail - 0.14, "saloon": tail - 0.62, "estate": tail - 0.10, "suv": tail - 0.10}[kind]
    snub = rng.uniform(0.0, 0.06)
    top = [
        (nose + 0.05, 0.69 + high + snub), (nose + 0.28, 0.79 + high + snub), (cowl, belt + 0.04),
        (0.3, belt + 0.02), (foot, belt + 0.07), (tail - 0.06, belt + 0.04),
    ]  # fmt: skip
    ends = [
        (tail, 0.62 + high), (tail - 0.01, sill + 0.22), (tail - 0.12, sill + 0.03), (nose + 0.14, sill),
        (nose + 0.01, sill + 0.2), (nose, 0.5 + high),
    ]  # fmt: skip
    side = tabulated([*top, *ends])
    hood = [
        (cowl - 0.1, belt - 0.1), (cowl, belt + 0.03), (crest - 0.08, roof - 0.05), (crest + 0.3, roof),
        ((crest + drop) / 2 + 0.2, roof + 0.005),
    ]  # fmt: skip
    cab_side = tabulated(
        [*hood, (drop - 0.2, roof - 0.035), (drop, roof - 0.085), (foot, belt + 0.05), (foot, belt - 0.1)]
    )

    def body(p: Array) -> Array:
        x, y, z = np.abs(p[:, 0]), p[:, 1], p[:, 2]
        bow = np.where(y < 0, -0.16, 0.12) * x**2 - np.where(y < 0, 1, -1) * 0.30 * np.clip(x - 0.5, 0, 1) ** 2
        wide = 0.885 - 0.05 * np.abs(y / length * 2) ** 3
        swell = (
            0.9 * np.clip(sill + 0.25 - z, 0, 1) ** 1.5
            + 0.14 * np.clip(z - 0.72 - high, 0, 1)
            - 0.012 * np.exp(-(((z - 0.74 - high) / 0.03) ** 2))
        )
        flare = 0.02 * sum(
            np.exp(-(((np.hypot(y - axle, z - wheel) - wheel - 0.05) / 0.06) ** 2)) for axle in (front, rear)
        )
        return smooth_maximum(side(y + bow, z + 0.05 * x**2), x + swell - flare - wide, 0.09)

    def cabin(p: Array) -> Array:
        x, y, z = np.abs(p[:, 0]), p[:, 1], p[:, 2]
        bow = np.where(y < crest + 0.3, -0.18, 0.14) * x**2
        wide = 0.80 - 0.42 * (z - belt) - 0.05 * np.clip((y - crest) / 2, 0, 1) ** 2
        return smooth_maximum(cab_side(y + bow, z + 0.05 * x**2), (x - wide) * 0.9, 0.07)

    arches = [_wheel_space(axle, wheel, 0.045) for axle in (front, rear)]
    low, upper = np.array([-1.0, nose - 0.05, sill - 0.05]), np.array([1.0, tail + 0.05, roof + 0.05])
    mirrors = ball((0.90, cowl + 0.38, belt + 0.10), (0.11, 0.055, 0.075)).mirrored()
    whole = Solid(
        lambda p: np.maximum(-smooth_maximum(-body(p), -cabin(p), 0.05), -np.minimum(*(a(p) for a in arches))),
        low,
        upper,
    )
    mesh, _ = blend(whole, melt=0, detail=0.026)
    # The glass: everything on the cabin inside these outlines, seen from the side, from the front and from behind.
    base, lid = belt + 0.085, roof - 0.10
    pillars = [crest + 0.68, min(drop - 0.10, crest + 1.66)]
    corner = foot - 0.30
    side_glass = outline([
        (cowl + 0.34, base), (corner, base + 0.03), (drop - 0.06, lid - 0.01), (crest + 0.2, lid),
        (crest + 0.02, lid - 0.03),
    ], 0.03)  # fmt: skip
    screen = outline([(-0.68, belt + 0.10), (0.68, belt + 0.10), (0.53, roof - 0.085), (-0.53, roof - 0.085)], 0.04)
    back = outline([(-0.60, belt + 0.15), (0.60, belt + 0.15), (0.48, roof - 0.13), (-0.48, roof - 0.13)], 0.05)

    def glass(p: Array) -> Array:
        x, y, z = p.T
        frames = np.min([np.abs(y - post + 0.08 * (z - belt)) - 0.035 for post in pillars], axis=0)
        flank = np.maximum(np.maximum(side_glass(y, z), -frames), 0.54 - np.abs(x) + 0.06)
        middle = (crest + drop) / 2
        return np.minimum(flank, np.minimum(np.maximum(screen(x, z), y - middle), np.maximum(back(x, z), middle - y)))

    windows, mesh = cut(mesh, glass(mesh.vertices.astype(float)))
    rubber, mesh = cut(mesh, glass(mesh.vertices.astype(float)) - 0.022)
    wells, mesh = cut(mesh, np.minimum(*(a(mesh.vertices.astype(float)) for a in arches)) - 0.006)
    z0, thin = 0.655 + high + snub / 2, rng.uniform(0.045, 0.075)
    eyes = outline([
        (0.40, z0 - thin), (0.74, z0 - thin), (0.93, z0 + 0.02), (0.93, z0 + 0.10), (0.72, z0 + thin),
        (0.44, z0 + thin * 0.4),
    ], 0.02)  # fmt: skip
    lamps, mesh = cut(mesh, _at_end(mesh, eyes, lambda x, y: y - nose - 0.42 - 0.4 * (x - 0.9)))
    bulbs, lamps = cut(
        lamps,
        _at_end(
            lamps,
            lambda x, z: np.minimum(*(np.hypot(x - c, z - z0 + 0.004) - thin * 0.72 for c in (0.55, 0.70))),
            lambda x, y: y,
        ),
    )
    tall, z1 = (0.17 if kind != "saloon" else 0.075), 0.83 + high
    rears = outline([
        (0.50 + tall, z1 - tall * 0.8), (0.95, z1 - tall * 0.6), (0.95, z1 + tall),
        (0.58 + tall / 2, z1 + tall * 0.85), (0.40 + tall * 1.4, z1),
    ], 0.02)  # fmt: skip
    red, mesh = cut(mesh, _at_end(mesh, rears, lambda x, y: tail - 0.34 - y))
    white, red = cut(red, _at_end(red, lambda x, z: np.abs(z - z1 + tall * 0.45) - tall * 0.2, lambda x, y: x - 0.80))
    grille = outline(
        [(-0.34, 0.55 + high), (0.34, 0.55 + high), (0.40, z0 + thin * 0.3), (-0.40, z0 + thin * 0.3)], 0.02
    )
    intake = outline([(-0.50, sill + 0.06), (0.50, sill + 0.06), (0.42, sill + 0.19), (-0.42, sill + 0.19)], 0.03)
    pocket = outline([(0.58, sill + 0.09), (0.78, sill + 0.11), (0.76, sill + 0.20), (0.60, sill + 0.16)], 0.02)

    def openings(p: Array) -> Array:
        x, y, z = np.abs(p[:, 0]), p[:, 1], p[:, 2]
        mouth = np.maximum(np.minimum(np.minimum(grille(x, z), intake(x, z)), pocket(x, z)), y - nose - 0.3)
        skirt = z - sill - (0.11 if kind == "suv" else 0.045) - np.where(y > tail - 0.5, 0.08, 0)
        cladding = np.min([np.hypot(y - axle, z - wheel) for axle in (front, rear)], axis=0) - wheel - 0.11
        return np.minimum(np.minimum(mouth, skirt), cladding if kind == "suv" else mouth)

    black, mesh = cut(mesh, openings(mesh.vertices.astype(float)))
    paint = vary(pick(PAINTS, rng), rng, 0.03)
    # Lines: doors, handles, bonnet; found on the shell by looking from the side.
    find = cKDTree(mesh.vertices[mesh.vertices[:, 0] > 0.5][:, 1:])
    xs = mesh.vertices[mesh.vertices[:, 0] > 0.5][:, 0]

    def on_side(line: Sequence[tuple[float, float]], out: float) -> list[tuple[float, float, float]]:
        rows = np.asarray(smooth(line, 30))
        near, which = find.query(rows, k=4)
        x = (xs[which] / (near + 1e-3)).sum(1) / (1 / (near + 1e-3)).sum(1)
        return [(a + out, b, c) for a, (b, c) in zip(x, rows, strict=True)]

    bottom, posts = sill + 0.12, [cowl + 0.22, pillars[0], min(pillars[1] + 0.02, rear + 0.05)]
    seams = [tube(on_side([(y, bottom), (y - 0.01, 0.6), (y - 0.0, belt + 0.02)], -0.002), 0.007, 6) for y in posts[:2]]
    seams.append(
        tube(
            on_side(
                [(rear - wheel - 0.10, bottom), (rear - wheel - 0.09, 0.55 + high), (posts[2], belt + 0.02)], -0.002
            ),
            0.007,
            6,
        )
    )
    seams.append(tube(on_side([(posts[0], bottom), (0, bottom), (rear - wheel - 0.10, bottom)], -0.002), 0.007, 6))
    handles = [
        box((0.03, 0.17, 0.03), on_side([(y - 0.15, belt - 0.09), (y - 0.14, belt - 0.09)], 0.01)[0], 0.01)
        for y in posts[1:]
    ]
    cap, _ = blend(mirrors, melt=0.02, detail=0.012)
    ahead = cKDTree(mesh.vertices[:, [0, 2]] + np.where(mesh.vertices[:, 1:2] < nose + 0.5, 0, 99))
    behind = cKDTree(mesh.vertices[:, [0, 2]] + np.where(mesh.vertices[:, 1:2] > tail - 0.7, 0, 99))

    def across(tree: cKDTree, line: Sequence[tuple[float, float]]) -> Mesh:
        rows = np.asarray(smooth(line, 24))
        y = mesh.vertices[tree.query(rows, k=4)[1], 1].mean(1)
        return tube(np.stack([rows[:, 0], y, rows[:, 1]], -1), 0.007, 6)

    lid_line = [(0.0, z1 - 0.22), (0.5, z1 - 0.22), (0.62, z1 - 0.17), (0.66, z1 - tall * 0.8)]
    seams.append(across(behind, lid_line))
    seams.append(across(ahead, [
        (0.0, z0 + thin * 0.3 + 0.04), (0.38, z0 + thin * 0.3 + 0.04), (0.46, z0 + thin + 0.02),
        (0.70, z0 + thin + 0.04),
    ]))  # fmt: skip
    top_bar = across(
        ahead, [(-0.36, z0 + thin * 0.3 - 0.01), (0.0, z0 + thin * 0.3 - 0.01), (0.36, z0 + thin * 0.3 - 0.01)]
    )
    badges = [ball((0, y, z), (0.055, 0.02, 0.055)) for y, z in ((nose + 0.0, z0 - 0.02), (tail - 0.005, z1 + 0.06))]
    chrome = [top_bar, blend(badges, melt=0, detail=0.008)[0]]
    if kind in ("suv", "estate"):
        rail = [
            (0.53, crest + 0.25, roof - 0.06), (0.53, crest + 0.4, roof + 0.02), (0.53, drop - 0.4, roof - 0.01),
            (0.53, drop - 0.25, roof - 0.08),
        ]  # fmt: skip
        chrome += pairs(tube(smooth(rail, 20), 0.02, 8))
    parts = [
        Part(mesh=mesh, colour=paint, material="paint", scale=length),
        Part(mesh=join(cap, *pairs(*handles)), colour=paint, material="paint", scale=length),
        Part(mesh=windows, colour=(0.05, 0.06, 0.065), material="eye", keep=True),
        Part(mesh=join(wells, black, rubber), colour=DARK, material="matte"),
        Part(mesh=join(*pairs(*seams)), colour=DARK, material="matte"),
        Part(mesh=lamps, colour=(0.33, 0.35, 0.37), material="eye", keep=True),
        Part(mesh=join(bulbs, white), colour=(0.95, 0.95, 0.93), material="eye", keep=True),
        Part(mesh=join(*chrome), colour=(0.8, 0.81, 0.82), material="steel", scale=length),
        Part(mesh=red, colour=(0.55, 0.02, 0.025), material="eye", keep=True),
    ]
    tyre, rim = _wheel(wheel, rng)
    for part, colour, material in ((tyre, (0.045, 0.045, 0.047), "rubber"), (rim, (0.68, 0.69, 0.71), "steel")):
        placed = [part.moved((0.775, axle, wheel)) for axle in (front, rear)]
        parts.append(Part(mesh=join(*pairs(*placed)), colour=colour, material=material, smooth=material == "rubber"))
    for y, z, yaw in ((nose - 0.006, 0.48 + high * 0.8, 0), (tail + 0.006, 0.70 + high * 0.8, 180)):
        parts += _plate(y, z, yaw, rng)
    return Asset(parts=tuple(parts))


def _wheel(radius: float, rng: np.random.Generator) -> tuple[Mesh, Mesh]:
    """A tyre and its rim with spokes, the axle along x, the outside at +x."""
    inner, half = radius * 0.68, 0.095
    tyre = lathe([
        (inner, -half), (radius * 0.93, -half - 0.005), (radius, -half + 0.03), (radius, half - 0.03),
        (radius * 0.93, half + 0.005), (inner, half - 0.01), (inner * 0.97, half - 0.05), (0.0, half - 0.06),
    ], 48)  # fmt: skip
    lip = lathe([
        (inner * 1.02, half - 0.005), (inner * 1.0, half + 0.008), (inner * 0.93, half), (inner * 0.92, half - 0.04),
        (inner * 1.0, half - 0.04),
    ], 48)  # fmt: skip
    count = int(rng.choice([5, 6, 7, 10]))
    width = 0.36 / count
    spokes = [
        box((width, inner * 0.95, 0.03), (0, inner * 0.5, half - 0.012), 0.008).turned(360 * k / count)
        for k in range(count)
    ]
    hub = lathe([(0.075, half - 0.03), (0.075, half + 0.004), (0.05, half + 0.012), (0.0, half + 0.012)], 24)
    return tyre.turned(90, "y"), join(lip, hub, *spokes).turned(90, "y")


def _plate(y: float, z: float, yaw: float, rng: np.random.Generator) -> list[Part]:
    ground = box((0.50, 0.02, 0.11), (0, 0, 0), 0.004)
    letters = []
    for x in np.delete(
        np.linspace(-0.20, 0.20, 8), int(rng.integers(2, 6))
    ):  # upright strokes, some joined as in H or L
        letters += [
            box((0.012, 0.024, 0.07), (x - 0.012, 0, 0)),
            box((0.03, 0.024, 0.012), (x, 0, rng.choice([-0.03, 0.0, 0.03]))),
        ]
        letters += [box((0.012, 0.024, 0.07), (x + 0.012, 0, 0))] * int(rng.integers(2))
    colour = (0.9, 0.9, 0.87)
    return [
        Part(mesh=part.turned(yaw).moved((0, y, z)), colour=tint, material="plastic", smooth=False, keep=True)
        for part, tint in ((ground, colour), (join(*letters), (0.05, 0.05, 0.08)))
    ]


def _wheel_space(axle: float, radius: float, gap: float) -> Callable[[Array], Array]:
    def distance(p: Array) -> Array:
        return np.maximum(np.hypot(p[:, 1] - axle, p[:, 2] - radius) - radius - gap, 0.56 - np.abs(p[:, 0]))

    return distance


def _at_end(mesh: Mesh, shape: Callable[[Array, Array], Array], depth: Callable[[Array, Array], Array]) -> Array:
    """Per vertex, negative inside an outline in |x| and z and before a depth."""
    x, y, z = (
        np.abs(mesh.vertices[:, 0]).astype(float),
        mesh.vertices[:, 1].astype(float),
        mesh.vertices[:, 2].astype(float),
    )
    return np.maximum(shape(x, z), depth(x, y))


OBJECT = Kind(build=build, phrase="a car", group="vehicle", imagenet=(436, 468, 511, 627, 656, 717, 751, 817))
