"""A goldfish: a deep orange body with scales, big round eyes, a tail fin of flowing lobes, rays in every fin."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.feathers import fin
from foveate.rendering.modelling.patterns import flat, mix, noise, pick, smoothstep, vary
from foveate.rendering.modelling.profiles import join
from foveate.rendering.modelling.solids import ball, blend, limb
from foveate.rendering.scene import Array, Asset, Colour, Kind, Mesh, Part


def build(rng: np.random.Generator) -> Asset:
    seed, deep, long = int(rng.integers(1 << 30)), rng.uniform(0.88, 1.25), rng.uniform(0.8, 1.25)
    gold = vary(pick(((1.0, 0.50, 0.07), (0.97, 0.40, 0.06), (1.0, 0.62, 0.14)), rng), rng, 0.05)
    patched = rng.random() < 0.35  # some have white patches
    bend = rng.uniform(-0.5, 0.5)
    solids = [
        ball((0, -0.06, 0.30), (0.095, 0.25, 0.155 * deep), "body"),
        ball((0, -0.20, 0.295), (0.085, 0.15, 0.115), "head"),
        limb((0, 0.02, 0.30), (0, 0.25, 0.315), 0.09, 0.040, "body"),
        ball((0, -0.335, 0.295), (0.035, 0.035, 0.035), "head"),
        ball((0, -0.02, 0.24), (0.088, 0.18, 0.12 * deep), "body"),
    ]
    mesh, _ = blend(solids, melt=0.06, detail=0.008)
    mesh, colour = _scaled(mesh, gold, patched, seed)
    white, black = ball((0.076, -0.262, 0.325), 0.029), ball((0.089, -0.266, 0.326), 0.0195)
    iris, pupil = (blend(*b.mirrored(), melt=0, detail=0.004)[0] for b in (white, black))
    lips, _ = blend(
        ball((0, -0.366, 0.303), (0.026, 0.018, 0.012)),
        ball((0, -0.356, 0.276), (0.023, 0.016, 0.011)),
        melt=0.004,
        detail=0.003,
    )
    gills = _gill(colour, mesh)
    fins, fin_colour = _fins(rng, gold, deep, long, patched)
    shapes = [_bent(m, bend) for m in (mesh, fins, iris, pupil, lips)]
    return Asset(
        parts=(
            Part(mesh=shapes[0], colour=gills, material="plastic"),
            Part(mesh=shapes[1], colour=fin_colour, material="plastic"),
            Part(mesh=shapes[2], colour=(0.95, 0.72, 0.25), material="eye", keep=True),
            Part(mesh=shapes[3], colour=(0.01, 0.01, 0.01), material="eye", keep=True),
            Part(mesh=shapes[4], colour=tuple(np.clip(np.asarray(gold) * 1.05, 0, 1)), material="plastic"),
        )
    )


def _scaled(mesh: Mesh, gold: Colour, patched: bool, seed: int) -> tuple[Mesh, Array]:
    """Rows of round scales, staggered, each lighter at its rim; the belly is paler, the back darker."""
    p = mesh.vertices.astype(float)
    edge = _scale_edge(p[:, 1] / 0.044, (p[:, 2] + 0.25 * np.abs(p[:, 0])) / 0.044)
    covered = smoothstep(-0.20, -0.16, p[:, 1])  # the head is bare
    rim = (1 - smoothstep(0.10, 0.40, edge)) * covered
    z = (p[:, 2] - 0.15) / 0.30
    colour = mix(flat(gold, len(p)), np.asarray(gold) * (0.80, 0.62, 0.6), smoothstep(0.6, 1.05, z))
    colour = mix(colour, (1.0, 0.80, 0.50), 0.75 * (1 - smoothstep(-0.05, 0.35, z)))
    if patched:
        colour = mix(colour, (0.95, 0.91, 0.86), smoothstep(0.50, 0.56, noise(0.22, seed, 2)(p)))
    colour = mix(colour, np.clip(colour * 1.25 + 0.06, 0, 1), rim * 0.8)
    seam = (1 - smoothstep(0.05, 0.13, edge)) * covered
    colour = mix(colour, colour * (0.80, 0.58, 0.5), seam)
    return mesh, np.clip(colour, 0, 1)


def _scale_edge(u: Array, v: Array) -> Array:
    """How far each point is from the edge of its scale: round scales on a staggered lattice, those in front lie on top."""
    front, edge = np.full(len(u), -np.inf), np.zeros(len(u))
    for shift in (0.0, 0.5):
        du, dv = (u + shift) % 1.0, (v + shift) % 1.0 - 0.5
        for back, row in ((b, r) for b in (0, 1) for r in (-1, 0, 1)):
            distance = np.hypot(du + back - 0.3, dv + row)
            top = (distance < 0.74) & (du + back > front)
            front, edge = np.where(top, du + back, front), np.where(top, 0.74 - distance, edge)
    return edge


def _gill(colour: Array, mesh: Mesh) -> Array:
    """The line of the gill cover, a crescent behind the eye, and the nostrils."""
    p = mesh.vertices
    r = np.hypot(p[:, 1] + 0.255, (p[:, 2] - 0.285) * 0.9)
    line = (1 - smoothstep(0.003, 0.010, np.abs(r - 0.105))) * (p[:, 1] > -0.22) * (np.abs(p[:, 0]) > 0.03)
    return mix(colour, colour * (0.55, 0.4, 0.4), line * 0.55)


def _fins(rng: np.random.Generator, gold: Colour, deep: float, long: float, patched: bool) -> tuple[Mesh, Array]:
    pale = (0.97, 0.90, 0.80) if patched else (1.0, 0.72, 0.38)
    top, low = 0.30 + 0.150 * deep, 0.24 - 0.105 * deep
    made = []
    back = np.array([(0, -0.14, top - 0.03), (0, -0.02, top - 0.015), (0, 0.10, top - 0.055), (0, 0.18, 0.35)])
    crest = np.array(
        [(0, -0.12, top + 0.02), (0, -0.03, top + 0.13 * long), (0, 0.13, top + 0.07 * long), (0, 0.24, top - 0.035)]
    )
    made.append(fin(back, crest, gold, pale, rng))
    for side in (-1, 1):
        root = np.array([(0.01 * side, 0.235, 0.345), (0.014 * side, 0.25, 0.315), (0.01 * side, 0.235, 0.285)])
        spread = rng.uniform(0.02, 0.12)
        upper = [
            (0.01 * side, 0.36, 0.46),
            (spread * side, 0.50 * long**0.4, 0.50),
            (spread * side, 0.56 * long**0.6, 0.40),
        ]
        lower = [
            (spread * 0.8 * side, 0.43, 0.30), (spread * side, 0.56 * long**0.6, 0.21),
            (spread * side, 0.48 * long**0.4, 0.12), (0.01 * side, 0.34, 0.19),
        ]  # fmt: skip
        made.append(fin(root, np.array(upper + lower), gold, pale, rng, 30))
        flap = rng.uniform(0.05, 0.14)
        arm = np.array([(0.082 * side, -0.155, 0.235), (0.084 * side, -0.15, 0.205)])
        made.append(fin(arm, np.array([
            (side * (0.09 + flap * 0.6), -0.05, 0.24), (side * (0.10 + flap), -0.02, 0.19),
            (side * (0.09 + flap), -0.06, 0.145),
        ]), gold, pale, rng, 10))  # fmt: skip
        hip = np.array([(0.045 * side, -0.06, low + 0.035), (0.045 * side, 0.0, low + 0.025)])
        made.append(fin(hip, np.array([
            (side * 0.085, -0.05, low - 0.075), (side * 0.10, 0.01, low - 0.08), (side * 0.08, 0.08, low - 0.03),
        ]), gold, pale, rng, 10))  # fmt: skip
        vent = np.array([(0.012 * side, 0.11, low + 0.055), (0.012 * side, 0.18, 0.265)])
        made.append(
            fin(
                vent,
                np.array([(side * 0.03, 0.16, low - 0.06), (side * 0.04, 0.24, low - 0.03), (side * 0.03, 0.26, 0.21)]),
                gold,
                pale,
                rng,
                10,
            )
        )
    return join(*(m for m, _ in made)), np.concatenate([c for _, c in made])


def _bent(mesh: Mesh, bend: float) -> Mesh:
    """The body swings sideways behind the head, as when swimming."""
    v = mesh.vertices.copy()
    back = np.maximum(v[:, 1] + 0.1, 0)
    v[:, 0] += bend * back**2
    return mesh.reshaped(v)


OBJECT = Kind(build=build, phrase="a goldfish", group="animal", imagenet=(1,), stylised=True)
