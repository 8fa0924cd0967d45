"""A car's body: the shell from its lines, what is cut out of it for glass, lamps and air, and the seams drawn on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from foveate.rendering.modelling.cutting import cut, outline, smooth_maximum, tabulated
from foveate.rendering.modelling.profiles import box, smooth, tube
from foveate.rendering.modelling.solids import Field, Solid, blend
from foveate.rendering.scene import Array, Mesh

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Lines:
    """The lines that a car is drawn from, in metres, its nose at −y.

    Attributes:
        high: what an off-roader stands higher. axles: y of the front and the rear one. wheel: radius of the tyres.
        sill, belt, roof: heights of the lower edge, of the windows' and of the roof. snub: how high the nose is.
        cowl, crest: y of the windscreen's foot and top; drop, foot: of the rear window's top and foot.
    """

    kind: str
    length: float
    high: float
    axles: tuple[float, float]
    wheel: float
    sill: float
    belt: float
    roof: float
    cowl: float
    crest: float
    drop: float
    foot: float
    snub: float

    @property
    def ends(self) -> tuple[float, float]:
        return -self.length / 2, self.length / 2

    @property
    def pillars(self) -> tuple[float, float]:
        return self.crest + 0.68, min(self.drop - 0.10, self.crest + 1.66)

    def arch(self, p: Array, gap: float) -> Array:
        """Distance from the space that the wheels need, negative inside."""
        away = np.min([np.hypot(p[:, 1] - axle, p[:, 2] - self.wheel) for axle in self.axles], axis=0)
        return np.maximum(away - self.wheel - gap, 0.56 - np.abs(p[:, 0]))


def shell(c: Lines) -> Mesh:
    """Body and cabin, each an outline from the side that is curved across, without the wheels' arches."""
    (nose, tail), high, sill, belt, roof = c.ends, c.high, c.sill, c.belt, c.roof
    side = tabulated([
        (nose + 0.05, 0.69 + high + c.snub), (nose + 0.28, 0.79 + high + c.snub), (c.cowl, belt + 0.04), (0.3, belt + 0.02),
        (c.foot, belt + 0.07), (tail - 0.06, belt + 0.04), (tail, 0.62 + high), (tail - 0.01, sill + 0.22),
        (tail - 0.12, sill + 0.03), (nose + 0.14, sill), (nose + 0.01, sill + 0.2), (nose, 0.5 + high),
    ])  # fmt: skip
    house = tabulated([
        (c.cowl - 0.1, belt - 0.1), (c.cowl, belt + 0.03), (c.crest - 0.08, roof - 0.05), (c.crest + 0.3, roof),
        ((c.crest + c.drop) / 2 + 0.2, roof + 0.005), (c.drop - 0.2, roof - 0.035), (c.drop, roof - 0.085), (c.foot, belt + 0.05),
        (c.foot, belt - 0.1),
    ])  # fmt: skip

    def body(x: Array, y: Array, z: Array) -> Array:
        bow = np.where(y < 0, -0.16, 0.12) * x**2 - np.where(y < 0, 1, -1) * 0.30 * np.clip(x - 0.5, 0, 1) ** 2
        wide = 0.885 - 0.05 * np.abs(y / c.length * 2) ** 3
        swell = 0.9 * np.clip(sill + 0.25 - z, 0, 1) ** 1.5 + 0.14 * np.clip(z - 0.72 - high, 0, 1)
        swell = swell - 0.012 * np.exp(-(((z - 0.74 - high) / 0.03) ** 2))  # the crease along the doors
        arches = [np.exp(-(((np.hypot(y - axle, z - c.wheel) - c.wheel - 0.05) / 0.06) ** 2)) for axle in c.axles]
        return smooth_maximum(side(y + bow, z + 0.05 * x**2), x + swell - 0.02 * sum(arches) - wide, 0.09)

    def cabin(x: Array, y: Array, z: Array) -> Array:
        bow = np.where(y < c.crest + 0.3, -0.18, 0.14) * x**2
        wide = 0.80 - 0.42 * (z - belt) - 0.05 * np.clip((y - c.crest) / 2, 0, 1) ** 2
        return smooth_maximum(house(y + bow, z + 0.05 * x**2), (x - wide) * 0.9, 0.07)

    def whole(p: Array) -> Array:
        q = np.abs(p[:, 0]), p[:, 1], p[:, 2]
        return np.maximum(-smooth_maximum(-body(*q), -cabin(*q), 0.05), -c.arch(p, 0.045))

    low, upper = np.array([-1.0, nose - 0.05, sill - 0.05]), np.array([1.0, tail + 0.05, roof + 0.05])
    return blend(Solid(whole, low, upper), melt=0, detail=0.026)[0]


def window_field(c: Lines) -> Field:
    """Everything on the cabin inside these outlines, seen from the side, from the front and from behind."""
    base, lid, roof = c.belt + 0.085, c.roof - 0.10, c.roof
    doors = outline([
        (c.cowl + 0.34, base), (c.foot - 0.30, base + 0.03), (c.drop - 0.06, lid - 0.01), (c.crest + 0.2, lid), (c.crest + 0.02, lid - 0.03),
    ], 0.03)  # fmt: skip
    screen = outline([(-0.68, c.belt + 0.10), (0.68, c.belt + 0.10), (0.53, roof - 0.085), (-0.53, roof - 0.085)], 0.04)
    back = outline([(-0.60, c.belt + 0.15), (0.60, c.belt + 0.15), (0.48, roof - 0.13), (-0.48, roof - 0.13)], 0.05)
    middle = (c.crest + c.drop) / 2

    def glass(p: Array) -> Array:
        x, y, z = p.T
        frames = np.min([np.abs(y - post + 0.08 * (z - c.belt)) - 0.035 for post in c.pillars], axis=0)
        sides = np.max([doors(y, z), -frames, 0.54 - np.abs(x) + 0.06], axis=0)
        return np.minimum(sides, np.minimum(np.maximum(screen(x, z), y - middle), np.maximum(back(x, z), middle - y)))

    return glass


def headlamps(mesh: Mesh, c: Lines, z0: float, thin: float) -> tuple[Mesh, Mesh, Mesh]:
    """Lamps, the bulbs in them, and the rest of the mesh."""
    eyes = outline([
        (0.40, z0 - thin), (0.74, z0 - thin), (0.93, z0 + 0.02), (0.93, z0 + 0.10), (0.72, z0 + thin), (0.44, z0 + thin * 0.4),
    ], 0.02)  # fmt: skip
    x, y, z = _seen(mesh)
    lamps, rest = cut(mesh, np.maximum(eyes(x, z), y - c.ends[0] - 0.42 - 0.4 * (x - 0.9)))
    x, y, z = _seen(lamps)
    round_ = np.min([np.hypot(x - middle, z - z0 + 0.004) - thin * 0.72 for middle in (0.55, 0.70)], axis=0)
    bulbs, lamps = cut(lamps, np.maximum(round_, y))
    return lamps, bulbs, rest


def rear_lamps(mesh: Mesh, c: Lines, z1: float, tall: float) -> tuple[Mesh, Mesh, Mesh]:
    """Red lamps, white ones in them, and the rest of the mesh."""
    shape = outline([
        (0.50 + tall, z1 - tall * 0.8), (0.95, z1 - tall * 0.6), (0.95, z1 + tall), (0.58 + tall / 2, z1 + tall * 0.85),
        (0.40 + tall * 1.4, z1),
    ], 0.02)  # fmt: skip
    x, y, z = _seen(mesh)
    red, rest = cut(mesh, np.maximum(shape(x, z), c.ends[1] - 0.34 - y))
    x, y, z = _seen(red)
    white, red = cut(red, np.maximum(np.abs(z - z1 + tall * 0.45) - tall * 0.2, x - 0.80))
    return red, white, rest


def opening_field(c: Lines, top: float) -> Field:
    """Grille, intake and fog lamps in front, the dark lower edge, an off-roader's cladding around the wheels."""
    sill, nose = c.sill, c.ends[0]
    grille = outline([(-0.34, 0.55 + c.high), (0.34, 0.55 + c.high), (0.40, top), (-0.40, top)], 0.02)
    intake = outline([(-0.50, sill + 0.06), (0.50, sill + 0.06), (0.42, sill + 0.19), (-0.42, sill + 0.19)], 0.03)
    pocket = outline([(0.58, sill + 0.09), (0.78, sill + 0.11), (0.76, sill + 0.20), (0.60, sill + 0.16)], 0.02)

    def openings(p: Array) -> Array:
        x, y, z = np.abs(p[:, 0]), p[:, 1], p[:, 2]
        mouth = np.maximum(np.min([grille(x, z), intake(x, z), pocket(x, z)], axis=0), y - nose - 0.3)
        skirt = z - sill - (0.11 if c.kind == "suv" else 0.045) - np.where(y > c.ends[1] - 0.5, 0.08, 0)
        cladding = np.min([np.hypot(y - axle, z - c.wheel) for axle in c.axles], axis=0) - c.wheel - 0.11
        return np.min([mouth, skirt, cladding if c.kind == "suv" else mouth], axis=0)

    return openings


def flank(mesh: Mesh, c: Lines) -> tuple[list[Mesh], list[Mesh]]:
    """The doors' seams and handles of one side, found on the shell by looking from the side."""
    from scipy.spatial import cKDTree

    p = mesh.vertices[mesh.vertices[:, 0] > 0.5]
    find = cKDTree(p[:, 1:])

    def on_side(line: Points, out: float) -> list[tuple[float, float, float]]:
        rows = np.asarray(smooth(line, 30))
        near, which = find.query(rows, k=4)
        x = (p[which, 0] / (near + 1e-3)).sum(1) / (1 / (near + 1e-3)).sum(1)
        return [(a + out, y, z) for a, (y, z) in zip(x, rows, strict=True)]

    bottom, rear, belt = c.sill + 0.12, c.axles[1] - c.wheel - 0.10, c.belt
    posts = [c.cowl + 0.22, c.pillars[0], min(c.pillars[1] + 0.02, c.axles[1] + 0.05)]
    seams: list[Points] = [[(y, bottom), (y - 0.01, 0.6), (y, belt + 0.02)] for y in posts[:2]]
    seams.append([(rear, bottom), (rear + 0.01, 0.55 + c.high), (posts[2], belt + 0.02)])
    seams.append([(posts[0], bottom), (0, bottom), (rear, bottom)])
    places = [on_side([(y - 0.15, belt - 0.09), (y - 0.14, belt - 0.09)], 0.01)[0] for y in posts[1:]]
    return [tube(on_side(seam, -0.002), 0.007, 6) for seam in seams], [
        box((0.03, 0.17, 0.03), at, 0.01) for at in places
    ]


def drawn_on(mesh: Mesh, where: Array) -> Callable[[Points], Mesh]:
    """What draws a line of (x, z) points on the front or the back of the shell."""
    from scipy.spatial import cKDTree

    find = cKDTree(mesh.vertices[:, [0, 2]] + np.where(where, 0, 99)[:, None])

    def across(line: Points) -> Mesh:
        rows = np.asarray(smooth(line, 24))
        y = mesh.vertices[find.query(rows, k=4)[1], 1].mean(1)
        return tube(np.stack([rows[:, 0], y, rows[:, 1]], -1), 0.007, 6)

    return across


def _seen(mesh: Mesh) -> tuple[Array, Array, Array]:
    """|x|, y and z of the vertices."""
    x, y, z = mesh.vertices.astype(float).T
    return np.abs(x), y, z
