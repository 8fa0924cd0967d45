"""The lie of the land: hills and mountains that close the view, stones."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.patterns import noise, ridges, smoothstep
from foveate.rendering.modelling.profiles import hull, loft
from foveate.rendering.modelling.trees import on_ball
from foveate.rendering.scene import Mesh


def hills(
    rng: np.random.Generator, away: float, tall: float, *, sharp: bool = False, wide: float = 0.9, low: float = 0.25
) -> Mesh:
    """A ring of hills, or of mountains where ``sharp``, from ``away`` metres outwards: what closes the view all around."""
    rings, sides = 28, 260
    field = (ridges if sharp else noise)(away * (0.45 if sharp else 0.6), int(rng.integers(1 << 30)), 6 if sharp else 4)
    a, t = np.linspace(0, 2 * np.pi, sides, endpoint=False), np.linspace(0, 1, rings)[:, None]
    r = away * (1 + wide * t)
    p = np.stack([r * np.cos(a), r * np.sin(a), np.zeros((rings, sides))], -1)
    rise = smoothstep(*((0.25, 0.95) if sharp else (0.2, 0.8)), field(p.reshape(-1, 3)).reshape(rings, sides))
    p[..., 2] = tall * smoothstep(0.0, 0.6, t) * (low + (1 - low) * rise) - 0.4
    return loft(p, ring=True).flipped()


def stone(rng: np.random.Generator, *, points: int = 30, low: float = 0.65) -> Mesh:
    """A broken stone about one metre across, lying half sunk on the origin: facets, no two alike."""
    p = on_ball(points, rng) * rng.uniform(0.75, 1.0, (points, 1)) * rng.uniform(0.36, 0.55, 3) * (1, 1, low)
    mesh = hull(p)
    return mesh.moved((0, 0, -0.35 * float(mesh.vertices[:, 2].min()) - 0.02))
