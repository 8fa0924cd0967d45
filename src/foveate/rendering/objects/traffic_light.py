"""A traffic light on a post: hooded red, amber and green lamps, one of them lit, on two or four sides."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.assembling import each
from foveate.rendering.modelling.patterns import pick, vary
from foveate.rendering.modelling.profiles import box, join, lathe, loft, tube
from foveate.rendering.scene import Asset, Colour, Kind, Mesh, Part

LIT = [(0.66, 0.0, 0.0), (0.66, 0.25, 0.0), (0.0, 0.46, 0.17)]
UNLIT = [(0.28, 0.03, 0.03), (0.32, 0.19, 0.03), (0.03, 0.20, 0.12)]
HOUSINGS = [(0.045, 0.05, 0.05), (0.045, 0.05, 0.05), (0.06, 0.14, 0.10), (0.88, 0.62, 0.06)]
PITCH, LENS = 0.30, 0.115


def build(rng: np.random.Generator) -> Asset:
    housing = vary(pick(HOUSINGS, rng), rng, 0.02)
    post = vary(pick(((0.58, 0.60, 0.61), (0.12, 0.13, 0.13), (0.10, 0.22, 0.16)), rng), rng, 0.04)
    tall = rng.uniform(1.0, 1.45)
    sides = pick(((0, 180), (0, 90, 180, 270), (0, 90), (0, 120, 240)), rng)
    state, plate = int(rng.choice([0, 2, 2, 1])), rng.random() < 0.45
    parts = [Part(mesh=_post(tall, rng), colour=post, material="plastic", smooth=False)]
    for turn in sides:
        lit = state if turn in (0, 180) else {0: 2, 1: 0, 2: 0}[state]
        parts += _head(turn, tall, lit, housing, plate and len(sides) < 4)
    if rng.random() < 0.6:  # the button for who wants to cross
        parts.append(
            Part(
                mesh=box((0.10, 0.07, 0.16), (0, -0.085, 0.55 * tall), 0.012),
                colour=(0.90, 0.68, 0.08),
                material="plastic",
                smooth=False,
            )
        )
        parts.append(
            Part(
                mesh=lathe([(0.028, 0.0), (0.022, 0.016), (0.0, 0.02)], 20)
                .turned(90, "x")
                .moved((0, -0.12, 0.55 * tall)),
                colour=(0.7, 0.7, 0.7),
                material="steel",
            )
        )
    return Asset(parts=tuple(parts))


def _post(tall: float, rng: np.random.Generator) -> Mesh:
    r = rng.uniform(0.048, 0.058)
    pole = lathe([
        (0.0, 0.0), (0.17, 0.0), (0.17, 0.02), (r * 1.9, 0.025), (r * 1.7, 0.05), (r * 1.35, 0.30), (r * 1.35, 0.32),
        (r, 0.36), (r, tall + 0.95), (r * 1.15, tall + 0.95), (r * 0.9, tall + 0.99), (0.0, tall + 1.0),
    ], 28)  # fmt: skip
    bolts = [
        lathe([(0.018, 0.02), (0.018, 0.045), (0.0, 0.047)], 6).moved((0.13 * np.cos(a), 0.13 * np.sin(a), 0))
        for a in np.arange(4) * np.pi / 2 + np.pi / 4
    ]
    return join(pole, *bolts, box((0.075, 0.02, 0.16), (0, -r * 1.32, 0.19), 0.006))


def _head(turn: float, base: float, lit: int, colour: Colour, plate: bool) -> list[Part]:
    """Three lamps above each other, red on top, facing −y before it is turned."""
    front, middle = -0.34, base + 0.47
    shells = [box((0.29, 0.19, PITCH - 0.008), (0, front + 0.095, middle + (1 - k) * PITCH), 0.022) for k in range(3)]
    hoods = [_hood().moved((0, front, middle + (1 - k) * PITCH)) for k in range(3)]
    arms = [tube([(0, front + 0.10, z), (0, 0, z)], 0.026, 12) for z in (middle + 0.36, middle - 0.36)]
    made = [
        Part(mesh=join(*shells, *arms), colour=colour, material="plastic", smooth=False),
        Part(mesh=join(*hoods), colour=(0.035, 0.035, 0.035), material="matte"),
    ]
    if plate:
        board = box((0.52, 0.012, 1.14), (0, front + 0.12, middle), 0.003)
        rim = [(x * 0.252, front + 0.11, middle + z * 0.562) for x, z in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
        made.append(Part(mesh=board, colour=(0.04, 0.04, 0.04), material="matte", smooth=False))
        made.append(
            Part(
                mesh=join(
                    *(
                        box(np.abs(np.subtract(b, a)) + (0.022, 0.012, 0.022), np.add(a, b) / 2)
                        for a, b in zip(rim, rim[1:] + rim[:1], strict=True)
                    )
                ),
                colour=(0.92, 0.90, 0.82),
                smooth=False,
            )
        )
    for k in range(3):
        lens = (
            lathe([(LENS, 0.0), (LENS * 0.8, 0.018), (LENS * 0.45, 0.028), (0.0, 0.032)], 40)
            .turned(90, "x")
            .moved((0, front - 0.002, middle + (1 - k) * PITCH))
        )
        made.append(
            Part(mesh=lens, colour=LIT[k] if k == lit else UNLIT[k], material="glow" if k == lit else "eye", keep=True)
        )
    return each(made, lambda mesh: mesh.turned(turn))


def _hood() -> Mesh:
    """A tunnel over the lamp, long above and cut back below, with an inside."""
    angle, v = np.radians(np.linspace(-50, 230, 40)), np.linspace(0, 1, 8)[:, None]
    reach = 0.20 * (0.42 + 0.58 * np.clip(0.5 + 0.75 * np.sin(angle), 0, 1))

    def shell(r: float) -> Mesh:
        return loft(np.stack(np.broadcast_arrays(r * np.cos(angle), -v * reach, r * np.sin(angle)), -1))

    return join(shell(LENS + 0.016), shell(LENS + 0.011).flipped())


OBJECT = Kind(build=build, phrase="a traffic light", group="other", imagenet=(920,))
