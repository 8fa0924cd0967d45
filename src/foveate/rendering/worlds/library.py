"""A library: shelves of books on every side, a patterned carpet, reading tables with green lamps, leather chairs, a globe."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.assembling import boxed, each, posts, put, turn
from foveate.rendering.modelling.furniture import bookcase, books, picture, sofa
from foveate.rendering.modelling.houseplants import plant
from foveate.rendering.modelling.patterns import mix, noise, pick, smoothstep, vary
from foveate.rendering.modelling.profiles import Bounds, sheet
from foveate.rendering.modelling.rooms import wall
from foveate.rendering.modelling.solids import ball, blend
from foveate.rendering.modelling.studies import globe, reading_table
from foveate.rendering.scene import Colour, Lamp, Part, Place, World

HALF, HEIGHT = 6.0, 5.2
GAP = 0.55  # what stands along the walls is built for HALF and moved out by this, off the camera's way
FULL = HALF + GAP


def build(rng: np.random.Generator) -> World:
    wood = vary(pick(((0.46, 0.31, 0.20), (0.58, 0.41, 0.26), (0.38, 0.25, 0.17)), rng), rng, 0.06)
    paint = vary(pick(((0.80, 0.74, 0.62), (0.42, 0.47, 0.42), (0.62, 0.52, 0.44)), rng), rng, 0.04)
    parts = [
        boxed([(-FULL, FULL, -FULL, FULL, -0.2, -0.006)], vary((0.45, 0.28, 0.17), rng, 0.1), "planks"),
        _carpet(rng),
    ]
    makers = [_tables, _fireside, _ladder, _gallery]
    for yaw, k in zip((0, 90, 180, 270), np.roll(np.arange(4), rng.integers(4)), strict=True):
        side = [Part(mesh=wall(FULL, HEIGHT), colour=paint, material="plaster", smooth=False)]
        parts += turn(side + put(makers[k](rng, wood), 0, GAP), yaw)
    return World(
        parts=tuple(parts),
        sky=None,
        fill=0.6,
        lamps=(
            Lamp(place=(-1.5, -1.5, 4.8), target=(0, 0, 0), watts=270, size=2.4, kelvin=3900),
            Lamp(place=(3.5, 3.0, 4.6), target=(1, 1, 0.5), watts=100, size=2.4, kelvin=3600),
        ),
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


def _tables(rng: np.random.Generator, wood: Colour) -> list[Part]:
    found = _cases(rng, wood, ((-5.9, 5.9),))
    for x in (-2.6, 0.0, 2.6):
        found += put(reading_table(rng, wood), x + rng.uniform(-0.15, 0.15), 5.12)
    return found


def _fireside(rng: np.random.Generator, wood: Colour) -> list[Part]:
    """Leather armchairs before the shelves, a globe between them, a painting over a panelled middle."""
    hide = vary(pick(((0.30, 0.13, 0.08), (0.16, 0.22, 0.15), (0.38, 0.22, 0.12)), rng), rng, 0.06)
    found = _cases(rng, wood, ((-5.9, -1.2), (1.2, 5.9)))
    panels: list[Bounds] = [(-1.1, 1.1, 5.9, 6.0, 0, 3.3)]
    panels += [(x, x + 0.62, 5.87, 5.9, 0.2, 0.95) for x in (-1.0, -0.31, 0.38)]
    found += [boxed(panels, wood, "wood")] + put(picture(rng, 1.5, 1.1), 0, 5.86, 1.75)
    for x, yaw in ((-1.75, 22), (1.75, -22)):
        found += put(sofa(rng, 1, hide, "leather"), x, 5.1, 0, yaw)
    return found + put(globe(rng, wood), 0.0, 5.3) + put(plant(rng, 1.5, "palm"), 3.6, 5.3)


def _ladder(rng: np.random.Generator, wood: Colour) -> list[Part]:
    """Shelves with a ladder leaning on them, a trolley of returned books, a table."""
    found = _cases(rng, wood, ((-5.9, 5.9),))
    rails: list[Bounds] = [(s - 0.03, s + 0.03, -0.04, 0.04, 0, 3.2) for s in (-0.24, 0.24)]
    rungs: list[Bounds] = [(-0.24, 0.24, -0.05, 0.05, z, z + 0.035) for z in np.arange(0.3, 3.1, 0.3)]
    x = rng.choice([-1, 1]) * rng.uniform(1.0, 1.6)
    ladder = [boxed(rails + rungs, tuple(1.3 * c for c in wood), "wood")]
    found += put(each(ladder, lambda mesh: mesh.turned(-9, "x")), x, 5.06)
    rows = [row for z in (0.25, 0.62) for row in books(rng, -0.5, 0.5, -0.12, z + 0.02, 0.34)]
    frame: list[Bounds] = [(-0.53, 0.53, -0.16, 0.16, z, z + 0.02) for z in (0.25, 0.62)]
    frame += [(s - 0.015, s + 0.015, -0.16, 0.16, 0.06, 1.05) for s in (-0.53, 0.53)]
    trolley = [boxed(frame, wood, "wood"), boxed([b for b, _ in rows], [c for _, c in rows])]
    found += put(trolley, -0.9 * x, 5.2, 0, rng.uniform(-12, 12))
    return (
        found
        + put(reading_table(rng, wood), -3.4 * np.sign(x), 5.1)
        + put(plant(rng, 1.4, "broad"), 3.6 * np.sign(x), 5.2)
    )


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
        plinth = posts((x,), (5.3,), 0.2, 0, 1.05) + posts((x,), (5.3,), 0.24, 1.05, 1.11)
        found += [boxed(plinth, (0.78, 0.76, 0.72), "marble")]
        found += [Part(mesh=bust.scaled(1.15).moved((x, 5.3, 1.11)), colour=(0.87, 0.86, 0.83), material="plaster")]
    return found + put(reading_table(rng, wood), -3.9, 5.1) + put(reading_table(rng, wood), 3.9, 5.1)


WORLD = Place(build=build, phrase="in a library", indoor=True)
