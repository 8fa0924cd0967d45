"""What stands on shelves seen from near: books with covers, spines and pages, that lean and lie; vases, pots, frames, boxes."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.assembling import Pile
from foveate.rendering.modelling.furniture import SPINES
from foveate.rendering.modelling.patterns import pick, vary
from foveate.rendering.modelling.profiles import box, hull, lathe, smooth
from foveate.rendering.modelling.solids import ball, blend
from foveate.rendering.scene import Colour, Part

Vector = tuple[float, float, float]
PAGES: Colour = (0.86, 0.81, 0.70)


def row_of_books(
    pile: Pile, left: float, right: float, z: float, room: float, deep: float, fullness: float, rng: np.random.Generator
) -> float:  # fmt: skip
    """Books from the left until the shelf, ``room`` high, is as full as it shall be; returns where they end."""
    stop = right if rng.random() < fullness * 0.75 else left + (right - left) * rng.uniform(0.35, 0.85)
    x, series = left, 0
    while True:
        if series <= 0:  # a set of volumes is alike
            series = int(rng.integers(4, 9)) if rng.random() < 0.15 else 1
            common, size = vary(pick(SPINES, rng), rng, 0.10), room * rng.uniform(0.60, 0.93)
            thick, reach = rng.uniform(0.016, 0.050), deep * rng.uniform(0.55, 0.80)
        series -= 1
        if x + thick > stop:
            return x
        if rng.random() < 0.05 and stop - x > 0.26:
            _lying(pile, x + 0.004, z, deep * 0.6, common, rng)
            x += 0.245
            continue
        lean = np.radians(rng.uniform(8, 16)) if series == 0 and rng.random() < 0.06 else 0.0
        lean = 0.0 if x + thick + size * np.sin(lean) > stop else lean
        slide = size * np.sin(lean)
        # The spines stand near the front edge, not quite in line.
        y = -deep / 2 + 0.025 + reach / 2 + rng.uniform(0, 0.015)
        at = (x + thick / 2 + slide * 0.5, y, z + size / 2 * np.cos(lean) + 0.5 * thick * np.sin(lean))
        _book(pile, (thick, reach, size), at, -float(np.degrees(lean)), common, rng)
        x += thick + slide * 1.02 + 0.0012


def _lying(pile: Pile, x: float, z: float, deep: float, colour: Colour, rng: np.random.Generator) -> None:
    """A few books that lie on each other."""
    for _ in range(int(rng.integers(2, 6))):
        height, long = rng.uniform(0.018, 0.04), rng.uniform(0.17, 0.23)
        _book(pile, (height, deep, long), (x + long / 2, -0.03, z + height / 2), 90, colour, rng)
        z, colour = z + height, vary(pick(SPINES, rng), rng, 0.10)


def _book(pile: Pile, size: Vector, centre: Vector, turn: float, colour: Colour, rng: np.random.Generator) -> None:
    """A cover with a rounded spine towards −y, bands or a title on it, and pages that show above; modelled upright, then turned."""
    wide, deep, tall = size
    x, y, z = wide / 2, deep / 2, tall / 2
    section = ((-1, y), (1, y), (1, -y + 0.004), (0.55, -y), (-0.55, -y), (-1, -y + 0.004))
    cover = hull(np.array([[a * x, b, c * z] for c in (-1, 1) for a, b in section]))
    style = int(rng.integers(4))
    gilt: Colour = (0.80, 0.66, 0.34) if sum(colour) < 1.4 else (0.20, 0.16, 0.14)
    pieces = [(cover, colour)]
    for at, high in ((((0.36, 0.03), (-0.34, 0.03)), ((0.18, 0.16),), ((0.12, 0.4),), ()))[style]:
        strip = box((wide * (0.92 if style == 0 else 0.5), 0.002, tall * high), (0, -y - 0.0004, at * tall))
        pieces.append((strip, gilt))
    pieces.append((box((wide * 0.72, deep * 0.9, 0.002), (0, 0.004, z)), PAGES))
    pieces.append((box((wide * 0.72, 0.002, tall * 0.95), (0, y, 0)), PAGES))
    for mesh, tint in pieces:
        pile.add(mesh.turned(turn, "y").moved(centre), tint)


def ornament(r: float, room: float, rng: np.random.Generator) -> list[Part]:
    """A vase, a bowl, a plant in a pot, a framed picture or a box, about ``r`` metres to each side."""
    kind = int(rng.integers(5))
    tone = vary(pick(((0.25, 0.40, 0.50), (0.85, 0.83, 0.78), (0.62, 0.30, 0.20), (0.30, 0.42, 0.32)), rng), rng, 0.08)
    h = min(room * 0.75, r * 2.8)
    if kind == 0:
        rows = [(r * 0.4, 0), (r * 0.75, h * 0.35), (r * 0.5, h * 0.7), (r * 0.22, h * 0.85), (r * 0.35, h)]
        return [Part(mesh=lathe(smooth(rows, 40), 40), colour=tone, material="ceramic")]
    if kind == 1:
        rows = [
            (0.002, 0.0), (r * 0.4, 0.0), (r * 0.8, h * 0.12), (r, h * 0.3), (r * 0.95, h * 0.3), (r * 0.7, h * 0.12), (0.002, h * 0.06),
        ]  # fmt: skip
        return [Part(mesh=lathe(rows, 40), colour=tone, material="ceramic")]
    if kind == 2:
        rows = [(0.002, 0.0), (r * 0.45, 0.0), (r * 0.6, r * 0.9), (r * 0.66, r), (r * 0.5, r), (0.002, r * 0.9)]
        tufts = rng.normal(size=(16, 3)) * [r * 0.35, r * 0.3, r * 0.28] + [0, 0, r * 1.35]
        leaves, _ = blend(*(ball(c, r * rng.uniform(0.16, 0.28)) for c in tufts), melt=0.004, detail=max(0.007, r / 12))
        return [
            Part(mesh=lathe(rows, 32), colour=tone, material="ceramic"),
            Part(mesh=leaves, colour=(0.20, 0.38, 0.14), material="leaf", smooth=False),
        ]
    if kind == 3:
        frame, picture = (
            box((r * 1.5, 0.015, h * 0.7), (0, 0, h * 0.36), 0.004),
            box((r * 1.2, 0.004, h * 0.52), (0, -0.008, h * 0.36)),
        )
        return [
            Part(mesh=frame.turned(-8, "x"), colour=(0.30, 0.20, 0.12), smooth=False),
            Part(mesh=picture.turned(-8, "x"), colour=tone, smooth=False),
        ]
    chest = box((r * 1.6, 0.2, h * 0.4), (0, 0, h * 0.2), 0.005)
    return [Part(mesh=chest, colour=(0.60, 0.48, 0.32), material="fabric", smooth=False)]
