"""A living room: boards with a rug, sofas, shelves of books, a fireplace, tall windows, plants along the walls."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.assembling import boxed, put, turn
from foveate.rendering.modelling.furniture import bookcase, floor_lamp, picture, sofa
from foveate.rendering.modelling.houseplants import plant
from foveate.rendering.modelling.patterns import noise, pick, vary
from foveate.rendering.modelling.profiles import Bounds, lathe, sheet, slabs
from foveate.rendering.modelling.rooms import curtain, garden, skirting, wall, window
from foveate.rendering.scene import Colour, Lamp, Part, Place, Sky, World

HALF, HEIGHT = 6.0, 5.2
GAP = 0.5  # what stands along the walls is built for HALF and moved out by this, off the camera's way
FULL = HALF + GAP


def build(rng: np.random.Generator) -> World:
    paint = vary(pick(((0.90, 0.88, 0.83), (0.77, 0.82, 0.77), (0.89, 0.81, 0.70), (0.75, 0.79, 0.84)), rng), rng, 0.03)
    cloth: list[Colour] = [
        ((0.40, 0.43, 0.46), (0.62, 0.55, 0.45), (0.20, 0.30, 0.36), (0.45, 0.22, 0.17))[i]
        for i in rng.permutation(4)[:2]
    ]
    holes = [(-4.9, -3.0, 0.45, 4.3), (-0.95, 0.95, 0.45, 4.3), (3.0, 4.9, 0.45, 4.3)]
    wood: Colour = vary((0.60, 0.42, 0.25), rng, 0.08)
    parts = [
        boxed([(-FULL, FULL, -FULL, FULL, -0.2, -0.006)], wood, "planks"),
        boxed([(-FULL - 0.3, FULL + 0.3, -FULL - 0.3, FULL + 0.3, HEIGHT, HEIGHT + 0.2)], (0.92, 0.92, 0.90)),
        _rug(rng),
    ]
    for yaw in (0, 90, 180, 270):
        open_here = holes if yaw == 270 else holes[1:2] if yaw == 180 else []
        side = [Part(mesh=wall(FULL, HEIGHT, open_here), colour=paint, material="plaster", smooth=False)]
        side.append(skirting(FULL, (0.92, 0.91, 0.88)))
        maker = {0: _sofa_side, 90: _shelf_side, 180: _hearth_side, 270: _window_side}[yaw]
        side += put(maker(rng, cloth, holes), 0, GAP)
        parts += turn(side, yaw)
    outside, trees = garden(rng, FULL)
    return World(
        parts=(*parts, *outside),
        scatters=(trees,),
        sky=Sky(strength=1.3),
        lamps=(
            Lamp(place=(0, 0, 4.9), target=(0, 0, 0), watts=210, size=5.0, kelvin=4600),
            Lamp(place=(6.3, 0, 2.6), target=(0, 0, 2.3), watts=270, size=3.6, kelvin=6800),
        ),
        exposure=0.8,
    )


def _rug(rng: np.random.Generator) -> Part:
    """A woven rug, its pattern the same in all four quarters: borders, a medallion, small motifs."""
    mesh = sheet(3.9, 2.9, 260, 190)
    x, y = np.abs(mesh.vertices[:, 0]), np.abs(mesh.vertices[:, 1])
    field, ground, light = (
        np.array(vary(c, rng, 0.1)) for c in ((0.39, 0.19, 0.16), (0.19, 0.21, 0.27), (0.66, 0.58, 0.47))
    )
    if rng.random() < 0.4:
        field, ground = ground, field
    edge = np.minimum(1.95 - x, 1.45 - y)
    motif = np.sin(30 * x + 2 * np.sin(15 * y)) * np.sin(30 * y + 2 * np.sin(15 * x))
    star = x / 1.15 + y / 0.85 + 0.07 * np.sin(14 * np.arctan2(y, x + 1e-6))
    colour = np.where((motif > 0.62)[:, None], 0.6 * light + 0.4 * field, field)
    colour = np.where((star < 1.0)[:, None], np.where((motif < -0.45)[:, None], light, ground), colour)
    colour = np.where((np.abs(star - 1.0) < 0.05)[:, None], light, colour)
    colour = np.where((edge < 0.42)[:, None], np.where((motif > 0.2)[:, None], light * 0.9, ground), colour)
    colour = np.where((np.abs(edge - 0.42) < 0.03)[:, None] | (np.abs(edge - 0.08) < 0.025)[:, None], light, colour)
    if rng.random() < 0.35:  # wool in its own colours, with lozenges
        lines = np.abs(np.mod(x / 0.65 + y / 0.48, 1) - 0.5) + 0.02 * np.sin(40 * x)
        cross = np.abs(np.mod(x / 0.65 - y / 0.48, 1) - 0.5) + 0.02 * np.sin(40 * y)
        dark = (np.minimum(lines, cross) < 0.07) & (edge > 0.1)
        colour = np.where(dark[:, None], vary((0.24, 0.21, 0.19), rng, 0.1), vary((0.78, 0.74, 0.66), rng, 0.05))
    worn = 0.78 + 0.4 * noise(0.5, int(rng.integers(1 << 30)))(mesh.vertices)[:, None]
    return Part(mesh=mesh, colour=np.clip(colour * worn, 0, 1), material="carpet", smooth=False)


def _sofa_side(rng: np.random.Generator, cloth: list[Colour], holes: list) -> list[Part]:
    shift = rng.uniform(-0.4, 0.4)
    found = put(sofa(rng, 3, cloth[0]), shift, 5.45)
    for k in range(3):
        found += put(picture(rng, 0.85, rng.uniform(0.6, 0.9)), shift - 1.1 + 1.1 * k, 5.99, 1.72)
    found += put(floor_lamp(rng, 1.65), shift + 1.75, 5.45) + put(plant(rng, 1.7, "palm"), shift - 2.1, 5.4)
    found += put(plant(rng, 1.5, "broad"), 4.6, 5.3) + put(sofa(rng, 1, cloth[1]), -4.5, 4.9, 0, 38)
    return found + put(picture(rng, 1.3, 1.0), -4.4, 5.99, 1.75) + put(picture(rng, 1.3, 1.0), 4.0, 5.99, 1.75)


def _shelf_side(rng: np.random.Generator, cloth: list[Colour], holes: list) -> list[Part]:
    shade: Colour = vary((0.50, 0.33, 0.19), rng, 0.1)
    found = []
    for x in (-2.45, 2.45):
        found += put(bookcase(rng, 2.3, 2.5, 6, 2, shade, full=0.85), x, 5.98)
    found += _board(0.0, 2.2, 0.62, shade)
    screen: list[Bounds] = [(-0.85, 0.85, 5.86, 5.9, 0.85, 1.85)]
    found += [boxed(screen, (0.02, 0.02, 0.025), "plastic")]
    found += (
        put(plant(rng, 0.6, "swords"), -0.75, 5.72, 0.62)
        if rng.random() < 0.5
        else put(plant(rng, 0.5), 0.8, 5.72, 0.62)
    )
    return found + put(plant(rng, 1.8, "broad"), -4.6, 5.4) + put(sofa(rng, 1, cloth[1]), 4.6, 5.1, 0, -35)


def _hearth_side(rng: np.random.Generator, cloth: list[Colour], holes: list) -> list[Part]:
    found = window(holes[1], HALF) + put(sofa(rng, 2, cloth[1]), 0.0, 5.42)
    found += [curtain(-1.75, -0.95, 5.9, 0.02, 4.5, vary((0.78, 0.74, 0.66), rng), rng)]
    found += [curtain(0.95, 1.75, 5.9, 0.02, 4.5, vary((0.78, 0.74, 0.66), rng), rng)]
    stone: list[Bounds] = [(-4.0, -3.7, 5.6, 6, 0, 1.1), (-2.7, -2.4, 5.6, 6, 0, 1.1), (-4.0, -2.4, 5.6, 6, 0.85, 1.1)]
    found += [boxed([*stone, (-4.15, -2.25, 5.5, 6, 1.1, 1.18)], (0.86, 0.85, 0.82), "marble")]
    found += [
        boxed([(-3.7, -2.7, 5.95, 6, 0, 0.9)], (0.03, 0.03, 0.03)),
        boxed([(-4.1, -2.3, 5.2, 6, 0, 0.04)], (0.3, 0.3, 0.3), "stone"),
    ]
    found += put(picture(rng, 1.1, 0.9), -3.2, 5.99, 1.8) + put(floor_lamp(rng), 2.2, 5.4)
    return found + put(bookcase(rng, 1.9, 2.4, 6, 2, (0.85, 0.84, 0.80), full=0.85), 3.8, 5.98)


def _window_side(rng: np.random.Generator, cloth: list[Colour], holes: list) -> list[Part]:
    tint = vary((0.80, 0.76, 0.68), rng)
    found = []
    for hole in holes:
        found += window(hole, HALF)
        found += [curtain(hole[0] - 0.65, hole[0] + 0.05, 5.9, 0.02, 4.5, tint, rng)]
        found += [curtain(hole[1] - 0.05, hole[1] + 0.65, 5.9, 0.02, 4.5, tint, rng)]
    table = lathe(
        [(0, 0), (0.25, 0), (0.25, 0.02), (0.03, 0.05), (0.03, 0.5), (0.3, 0.52), (0.3, 0.55), (0, 0.55)], 40
    ).moved((2.0, 5.35, 0))
    found += put(sofa(rng, 1, cloth[0]), -2.0, 5.3, 0, 12) + put(sofa(rng, 1, cloth[0]), 0.95, 5.3, 0, -10)
    found += [Part(mesh=table, colour=(0.35, 0.22, 0.12), material="wood")] + put(plant(rng, 0.55), 2.0, 5.35, 0.55)
    return found + put(plant(rng, 1.9, "palm"), -0.6, 5.5) + put(plant(rng, 1.2, "swords"), 3.6, 5.5)


def _board(x: float, width: float, height: float, colour: Colour) -> list[Part]:
    """A sideboard with doors."""
    doors = [
        (x + width * (k / 4 - 0.5) + 0.01, x + width * ((k + 1) / 4 - 0.5) - 0.01, 5.54, 5.6, 0.14, height - 0.06)
        for k in range(4)
    ]
    legs: list[Bounds] = [(x + s * 0.9 - 0.03, x + s * 0.9 + 0.03, 5.6, 5.66, 0, 0.12) for s in (-1, 1)]
    body = Part(
        mesh=slabs((x - width / 2, x + width / 2, 5.56, 5.98, 0.12, height)),
        colour=colour,
        material="wood",
        smooth=False,
    )
    return [body, boxed([*doors, *legs], tuple(0.9 * c for c in colour), "wood")]


WORLD = Place(build=build, phrase="in a living room", indoor=True)
