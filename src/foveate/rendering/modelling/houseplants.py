"""House plants in pots: broad leaves on stems, an arching palm, upright swords."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.patterns import pick, vary
from foveate.rendering.modelling.profiles import join, lathe, loft, smooth, tube
from foveate.rendering.scene import Array, Mesh, Part


def plant(rng: np.random.Generator, height: float = 1.5, kind: str = "broad") -> list[Part]:
    """A house plant in a pot: ``broad`` leaves on stems, an arching ``palm``, or upright ``swords``."""
    r = 0.11 + 0.06 * height
    pot = lathe(smooth([
        (0.0, 0.0), (0.7 * r, 0.0), (0.8 * r, 0.1), (r, 1.7 * r), (0.93 * r, 1.75 * r), (0.9 * r, 1.6 * r),
        (0, 1.5 * r),
    ], 30), 32)  # fmt: skip
    base = np.array([0, 0, 1.5 * r])
    leaves, tints, stems = [], [], []
    count = {"broad": 40, "palm": 12, "swords": 13}[kind]
    for k in range(count):
        a, green = k * 2.4 + rng.uniform(-0.3, 0.3), np.array(vary((0.13, 0.30, 0.10), rng, 0.12))
        out = np.array([np.cos(a), np.sin(a), 0.0])
        if kind == "swords":
            way = out * rng.uniform(0.05, 0.25) + (0, 0, 1)
            found = [_leaf(base + 0.3 * r * out, way, height * rng.uniform(0.5, 0.85), 0.09, -0.05)]
        elif kind == "broad":
            at = base + np.array([0, 0, (height - base[2]) * (0.25 + 0.75 * k / count)]) + 0.06 * out
            lift = rng.uniform(-0.2, 0.7)
            found = [_leaf(at, out + (0, 0, lift), height * rng.uniform(0.18, 0.27), 0.16 * height**0.5, 0.5)]
        else:
            t = np.linspace(0, 1, 16)[:, None]
            rise, reach = height * rng.uniform(0.5, 0.95), height * rng.uniform(0.3, 0.55)
            rib = base + out * reach * t**1.3 + np.array([0, 0, 1.0]) * (rise * (1.9 * t - 1.1 * t**2) * 1.1)
            stems.append(tube(rib, np.linspace(0.012, 0.004, 16), 5))
            sides = [way * np.array([-out[1], out[0], 0]) + 0.5 * out + (0, 0, -0.15) for way in (-1, 1)]
            lengths = 0.24 * height * np.sin(np.pi * np.minimum(0.25 + np.arange(16) / 18, 0.95))
            found = [_leaf(rib[i], side, lengths[i], 0.035, 0.3) for i in range(4, 16) for side in sides]
        leaves += found
        tints += [np.tile(green, (len(leaf.vertices), 1)) for leaf in found]
    if kind == "broad":
        stems.append(tube(np.array([base, base + (0.02, 0, 0.5 * height), (0, 0, 0.97 * height)]), 0.02, 8))
    clay = vary(pick(((0.62, 0.33, 0.20), (0.85, 0.84, 0.80), (0.20, 0.21, 0.22)), rng), rng)
    parts = [
        Part(mesh=pot, colour=clay, material="ceramic" if clay[0] > 0.7 else "matte"),
        Part(mesh=join(*leaves), colour=np.clip(np.concatenate(tints), 0, 1), material="leaf"),
    ]
    return [*parts, Part(mesh=join(*stems), colour=(0.30, 0.26, 0.14), material="bark")] if stems else parts


def _leaf(root: Array, direction: Array, length: float, width: float, droop: float) -> Mesh:
    """A blade folded along its midrib, bending down by ``droop`` of its length."""
    d = direction / np.linalg.norm(direction)
    side = np.cross(d, [0, 0, 1.0] if abs(d[2]) < 0.95 else [1.0, 0, 0])
    side /= np.linalg.norm(side)
    t = np.linspace(0, 1, 7)
    rib = root + length * (t[:, None] * d - np.array([0, 0, 1.0]) * (droop * t**2)[:, None])
    wide = width / 2 * np.sin(np.pi * np.clip(t, 0.04, 1.0) ** 0.75)
    fold = np.cross(side, d) * (0.35 * wide)[:, None]
    rows = np.stack([rib - side * wide[:, None] + fold, rib, rib + side * wide[:, None] + fold], 1)
    return loft(rows)
