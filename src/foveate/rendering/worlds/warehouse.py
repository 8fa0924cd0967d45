"""A warehouse: a concrete floor with painted lanes, steel racks full of cartons, pallets, roller doors, skylights in the roof."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.patterns import noise, vary
from foveate.rendering.modelling.profiles import join, lathe, sheet, tube
from foveate.rendering.modelling.rooms import Bounds, boxed, garden, put, slabs, turn, wall
from foveate.rendering.scene import Array, Colour, Lamp, Mesh, Part, Place, Sky, World

HALF, HEIGHT = 7.6, 7.0
YELLOW: Colour = (0.86, 0.66, 0.10)
CARD: Colour = (0.66, 0.50, 0.34)


def build(rng: np.random.Generator) -> World:
    door = (-2.0, 2.0, 0.0, 3.6)
    paint = vary(((0.78, 0.79, 0.78), (0.62, 0.68, 0.72), (0.74, 0.72, 0.66))[rng.integers(3)], rng, 0.04)
    parts = [*_floor(rng), _roof()]
    makers = [_racks, _stacks, _racks, _dock]
    for yaw, maker in zip((0, 90, 180, 270), makers, strict=True):
        holes = [door] if maker is _dock else []
        side = [
            Part(
                mesh=wall(HALF, 2.0, [door[:2] + (0.0, 2.0)] if holes else []),
                colour=(0.62, 0.62, 0.60),
                material="concrete",
                smooth=False,
            )
        ]
        side += [Part(mesh=_cladding(2.0, holes), colour=paint, material="plastic", smooth=False)]
        parts += turn(side + maker(rng), yaw)
    outside, trees = garden(rng, HALF, -0.05)
    yard = [boxed([(HALF + 0.4, HALF + 30, -20.0, 20.0, -0.2, -0.04)], (0.42, 0.42, 0.42), "asphalt")]
    return World(
        phrase="a warehouse",
        parts=(*parts, *outside, *yard),
        scatters=(trees,),
        sky=Sky(strength=1.2),
        lamps=(
            Lamp(place=(0, 0, 6.6), target=(0, 0, 0), watts=420, size=5.5, kelvin=5800),
            Lamp(place=(6.8, 0, 2.2), target=(0, 0, 0.5), watts=120, size=3.2, kelvin=6800),
        ),
        indoor=True,
        exposure=0.6,
    )


def _floor(rng: np.random.Generator) -> list[Part]:
    """Concrete with yellow lanes, worn where lorries turn, a hatched bay and black tyre marks."""
    lanes = [(-7.0, 7.0, 3.3, 3.42), (-7.0, 7.0, -3.42, -3.3), (-2.1, -1.98, -7, 7), (1.98, 2.1, -7, 7)]
    lanes += [(4.2 + 0.0, 4.32, -3.3, 3.3), (-4.32, -4.2, -3.3, 3.3)]
    meshes = []
    for x0, x1, y0, y1 in lanes:
        long = max(x1 - x0, y1 - y0)
        n = int(long / 0.08)
        wide = x1 - x0 > y1 - y0
        meshes.append(
            sheet(x1 - x0, y1 - y0, n if wide else 3, 3 if wide else n).moved(((x0 + x1) / 2, (y0 + y1) / 2, 0.0015))
        )
    for k in range(9):  # hatching: keep clear
        bar = sheet(0.13, 1.7, 3, 24).turned(-45).moved((-1.5 + 0.42 * k, 2.62, 0.0018))
        meshes.append(bar)
    paint = join(*(one.moved((0, 0, 4e-5 * k)) for k, one in enumerate(meshes)))  # no two in one plane
    worn = noise(0.28, int(rng.integers(1 << 30)), 4)(paint.vertices)
    colour = (
        np.where((worn > 0.56)[:, None], (0.60, 0.55, 0.42), vary(YELLOW, rng, 0.05)) * (0.8 + 0.35 * worn)[:, None]
    )
    base = vary((0.57, 0.585, 0.58), rng, 0.04)
    tyres = [_skid(rng) for _ in range(2)]
    return [
        boxed([(-HALF, HALF, -HALF, HALF, -0.2, 0.0)], base, "concrete"),
        Part(mesh=paint, colour=np.clip(colour, 0, 1), material="plaster", smooth=False),
        Part(
            mesh=join(*(one.moved((0, 0, 3e-4 * k)) for k, one in enumerate(tyres))),
            colour=tuple(0.8 * c for c in base),
            material="concrete",
            smooth=False,
        ),
    ]


def _skid(rng: np.random.Generator) -> Mesh:
    """Two curved tracks of a tyre."""
    t = np.linspace(0, rng.uniform(0.6, 1.3), 30)
    radius, turned = rng.uniform(1.8, 3.5), rng.uniform(0, 360)
    rows: list[Array] = []
    for r in (radius, radius + 0.75):
        edge = np.stack(
            [
                np.stack([(r + w) * np.cos(t), (r + w) * np.sin(t), 0 * t + 0.0006 + 1e-4 * r], -1)
                for w in (-0.035, 0.035)
            ],
            1,
        )
        rows.append(edge.reshape(-1, 3))
    meshes = [Mesh(vertices=v.astype(np.float32), faces=sheet(1, 1, 2, 30).faces) for v in rows]
    return join(*meshes).moved((rng.uniform(-3, 0), rng.uniform(-3, 1), 0)).turned(turned)


def _roof() -> Part:
    """The roof with four long skylights cut out."""
    edges = [-HALF - 0.3, -5.6, -4.6, -2.3, -1.3, 1.3, 2.3, 4.6, 5.6, HALF + 0.3]
    bars: list[Bounds] = [
        (edges[k], edges[k + 1], -HALF - 0.3, HALF + 0.3, HEIGHT, HEIGHT + 0.2) for k in range(0, 9, 2)
    ]
    bars += [
        (-HALF, HALF, y0, y1, HEIGHT, HEIGHT + 0.2) for y0, y1 in ((-HALF - 0.3, -5.5), (5.5, HALF + 0.3), (-0.4, 0.4))
    ]
    return boxed(bars, (0.80, 0.80, 0.79))


def _cladding(low: float, holes: list[tuple[float, float, float, float]]) -> Mesh:
    """Corrugated sheet from ``low`` up, as upright ribs before a flat back."""
    back = wall(HALF, HEIGHT, [(a, b, -0.3, d) for a, b, _, d in holes]).moved((0, 0.02, 0))
    ribs: list[Bounds] = []
    for x in np.arange(-HALF, HALF, 0.25):
        top = max([d for a, b, _, d in holes if a - 0.13 < x < b] + [low])
        ribs.append((x, x + 0.13, HALF - 0.035, HALF + 0.01, top, HEIGHT))
    return join(back, slabs(*ribs))


def _pallet() -> list[Bounds]:
    bars: list[Bounds] = [(-0.6, 0.6, y, y + 0.1, 0.122, 0.144) for y in np.linspace(-0.5, 0.4, 7)]
    bars += [(x - 0.05, x + 0.05, -0.5, 0.5, 0.1, 0.122) for x in (-0.55, 0, 0.55)] + [
        (x - 0.05, x + 0.05, -0.5, 0.5, 0, 0.02) for x in (-0.55, 0, 0.55)
    ]
    return bars + [
        (x - 0.06, x + 0.06, y - 0.06, y + 0.06, 0.02, 0.1) for x in (-0.54, 0, 0.54) for y in (-0.44, 0, 0.44)
    ]


def _load(rng: np.random.Generator, top: float = 1.15) -> list[Part]:
    """A pallet with cartons, crates or drums."""
    found = [boxed(_pallet(), vary((0.60, 0.46, 0.30), rng, 0.1), "wood")]
    kind = rng.random()
    if kind < 0.13:
        drum = lathe(
            [
                (0, 0),
                (0.27, 0),
                (0.285, 0.02),
                (0.27, 0.04),
                (0.27, 0.28),
                (0.28, 0.3),
                (0.27, 0.32),
                (0.27, 0.82),
                (0.285, 0.84),
                (0.26, 0.86),
                (0, 0.85),
            ],
            24,
        )
        tint = vary(((0.12, 0.28, 0.50), (0.60, 0.14, 0.10), (0.16, 0.38, 0.24))[rng.integers(3)], rng)
        return [
            *found,
            Part(
                mesh=join(*(drum.moved((x, y, 0.144)) for x in (-0.29, 0.29) for y in (-0.24, 0.24))),
                colour=tint,
                material="paint",
                smooth=False,
            ),
        ]
    if kind < 0.25:  # wrapped in white film
        return [
            *found,
            boxed(
                [(-0.57, 0.57, -0.48, 0.48, 0.144, top * rng.uniform(0.8, 1))],
                vary((0.80, 0.83, 0.84), rng, 0.05),
                "plastic",
            ),
        ]
    nx, nz = int(rng.integers(2, 4)), int(rng.integers(2, 4))
    tint, boxes, tape, tints = vary(CARD, rng, 0.09), [], [], []
    height = (top - 0.144) / 3
    for i in range(nx):
        for k in range(nz):
            if k == nz - 1 and rng.random() < 0.3:
                continue
            for y in (-0.24, 0.24):
                w, d = 1.16 / nx, rng.uniform(-0.012, 0.012)
                x, z = -0.58 + w * i, 0.144 + height * k
                boxes.append((x + 0.006 + d, x + w - 0.006 + d, y - 0.235 + d, y + 0.235 + d, z, z + height - 0.008))
                tints.append(vary(tint, rng, 0.07))
                tape.append(
                    (
                        x + w / 2 - 0.03 + d,
                        x + w / 2 + 0.03 + d,
                        y - 0.238 + d,
                        y + 0.238 + d,
                        z + 0.6 * height,
                        z + height - 0.006,
                    )
                )
    return [*found, boxed(boxes, tints), boxed(tape, (0.74, 0.64, 0.46), "plastic")]


def _racks(rng: np.random.Generator) -> list[Part]:
    """Racks three storeys high along a wall: blue uprights, orange beams, a load or two in every bay."""
    front, back = HALF - 1.35, HALF - 0.25
    xs = np.arange(-6.75, 6.8, 2.7)
    posts: list[Bounds] = [(x - 0.05, x + 0.05, y - 0.04, y + 0.04, 0, 4.6) for x in xs for y in (front, back)]
    braces = [tube([(x, front, z), (x, back, z + 0.7)], 0.02, 5) for x in xs for z in (0.3, 1.0, 1.7, 2.4, 3.1)]
    beams: list[Bounds] = [
        (xs[0], xs[-1], y - 0.025, y + 0.025, z, z + 0.12) for z in (1.4, 2.9) for y in (front - 0.03, back)
    ]
    guards: list[Bounds] = [(x - 0.09, x + 0.09, front - 0.14, front - 0.06, 0, 0.45) for x in xs]
    blue = vary((0.10, 0.22, 0.45), rng, 0.06)
    found = [boxed(posts, blue, "plastic"), Part(mesh=join(*braces), colour=blue, material="plastic")]
    found += [boxed(beams, vary((0.82, 0.36, 0.08), rng, 0.05), "plastic"), boxed(guards, YELLOW, "plastic")]
    found += [
        boxed([(xs[0], xs[-1], front, back, z + 0.10, z + 0.125) for z in (1.4, 2.9)], (0.45, 0.45, 0.45), "steel")
    ]
    for x in xs[:-1]:
        for z in (0.0, 1.525, 3.025):
            for side in (0.68, 2.02):
                if rng.random() < 0.86:
                    found += put(
                        _load(rng), x + side + rng.uniform(-0.04, 0.04), (front + back) / 2, z, rng.uniform(-2, 2)
                    )
    return found


def _stacks(rng: np.random.Generator) -> list[Part]:
    """Stacks of loads and of empty pallets on the floor, a pallet truck, a fire extinguisher, a notice."""
    found: list[Part] = []
    for x in np.arange(-6.0, 6.1, 1.5):
        kind, y = rng.random(), 6.5 + rng.uniform(-0.2, 0.3)
        if kind < 0.25:
            bars = [
                (a, b, c, d, e + 0.15 * k, f + 0.15 * k)
                for k in range(int(rng.integers(4, 10)))
                for a, b, c, d, e, f in _pallet()
            ]
            found += put([boxed(bars, vary((0.60, 0.46, 0.30), rng, 0.1), "wood")], x, y, 0, rng.uniform(-6, 6))
        else:
            found += put(_load(rng), x, y, 0, rng.uniform(-7, 7))
            if rng.random() < 0.5:
                found += put(_load(rng, 1.0), x, y, 1.16, rng.uniform(-4, 4))
    x = rng.uniform(-1.5, 1.5)
    truck: list[Bounds] = [(s - 0.08, s + 0.08, -1.1, 0.1, 0.05, 0.11) for s in (-0.2, 0.2)] + [
        (-0.28, 0.28, 0.1, 0.35, 0.05, 0.5)
    ]
    truck += [(-0.02, 0.02, 0.36, 0.40, 0.3, 1.15), (-0.16, 0.16, 0.35, 0.41, 1.12, 1.18)]
    found += put([boxed(truck, vary((0.75, 0.16, 0.10), rng), "paint")], x, 5.5, 0, rng.uniform(20, 70))
    bottle = lathe([(0, 0), (0.08, 0), (0.08, 0.42), (0.03, 0.5), (0.03, 0.56), (0, 0.56)], 20).moved(
        (3.2, HALF - 0.15, 0.9)
    )
    signs: list[Bounds] = [
        (2.9, 3.5, HALF - 0.06, HALF - 0.04, 1.6, 2.1),
        (-3.6, -2.8, HALF - 0.06, HALF - 0.04, 1.9, 2.5),
    ]
    return [
        *found,
        Part(mesh=bottle, colour=(0.72, 0.08, 0.06), material="paint"),
        boxed(signs, [(0.70, 0.10, 0.08), YELLOW], "plastic"),
    ]


def _dock(rng: np.random.Generator) -> list[Part]:
    """An open gate to the yard between two roller doors, with striped posts and a fork-lift truck."""
    slats: list[Bounds] = [
        (x0, x0 + 2.6, HALF - 0.06, HALF + 0.01, z, z + 0.085) for x0 in (-5.6, 3.0) for z in np.arange(0, 3.4, 0.1)
    ]
    rails: list[Bounds] = [(x - 0.08, x + 0.08, HALF - 0.12, HALF, 0, 3.6) for x in (-5.7, -2.9, -2.08, 2.08, 2.9, 5.7)]
    rails += [(-5.8, 5.8, HALF - 0.3, HALF, 3.5, 3.9)]
    found = [boxed(slats, vary((0.66, 0.68, 0.70), rng, 0.06), "plastic"), boxed(rails, (0.30, 0.31, 0.33), "plastic")]
    for x in (-2.5, 2.5):
        rings: list[Bounds] = [(x - 0.09, x + 0.09, 6.8, 6.98, z, z + 0.2) for z in np.arange(0, 1.0, 0.2)]
        found.append(boxed(rings, [YELLOW if k % 2 else (0.05, 0.05, 0.05) for k in range(5)], "plastic"))
    found += put(_fork_lift(rng), rng.choice([-1, 1]) * rng.uniform(3.6, 4.4), 5.9, 0, rng.uniform(-50, 50))
    return found + put(_load(rng), 4.6 if rng.random() < 0.5 else -1.2, 6.7, 0)


def _fork_lift(rng: np.random.Generator) -> list[Part]:
    tint = vary(((0.88, 0.60, 0.08), (0.78, 0.24, 0.08), (0.80, 0.70, 0.12))[rng.integers(3)], rng)
    body: list[Bounds] = [(-0.55, 0.55, -0.4, 1.1, 0.25, 0.75), (-0.55, 0.55, 0.5, 1.2, 0.3, 1.05)]
    dark: list[Bounds] = [(x - 0.03, x + 0.03, y - 0.03, y + 0.03, 0.7, 2.0) for x in (-0.5, 0.5) for y in (-0.3, 0.9)]
    dark += [
        (-0.53, 0.53, -0.35, 0.95, 2.0, 2.05),
        (-0.3, 0.3, 0.1, 0.55, 0.75, 0.85),
        (-0.3, 0.3, 0.5, 0.6, 0.85, 1.35),
    ]
    dark += [(x - 0.05, x + 0.05, -0.6, -0.48, 0.05, 2.1) for x in (-0.32, 0.32)] + [
        (x - 0.05, x + 0.05, -1.6, -0.6, 0.08, 0.12) for x in (-0.25, 0.25)
    ]
    dark += [(-0.45, 0.45, -0.64, -0.6, z, z + 0.08) for z in (0.1, 0.45, 1.95)]
    wheel = tube([(-0.1, 0, 0), (0.1, 0, 0)], 0.27, 20)
    wheels = join(*(wheel.moved((x, y, 0.27)) for x in (-0.5, 0.5) for y in (-0.2, 0.85)))
    return [
        boxed(body, tint, "paint"),
        boxed(dark, (0.06, 0.06, 0.065), "plastic"),
        Part(mesh=wheels, colour=(0.05, 0.05, 0.05), material="rubber", smooth=False),
    ]


WORLD = Place(build=build, phrase="in a warehouse", indoor=True)
