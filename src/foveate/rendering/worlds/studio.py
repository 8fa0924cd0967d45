"""A photographer's studio: a painted cove all round, soft boxes and an umbrella on stands, a paper roll, boards, a tripod."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.assembling import boxed, put, turn
from foveate.rendering.modelling.furniture import table
from foveate.rendering.modelling.patterns import noise, pick, vary
from foveate.rendering.modelling.photography import BLACK, camera, reflector, soft_box, stand
from foveate.rendering.modelling.profiles import Bounds, join, lathe, loft, smooth, tube
from foveate.rendering.scene import Colour, Lamp, Part, Place, World

COVES: tuple[Colour, ...] = (
    (0.86, 0.86, 0.85), (0.66, 0.67, 0.68), (0.78, 0.73, 0.66), (0.62, 0.69, 0.72), (0.50, 0.51, 0.52),
)  # fmt: skip
PAPERS: tuple[Colour, ...] = (
    (0.20, 0.42, 0.46), (0.72, 0.42, 0.20), (0.62, 0.26, 0.28), (0.86, 0.72, 0.34), (0.30, 0.33, 0.40),
)  # fmt: skip


def build(rng: np.random.Generator) -> World:
    cove = vary(pick(COVES, rng), rng, 0.03)
    parts = [_cove(rng, cove), *_tape(rng)]
    for yaw, maker in ((0, _lights), (90, _boards), (180, _roll), (270, _camera)):
        parts += turn(put(maker(rng), 0, 0.3), yaw)  # off the camera's way
    for yaw in (45, 135, 225, 315):
        lamp = soft_box(rng, 0.5, 1.3) if rng.random() < 0.5 else reflector(rng)
        parts += turn(put(lamp, rng.uniform(-0.6, 0.6), 5.9), yaw)
    grey = float(np.mean(cove))
    return World(
        parts=tuple(parts),
        sky=None,
        fill=0.5,
        lamps=(
            Lamp(place=(-3.4, -2.6, 3.6), target=(0, 0, 0.4), watts=290, size=1.4, kelvin=5600),
            Lamp(place=(4.2, -1.6, 3.2), target=(0, 0, 0.4), watts=60, size=2.2, kelvin=5300),
            Lamp(place=(0.8, 4.6, 4.0), target=(0, 0, 0.5), watts=90, size=1.6, kelvin=6000),
        ),
        exposure=0.45 + 0.5 * (0.8 - grey),
    )


def _cove(rng: np.random.Generator, colour: Colour) -> Part:
    """Floor and wall in one sweep, scuffed and trodden in the middle."""
    curve = [(6.1 + 1.3 * np.sin(a), 1.3 * (1 - np.cos(a))) for a in np.linspace(0, np.pi / 2, 16)]
    mesh = lathe([(0.0, 0.0), *((r, 0.0) for r in np.linspace(0.15, 5.9, 60)), *curve, (7.4, 5.5)], 160)
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
    cables, t = [], np.linspace(0, 1, 40)
    for angle in rng.uniform(0, 360, 3):
        wave = 0.35 * np.sin(5 * t + angle) * np.sin(np.pi * t)
        path = np.stack([wave + 1.2 * (t - 0.5), 5.6 - 5.2 * t * (1 - t), 0 * t + 0.012], -1)
        cables.append(tube(path, 0.011, 6).turned(angle))
    tape = boxed(marks, pick(((0.10, 0.10, 0.11), (0.75, 0.30, 0.12), (0.15, 0.35, 0.55)), rng))
    return [tape, Part(mesh=join(*cables), colour=(0.05, 0.05, 0.05), material="rubber")]


def _lights(rng: np.random.Generator) -> list[Part]:
    found = put(soft_box(rng, 0.95, 1.35), -1.75, 5.2, 0, -14) + put(soft_box(rng, 1.1, 1.1), 1.7, 5.3, 0, 14)
    seat = lathe([(0, 0.6), (0.17, 0.6), (0.17, 0.64), (0, 0.64)], 24)
    legs = [tube([(0.1 * c, 0.1 * s, 0.6), (0.2 * c, 0.2 * s, 0)], 0.013, 6) for c in (1, -1) for s in (1, -1)]
    stool = Part(mesh=join(seat, *legs), colour=(0.45, 0.30, 0.17), material="wood", smooth=False)
    return found + put([stool], rng.uniform(-0.4, 0.4), 5.4)


def _boards(rng: np.random.Generator) -> list[Part]:
    """Two folded boards, white inside and black outside, an umbrella and a stack of wooden boxes."""
    found: list[Part] = []
    for x, yaw in ((-1.55, 20), (1.75, -28)):
        for side in (-1, 1):
            start = 0.0 if side > 0 else -0.95
            tints = [(0.9, 0.9, 0.89), (0.04, 0.04, 0.04)]
            layers: list[Bounds] = [(start, start + 0.95, a, b, 0, 2.3) for a, b in ((-0.02, 0.005), (0.005, 0.03))]
            leaf = boxed(layers, tints[::-1] if (side < 0) == (x < 0) else tints)
            found += put(turn([leaf], 23 * side), x, 5.3, 0, yaw)
    crates: list[Bounds] = [(-0.3, 0.3, 5.1, 5.5, z, z + h - 0.01) for z, h in ((0, 0.2), (0.2, 0.2), (0.4, 0.1))]
    return [*found, *put(reflector(rng), 0.1, 5.9), boxed(crates, (0.60, 0.43, 0.26), "wood")]


def _roll(rng: np.random.Generator) -> list[Part]:
    """Coloured paper hanging from a roll between two stands and sweeping on to the floor, a soft box beside it."""
    curve = smooth([(0, 4.7, 0.006), (0, 5.2, 0.006), (0, 5.55, 0.12), (0, 5.7, 0.5), (0, 5.72, 2.5)], 40)
    paper = loft(np.array(curve)[:, None] + np.array([[-1.35, 0, 0], [1.35, 0, 0]]))
    roll = tube([(-1.4, 5.75, 2.5), (1.4, 5.75, 2.5)], 0.06, 16)
    rod = tube([(-1.55, 5.75, 2.5), (1.55, 5.75, 2.5)], 0.02, 8)
    stands = join(*(stand(2.5).moved((x, 5.75, 0)) for x in (-1.5, 1.5)), rod)
    return [
        Part(mesh=join(paper, roll), colour=vary(pick(PAPERS, rng), rng, 0.06), material="plaster"),
        Part(mesh=stands, colour=BLACK, material="plastic"),
        *put(soft_box(rng, 0.8, 1.2), 2.2, 5.0, 0, 20),
    ]


def _camera(rng: np.random.Generator) -> list[Part]:
    """A camera on its tripod, a strip light, and a table with lenses and a screen."""
    found = put(camera(), -0.5, 5.2, 0, rng.uniform(-20, 20))
    screen: list[Bounds] = [
        (1.25, 1.75, 5.5, 5.52, 0.92, 1.25), (1.47, 1.53, 5.52, 5.56, 0.8, 1.0), (1.35, 1.65, 5.45, 5.6, 0.8, 0.82),
    ]  # fmt: skip
    can = lathe([(0, 0), (0.045, 0), (0.05, 0.13), (0, 0.13)], 18)
    cans = join(*(can.moved((x, 5.35, 0.8)) for x in (0.95, 1.08, 1.95, 2.08)))
    found += put([boxed(table(1.4, 0.7, 0.8, leg=0.02, inset=0.05), (0.75, 0.74, 0.72))], 1.5, 5.45)
    found += [boxed(screen, (0.03, 0.03, 0.035), "plastic")]
    found += [Part(mesh=cans, colour=BLACK, material="plastic", smooth=False)]
    return found + put(soft_box(rng, 0.4, 1.7, 1.25), -1.9, 5.3, 0, -16)


WORLD = Place(build=build, phrase="in a studio", indoor=True)
