"""A sailing boat under mainsail and foresail: hull with waterline, deck, cabin, mast, boom, stays, rudder and tiller."""

from __future__ import annotations

from typing import Any

import numpy as np

from foveate.rendering.modelling.patterns import flat, mix, noise, pick, smoothstep, vary
from foveate.rendering.modelling.profiles import box, fan, join, lathe, loft, tube
from foveate.rendering.scene import Array, Asset, Colour, Kind, Mesh, Part

HULLS = [
    (0.93, 0.93, 0.91), (0.93, 0.93, 0.91), (0.08, 0.14, 0.30), (0.55, 0.06, 0.07), (0.10, 0.30, 0.34),
    (0.05, 0.05, 0.06), (0.80, 0.70, 0.45),
]  # fmt: skip
SAILS = [(0.95, 0.94, 0.90), (0.95, 0.94, 0.90), (0.90, 0.84, 0.70), (0.55, 0.20, 0.12)]
STATIONS, GIRTH = 120, 71


def build(rng: np.random.Generator) -> Asset:
    length, beam, side = 6.0, rng.uniform(1.05, 1.2), rng.uniform(0.62, 0.75)
    hull, colour, edge = _hull(length, beam, side, rng)
    deck_colour = (0.66, 0.47, 0.28) if rng.random() < 0.5 else (0.86, 0.86, 0.83)
    parts = [
        Part(mesh=hull, colour=colour, material="paint", scale=length),
        Part(mesh=_deck(edge), colour=deck_colour, material="leaf"),
        Part(
            mesh=join(tube(edge, 0.035, 8), tube(edge * (-1, 1, 1), 0.035, 8)),
            colour=(0.42, 0.24, 0.11),
            material="leaf",
        ),
    ]
    top = side + 0.02
    step, mast = -0.7 + rng.uniform(-0.2, 0.1), rng.uniform(5.7, 6.7)
    spar: Colour = (0.62, 0.40, 0.20) if rng.random() < 0.3 else (0.75, 0.76, 0.78)
    swing = float(rng.choice([-1, 1])) * rng.uniform(8, 28)  # degrees of the boom off the middle
    heading = np.radians(swing)
    boom_z, boom = top + 0.75, 2.75
    clew = np.array([np.sin(heading) * boom, step + np.cos(heading) * boom, boom_z + 0.05])
    foot, head = np.array([0.0, step, boom_z]), np.array([0.0, step, top + mast - 0.15])
    fore, tack = np.array([0.0, step, top + mast * 0.86]), np.array([0.0, -length / 2 - 0.02, top + 0.28])
    jib_clew = np.array([0.62 * np.sin(heading) * 1.6, step + 0.25, top + 0.55])
    cloth = pick(SAILS, rng)
    lee = float(np.sign(swing))
    for corners, belly, battens in (((foot, head, clew), 0.42 * lee, 4), ((tack, fore, jib_clew), 0.40 * lee, 0)):
        mesh, tint = _sail(*corners, belly, cloth, battens)
        parts.append(Part(mesh=mesh, colour=tint, material="cloth"))
    poles = [
        tube(
            [(0, step, side - 0.2), (0, step, top + mast * 0.6), (0, step + 0.04, top + mast)],
            [0.075, 0.065, 0.045],
            14,
        ),
        tube([foot - [0, 0, 0.05], clew + [0, 0, -0.05]], 0.05, 12),
    ]
    spread = top + mast * 0.55
    poles.append(tube([(-0.5, step + 0.08, spread), (0, step, spread), (0.5, step + 0.08, spread)], 0.022, 8))
    wires: list[list[Any]] = [[tack, fore], [(0, step + 0.04, top + mast), (0, length / 2 - 0.1, top)]]
    for x in (-1, 1):
        wires.append([(x * beam * 0.93, step + 0.12, top), (x * 0.5, step + 0.08, spread), (0, step, top + mast * 0.9)])
    wires.append([clew, (0, step + 2.3, top + 0.1)])
    parts += [
        Part(mesh=join(*poles), colour=spar, material="plastic"),
        Part(mesh=join(*(tube(wire, 0.014, 5) for wire in wires)), colour=(0.35, 0.36, 0.38), material="matte"),
    ]
    parts += _cabin(step, top, beam)
    rudder = [
        box((0.06, 0.42, 0.95), (0, length / 2 + 0.12, 0.42), 0.02),
        tube([(0, length / 2 + 0.16, top + 0.12), (0, length / 2 - 0.9, top + 0.30)], 0.03, 8),
    ]
    parts.append(Part(mesh=join(*rudder), colour=(0.45, 0.27, 0.13), material="leaf", smooth=False))
    return Asset(parts=tuple(parts))


def _hull(length: float, beam: float, side: float, rng: np.random.Generator) -> tuple[Mesh, Array, Array]:
    """Sections from bow (−y) to stern, each from the keel up to the deck's edge; flat enough below to stand."""
    t = np.linspace(0, 1, STATIONS)
    half = beam * np.sin(np.pi * (0.02 + 0.66 * t)) ** 0.85 * (1 - 0.12 * t)
    half[0] = 0.012
    sheer = side + 0.26 * (1 - t) ** 2 + 0.05 * t**2
    keel = 0.55 * np.clip(1 - t / 0.22, 0, 1) ** 2 * side + 0.22 * np.clip((t - 0.62) / 0.38, 0, 1) ** 2
    g = np.linspace(0, 1, GIRTH)[None]
    full = (0.45 + 0.25 * t)[:, None]
    x = half[:, None] * np.sin(g * np.pi / 2) ** full * (1 - 0.05 * g**6)
    z = keel[:, None] + (sheer - keel)[:, None] * (0.12 * g + 0.88 * g**2.3)
    y = -length / 2 + length * (t[:, None] + 0.075 * (1 - g) * (1 - t[:, None]) ** 3 - 0.02 * (1 - g) * t[:, None] ** 6)
    right = np.stack([x, y, z], -1)
    both = np.concatenate([right[:, :0:-1] * (-1, 1, 1), right], 1)
    both = both[:, ::-1]  # so that it looks outwards
    transom = fan(both[-1], (0, both[-1, :, 1].mean(), sheer[-1] * 0.8))
    mesh = join(loft(both), transom)
    p = mesh.vertices
    paint, bottom = (
        vary(pick(HULLS, rng), rng, 0.03),
        pick([(0.42, 0.07, 0.05), (0.06, 0.09, 0.20), (0.10, 0.10, 0.10)], rng),
    )
    line = 0.24 + 0.02 * np.abs(p[:, 1]) / length
    colour = mix(flat(paint, len(p)), bottom, (p[:, 2] < line).astype(float))
    stripe = (np.abs(p[:, 2] - line - 0.035) < 0.028).astype(float)
    return mesh, mix(colour, (0.92, 0.92, 0.90) if sum(paint) < 1.8 else (0.10, 0.16, 0.32), stripe), right[:, -1]


def _deck(edge: Array) -> Mesh:
    """From gunwale to gunwale, slightly lower than them; the cockpit is let in behind."""
    across = np.linspace(-1, 1, 17)
    p = edge[:, None] * np.stack([across, np.ones(17), np.ones(17)], -1)[None]
    t = np.linspace(0, 1, len(edge))[:, None]
    well = smoothstep(0.60, 0.62, t) * (1 - smoothstep(0.93, 0.95, t)) * (np.abs(across)[None] < 0.68)
    p[..., 2] += 0.05 * (1 - across[None] ** 2) - 0.02 - 0.40 * well
    return loft(p)


def _cabin(step: float, top: float, beam: float) -> list[Part]:
    wide = beam * 0.58
    house = box((2 * wide, 1.7, 0.42), (0, step + 0.35, top + 0.13), 0.07)
    taper = house.vertices.astype(float)
    taper[:, 0] *= 1 - 0.13 * (taper[:, 2] - top) - 0.22 * np.clip((step + 0.3 - taper[:, 1]) / 0.9, 0, 1)
    ports = [
        lathe([(0.085, 0.0), (0.0, 0.03)], 20).turned(90, "y").moved((wide * 0.97, step + 0.25 + k * 0.42, top + 0.17))
        for k in range(3)
    ]
    hatch = box((0.55, 0.6, 0.05), (0, step + 0.85, top + 0.36), 0.02)
    return [
        Part(
            mesh=house.reshaped(taper),
            colour=(0.90, 0.89, 0.86),
            material="plastic",
            smooth=False,
        ),
        Part(
            mesh=join(*ports, *(port.mirrored() for port in ports)),
            colour=(0.04, 0.05, 0.06),
            material="eye",
            keep=True,
        ),
        Part(mesh=hatch, colour=(0.45, 0.27, 0.13), material="leaf", smooth=False),
    ]


def _sail(tack: Array, head: Array, clew: Array, belly: float, cloth: Colour, battens: int) -> tuple[Mesh, Array]:
    """A triangle of cloth with its seams, bellied to one side, its leech a little hollow or, with battens, rounded."""
    rows, columns = 150, 30
    v, u = np.repeat(np.linspace(0, 1, rows), columns), np.tile(np.linspace(0, 1, columns), rows)
    luff = tack + (head - tack) * v[:, None]
    leech = clew + (head - clew) * v[:, None]
    chord = leech - luff
    roach = (0.16 if battens else -0.06) * np.sin(np.pi * v)
    wide = np.linalg.norm(clew - tack)
    out = (clew - tack) / wide
    p = luff + chord * u[:, None] + out * (roach * wide * u)[:, None]
    p[:, 0] += belly * np.sin(np.pi * u**0.75) * (1 - v) ** 0.55 * (0.25 + 0.75 * np.sin(np.pi * (0.12 + 0.5 * v)))
    p[:, 2] -= 0.10 * np.sin(np.pi * u) * (1 - v) ** 8
    p[:, 0] += 0.02 * (noise(0.5, 3)(p) - 0.5)
    row = np.repeat(np.arange(rows), columns)
    seam = (row % 19 == 0).astype(float)
    tint = mix(flat(cloth, len(p)), tuple(float(0.74 * c) for c in cloth), seam)
    if battens:
        at = np.isin(row, [int(rows * (k + 1) / (battens + 1)) + side for k in range(battens) for side in (0, 1)]) & (
            u > 0.55
        )
        tint = mix(tint, tuple(float(0.62 * c) for c in cloth), at.astype(float))
    edge = smoothstep(0.965, 1.0, u)
    tint = mix(tint, tuple(float(0.8 * c) for c in cloth), 0.7 * edge)
    return loft(p.reshape(rows, columns, 3)), tint


OBJECT = Kind(build=build, phrase="a sailing boat", group="vehicle", imagenet=(914, 780, 871, 484))
