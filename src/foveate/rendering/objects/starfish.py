"""A starfish: five tapering arms from a low disc, warty skin with rows of pale knobs along the arms."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.growing import sample
from foveate.rendering.modelling.patterns import flat, mix, noise, smoothstep, vary
from foveate.rendering.modelling.profiles import copies, hull
from foveate.rendering.modelling.solids import ball, blend, chain, half_space
from foveate.rendering.scene import Array, Asset, Kind, Mesh, Part


def build(rng: np.random.Generator) -> Asset:
    seed, slim = int(rng.integers(1 << 30)), rng.uniform(0.78, 1.15)
    tones = ((0.88, 0.36, 0.10), (0.80, 0.20, 0.10), (0.90, 0.56, 0.22), (0.50, 0.22, 0.42), (0.72, 0.36, 0.22))
    base = vary(tones[int(rng.choice(5, p=[0.35, 0.25, 0.15, 0.1, 0.15]))], rng, 0.05)
    arms = [_arm(k * 72 + rng.normal(scale=5), rng) for k in range(5)]
    floor = half_space((0, 0, 0.004), (0, 0, -1))
    solids = [ball((0, 0, 0.025), (0.15 * slim, 0.15 * slim, 0.08)).within(floor)]
    for arm in arms:
        widths = slim * np.array([0.085, 0.077, 0.067, 0.055, 0.042, 0.029, 0.017])
        solids += [part.within(floor) for part in chain([*arm], [*widths])]
    mesh, _ = blend(solids, melt=0.06, detail=0.009)
    p = mesh.vertices.astype(float)
    ridge = np.min([_away(p, arm) for arm in arms], axis=0)
    lumps = noise(0.020, seed, 2)(p)
    lifted = smoothstep(0.012, 0.04, p[:, 2])
    p += np.stack(
        [0 * lumps, 0 * lumps, 0.016 * (lumps - 0.5) * lifted - 0.006 * (1 - smoothstep(0.006, 0.018, ridge)) * lifted],
        -1,
    )
    mesh = mesh.reshaped(p)
    dark = tuple(np.asarray(base) * (0.68, 0.55, 0.6))
    colour = mix(flat(base, len(p)), dark, 1 - smoothstep(0.38, 0.58, lumps))
    colour = mix(colour, dark, 0.5 * smoothstep(0.4, 0.65, noise(0.12, seed + 1)(p)))
    colour = mix(
        colour, (0.93, 0.80, 0.62), 0.6 * (1 - smoothstep(0.006, 0.018, p[:, 2]))
    )  # the underside shows at the edge
    knobs, knob_colour = _knobs(mesh, arms, base, rng)
    return Asset(
        parts=(
            Part(mesh=mesh, colour=np.clip(colour, 0, 1), material="leather", scale=0.4),
            Part(mesh=knobs, colour=knob_colour, material="skin"),
        )
    )


def _arm(degrees: float, rng: np.random.Generator) -> Array:
    """The middle line of one arm, bent sideways, its tip now and then curled up."""
    t = np.linspace(0, 1, 7)
    length, bend = rng.uniform(0.43, 0.53), rng.normal(scale=0.28)
    heading = np.radians(degrees - 90) + bend * t**1.5
    step = np.stack([np.cos(heading), np.sin(heading)], -1) * length / 6
    flat_line = np.concatenate([[(0, 0)], np.cumsum(step[1:], axis=0)])
    curl = rng.uniform(0.03, 0.10) if rng.random() < 0.35 else 0.0
    return np.column_stack([flat_line, 0.032 - 0.020 * t + curl * np.clip(t - 0.55, 0, 1) ** 2 / 0.2])


def _away(p: Array, line: Array) -> Array:
    """Distance on the ground from each point to a line of points."""
    best = np.full(len(p), np.inf)
    for a, b in zip(line[:-1, :2], line[1:, :2], strict=True):
        t = np.clip((p[:, :2] - a) @ (b - a) / ((b - a) @ (b - a)), 0, 1)
        best = np.minimum(best, np.linalg.norm(p[:, :2] - a - t[:, None] * (b - a), axis=1))
    return best


def _knobs(mesh: Mesh, arms: list[Array], base: tuple[float, ...], rng: np.random.Generator) -> tuple[Mesh, Array]:
    """Pale warts all over the upper side, the largest in a row down each arm and along its edges."""
    up = smoothstep(0.02, 0.045, mesh.vertices[:, 2])
    spots, normals, _ = sample(mesh, 900, rng, up)
    away = np.min([_away(spots, arm) for arm in arms], axis=0)
    size = rng.uniform(0.0028, 0.0058, 900) * np.where(away < 0.010, 1.5, 1.0)
    keep = normals[:, 2] > 0.15
    spots, normals, size = spots[keep], normals[keep], size[keep]
    angles = np.linspace(0, 2 * np.pi, 7)[:-1]
    dome = hull(
        np.array(
            [(np.cos(a), np.sin(a), -0.4) for a in angles]
            + [(0.75 * np.cos(a + 0.5), 0.75 * np.sin(a + 0.5), 0.6) for a in angles]
            + [(0, 0, 1.0)]
        )
    )
    side = np.cross(normals, [1.0, 0.2, 0.1])
    side /= np.linalg.norm(side, axis=1)[:, None]
    frame = np.stack([side, np.cross(normals, side), normals], 1)
    vertices = spots[:, None] + np.einsum("vk,nkx->nvx", dome.vertices, frame) * size[:, None, None] * 1.25
    tint = mix(flat(base, len(spots)), (0.98, 0.84, 0.66), np.clip(rng.uniform(0.3, 0.8, len(spots)), 0, 1))
    return copies(vertices, dome.faces), np.repeat(tint, len(dome.vertices), 0)


OBJECT = Kind(build=build, phrase="a starfish", group="animal", imagenet=(327,))
