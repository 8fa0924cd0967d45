"""A mallard drake: a green head over a white collar, a chestnut breast, grey flanks, black curls at the tail, orange feet."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.feathers import vanes
from foveate.rendering.modelling.patterns import flat, mix, noise, smoothstep, vary
from foveate.rendering.modelling.profiles import hull, join, smooth, tube
from foveate.rendering.modelling.solids import ball, blend, chain, limb
from foveate.rendering.scene import Array, Asset, Kind, Mesh, Part

BLACK, WHITE = (0.045, 0.045, 0.05), (0.92, 0.91, 0.88)


def build(rng: np.random.Generator) -> Asset:
    seed = int(rng.integers(1 << 30))
    rise, ahead, look = rng.uniform(-0.05, 0.07), rng.uniform(-0.05, 0.03), rng.uniform(-60, 60)
    fat = rng.uniform(0.94, 1.08)
    crown = np.array([0, -0.40 + ahead, 0.665 + rise])
    green = vary((0.03, 0.27, 0.13), rng, 0.05)
    solids = [
        ball((0, 0.07, 0.35), (0.165 * fat, 0.34, 0.15 * fat), "body"),
        ball((0, -0.16, 0.36), (0.145 * fat, 0.20, 0.15 * fat), "body"),
        limb((0, 0.28, 0.37), (0, 0.50, 0.41), 0.085, 0.025, "body"),
        *chain(
            [(0, -0.25, 0.42), (0, -0.34 + ahead / 2, 0.53 + rise / 2), crown - [0, -0.01, 0.03]],
            [0.095, 0.062, 0.055],
            "neck",
        ),
        ball(crown, (0.062, 0.088, 0.068), "head").turned(look, "z", crown),
        *limb((0.06, 0.05, 0.24), (0.065, 0.06, 0.16), 0.06, 0.025, "body").mirrored(),
    ]
    mesh, _ = blend(solids, melt=0.06, detail=0.0085)
    colour = _coat(mesh.vertices.astype(float), crown, green, seed)
    bill, bill_colour = _bill(vary((0.80, 0.68, 0.16), rng))
    eyes, _ = blend(*ball((0.052, -0.042, 0.018), 0.012).mirrored(), melt=0, detail=0.003)
    nod = rng.uniform(-14, 10)
    bill, eyes = (m.turned(nod, "x").turned(look).moved(crown) for m in (bill, eyes))
    wings, wings_colour = _wings(rng, fat, seed)
    tail, tail_colour = _tail(rng)
    return Asset(
        parts=(
            Part(mesh=mesh, colour=colour, material="feathers", scale=0.4),
            Part(mesh=bill, colour=bill_colour, material="plastic", keep=True),
            Part(mesh=eyes, colour=(0.05, 0.03, 0.02), material="eye", keep=True),
            Part(mesh=wings, colour=wings_colour, material="matte"),
            Part(mesh=tail, colour=tail_colour, material="matte"),
            Part(mesh=_legs(rng), colour=vary((0.93, 0.42, 0.08), rng), material="rubber"),
        )
    )


def _coat(p: Array, crown: Array, green: tuple[float, ...], seed: int) -> Array:
    """Fine grey waves on the flanks; chestnut up to the collar, which runs around the middle of the neck."""
    y, z = p[:, 1], p[:, 2]
    wave = 0.05 * (noise(0.08, seed)(p) - 0.5)
    fine = smoothstep(-0.5, 0.5, np.sin(220 * y + 40 * noise(0.06, seed + 1)(p)))
    colour = mix(flat((0.74, 0.73, 0.70), len(p)), (0.55, 0.54, 0.52), fine)
    colour = mix(colour, (0.40, 0.34, 0.29), smoothstep(0.40, 0.45, z + wave) * (y < 0.40))
    colour = mix(colour, (0.30, 0.155, 0.095), 1 - smoothstep(-0.15, -0.11, y + wave + 0.25 * (z - 0.36)))
    colour = mix(colour, BLACK, smoothstep(0.335, 0.36, y + wave + 0.15 * (z - 0.36)))
    colour = mix(colour, WHITE, smoothstep(0.44, 0.47, y + wave))
    up = (crown[2] - z) * 0.85 + (y - crown[1]) * 0.52  # along the neck, downwards from the head
    colour = mix(colour, WHITE, (1 - smoothstep(0.150, 0.158, up)) * (y < -0.15))
    head = (1 - smoothstep(0.130, 0.136, up)) * (y < -0.15)
    sheen = np.clip(noise(0.12, seed + 3)(p) * 1.3 - 0.2, 0, 1)
    return mix(colour, mix(flat(green, len(p)), (0.03, 0.17, 0.24), sheen * 0.6), head)


def _bill(yellow: tuple[float, ...]) -> tuple[Mesh, Array]:
    """Broad and flat, with a dark nail at the tip, about the head's middle."""
    solids = [
        *chain([(0, -0.06, -0.002), (0, -0.12, -0.022), (0, -0.205, -0.036)], [0.040, 0.030, 0.033]),
        ball((0, -0.195, -0.038), (0.035, 0.04, 0.02)),
    ]
    mesh, _ = blend(*solids, melt=0.03, detail=0.006)
    height = np.interp(-mesh.vertices[:, 1], [0.05, 0.12, 0.205], [-0.002, -0.022, -0.036])
    squeeze = np.interp(-mesh.vertices[:, 1], [0.05, 0.12, 0.2], [0.9, 0.5, 0.28])
    v = mesh.vertices.copy()
    v[:, 2] = height + (v[:, 2] - height) * squeeze
    nail = smoothstep(0.222, 0.228, -v[:, 1]) * (np.abs(v[:, 0]) < 0.014)
    gape = (np.abs(v[:, 2] - height + 0.004) < 0.003) * 0.5
    nostril = np.hypot((v[:, 1] + 0.105) / 0.014, (v[:, 2] - height - 0.014) / 0.007) < 1
    colour = mix(flat(yellow, len(v)), BLACK, np.clip(nail + gape + nostril, 0, 1))
    return mesh.reshaped(v), colour


def _wings(rng: np.random.Generator, fat: float, seed: int) -> tuple[Mesh, Array]:
    """Folded wings: a brown-grey shield on each side, a blue mirror between white bars, long quills towards the tail."""
    lift = rng.uniform(-0.01, 0.015)
    shield, _ = blend(
        ball((0.116 * fat, 0.07, 0.405 + lift), (0.046, 0.27, 0.098)).turned(11, "z", (0.13, 0.08, 0.4)),
        limb((0.10 * fat, 0.24, 0.425 + lift), (0.045, 0.46, 0.445 + lift), 0.055, 0.012),
        melt=0.05,
        detail=0.0085,
    )
    p = shield.vertices.astype(float)
    scallop = smoothstep(0.1, 0.6, np.sin(95 * p[:, 1] + 6 * np.sin(60 * p[:, 2])))
    colour = mix(flat((0.50, 0.45, 0.41), len(p)), (0.37, 0.32, 0.29), scallop)
    colour = mix(colour, (0.33, 0.26, 0.22), smoothstep(0.26, 0.32, p[:, 1]))
    mirror = np.abs(p[:, 1] - 0.215 - 0.4 * (0.41 - p[:, 2]))
    low = 1 - smoothstep(0.425 + lift, 0.44 + lift, p[:, 2])
    colour = mix(colour, WHITE, (1 - smoothstep(0.084, 0.09, mirror)) * low)
    colour = mix(colour, BLACK, (1 - smoothstep(0.067, 0.073, mirror)) * low)
    colour = mix(colour, (0.10, 0.17, 0.62), (1 - smoothstep(0.052, 0.058, mirror)) * low)
    n = 7
    step = np.linspace(0, 1, n)
    roots = np.stack([0.125 * fat - 0.05 * step, 0.22 + 0.02 * step, 0.385 + 0.075 * step + lift], -1)
    along = np.stack([-0.25 + 0.0 * step, np.ones(n), 0.16 - 0.10 * step], -1)
    along /= np.linalg.norm(along, axis=1)[:, None]
    out = np.stack([np.cos(step * 1.2), np.full(n, 0.2), 0.2 + np.sin(step * 1.2)], -1)
    out -= along * (out * along).sum(1)[:, None]
    quills, tint = vanes(
        roots,
        along,
        out / np.linalg.norm(out, axis=1)[:, None],
        0.20 + 0.09 * step,
        np.full(n, 0.024),
        flat((0.36, 0.29, 0.25), n),
        lift=0.06,
        tip=1.3,
    )
    both, both_colour = join(shield, quills), np.concatenate([colour, tint])
    return join(both, both.mirrored()), np.concatenate([both_colour, both_colour])


def _tail(rng: np.random.Generator) -> tuple[Mesh, Array]:
    """A fan of whitish feathers and two black curls above it."""
    fan = np.linspace(-1, 1, 11)
    along = np.stack([0.40 * fan, np.ones(11), np.full(11, 0.22)], -1)
    along /= np.linalg.norm(along, axis=1)[:, None]
    roots = np.stack([0.035 * fan, np.full(11, 0.42), 0.405 - 0.02 * fan**2], -1)
    feathers, tint = vanes(
        roots,
        along,
        np.tile((0, -0.2, 0.98), (11, 1)),
        0.19 - 0.04 * fan**2,
        np.full(11, 0.028),
        flat((0.80, 0.77, 0.72), 11),
        lift=0.03,
    )
    curls = []
    for side in (-1, 1):
        a = np.linspace(-0.5 * np.pi, 1.1 * np.pi, 16)
        r = rng.uniform(0.028, 0.040) * np.linspace(1.1, 0.6, 16)
        path = np.stack([side * (0.016 + 0.004 * a), 0.49 + r * np.cos(a), 0.47 + r * np.sin(a)], -1)
        path = np.concatenate([[(side * 0.012, 0.38, 0.43)], path])
        curls.append(tube(path, np.linspace(0.016, 0.006, 17), 8).scaled((1, 1, 1)))
    dark = join(*curls)
    return join(feathers, dark), np.concatenate([tint, flat(BLACK, len(dark.vertices))])


def _legs(rng: np.random.Generator) -> Mesh:
    made = []
    stride = rng.uniform(-0.09, 0.09)
    for side in (-1, 1):
        y = 0.03 + side * stride
        shank = tube(
            smooth([(0.068 * side, 0.06, 0.20), (0.070 * side, y + 0.03, 0.09), (0.07 * side, y, 0.015)], 10),
            np.linspace(0.022, 0.017, 10),
            10,
        )
        toes = [(-0.062, -0.12, 0.010), (0.0, -0.145, 0.010), (0.062, -0.12, 0.010)]
        web = hull(np.array([(0, 0.01, 0.022), *toes, *[(x, v, 0.002) for x, v, _ in toes], (0, 0.015, 0.002)]))
        foot = join(
            web,
            *(tube([(0, 0.01, 0.018), (toe[0] / 2, toe[1] / 2, 0.020), toe], [0.014, 0.012, 0.008], 8) for toe in toes),
        )
        made += [shank, foot.turned(side * rng.uniform(0, 18)).moved((0.07 * side, y, 0))]
    return join(*made)


OBJECT = Kind(build=build, phrase="a duck", group="animal", imagenet=(97,))
