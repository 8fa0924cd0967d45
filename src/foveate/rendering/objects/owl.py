"""A great grey owl: a big round head, rings around yellow eyes, a white bow tie, streaked grey plumage down to the feet."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.feathers import plumage, vanes
from foveate.rendering.modelling.patterns import below, flat, mix, noise, smoothstep, vary
from foveate.rendering.modelling.profiles import join, smooth, tube
from foveate.rendering.modelling.solids import ball, blend, limb
from foveate.rendering.scene import Array, Asset, Colour, Kind, Mesh, Part


def build(rng: np.random.Generator) -> Asset:
    fat, seed = rng.uniform(0.93, 1.08), int(rng.integers(1 << 30))
    grey, dark, pale = (_warmed(c, rng) for c in ((0.49, 0.46, 0.43), (0.20, 0.18, 0.165), (0.82, 0.79, 0.75)))
    look, tilt, nod = rng.uniform(-50, 50), rng.uniform(-10, 10), rng.uniform(-8, 8)
    neck = np.array([0, -0.02, 0.74])
    body, _ = blend(
        ball((0, 0.0, 0.38), (0.195 * fat, 0.18 * fat, 0.31)),
        ball((0, -0.01, 0.55), (0.215 * fat, 0.185 * fat, 0.24)),
        limb((0, 0.0, 0.60), (0, -0.01, 0.76), 0.19, 0.165),
        *limb((0.075, -0.05, 0.16), (0.08, -0.07, 0.05), 0.075, 0.045).mirrored(),
        melt=0.08,
        detail=0.012,
    )
    p = body.vertices
    streak = smoothstep(0.52, 0.60, noise(0.034, seed, 2)(p * [1, 1, 0.22]))
    front = smoothstep(-0.05, 0.08, -p[:, 1])
    colour = mix(flat(grey, len(p)), pale, 0.2 + 0.55 * front * smoothstep(0.4, 0.6, noise(0.06, seed + 5)(p)))
    colour = mix(colour, dark, streak * 0.55)
    coat, coat_colour = plumage(body, colour, rng, count=1900, length=0.066, width=0.019, shaft=0.4, lift=0.05)
    head, head_colour = _head(grey, dark, pale, seed)
    wings, wings_colour = _wings(rng, fat, grey, dark, pale)
    eye = [ball((0.072, -0.176, 0.085), 0.024).mirrored(), ball((0.0715, -0.190, 0.085), 0.0135).mirrored()]
    iris, pupil = (blend(*pair, melt=0, detail=0.004)[0] for pair in eye)
    bill = tube(
        smooth([(0, -0.17, 0.075), (0, -0.215, 0.055), (0, -0.222, 0.02), (0, -0.205, 0.0)], 14),
        np.linspace(0.020, 0.004, 14),
        12,
    )
    placed = [m.turned(nod, "x").turned(tilt, "y").turned(look).moved(neck) for m in (head, iris, pupil, bill)]
    bare = 1 - smoothstep(0.09, 0.11, -head.vertices[:, 1]) * smoothstep(-0.08, -0.06, head.vertices[:, 2])  # the face
    rough, rough_colour = plumage(
        placed[0], head_colour, rng, count=900, length=0.032, width=0.014, shaft=0.9, lift=0.04, weight=bare
    )
    yellow = vary((0.96, 0.76, 0.10), rng)
    return Asset(
        parts=(
            Part(mesh=body, colour=colour, material="fur"),
            Part(mesh=coat, colour=coat_colour, material="matte"),
            Part(mesh=placed[0], colour=head_colour, material="fur", keep=True),
            Part(mesh=rough, colour=rough_colour, material="matte"),
            Part(mesh=wings, colour=wings_colour, material="matte"),
            Part(mesh=placed[1], colour=yellow, material="eye", keep=True),
            Part(mesh=placed[2], colour=(0.01, 0.01, 0.01), material="eye", keep=True),
            Part(mesh=placed[3], colour=(0.85, 0.72, 0.25), material="plastic", keep=True),
            Part(mesh=_claws(), colour=(0.10, 0.09, 0.08), material="plastic"),
        )
    )


def _head(grey: Colour, dark: Colour, pale: Colour, seed: int) -> tuple[Mesh, Array]:
    """A ball with two shallow dishes in front, which are drawn with rings around the eyes; about the neck at the origin."""
    dishes = ball((0.074, -0.235, 0.08), (0.115, 0.085, 0.12)).mirrored()
    skull = ball((0, 0, 0.07), (0.195, 0.172, 0.172))
    for dish in dishes:
        skull = skull.without(dish)
    mesh, _ = blend(
        skull,
        ball((0, -0.165, 0.12), (0.02, 0.035, 0.08)),
        limb((0, 0, 0), (0, 0.02, -0.08), 0.17),
        melt=0.03,
        detail=0.0085,
    )
    p = mesh.vertices.astype(float)
    x, z = np.abs(p[:, 0]), p[:, 2]
    d = np.hypot((x - 0.072) / 1.0, (z - 0.085) / 1.08)
    rings = smoothstep(-0.3, 0.4, np.sin(d * 2 * np.pi / 0.021 + 2.5 * (noise(0.05, seed)(p) - 0.5)))
    disc = below(0.120, 0.128, d) * (p[:, 1] < -0.06)
    speckle = smoothstep(0.48, 0.6, noise(0.03, seed + 1, 2)(p))
    colour = mix(
        mix(flat(grey, len(p)), dark, speckle * 0.9), pale, smoothstep(0.62, 0.75, noise(0.03, seed + 2, 2)(p)) * 0.7
    )
    colour = mix(colour, mix(flat(pale, len(p)), dark, rings * 0.75), disc)
    colour = mix(colour, dark, below(0.003, 0.009, np.abs(d - 0.128)) * (p[:, 1] < -0.04))
    bright, black = (0.93, 0.92, 0.9), (0.06, 0.05, 0.05)
    brow = below(0.008, 0.016, np.abs(x - 0.022 - 0.5 * np.abs(z - 0.085) ** 1.1)) * below(
        0.07, 0.10, np.abs(z - 0.085)
    )
    colour = mix(colour, bright, brow * (p[:, 1] < -0.1))
    colour = mix(colour, black, below(0.030, 0.042, d) * (p[:, 1] < -0.1) * (x < 0.09))
    tie = below(0.010, 0.016, np.abs(z + 0.055 + 0.25 * x)) * below(0.085, 0.10, x)
    colour = mix(colour, bright, tie * (p[:, 1] < -0.05))
    return mesh, mix(colour, black, below(0.016, 0.024, np.hypot(x, z + 0.045)) * (p[:, 1] < -0.05))


def _wings(rng: np.random.Generator, fat: float, grey: Colour, dark: Colour, pale: Colour) -> tuple[Mesh, Array]:
    """Folded wings and the tail: shields along the flanks, under rows of long feathers with bars across."""
    forward, down = rng.uniform(-0.02, 0.03), rng.uniform(-0.03, 0.03)
    shield, _ = blend(
        ball((0.125 * fat, 0.065 - forward, 0.45), (0.100, 0.128, 0.26)).turned(-9, "x", (0, 0.04, 0.6)),
        ball((0.145 * fat, 0.025 - forward, 0.59), (0.085, 0.125, 0.13)),
        melt=0.05,
        detail=0.011,
    )
    ground = flat(grey, len(shield.vertices))
    made = [plumage(shield, ground, rng, count=330, length=0.10, width=0.026, comb=(-0.05, 0.25, -1), lift=0.03)]
    n = 8
    step = np.linspace(0, 1, n)
    roots = np.stack([0.205 * fat - 0.085 * step, 0.155 * step - forward, 0.46 + 0.03 * step], -1)
    along = _unit(np.stack([-0.22 - 0.1 * step, 0.34 - 0.05 * step, -np.ones(n)], -1))
    out = np.stack([np.cos(1.3 * step), np.sin(1.3 * step) + 0.1, np.full(n, 0.25)], -1)
    out = _unit(out - along * (along * out).sum(1)[:, None])
    long = (0.33 + down) * rng.uniform(0.92, 1.05, n)
    made.append(vanes(roots, along, out, long, np.full(n, 0.034), flat(grey, n), lift=0.05))
    wing, tint = join(shield, *(m for m, _ in made)), np.concatenate([ground, *(c for _, c in made)])
    fan = np.linspace(-1, 1, 9)
    along = _unit(np.stack([0.13 * fan, np.full(9, 0.30), np.full(9, -1.0)], -1))
    roots = np.stack([0.06 * fan, 0.145 - 0.01 * fan**2, np.full(9, 0.32)], -1)
    up = np.tile((0, 0.96, 0.29), (9, 1))
    tail, tail_tint = vanes(roots, along, up, np.full(9, 0.27), np.full(9, 0.032), flat(grey, 9), lift=0.03)
    both, tint = join(wing, wing.mirrored(), tail), np.concatenate([tint, tint, tail_tint])
    v = both.vertices
    bars = smoothstep(0.0, 0.5, np.sin(v[:, 2] * 2 * np.pi / 0.075 + 8 * np.abs(v[:, 0]) + 2.5 * noise(0.06, 3)(v)))
    blots = smoothstep(0.56, 0.66, noise(0.032, 9, 2)(v))
    return both, mix(mix(tint, dark, bars * 0.7), pale, blots * 0.65)


def _unit(v: Array) -> Array:
    return v / np.linalg.norm(v, axis=1)[:, None]


def _warmed(colour: Colour, rng: np.random.Generator) -> Colour:
    """Lighter or darker, greyer or browner."""
    warm = rng.uniform(-0.03, 0.10)
    made = np.asarray(colour) * rng.uniform(0.9, 1.1) * np.array([1 + warm, 1 + 0.2 * warm, 1 - warm])
    return tuple(float(c) for c in np.clip(made, 0, 1))


def _claws() -> Mesh:
    return join(*(tube(smooth([
        (s * 0.08 + x, -0.10, 0.025), (s * 0.08 + x * 1.3, -0.15, 0.03), (s * 0.08 + x * 1.4, -0.175, 0.004),
    ], 8), np.linspace(0.014, 0.004, 8), 8) for s in (-1, 1) for x in (-0.035, 0.0, 0.035)))  # fmt: skip


OBJECT = Kind(build=build, phrase="an owl", group="animal", imagenet=(24,))
