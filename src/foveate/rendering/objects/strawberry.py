"""A strawberry: red and glossy, dimpled with yellow seeds, under a star of green sepals with a bit of stalk."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from foveate.rendering.modelling.assembling import each
from foveate.rendering.modelling.patterns import flat, mix, noise, smoothstep, vary
from foveate.rendering.modelling.profiles import join, lathe, sheet, smooth, tube
from foveate.rendering.scene import Array, Asset, Kind, Mesh, Part

ROWS, STEPS = 150, 200


def build(rng: np.random.Generator) -> Asset:
    flesh, colour, seeds, seed_tint = _berry(rng)
    leaves, tint = _sepals(rng)
    bend = rng.uniform(-0.12, 0.12, 2)
    stalk = tube(smooth([(0, 0, 0.93), (0, 0, 1.02), (bend[0], bend[1], rng.uniform(1.10, 1.22))], 12), 0.020, 10)
    parts = [
        Part(mesh=flesh, colour=colour, material="plastic"),
        Part(mesh=seeds, colour=seed_tint, material="plastic", keep=True),
        Part(mesh=leaves, colour=tint, material="leaf", keep=True),
        Part(mesh=stalk, colour=(0.42, 0.52, 0.20), material="leaf", keep=True),
    ]
    # It lies on its flank, or leans on its tip so that its sepals are on top.
    lying, roll, yaw = rng.uniform(60, 92), rng.uniform(0, 360), rng.uniform(25, 100) * rng.choice([-1, 1])
    if rng.random() < 0.35:
        lying = rng.uniform(25, 45)
    return Asset(parts=tuple(each(parts, lambda mesh: mesh.turned(roll).turned(-lying, "x").turned(yaw))))


def _berry(rng: np.random.Generator) -> tuple[Mesh, Array, Mesh, Array]:
    """The tip at z = 0, the sepals at z = 0.94."""
    wide, blunt = rng.uniform(0.37, 0.45), rng.uniform(0.5, 1.0)
    shape = [
        (0.0, 0.0), (0.09 * blunt + 0.03, 0.012), (0.15 * blunt + 0.05, 0.06), (0.62 * wide, 0.25),
        (0.88 * wide, 0.48), (wide, 0.68), (0.95 * wide, 0.82), (0.70 * wide, 0.92), (0.35 * wide, 0.945),
        (0.0, 0.93),
    ]  # fmt: skip
    mesh = lathe(smooth(shape, ROWS), STEPS)
    p, seed = mesh.vertices.astype(float), int(rng.integers(1 << 30))
    turn = np.arctan2(p[:, 1], p[:, 0])
    lump = 1 + 0.11 * (noise(0.6, seed, 2)(p) - 0.5) + 0.05 * np.cos(2 * turn + rng.uniform(0, 6))
    p[:, :2] *= lump[:, None]
    grid = p.reshape(ROWS, STEPS, 3)
    normal = np.cross(np.roll(grid, -1, 1) - np.roll(grid, 1, 1), np.gradient(grid, axis=0))
    normal /= np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-9)
    # Seeds sit on a sunflower's spirals, evenly over the area.
    ring = np.linalg.norm(grid[:, :, :2], axis=-1).mean(1)
    area = np.cumsum(ring * np.linalg.norm(np.gradient(np.asarray(smooth(shape, ROWS)), axis=0), axis=1))
    count = int(rng.integers(170, 230))
    rows = np.searchsorted(area, area[-1] * (np.arange(count) + 0.5) / count * 0.93)
    columns = ((np.arange(count) * 137.508 / 360 * STEPS) + rng.uniform(-2, 2, count)).astype(int) % STEPS
    spots, outward = grid[rows, columns], normal[rows, columns]
    near, _ = cKDTree(spots).query(p)
    p -= normal.reshape(-1, 3) * (0.022 * np.exp(-((near / 0.024) ** 2)))[:, None]
    red = vary((0.74, 0.05, 0.05), rng, 0.06)
    colour = mix(flat(red, len(p)), (0.55, 0.02, 0.03), 0.8 * noise(0.4, seed + 1)(p))
    colour = mix(colour, (0.88, 0.20, 0.12), 0.6 * smoothstep(0.02, 0.05, near) * noise(0.3, seed + 2)(p))
    pale = smoothstep(0.86, 0.96, p[:, 2] + 0.08 * (noise(0.2, seed + 3)(p) - 0.5)) * rng.uniform(0.1, 0.7)
    colour = mix(colour, (0.93, 0.72, 0.52), pale)
    grain = lathe([(0.0, -1.0), (0.6, -0.6), (0.75, 0.0), (0.55, 0.6), (0.0, 1.2)], 9)
    grains = []
    for spot, out in zip(spots, outward, strict=True):
        along = np.array([0, 0, 1.0]) - out * out[2]
        along /= max(float(np.linalg.norm(along)), 1e-6)
        frame = np.stack([np.cross(out, along), out, along])
        grains.append(grain.reshaped((grain.vertices * (0.014, 0.009, 0.017)) @ frame + spot - out * 0.013))
    shade = rng.uniform(0.75, 1.05, count)[:, None] * np.array(vary((0.90, 0.74, 0.30), rng, 0.08))
    return (
        mesh.reshaped(p),
        colour,
        join(*grains),
        np.repeat(np.clip(shade, 0, 1), len(grain.vertices), 0),
    )


def _sepals(rng: np.random.Generator) -> tuple[Mesh, Array]:
    made, tints = [], []
    count = int(rng.integers(9, 13))
    for k in range(count):
        base = sheet(1, 1, 16, 7)
        t, side = base.vertices[:, 0].astype(float) + 0.5, base.vertices[:, 1].astype(float) * 2
        length, curl = rng.uniform(0.34, 0.52), rng.uniform(0.0, 1.5)
        half = 0.105 * np.sin(np.pi * (0.22 + 0.78 * t) ** 0.8) ** 0.9
        droop = 0.10 * t - 0.42 * t**2 + curl * 0.50 * t**3
        p = np.stack(
            [
                0.02 + length * t * (1 - 0.12 * t),
                side * half + 0.03 * np.sin(3 * t + k),
                0.965 + droop * length + 0.02 * (k % 2) - 0.25 * side**2 * half,
            ],
            -1,
        )
        turned = base.reshaped(p).turned(360 * k / count + rng.uniform(-9, 9))
        green = mix(
            flat((0.24, 0.43, 0.10), len(p)), (0.46, 0.60, 0.24), np.exp(-((side / 0.18) ** 2)) * 0.6 + 0.3 * (1 - t)
        )
        made.append(turned)
        tints.append(np.clip(green * rng.uniform(0.82, 1.12), 0, 1))
    return join(*made), np.concatenate(tints)


OBJECT = Kind(build=build, phrase="a strawberry", group="food", imagenet=(949,))
