"""A photographer's studio: a painted cove all round, soft boxes and an umbrella on stands, a paper roll, boards, a tripod."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.patterns import noise, vary
from foveate.rendering.modelling.profiles import join, lathe, sheet, smooth, tube
from foveate.rendering.modelling.rooms import Bounds, boxed, put, slabs, turn
from foveate.rendering.scene import Colour, Lamp, Mesh, Part, Place, World

COVES: tuple[Colour, ...] = (
    (0.86, 0.86, 0.85),
    (0.66, 0.67, 0.68),
    (0.78, 0.73, 0.66),
    (0.62, 0.69, 0.72),
    (0.50, 0.51, 0.52),
)
PAPERS: tuple[Colour, ...] = (
    (0.20, 0.42, 0.46),
    (0.72, 0.42, 0.20),
    (0.62, 0.26, 0.28),
    (0.86, 0.72, 0.34),
    (0.30, 0.33, 0.40),
)


def build(rng: np.random.Generator) -> World:
    cove = vary(COVES[rng.integers(len(COVES))], rng, 0.03)
    parts = [_cove(rng, cove), *_tape(rng)]
    for yaw, maker in ((0, _lights), (90, _boards), (180, _roll), (270, _camera)):
        parts += turn(put(maker(rng), 0, 0.3), yaw)  # off the camera's way
    for yaw in (45, 135, 225, 315):
        parts += turn(
            put(_soft_box(rng, 0.5, 1.3) if rng.random() < 0.5 else _umbrella(rng), rng.uniform(-0.6, 0.6), 5.9), yaw
        )
    grey = float(np.mean(cove))
    return World(
        phrase="a photographer's studio",
        parts=tuple(parts),
        sky=None,
        fill=0.5,
        lamps=(
            Lamp(place=(-3.4, -2.6, 3.6), target=(0, 0, 0.4), watts=290, size=1.4, kelvin=5600),
            Lamp(place=(4.2, -1.6, 3.2), target=(0, 0, 0.4), watts=60, size=2.2, kelvin=5300),
            Lamp(place=(0.8, 4.6, 4.0), target=(0, 0, 0.5), watts=90, size=1.6, kelvin=6000),
        ),
        indoor=True,
        exposure=0.45 + 0.5 * (0.8 - grey),
    )


def _cove(rng: np.random.Generator, colour: Colour) -> Part:
    """Floor and wall in one sweep, scuffed and trodden in the middle."""
    curve = [(6.1 + 1.3 * np.sin(a), 1.3 * (1 - np.cos(a))) for a in np.linspace(0, np.pi / 2, 16)]
    mesh = lathe([(0.001, 0), *((r, 0.0) for r in np.linspace(0.15, 5.9, 60)), *curve, (7.4, 5.5)], 160)
    p, seed = mesh.vertices, int(rng.integers(1 << 30))
    away = np.hypot(p[:, 0], p[:, 1])
    trodden = np.clip(1.4 - away / 3.5, 0, 1) * (noise(0.5, seed, 4)(p) > 0.56) * 0.05
    cloudy = 0.06 * (noise(1.6, seed + 1, 4)(p) - 0.5)
    shade = (1 - trodden + cloudy)[:, None]
    return Part(mesh=mesh, colour=np.clip(np.array(colour) * shade, 0, 1), material="plaster")


def _tape(rng: np.random.Generator) -> list[Part]:
    """Marks on the floor where models stand, and a cable."""
    marks: list[Bounds] = []
    for x, y in rng.uniform(-1.7, 1.7, (3, 2)):
        marks += [
            (x - 0.09, x + 0.09, y - 0.02, y + 0.02, -0.01, 0.001),
            (x - 0.02, x + 0.02, y - 0.02, y + 0.13, -0.01, 0.001),
        ]
    cables = []
    for angle in rng.uniform(0, 360, 3):
        t = np.linspace(0, 1, 40)
        wave = 0.35 * np.sin(5 * t + angle) * np.sin(np.pi * t)
        cables.append(
            tube(np.stack([wave + 1.2 * (t - 0.5), 5.6 - 2.6 * t * (1 - t) * 2, 0 * t + 0.012], -1), 0.011, 6).turned(
                angle
            )
        )
    tape = boxed(marks, ((0.10, 0.10, 0.11), (0.75, 0.30, 0.12), (0.15, 0.35, 0.55))[rng.integers(3)])
    return [tape, Part(mesh=join(*cables), colour=(0.05, 0.05, 0.05), material="rubber")]


def _stand(height: float, spread: float = 0.5) -> Mesh:
    legs = [tube([(0, 0, 0.55), (spread * np.cos(a), spread * np.sin(a), 0.015)], 0.013, 6) for a in (0.5, 2.6, 4.7)]
    return join(
        *legs,
        tube([(0, 0, 0.2), (0, 0, 0.6 * height)], 0.018, 8),
        tube([(0, 0, 0.6 * height), (0, 0, height)], 0.013, 8),
    )


def _soft_box(rng: np.random.Generator, width: float, height: float, z: float | None = None) -> list[Part]:
    """A lit cloth in front of a black tent, tilted down towards the middle, on a stand with a sand bag."""
    z = rng.uniform(1.5, 1.9) if z is None else z
    w, h = width / 2, height / 2
    front = np.array([[-w, 0, -h], [w, 0, -h], [w, 0, h], [-w, 0, h]])
    rim = front * [1.04, 1, 1.03] + [0, -0.06, 0]
    back = front * [0.12 / w / 2, 1, 0.12 / h / 2] + [0, 0.5, 0]
    quads = np.array([[0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]])
    faces = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    faces = np.concatenate([faces, faces + 4]).astype(np.int32)
    tent = Mesh(vertices=np.concatenate([rim, front, back]).astype(np.float32), faces=faces)
    head = slabs((-0.07, 0.07, 0.48, 0.85, -0.08, 0.08))
    cloth = sheet(width, height, 15, 15).turned(90, "x").moved((0, -0.005, 0))
    u, v = cloth.vertices[:, 0] / w, cloth.vertices[:, 2] / h
    glow = (0.86 - 0.16 * (u**2 + v**2))[:, None] * np.array([1.0, 0.985, 0.95])
    bag = (
        lathe(smooth([(0, 0), (0.13, 0.02), (0.15, 0.07), (0.08, 0.13), (0, 0.14)], 14), 18)
        .scaled((1.5, 0.8, 1))
        .moved((0.2, 0.55, 0.05))
    )
    tip = 14.0 if z > 1.2 else 0.0
    return [
        Part(mesh=cloth.turned(tip, "x").moved((0, 0, z)), colour=np.clip(glow, 0, 1), material="glow", smooth=False),
        Part(mesh=tent.turned(tip, "x").moved((0, 0, z)), colour=(0.03, 0.03, 0.03), material="fabric", smooth=False),
        Part(
            mesh=join(head.turned(tip, "x").moved((0, 0, z)), _stand(z).moved((0, 0.6, 0))),
            colour=(0.06, 0.06, 0.065),
            material="plastic",
            smooth=False,
        ),
        Part(mesh=bag, colour=(0.12, 0.11, 0.10), material="fabric"),
    ]


def _umbrella(rng: np.random.Generator) -> list[Part]:
    """A white umbrella that throws a flash back, on a stand."""
    z = rng.uniform(1.6, 2.0)
    dome = lathe(
        [(0.01, 0.0), *((0.56 * np.sin(a), 0.56 * 0.75 * (1 - np.cos(a))) for a in np.linspace(0.15, 1.35, 10))], 8
    )
    dome = dome.turned(78, "x").moved((0, 0.1, z))
    head = join(
        slabs((-0.06, 0.06, -0.75, -0.4, z - 0.06, z + 0.06)),
        tube([(0, -0.6, z), (0, 0.1, z)], 0.008, 6),
        _stand(z).moved((0, -0.5, 0)),
    )
    return [
        Part(mesh=dome, colour=(0.92, 0.92, 0.90), material="fabric", smooth=False),
        Part(mesh=head, colour=(0.06, 0.06, 0.065), material="plastic", smooth=False),
    ]


def _lights(rng: np.random.Generator) -> list[Part]:
    found = put(_soft_box(rng, 0.95, 1.35), -1.75, 5.2, 0, -14) + put(_soft_box(rng, 1.1, 1.1), 1.7, 5.3, 0, 14)
    stool = join(
        lathe([(0, 0.6), (0.17, 0.6), (0.17, 0.64), (0, 0.64)], 24),
        *(
            tube([(0.1 * c, 0.1 * s, 0.6), (0.2 * c, 0.2 * s, 0)], 0.013, 6)
            for c, s in ((1, 1), (1, -1), (-1, 1), (-1, -1))
        ),
    )
    return [
        *found,
        Part(
            mesh=stool.moved((rng.uniform(-0.4, 0.4), 5.4, 0)), colour=(0.45, 0.30, 0.17), material="wood", smooth=False
        ),
    ]


def _boards(rng: np.random.Generator) -> list[Part]:
    """Two folded boards, white inside and black outside, an umbrella and a stack of wooden boxes."""
    found: list[Part] = []
    for x, yaw in ((-1.55, 20), (1.75, -28)):
        for fold in (-38, 38):
            side = np.sign(fold)
            white, black = slabs((0, 0.95, -0.02, 0.005, 0, 2.3)), slabs((0, 0.95, 0.005, 0.03, 0, 2.3))
            dark = (side < 0) == (x < 0)
            for mesh, tint in ((white, (0.9, 0.9, 0.89)), (black, (0.04, 0.04, 0.04))):
                mesh = mesh if side > 0 else mesh.moved((-0.95, 0, 0))
                front = tint if not dark else tuple(0.94 - c for c in tint)
                found += put(
                    [Part(mesh=mesh.turned(fold * 0.6), colour=front, material="matte", smooth=False)], x, 5.3, 0, yaw
                )
    crates: list[Bounds] = [(-0.3, 0.3, 5.1, 5.5, z, z + h - 0.01) for z, h in ((0, 0.2), (0.2, 0.2), (0.4, 0.1))]
    return [*found, *put(_umbrella(rng), 0.1, 5.9), boxed(crates, (0.60, 0.43, 0.26), "wood")]


def _roll(rng: np.random.Generator) -> list[Part]:
    """Coloured paper hanging from a roll between two stands and sweeping on to the floor, a soft box beside it."""
    curve = smooth([(0, 4.7, 0.006), (0, 5.2, 0.006), (0, 5.55, 0.12), (0, 5.7, 0.5), (0, 5.72, 2.5)], 40)
    rows = np.array(curve)[:, None] + np.array([[-1.35, 0, 0], [1.35, 0, 0]])
    paper = Mesh(vertices=rows.reshape(-1, 3).astype(np.float32), faces=sheet(1, 1, 2, 40).faces)
    roll = tube([(-1.4, 5.75, 2.5), (1.4, 5.75, 2.5)], 0.06, 16)
    stands = join(
        _stand(2.5).moved((-1.5, 5.75, 0)),
        _stand(2.5).moved((1.5, 5.75, 0)),
        tube([(-1.55, 5.75, 2.5), (1.55, 5.75, 2.5)], 0.02, 8),
    )
    colour = vary(PAPERS[rng.integers(len(PAPERS))], rng, 0.06)
    return [
        Part(mesh=join(paper, roll), colour=colour, material="plaster"),
        Part(mesh=stands, colour=(0.06, 0.06, 0.065), material="plastic"),
        *put(_soft_box(rng, 0.8, 1.2), 2.2, 5.0, 0, 20),
    ]


def _camera(rng: np.random.Generator) -> list[Part]:
    """A camera on its tripod, a strip light, and a table with lenses."""
    legs = [tube([(0, 0, 1.2), (0.42 * np.cos(a), 0.42 * np.sin(a), 0)], 0.02, 8) for a in (0.2, 2.3, 4.4)]
    lens = (
        lathe([(0, 0), (0.05, 0), (0.06, 0.2), (0.05, 0.2), (0.045, 0.15), (0, 0.15)], 20)
        .turned(90, "x")
        .moved((0, -0.05, 1.45))
    )
    body = slabs(
        (-0.11, 0.11, -0.06, 0.05, 1.37, 1.53),
        (-0.045, 0.045, -0.05, 0.04, 1.53, 1.59),
        (-0.03, 0.03, -0.03, 0.03, 1.15, 1.37),
    )
    found = put(
        [Part(mesh=join(*legs, lens, body), colour=(0.04, 0.04, 0.045), material="plastic", smooth=False)],
        -0.5,
        5.2,
        0,
        rng.uniform(-20, 20),
    )
    table: list[Bounds] = [(0.8, 2.2, 5.1, 5.8, 0.76, 0.8)] + [
        (x - 0.02, x + 0.02, y - 0.02, y + 0.02, 0, 0.76) for x in (0.85, 2.15) for y in (5.15, 5.75)
    ]
    screen: list[Bounds] = [
        (1.25, 1.75, 5.5, 5.52, 0.92, 1.25),
        (1.47, 1.53, 5.52, 5.56, 0.8, 1.0),
        (1.35, 1.65, 5.45, 5.6, 0.8, 0.82),
    ]
    cans = [
        lathe([(0, 0), (0.045, 0), (0.05, 0.13), (0, 0.13)], 18).moved((x, 5.35, 0.8)) for x in (0.95, 1.08, 1.95, 2.08)
    ]
    found += [boxed(table, (0.75, 0.74, 0.72)), boxed(screen, (0.03, 0.03, 0.035), "plastic")]
    found += [Part(mesh=join(*cans), colour=(0.04, 0.04, 0.045), material="plastic", smooth=False)]
    return found + put(_soft_box(rng, 0.4, 1.7, 1.25), -1.9, 5.3, 0, -16)


WORLD = Place(build=build, phrase="in a studio", indoor=True)
