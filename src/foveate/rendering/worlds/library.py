"""A library: shelves of books on every side, a patterned carpet, reading tables with green lamps, leather chairs, a globe."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.patterns import mix, noise, smoothstep, vary
from foveate.rendering.modelling.profiles import join, lathe, sheet, smooth, tube
from foveate.rendering.modelling.rooms import (
    Bounds,
    bookcase,
    books,
    boxed,
    picture,
    plant,
    put,
    slabs,
    sofa,
    turn,
    wall,
)
from foveate.rendering.modelling.solids import ball, blend
from foveate.rendering.scene import Array, Colour, Lamp, Part, Place, World

HALF, HEIGHT = 6.0, 5.2
GAP = 0.55  # what stands along the walls is built for HALF and moved out by this, off the camera's way
FULL = HALF + GAP


def build(rng: np.random.Generator) -> World:
    wood = vary(((0.46, 0.31, 0.20), (0.58, 0.41, 0.26), (0.38, 0.25, 0.17))[rng.integers(3)], rng, 0.06)
    paint = vary(((0.80, 0.74, 0.62), (0.42, 0.47, 0.42), (0.62, 0.52, 0.44))[rng.integers(3)], rng, 0.04)
    parts = [
        boxed([(-FULL, FULL, -FULL, FULL, -0.2, -0.006)], vary((0.45, 0.28, 0.17), rng, 0.1), "planks"),
        _carpet(rng),
    ]
    makers = [_tables, _fireside, _ladder, _gallery]
    for yaw, k in zip((0, 90, 180, 270), np.roll(np.arange(4), rng.integers(4)), strict=True):
        side = [Part(mesh=wall(FULL, HEIGHT), colour=paint, material="plaster", smooth=False)]
        parts += turn(side + put(makers[k](rng, wood), 0, GAP), yaw)
    return World(
        phrase="a library",
        parts=tuple(parts),
        sky=None,
        fill=0.6,
        lamps=(
            Lamp(place=(-1.5, -1.5, 4.8), target=(0, 0, 0), watts=270, size=2.4, kelvin=3900),
            Lamp(place=(3.5, 3.0, 4.6), target=(1, 1, 0.5), watts=100, size=2.4, kelvin=3600),
        ),
        indoor=True,
        exposure=1.15,
    )


def _carpet(rng: np.random.Generator) -> Part:
    """A great carpet with a border, strewn with a small repeating device."""
    mesh = sheet(9.6, 9.6, 320, 320)
    x, y = mesh.vertices[:, 0], mesh.vertices[:, 1]
    pairs = (
        ((0.44, 0.22, 0.20), (0.66, 0.55, 0.40)),
        ((0.26, 0.34, 0.29), (0.60, 0.56, 0.43)),
        ((0.26, 0.30, 0.40), (0.62, 0.58, 0.50)),
    )
    field, light = (np.array(vary(c, rng, 0.06)) for c in pairs[rng.integers(3)])
    edge = 4.8 - np.maximum(np.abs(x), np.abs(y))
    u, v = np.mod(x + y, 0.8) - 0.4, np.mod(x - y, 0.8) - 0.4
    device = np.hypot(u, v) + 0.05 * np.cos(4 * np.arctan2(v, u))
    lattice = np.minimum(np.abs(u), np.abs(v))
    colour = mix(
        field,
        0.62 * light + 0.38 * field,
        (1 - smoothstep(0.13, 0.17, device)) + smoothstep(0.35, 0.39, lattice) * (device > 0.3),
    )
    colour = mix(colour, 0.7 * field, 1 - smoothstep(0.06, 0.09, device))
    colour = np.where((edge < 0.6)[:, None], 0.65 * field, colour)
    colour = np.where((np.abs(edge - 0.6) < 0.03)[:, None] | (np.abs(edge - 0.16) < 0.03)[:, None], light, colour)
    colour = colour * (0.80 + 0.35 * noise(0.9, int(rng.integers(1 << 30)))(mesh.vertices))[:, None]
    return Part(mesh=mesh, colour=np.clip(colour, 0, 1), material="carpet", smooth=False)


def _cases(
    rng: np.random.Generator, wood: Colour, spans: tuple[tuple[float, float], ...], height: float = 3.3
) -> list[Part]:
    """Tall bookcases in the given stretches of a wall, with pilasters between them and a cornice."""
    found: list[Part] = []
    trim: list[Bounds] = []
    for a, b in spans:
        count = max(round((b - a) / 2.4), 1)
        for k in range(count):
            middle, width = a + (b - a) * (k + 0.5) / count, (b - a) / count - 0.16
            found += put(bookcase(rng, width, height, 8, 2, wood, 0.36, 0.25, 0.97), middle, HALF - 0.01)
        edges = np.linspace(a, b, count + 1)
        trim += [(e - 0.09, e + 0.09, HALF - 0.42, HALF, 0, height + 0.1) for e in edges]
        trim += [(a - 0.1, b + 0.1, HALF - 0.48, HALF, height + 0.08, height + 0.28)]
    return [*found, boxed(trim, wood, "wood")]


def _reading_lamp(x: float, y: float, z: float) -> list[Part]:
    """A brass foot under a green glass shade."""
    stand = join(lathe([(0, 0), (0.09, 0), (0.08, 0.025), (0.015, 0.04), (0.012, 0.36), (0, 0.36)], 20))
    t = np.linspace(0, np.pi, 12)
    shade = tube([(-0.19, 0, 0.36), (0.19, 0, 0.36)], 0.08, 16).scaled((1, 1, 1))
    half = sheet(0.38, 1.0, 2, 12)
    v = np.stack([half.vertices[:, 0], -0.10 * np.cos(np.repeat(t, 2)), 0.34 + 0.09 * np.sin(np.repeat(t, 2))], -1)
    cover = type(shade)(vertices=v.astype(np.float32), faces=half.faces)
    bulb = slabs((-0.16, 0.16, -0.03, 0.03, 0.33, 0.36))
    at = (x, y, z)
    return [
        Part(mesh=stand.moved(at), colour=(0.66, 0.50, 0.22), material="gold"),
        Part(mesh=cover.moved(at), colour=(0.06, 0.42, 0.22), material="glow"),
        Part(mesh=bulb.moved(at), colour=(0.95, 0.80, 0.50), material="glow", smooth=False),
    ]


def _table(rng: np.random.Generator, x: float, y: float, wood: Colour, width: float = 1.9) -> list[Part]:
    """A reading table with a lamp, open and piled books, two chairs."""
    w = width / 2
    bars: list[Bounds] = [(-w, w, -0.42, 0.42, 0.72, 0.77), (0.06 - w, w - 0.06, -0.36, 0.36, 0.62, 0.72)]
    bars += [
        (s * (w - 0.1) - 0.04, s * (w - 0.1) + 0.04, d - 0.04, d + 0.04, 0, 0.62)
        for s in (-1, 1)
        for d in (-0.34, 0.34)
    ]
    found = [boxed(bars, wood, "wood")]
    for side in (-0.5, 0.5):
        found += _reading_lamp(side * width * 0.55, 0.1, 0.77)
        pile, tints = [], []
        at = side * width * 0.55 + rng.uniform(-0.35, -0.2) * np.sign(side)
        for k in range(int(rng.integers(2, 6))):
            d = rng.uniform(0, 0.03)
            pile.append((at - 0.12 + d, at + 0.12 + d, -0.2, 0.0, 0.77 + 0.04 * k, 0.805 + 0.04 * k))
            tints.append(
                vary(
                    ((0.45, 0.12, 0.10), (0.15, 0.25, 0.36), (0.70, 0.62, 0.46), (0.16, 0.28, 0.20))[rng.integers(4)],
                    rng,
                    0.1,
                )
            )
        found += [
            boxed(pile, tints),
            boxed([(side * 0.5 - 0.17, side * 0.5 + 0.17, -0.34, -0.12, 0.77, 0.785)], (0.90, 0.87, 0.78)),
        ]
        found += put(_chair(wood), side * width * 0.5, -0.36, 0, 180 + rng.uniform(-15, 15))
    return put(found, x, y)


def _chair(wood: Colour) -> list[Part]:
    bars: list[Bounds] = [
        (x - 0.022, x + 0.022, y - 0.022, y + 0.022, 0, 0.98 if y > 0 else 0.45)
        for x in (-0.2, 0.2)
        for y in (-0.19, 0.19)
    ]
    bars += [(x - 0.015, x + 0.015, 0.175, 0.2, 0.45, 0.92) for x in (-0.1, 0.0, 0.1)] + [
        (-0.22, 0.22, 0.165, 0.21, 0.88, 1.0)
    ]
    return [boxed(bars, wood, "wood"), boxed([(-0.23, 0.23, -0.23, 0.22, 0.42, 0.48)], (0.24, 0.10, 0.07), "leather")]


def _tables(rng: np.random.Generator, wood: Colour) -> list[Part]:
    found = _cases(rng, wood, ((-5.9, 5.9),))
    for x in (-2.6, 0.0, 2.6):
        found += _table(rng, x + rng.uniform(-0.15, 0.15), 5.05, wood)
    return found


def _fireside(rng: np.random.Generator, wood: Colour) -> list[Part]:
    """Leather armchairs before the shelves, a globe between them, a painting over a panelled middle."""
    hide = vary(((0.30, 0.13, 0.08), (0.16, 0.22, 0.15), (0.38, 0.22, 0.12))[rng.integers(3)], rng, 0.06)
    found = _cases(rng, wood, ((-5.9, -1.2), (1.2, 5.9)))
    panels: list[Bounds] = [(-1.1, 1.1, 5.9, 6.0, 0, 3.3)] + [
        (x, x + 0.62, 5.87, 5.9, z, z + h) for x in (-1.0, -0.31, 0.38) for z, h in ((0.2, 0.75),)
    ]
    found += [boxed(panels, wood, "wood")] + put(picture(rng, 1.5, 1.1), 0, 5.86, 1.75)
    for x, yaw in ((-1.75, 22), (1.75, -22)):
        found += put(sofa(rng, 1, hide, "leather"), x, 5.1, 0, yaw)
    return found + put(_globe(rng, wood), 0.0, 5.3) + put(plant(rng, 1.5, "palm"), 3.6, 5.3)


def _globe(rng: np.random.Generator, wood: Colour) -> list[Part]:
    mesh, _ = blend(ball((0, 0, 0), 0.3), melt=0, detail=0.025)
    land = noise(0.28, int(rng.integers(1 << 30)), 4)(mesh.vertices) > 0.53
    colour = np.where(land[:, None], (0.66, 0.55, 0.33), (0.33, 0.45, 0.50))
    a = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    hoop: Array = np.stack([0.35 * np.cos(a), 0.35 * np.sin(a), 0 * a], -1)
    legs = [
        tube(smooth([(0.35 * c, 0.35 * s, 0.8), (0.22 * c, 0.22 * s, 0.4), (0.3 * c, 0.3 * s, 0.0)], 12), 0.025, 8)
        for c, s in ((1, 0), (0, 1), (-1, 0), (0, -1))
    ]
    frame = join(tube(hoop, 0.03, 8, closed=True).moved((0, 0, 0.82)), *legs)
    return [
        Part(mesh=mesh.moved((0, 0, 0.84)), colour=colour, material="plastic"),
        Part(mesh=frame, colour=wood, material="wood"),
    ]


def _ladder(rng: np.random.Generator, wood: Colour) -> list[Part]:
    """Shelves with a ladder leaning on them, a trolley of returned books, a table."""
    found = _cases(rng, wood, ((-5.9, 5.9),))
    lean = [slabs((s - 0.03, s + 0.03, -0.04, 0.04, 0, 3.2)) for s in (-0.24, 0.24)]
    lean += [slabs((-0.24, 0.24, -0.05, 0.05, z, z + 0.035)) for z in np.arange(0.3, 3.1, 0.3)]
    x = rng.choice([-1, 1]) * rng.uniform(1.0, 1.6)
    found += put(
        [Part(mesh=join(*lean).turned(-9, "x"), colour=tuple(1.3 * c for c in wood), material="wood", smooth=False)],
        x,
        5.06,
    )
    rows = [row for z in (0.25, 0.62) for row in books(rng, -0.5, 0.5, -0.12, z + 0.02, 0.34)]
    frame: list[Bounds] = [(-0.53, 0.53, -0.16, 0.16, z, z + 0.02) for z in (0.25, 0.62)] + [
        (s - 0.015, s + 0.015, -0.16, 0.16, 0.06, 1.05) for s in (-0.53, 0.53)
    ]
    found += put(
        [boxed(frame, wood, "wood"), boxed([b for b, _ in rows], [c for _, c in rows])],
        -0.9 * x,
        5.2,
        0,
        rng.uniform(-12, 12),
    )
    return found + _table(rng, -3.4 * np.sign(x), 5.1, wood) + put(plant(rng, 1.4, "broad"), 3.6 * np.sign(x), 5.2)


def _gallery(rng: np.random.Generator, wood: Colour) -> list[Part]:
    """Shelves with a long leather sofa and busts on plinths before them."""
    hide = vary((0.34, 0.16, 0.09), rng, 0.08)
    found = _cases(rng, wood, ((-5.9, 5.9),)) + put(sofa(rng, 3, hide, "leather"), 0, 5.1)
    bust, _ = blend(
        ball((0, 0, 0.42), (0.1, 0.12, 0.14)),
        ball((0, -0.02, 0.28), 0.07),
        ball((0, 0, 0.1), (0.2, 0.12, 0.12)),
        ball((0, -0.12, 0.41), 0.025),
        melt=0.07,
        detail=0.018,
    )
    for x in (-1.8, 1.8):
        found += [
            boxed(
                [(x - 0.2, x + 0.2, 5.1, 5.5, 0, 1.05), (x - 0.24, x + 0.24, 5.06, 5.54, 1.05, 1.11)],
                (0.78, 0.76, 0.72),
                "marble",
            )
        ]
        found += [Part(mesh=bust.scaled(1.15).moved((x, 5.3, 1.11)), colour=(0.87, 0.86, 0.83), material="plaster")]
    return found + _table(rng, -3.9, 5.1, wood) + _table(rng, 3.9, 5.1, wood)


WORLD = Place(build=build, phrase="in a library", indoor=True)
