"""A pineapple: a barrel of spiralling diamond-shaped eyes with little thorns, under a crown of grey-green sword leaves."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.patterns import flat, mix, noise, smoothstep
from foveate.rendering.modelling.profiles import join, lathe, sheet, smooth
from foveate.rendering.scene import Array, Asset, Kind, Mesh, Part

ROWS, STEPS = 190, 260


def build(rng: np.random.Generator) -> Asset:
    body, colour, top = _body(rng)
    leaves, tints = _crown(rng, top)
    lean = rng.uniform(-4, 4)
    return Asset(
        parts=(
            Part(mesh=body.turned(lean, "x"), colour=colour, material="leaf"),
            Part(mesh=leaves.turned(lean, "x"), colour=tints, material="leaf"),
        )
    )


def _body(rng: np.random.Generator) -> tuple[Mesh, Array, float]:
    wide, tall = rng.uniform(0.215, 0.255), rng.uniform(0.50, 0.60)
    shape = [
        (0.0, 0.0), (0.10, 0.0), (0.16, 0.015), (wide * 0.93, 0.09), (wide, tall * 0.36), (wide * 0.97, tall * 0.65),
        (wide * 0.78, tall * 0.90), (0.10, tall), (0.0, tall + 0.005),
    ]  # fmt: skip
    profile = smooth(shape, ROWS)
    mesh = lathe(profile, STEPS)
    rows = mesh.vertices.astype(float).reshape(ROWS, STEPS, 3)
    r, z = np.asarray(profile).T
    turn = np.linspace(0, 1, STEPS, endpoint=False)[None]
    # Two families of spirals, 8 to the right and 13 to the left, cut the skin into eyes.
    along = (np.cumsum(np.hypot(np.gradient(r), np.gradient(z))) / 0.108)[:, None]
    a, b = turn * 8 + along * 0.72, -turn * 13 + along * 1.0 * rng.uniform(0.95, 1.05)
    u, v = a % 1 - 0.5, b % 1 - 0.5
    seam = np.minimum(0.5 - np.abs(u), 0.5 - np.abs(v))  # 0 in the furrow, 0.5 in the middle of an eye
    middle = np.exp(-(u**2 + v**2) / 0.012)
    upper = smoothstep(-0.3, 0.35, u / 0.72 + v)  # the upper half of an eye
    lift = 0.026 * smoothstep(0.0, 0.28, seam) ** 0.7 + 0.014 * middle
    fade = smoothstep(0.0, 0.12, r)[:, None]
    outward = np.concatenate(
        [
            rows[..., :2] / np.maximum(np.linalg.norm(rows[..., :2], axis=-1, keepdims=True), 1e-6),
            np.zeros((ROWS, STEPS, 1)),
        ],
        -1,
    )
    rows = rows + outward * (lift * fade)[..., None]
    p, seed, ripe = rows.reshape(-1, 3), int(rng.integers(1 << 30)), rng.uniform(0.15, 1.0)
    cell = np.floor(a) * 17.3 + np.floor(b) * 5.7
    single = (np.sin(cell * 12.9898) * 43758.5453) % 1  # one number per eye
    gold = mix(flat((0.80, 0.50, 0.12), len(p)), (0.86, 0.62, 0.20), single.ravel())
    green = mix(flat((0.34, 0.38, 0.12), len(p)), (0.46, 0.44, 0.14), single.ravel())
    height = p[:, 2] / tall
    amount = smoothstep(0.25, 0.95, height + 0.5 * (noise(0.25, seed)(p) - 0.5) + 0.55 - 1.0 * ripe)
    colour = mix(gold, green, amount)
    colour = mix(colour, (0.62, 0.50, 0.30), (0.55 * smoothstep(0.16, 0.34, seam) * (1 - upper)).ravel())
    colour = mix(colour, (0.22, 0.13, 0.05), (0.9 - 0.9 * smoothstep(0.02, 0.14, seam)).ravel())
    colour = mix(colour, (0.30, 0.18, 0.09), (0.85 * middle).ravel())
    return mesh.reshaped(p), colour, tall


def _crown(rng: np.random.Generator, base: float) -> tuple[Mesh, Array]:
    count, size = int(rng.integers(46, 64)), rng.uniform(0.30, 0.44)
    leaves, tints = [], []
    for k in range(count):
        inner = k / count
        length = size * (0.42 + 0.62 * np.sin(np.pi * (0.18 + 0.62 * inner))) * rng.uniform(0.88, 1.1)
        rise, curl = 12 + 76 * inner**0.8 + rng.uniform(-6, 6), (70 - 62 * inner) * rng.uniform(0.6, 1.3)
        leaf, tint = _leaf(length, 0.030 + 0.012 * (1 - inner), rise, curl, rng)
        leaves.append(leaf.turned(137.5 * k + rng.uniform(-8, 8)).moved((0, 0, base - 0.03 + 0.09 * inner)))
        tints.append(tint)
    return join(*leaves), np.concatenate(tints)


def _leaf(length: float, width: float, rise: float, curl: float, rng: np.random.Generator) -> tuple[Mesh, Array]:
    """A sword leaf from the axis outwards along x: folded lengthwise, first rising, then curling back down."""
    rows, columns = 14, 5
    flat_mesh = sheet(1, 1, rows, columns)
    t, side = flat_mesh.vertices[:, 0] + 0.5, flat_mesh.vertices[:, 1] * 2
    s = np.linspace(0, 1, rows)
    angle = np.radians(rise + 14 - (curl + 14) * s**1.3)
    x, z = np.cumsum(np.cos(angle)) * length / rows + 0.03, np.cumsum(np.sin(angle)) * length / rows
    half = width * np.minimum(1, 1.25 * (1 - t)) ** 0.75 * (0.75 + 0.25 * np.sin(np.pi * t))
    i = np.round(t * (rows - 1)).astype(int)
    fold = 0.35 * np.abs(side) * half
    p = np.stack([x[i] - np.sin(angle[i]) * fold, side * half, z[i] + np.cos(angle[i]) * fold], -1)
    green = np.array([0.30, 0.40, 0.20]) * rng.uniform(0.8, 1.15)
    tint = mix(
        flat((float(green[0]), float(green[1]), float(green[2])), len(p)),
        (0.56, 0.62, 0.46),
        0.6 * smoothstep(0.5, 1, np.abs(side)),
    )
    tint = mix(tint, (0.55, 0.40, 0.22), 0.7 * smoothstep(0.88, 1.0, t))
    return flat_mesh.reshaped(p), mix(tint, (0.62, 0.66, 0.42), 0.7 - 0.7 * smoothstep(0.0, 0.25, t))


OBJECT = Kind(build=build, phrase="a pineapple", group="food", imagenet=(953,))
