"""A warehouse: a concrete floor with painted lanes, steel racks full of cartons, pallets, roller doors, skylights in the roof."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.assembling import boxed, posts, put, turn
from foveate.rendering.modelling.loads import YELLOW, fork_lift, load, pallet
from foveate.rendering.modelling.patterns import noise, pick, vary
from foveate.rendering.modelling.profiles import Bounds, join, lathe, loft, sheet, slabs, tube
from foveate.rendering.modelling.rooms import Hole, garden, wall
from foveate.rendering.scene import Lamp, Mesh, Part, Place, Sky, World

HALF, HEIGHT = 7.6, 7.0
DOOR: Hole = (-2.0, 2.0, 0.0, 3.6)


def build(rng: np.random.Generator) -> World:
    paint = vary(pick(((0.78, 0.79, 0.78), (0.62, 0.68, 0.72), (0.74, 0.72, 0.66)), rng), rng, 0.04)
    parts = [*_floor(rng), _roof()]
    for yaw, maker in zip((0, 90, 180, 270), (_racks, _stacks, _racks, _dock), strict=True):
        door = maker is _dock
        base = wall(HALF, 2.0, [(*DOOR[:2], 0.0, 2.0)] if door else [])
        side = [
            Part(mesh=base, colour=(0.62, 0.62, 0.60), material="concrete", smooth=False),
            Part(mesh=_cladding(2.0, [DOOR] if door else []), colour=paint, material="plastic", smooth=False),
        ]
        parts += turn(side + maker(rng), yaw)
    outside, trees = garden(rng, HALF, -0.05)
    yard = boxed([(HALF + 0.4, HALF + 30, -20.0, 20.0, -0.2, -0.04)], (0.42, 0.42, 0.42), "asphalt")
    return World(
        parts=(*parts, *outside, yard),
        scatters=(trees,),
        sky=Sky(strength=1.2),
        lamps=(
            Lamp(place=(0, 0, 6.6), target=(0, 0, 0), watts=420, size=5.5, kelvin=5800),
            Lamp(place=(6.8, 0, 2.2), target=(0, 0, 0.5), watts=120, size=3.2, kelvin=6800),
        ),
        exposure=0.6,
    )


def _floor(rng: np.random.Generator) -> list[Part]:
    """Concrete with yellow lanes, worn where lorries turn, a hatched bay and black tyre marks."""
    strips = [sheet(14.0, 0.12, 175, 3).moved((0, y, 0)) for y in (3.36, -3.36)]
    strips += [sheet(0.12, 14.0, 3, 175).moved((x, 0, 0)) for x in (-2.04, 2.04)]
    strips += [sheet(0.12, 6.6, 3, 82).moved((x, 0, 0)) for x in (4.26, -4.26)]
    hatching = [sheet(0.13, 1.7, 3, 24).turned(-45).moved((-1.5 + 0.42 * k, 2.62, 0.0003)) for k in range(9)]
    paint = join(
        *(one.moved((0, 0, 0.0015 + 4e-5 * k)) for k, one in enumerate(strips + hatching))
    )  # no two in one plane
    worn = noise(0.28, int(rng.integers(1 << 30)), 4)(paint.vertices)[:, None]
    colour = np.where(worn > 0.56, (0.60, 0.55, 0.42), vary(YELLOW, rng, 0.05)) * (0.8 + 0.35 * worn)
    base = vary((0.57, 0.585, 0.58), rng, 0.04)
    tyres = join(*(_skid(rng).moved((0, 0, 3e-4 * k)) for k in range(2)))
    return [
        boxed([(-HALF, HALF, -HALF, HALF, -0.2, 0.0)], base, "concrete"),
        Part(mesh=paint, colour=np.clip(colour, 0, 1), material="plaster", smooth=False),
        Part(mesh=tyres, colour=tuple(0.8 * c for c in base), material="concrete", smooth=False),
    ]


def _skid(rng: np.random.Generator) -> Mesh:
    """Two curved tracks of a tyre."""
    t = np.linspace(0, rng.uniform(0.6, 1.3), 30)
    radius, turned = rng.uniform(1.8, 3.5), rng.uniform(0, 360)
    tracks = []
    for r in (radius, radius + 0.75):
        edges = [
            np.stack([(r + w) * np.cos(t), (r + w) * np.sin(t), 0 * t + 0.0006 + 1e-4 * r], -1) for w in (0.035, -0.035)
        ]
        tracks.append(loft(np.stack(edges, 1)))
    return join(*tracks).moved((rng.uniform(-3, 0), rng.uniform(-3, 1), 0)).turned(turned)


def _roof() -> Part:
    """The roof with four long skylights cut out."""
    edges = [-HALF - 0.3, -5.6, -4.6, -2.3, -1.3, 1.3, 2.3, 4.6, 5.6, HALF + 0.3]
    across = [(edges[k], edges[k + 1], -HALF - 0.3, HALF + 0.3, HEIGHT, HEIGHT + 0.2) for k in range(0, 9, 2)]
    ends = ((-HALF - 0.3, -5.5), (5.5, HALF + 0.3), (-0.4, 0.4))
    return boxed([*across, *((-HALF, HALF, a, b, HEIGHT, HEIGHT + 0.2) for a, b in ends)], (0.80, 0.80, 0.79))


def _cladding(low: float, holes: list[Hole]) -> Mesh:
    """Corrugated sheet from ``low`` up, as upright ribs before a flat back."""
    back = wall(HALF, HEIGHT, [(a, b, -0.3, d) for a, b, _, d in holes]).moved((0, 0.02, 0))
    ribs: list[Bounds] = []
    for x in np.arange(-HALF, HALF, 0.25):
        top = max([d for a, b, _, d in holes if a - 0.13 < x < b] + [low])
        ribs.append((x, x + 0.13, HALF - 0.035, HALF + 0.01, top, HEIGHT))
    return join(back, slabs(*ribs))


def _racks(rng: np.random.Generator) -> list[Part]:
    """Racks three storeys high along a wall: blue uprights, orange beams, a load or two in every bay."""
    front, back = HALF - 1.35, HALF - 0.25
    xs = np.arange(-6.75, 6.8, 2.7)
    uprights = [(x - 0.05, x + 0.05, y - 0.04, y + 0.04, 0, 4.6) for x in xs for y in (front, back)]
    braces = [tube([(x, front, z), (x, back, z + 0.7)], 0.02, 5) for x in xs for z in (0.3, 1.0, 1.7, 2.4, 3.1)]
    beams = [(xs[0], xs[-1], y - 0.025, y + 0.025, z, z + 0.12) for z in (1.4, 2.9) for y in (front - 0.03, back)]
    guards = [(x - 0.09, x + 0.09, front - 0.14, front - 0.06, 0, 0.45) for x in xs]
    blue, orange = vary((0.10, 0.22, 0.45), rng, 0.06), vary((0.82, 0.36, 0.08), rng, 0.05)
    floors = [(xs[0], xs[-1], front, back, z + 0.10, z + 0.125) for z in (1.4, 2.9)]
    found = [boxed(uprights, blue, "plastic"), Part(mesh=join(*braces), colour=blue, material="plastic")]
    found += [
        boxed(beams, orange, "plastic"),
        boxed(guards, YELLOW, "plastic"),
        boxed(floors, (0.45, 0.45, 0.45), "steel"),
    ]
    for x in xs[:-1]:
        for z in (0.0, 1.525, 3.025):
            for side in (0.68, 2.02):
                if rng.random() < 0.86:
                    at = x + side + rng.uniform(-0.04, 0.04)
                    found += put(load(rng), at, (front + back) / 2, z, rng.uniform(-2, 2))
    return found


def _stacks(rng: np.random.Generator) -> list[Part]:
    """Stacks of loads and of empty pallets on the floor, a pallet truck, a fire extinguisher, notices."""
    found: list[Part] = []
    for x in np.arange(-6.0, 6.1, 1.5):
        kind, y = rng.random(), 6.5 + rng.uniform(-0.2, 0.3)
        if kind < 0.25:
            pile = [
                (a, b, c, d, e + 0.15 * k, f + 0.15 * k)
                for k in range(int(rng.integers(4, 10)))
                for a, b, c, d, e, f in pallet()
            ]
            found += put([boxed(pile, vary((0.60, 0.46, 0.30), rng, 0.1), "wood")], x, y, 0, rng.uniform(-6, 6))
        else:
            found += put(load(rng), x, y, 0, rng.uniform(-7, 7))
            if rng.random() < 0.5:
                found += put(load(rng, 1.0), x, y, 1.16, rng.uniform(-4, 4))
    x = rng.uniform(-1.5, 1.5)
    truck: list[Bounds] = [(s - 0.08, s + 0.08, -1.1, 0.1, 0.05, 0.11) for s in (-0.2, 0.2)]
    truck += [
        (-0.28, 0.28, 0.1, 0.35, 0.05, 0.5),
        (-0.02, 0.02, 0.36, 0.40, 0.3, 1.15),
        (-0.16, 0.16, 0.35, 0.41, 1.12, 1.18),
    ]
    found += put([boxed(truck, vary((0.75, 0.16, 0.10), rng), "paint")], x, 5.5, 0, rng.uniform(20, 70))
    bottle = lathe([(0, 0), (0.08, 0), (0.08, 0.42), (0.03, 0.5), (0.03, 0.56), (0, 0.56)], 20)
    signs: list[Bounds] = [
        (2.9, 3.5, HALF - 0.06, HALF - 0.04, 1.6, 2.1),
        (-3.6, -2.8, HALF - 0.06, HALF - 0.04, 1.9, 2.5),
    ]
    return [
        *found,
        Part(mesh=bottle.moved((3.2, HALF - 0.15, 0.9)), colour=(0.72, 0.08, 0.06), material="paint"),
        boxed(signs, [(0.70, 0.10, 0.08), YELLOW], "plastic"),
    ]


def _dock(rng: np.random.Generator) -> list[Part]:
    """An open gate to the yard between two roller doors, with striped posts and a fork-lift truck."""
    slats = [(x, x + 2.6, HALF - 0.06, HALF + 0.01, z, z + 0.085) for x in (-5.6, 3.0) for z in np.arange(0, 3.4, 0.1)]
    rails: list[Bounds] = [(x - 0.08, x + 0.08, HALF - 0.12, HALF, 0, 3.6) for x in (-5.7, -2.9, -2.08, 2.08, 2.9, 5.7)]
    rails.append((-5.8, 5.8, HALF - 0.3, HALF, 3.5, 3.9))
    found = [boxed(slats, vary((0.66, 0.68, 0.70), rng, 0.06), "plastic"), boxed(rails, (0.30, 0.31, 0.33), "plastic")]
    for x in (-2.5, 2.5):
        rings = [ring for z in np.arange(0, 1.0, 0.2) for ring in posts((x,), (6.89,), 0.09, z, z + 0.2)]
        found.append(boxed(rings, [YELLOW if k % 2 else (0.05, 0.05, 0.05) for k in range(5)], "plastic"))
    found += put(fork_lift(rng), rng.choice([-1, 1]) * rng.uniform(3.6, 4.4), 5.9, 0, rng.uniform(-50, 50))
    return found + put(load(rng), 4.6 if rng.random() < 0.5 else -1.2, 6.7, 0)


WORLD = Place(build=build, phrase="in a warehouse", indoor=True)
