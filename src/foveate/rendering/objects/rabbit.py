"""A rabbit sitting up: a round back, heavy haunches, long hollow ears, big eyes at the sides and a cotton tail."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.growing import fur
from foveate.rendering.modelling.patterns import below, flat, mark, mix, noise, pick, smoothstep, vary
from foveate.rendering.modelling.profiles import join
from foveate.rendering.modelling.quadruped import clay, eyes
from foveate.rendering.modelling.solids import Solid, ball, blend, sweep
from foveate.rendering.modelling.surfaces import nearest, normals, posed, turning
from foveate.rendering.scene import Array, Asset, Colour, Kind, Mesh, Part

COATS = ((0.50, 0.40, 0.28), (0.47, 0.44, 0.40), (0.68, 0.52, 0.35), (0.90, 0.88, 0.85), (0.36, 0.28, 0.21))
PINK = (0.78, 0.56, 0.50)


def build(rng: np.random.Generator) -> Asset:
    seed, rise = int(rng.integers(1 << 30)), rng.uniform(-0.03, 0.05)
    base = vary(pick(COATS, rng), rng, 0.03)
    mesh, part = clay(_body(rng, rise), _head(rise), melt=0.045, detail=0.0085)
    eye = nearest(mesh, (0.085, -0.305, 0.405 + rise), 0.006)
    colour = _coat(mesh.vertices, part, base, seed, eye, rise)
    ears = _ears(rng, rise)
    v = ears.vertices
    shell = mix(flat(np.asarray(base) * 0.9, len(v)), PINK, 0.8 * _hollow(ears))
    nose = mark(mesh.vertices, (0, -0.415, 0.348 + rise), (0.020, 0.03, 0.013))
    colour = mix(colour, (0.50, 0.29, 0.27), 0.95 * nose)
    parts = (
        Part(mesh=mesh, colour=colour, material="matte"),
        Part(mesh=ears, colour=shell, material="skin"),
        eyes(eye, 0.021, (0.045, 0.022, 0.014)),
    )
    p = mesh.vertices
    short = np.clip(part["head"] + below(0.05, 0.09, p[:, 2]), 0, 1)
    bare = np.clip(mark(p, eye, 0.026, 0.2) + nose, 0, 1)
    tail = mark(p, (0, 0.40, 0.15), 0.08)
    hair = (
        fur(mesh, colour, rng, length=0.016, count=8000, comb=(0, 0.9, -0.5), tousle=0.35, weight=1 - short + 1e-3),
        fur(mesh, colour, rng, length=0.011, count=4000, comb=(0, 0.7, -0.4), radius=0.0018, weight=short * (1 - bare)),
        fur(mesh, colour, rng, length=0.036, count=900, comb=(0, 0.2, 0.2), tousle=0.6, weight=tail + 1e-4),
        fur(ears, shell, rng, length=0.006, count=1200, comb=(0, 0.3, 0.9), radius=0.0014),
    )
    neck = ((0, -0.12, 0.32 + rise), (0, -0.25, 0.38 + rise))
    return posed(
        Asset(parts=parts, hair=hair),
        turning(*neck, rng.uniform(-20, 20), "z"),
        turning(*neck, rng.uniform(-6, 16), "x"),
    )


def _body(rng: np.random.Generator, rise: float) -> list[Solid]:
    fat, apart = rng.uniform(0.94, 1.07), rng.uniform(0.05, 0.065)
    trunk = sweep(
        [(0.22, 0.19), (0.12, 0.225), (-0.03, 0.225 + rise / 2), (-0.14, 0.245 + rise), (-0.20, 0.29 + rise)],
        [0.17, 0.205, 0.18, 0.135, 0.10],
        [0.14, 0.175 * fat, 0.15 * fat, 0.115, 0.085],
        "body",
    )
    found = [trunk, ball((0, 0.395, 0.145), (0.045, 0.045, 0.055), "tail")]
    for s in (-1, 1):
        found.append(ball((0.115 * s, 0.11, 0.15), (0.075, 0.145, 0.14), "body"))
        hop = rng.uniform(-0.02, 0.02)
        found.append(
            sweep(
                [(0.13 * s, 0.13, 0.032), (0.135 * s, 0.0, 0.034), (0.13 * s, -0.085 + hop, 0.030)],
                [0.034, 0.034, 0.028],
                [0.042, 0.042, 0.036],
                "foot",
            )
        )
        fore = [
            (0.06 * s, -0.15, 0.20 + rise), (apart * s, -0.175, 0.10), (apart * s, -0.18, 0.05),
            (apart * s, -0.215 + hop, 0.026),
        ]  # fmt: skip
        found.append(sweep(fore, [0.065, 0.042, 0.034, 0.026], [0.055, 0.04, 0.034, 0.032], "foot"))
    return found


def _head(rise: float) -> list[Solid]:
    skull = sweep(
        [(-0.215, 0.385 + rise), (-0.28, 0.388 + rise), (-0.34, 0.358 + rise), (-0.378, 0.335 + rise)],
        [0.085, 0.090, 0.062, 0.043],
        [0.072, 0.078, 0.056, 0.042],
        "head",
    )
    cheeks = [ball((0.035 * s, -0.345, 0.335 + rise), (0.04, 0.05, 0.042), "head") for s in (-1, 1)]
    brows = [ball((0.058 * s, -0.305, 0.422 + rise), (0.022, 0.035, 0.018), "head") for s in (-1, 1)]
    return [skull, *cheeks, *brows]


def _ears(rng: np.random.Generator, rise: float) -> Mesh:
    """Spoons: upright, apart, or laid back; each ear by itself."""
    back, long = rng.uniform(-0.02, 0.17), rng.uniform(0.72, 0.98)
    made = []
    for s in (-1, 1):
        out, lie = rng.uniform(0.02, 0.075), back + rng.uniform(-0.02, 0.02)
        root = np.array([0.036, -0.215, 0.445 + rise])
        path = [
            root + long * np.array(step)
            for step in ((0, 0, 0), (out / 3, lie / 3, 0.10), (out, lie, 0.20), (out * 1.3, lie * 1.5, 0.285))
        ]
        blade = sweep(path, [0.020, 0.014, 0.012, 0.006], [0.026, 0.050, 0.048, 0.010], "ear", side=(1, 0.35, 0))
        shift = np.array([0.004, -0.015, -0.004])
        hole = sweep(
            [q + shift for q in path[:3]] + [path[2] * 0.3 + path[3] * 0.7 + shift],
            [0.008, 0.013, 0.012, 0.004],
            [0.010, 0.036, 0.034, 0.006],
            side=(1, 0.35, 0),
        )
        mesh, _ = blend(blade.without(hole), melt=0, detail=0.0052)
        made.append(mesh if s > 0 else mesh.mirrored())
    return join(*made)


def _hollow(ears: Mesh) -> Array:
    """Where an ear faces forward: its inside."""
    n, v = normals(ears), ears.vertices
    return smoothstep(0.35, 0.75, -n[:, 1] + 0.25 * np.sign(v[:, 0]) * n[:, 0])


def _coat(p: Array, part: dict[str, Array], base: Colour, seed: int, eye: Colour, rise: float) -> Array:
    """Ticked back, rusty nape, white belly, chin, tail and rings around the eyes."""
    ticks = noise(0.018, seed, 2)(p * (1, 0.5, 1))
    colour = flat(base, len(p)) * (1 + (1.0 - max(base)) * (ticks - 0.55))[:, None]
    colour = mix(colour, np.asarray(base) * 0.6, (1 - max(base)) * smoothstep(0.30, 0.42, p[:, 2]) * part["body"])
    colour = mix(
        colour, np.asarray(base) * (1.05, 0.85, 0.65), 0.6 * (max(base) < 0.8) * mark(p, (0, -0.14, 0.42 + rise), 0.08)
    )
    white = 0.9 * below(0.05, 0.13, p[:, 2] + 0.02 * ticks) * part["body"] + part["tail"] * smoothstep(
        0.36, 0.39, p[:, 1]
    )
    white += 0.8 * mark(p, (0, -0.33, 0.285 + rise), (0.05, 0.06, 0.03)) + 0.35 * mark(
        p, (0.02, -0.39, 0.33 + rise), 0.035
    )
    white += 0.55 * mark(p, eye, 0.034) + 0.5 * part["foot"] * below(0.06, 0.1, p[:, 2])
    colour = mix(colour, (0.90, 0.87, 0.82), np.clip(white, 0, 1))
    mouth = mark(p, (0, -0.41, 0.325 + rise), (0.004, 0.04, 0.016)) + mark(
        p, (0.014, -0.40, 0.312 + rise), (0.016, 0.04, 0.004)
    )
    return mix(colour, (0.25, 0.17, 0.14), np.clip(0.9 * mouth + 0.9 * mark(p, eye, 0.023, 0.2), 0, 1))


OBJECT = Kind(build=build, phrase="a rabbit", group="animal", imagenet=(330, 331, 332))
