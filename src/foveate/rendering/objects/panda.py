"""A giant panda: white and shaggy with black legs, shoulder band, ears and eye patches; ambling, or sitting with bamboo."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.growing import fur
from foveate.rendering.modelling.patterns import below, flat, mark, mix, noise, smoothstep, vary
from foveate.rendering.modelling.profiles import join, tube
from foveate.rendering.modelling.quadruped import clay, eyes, gait, legs
from foveate.rendering.modelling.solids import Solid, ball, blend, sweep
from foveate.rendering.modelling.surfaces import posed, swollen, turning
from foveate.rendering.scene import Array, Asset, Kind, Mesh, Part

BLACK = (0.02, 0.018, 0.018)


def build(rng: np.random.Generator) -> Asset:
    seed, sits = int(rng.integers(1 << 30)), rng.random() < 0.45
    head = np.array([0, -0.10, 0.72]) if sits else np.array([0, -0.42, 0.45 + rng.uniform(-0.03, 0.02)])
    mesh, part = clay(_sitting(rng) if sits else _walking(rng), _head(head), melt=0.05, detail=0.011)
    mesh = swollen(mesh, 0.008 * (noise(0.06, seed)(mesh.vertices) - 0.5))
    p, face = mesh.vertices, mesh.vertices - head
    white = mix(
        flat(vary((0.90, 0.88, 0.82), rng, 0.02), len(p)),
        (0.70, 0.62, 0.48),
        0.5 * noise(0.2, seed + 1)(p) ** 2 + 0.25 * below(0.1, 0.3, p[:, 2]),
    )
    if sits:
        band = smoothstep(0.44, 0.49, p[:, 2]) * below(0.60, 0.64, p[:, 2]) * part["body"]
    else:
        band = smoothstep(-0.30, -0.26, p[:, 1]) * below(-0.15, -0.11, p[:, 1] + 0.15 * (p[:, 2] - 0.5)) * part["body"]
    patch = np.stack([np.abs(face[:, 0]), face[:, 1], face[:, 2]], -1)
    tear = np.hypot((patch[:, 0] - 0.060 + 0.75 * (patch[:, 2] - 0.018)) / 0.031, (patch[:, 2] - 0.012) / 0.043)
    dark = np.clip(
        band + part["leg"] + part["ear"] + below(0.85, 1.1, tear) * (face[:, 1] < -0.03) * part["head"], 0, 1
    )
    colour = mix(white, BLACK, smoothstep(0.3, 0.7, dark))
    black = dark[mesh.faces].mean(1) > 0.5
    bare = mark(face, (0.05, -0.118, 0.022), 0.020, 0.2) + mark(face, (0, -0.192, -0.035), 0.026, 0.3)
    near = np.clip(part["head"] + part["ear"], 0, 1)
    short = np.clip((1 - 0.5 * part["ear"]) * near - bare, 0, 1) * (near > 0.4)
    long = (1 - near) * smoothstep(0.02, 0.05, p[:, 2]) + 0.02
    nose, _ = blend(ball(head + (0, -0.196, -0.030), (0.026, 0.016, 0.017)), melt=0, detail=0.005)
    parts = [
        # The pile's sheen would turn black to grey, so the black half is plain.
        Part(mesh=Mesh(vertices=p, faces=mesh.faces[~black]), colour=colour, material="fur"),
        Part(mesh=Mesh(vertices=p, faces=mesh.faces[black]), colour=colour, material="matte"),
        Part(mesh=nose, colour=(0.04, 0.035, 0.035), material="rubber", keep=True),
        eyes(tuple(head + (0.051, -0.118, 0.022)), 0.0125),
    ]
    if sits:
        parts.append(Part(mesh=_bamboo(rng), colour=(0.42, 0.55, 0.16), material="leaf", keep=True))
    comb = (0.0, 0.25, -0.8) if sits else (0.0, 0.7, -0.45)
    hair = (
        fur(mesh, colour, rng, length=0.027, count=9500, comb=comb, tousle=0.4, radius=0.0022, weight=long),
        fur(mesh, colour, rng, length=0.012, count=4500, comb=(0.0, 0.5, -0.3), radius=0.0018, weight=short),
    )
    start, end = head + (0, 0.16, -0.05), head + (0, 0.05, 0)
    if sits:
        start, end = head - (0, 0, 0.16), head - (0, 0, 0.06)
    return posed(
        Asset(parts=tuple(parts), hair=hair),
        turning(start, end, rng.uniform(-24, 24), "z"),
        turning(start, end, rng.uniform(-8, 8), "y"),
        turning(start, end, rng.uniform(-10, 12), "x"),
    )


def _head(c: Array) -> list[Solid]:
    """Round, with full cheeks, a short muzzle and round ears set wide."""
    skull = [ball(c, (0.138, 0.125, 0.125), "head"), ball(c + (0, -0.02, 0.045), (0.10, 0.10, 0.085), "head")]
    cheeks = [ball(c + (0.075 * s, -0.005, -0.04), (0.078, 0.085, 0.075), "head") for s in (-1, 1)]
    muzzle = sweep(
        [c + (0, -0.08, -0.045), c + (0, -0.15, -0.05), c + (0, -0.18, -0.052)],
        [0.062, 0.044, 0.034],
        [0.07, 0.052, 0.04],
        "head",
    )
    ears = [
        sweep(
            [c + (0.090 * s, 0.02, 0.085), c + (0.117 * s, 0.02, 0.128)],
            [0.022, 0.018],
            [0.045, 0.043],
            "ear",
            side=(1, 0, -0.7 * s),
        )
        for s in (-1, 1)
    ]
    return [*skull, *cheeks, muzzle, *ears]


def _walking(rng: np.random.Generator) -> list[Solid]:
    fat, (front, hind) = rng.uniform(0.95, 1.08), gait(rng, 0.07)
    trunk = sweep(
        [(0.27, 0.31), (0.21, 0.35), (0.08, 0.375), (-0.08, 0.385), (-0.22, 0.41), (-0.34, 0.44)],
        [0.16, 0.195, 0.215 * fat, 0.205 * fat, 0.17, 0.11],
        [0.15, 0.185, 0.21 * fat, 0.19 * fat, 0.15, 0.11],
        "body",
    )
    tail = ball((0, 0.42, 0.30), (0.035, 0.02, 0.05), "body")
    fore = [(0.105, -0.19, 0.40), (0.13, -0.19, 0.22), (0.125, -0.195, 0.09), (0.112, -0.25, 0.05)]
    back = [(0.11, 0.235, 0.28), (0.135, 0.21, 0.17), (0.135, 0.245, 0.08), (0.12, 0.195, 0.045)]
    return [
        trunk,
        tail,
        *legs(fore, [0.12, 0.092, 0.078, 0.052], [0.09, 0.086, 0.078, 0.07], front),
        *legs(back, [0.15, 0.110, 0.080, 0.050], [0.095, 0.095, 0.08, 0.07], hind),
    ]


def _sitting(rng: np.random.Generator) -> list[Solid]:
    fat, apart = rng.uniform(0.95, 1.08), rng.uniform(0.15, 0.21)
    trunk = sweep(
        [(0.12, 0.20), (0.10, 0.32), (0.04, 0.47), (-0.03, 0.60)],
        [0.20, 0.215 * fat, 0.175, 0.11],
        [0.215, 0.225 * fat, 0.18, 0.12],
        "body",
    )
    found = [trunk]
    for s in (-1, 1):
        found.append(sweep([
            (0.14 * s, 0.06, 0.12), (apart * s, -0.12, 0.105), (apart * s, -0.27, 0.085), (apart * s, -0.295, 0.12),
        ], [0.10, 0.09, 0.075, 0.06], part="leg"))  # fmt: skip
        reach = (-0.19, 0.50) if s > 0 else (-0.22, 0.38)
        found.append(
            sweep(
                [(0.12 * s, -0.02, 0.55), (0.20 * s, -0.11, 0.42), (0.09 * s, *reach)], [0.085, 0.07, 0.055], part="leg"
            )
        )
    return found


def _bamboo(rng: np.random.Generator) -> Mesh:
    """A stalk held in both paws, leaves at its upper end."""
    low, high = np.array([-0.12, -0.30, 0.32]), np.array([0.16, -0.225, 0.60])
    leaves = []
    for _ in range(12):
        root = low + (high - low) * rng.uniform(0.75, 1.0)
        tip = root + rng.uniform(-0.12, 0.12, 3) + (0.06, -0.03, 0.03)
        leaves.append(tube([root, root + 0.5 * (tip - root) + (0, 0, 0.015), tip], [0.002, 0.010, 0.001], 6))
    return join(tube([low, high], 0.010, 8), *leaves)


OBJECT = Kind(build=build, phrase="a panda", group="animal", imagenet=(388,))
