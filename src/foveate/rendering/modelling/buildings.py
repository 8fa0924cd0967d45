"""House fronts: windows with shutters, doors, shops with awnings, cornices and roofs."""

from __future__ import annotations

import itertools

import numpy as np

from foveate.rendering.modelling.assembling import Pile
from foveate.rendering.modelling.patterns import pick, vary
from foveate.rendering.modelling.profiles import crate, hull
from foveate.rendering.scene import Colour

_PLASTERS: tuple[Colour, ...] = (
    (0.86, 0.80, 0.66), (0.82, 0.72, 0.56), (0.78, 0.76, 0.72), (0.74, 0.62, 0.54), (0.66, 0.70, 0.70),
    (0.88, 0.86, 0.80), (0.80, 0.66, 0.52),
)  # fmt: skip


def house(rng: np.random.Generator, wide: float, *, floors: int = 3, deep: float = 7.0) -> Pile:
    """A town house whose front lies in y = 0, facing −y, from x = 0 to ``wide``: windows, door or shop below, cornice, roof."""
    pile, tall = Pile(), 0.4 + floors * rng.uniform(2.65, 2.95)
    storey = (tall - 0.4) / floors
    bricks = rng.random() < 0.4
    wall = vary((0.62, 0.34, 0.26), rng, 0.08) if bricks else vary(pick(_PLASTERS, rng), rng, 0.05)
    trim: Colour = (0.88, 0.86, 0.81) if rng.random() < 0.7 else (0.55, 0.52, 0.48)
    stuff, scale = ("brick", 2.0) if bricks else ("plaster", 1.0)
    pile.add(crate((wide, deep, tall), (wide / 2, deep / 2, tall / 2)), wall, stuff, scale=scale)
    pile.add(crate((wide + 0.02, 0.1, 0.55), (wide / 2, -0.03, 0.27)), (0.42, 0.41, 0.39), "stone")
    pile.add(crate((wide + 0.1, 0.34, 0.26), (wide / 2, -0.1, tall - 0.1)), trim)
    pile.add(crate((wide, 0.12, 0.16), (wide / 2, -0.05, storey + 0.32)), trim)
    ridge = tall + rng.uniform(1.6, 2.6)
    corners = np.array([[x, y, z] for x in (0, wide) for y, z in ((-0.3, tall), (deep / 2, ridge), (deep, tall))])
    pile.add(hull(corners), vary((0.42, 0.24, 0.18) if rng.random() < 0.6 else (0.30, 0.30, 0.32), rng), "matte")
    pile.add(crate((0.5, 0.5, 1.2), (rng.uniform(0.2, 0.8) * wide, deep * 0.4, ridge)), (0.48, 0.30, 0.24), "brick")
    columns = max(2, round(wide / rng.uniform(1.7, 2.2)))
    middles = (np.arange(columns) + 0.5) * wide / columns
    shutters = vary((0.28, 0.38, 0.34), rng, 0.2) if not bricks and rng.random() < 0.4 else None
    size = (rng.uniform(0.85, 1.05), storey * rng.uniform(0.5, 0.58))
    for floor in range(1, floors):
        for x in middles:
            _window(pile, rng, x, 0.4 + storey * (floor + 0.48), *size, trim, shutters)
    if rng.random() < 0.5:
        _shop(pile, rng, wide, storey)
    else:
        door = int(rng.integers(columns))
        for k, x in enumerate(middles):
            if k == door:
                pile.add(crate((1.25, 0.14, 2.35), (x, -0.03, 1.2)), trim)
                pile.add(crate((1.0, 0.16, 2.15), (x, -0.05, 1.12)), vary((0.30, 0.16, 0.12), rng, 0.25), "paint")
                pile.add(crate((1.3, 0.5, 0.14), (x, -0.25, 0.07)), (0.55, 0.54, 0.52))
            else:
                _window(pile, rng, x, 0.5 + storey * 0.5, *size, trim, shutters)
    return pile


def _window(
    pile: Pile, rng: np.random.Generator, x: float, z: float, wide: float, tall: float, trim: Colour, shutters: Colour | None
) -> None:  # fmt: skip
    pile.add(crate((wide + 0.22, 0.1, tall + 0.22), (x, -0.01, z)), trim)
    pane: Colour = (0.09, 0.11, 0.14) if rng.random() < 0.75 else (0.50, 0.48, 0.43)  # a dark room, or curtains
    pile.add(crate((wide, 0.1, tall), (x, -0.025, z)), vary(pane, rng, 0.04), "ceramic")
    pile.add(crate((0.05, 0.1, tall), (x, -0.04, z)), trim)
    pile.add(crate((wide, 0.1, 0.05), (x, -0.04, z + 0.18 * tall)), trim)
    pile.add(crate((wide + 0.34, 0.24, 0.08), (x, -0.08, z - tall / 2 - 0.12)), trim)
    if shutters is None:
        return
    for side in (-1, 1):
        pile.add(crate((0.42, 0.08, tall + 0.1), (x + side * (wide / 2 + 0.28), -0.06, z)), shutters)


def _shop(pile: Pile, rng: np.random.Generator, wide: float, storey: float) -> None:
    """A shop's front: panes in a coloured frame, a door, a sign, perhaps an awning."""
    frame, tall = vary((0.20, 0.30, 0.28), rng, 0.3), storey * 0.8
    pile.add(crate((wide - 0.5, 0.14, tall + 0.2), (wide / 2, -0.03, tall / 2 + 0.1)), frame, "plastic")
    panes = max(2, round(wide / 1.9))
    for k in range(panes):
        x, step = 0.4 + (k + 0.5) * (wide - 0.8) / panes, (wide - 0.8) / panes
        low = 0.15 if k == panes // 2 else 0.6
        pane = crate((step - 0.14, 0.14, tall - 0.2 - low), (x, -0.05, (tall + low) / 2))
        pile.add(pane, vary((0.13, 0.13, 0.14), rng, 0.08), "ceramic")
        for _ in range(3):  # something lies in the window
            thing = crate((0.2, 0.02, rng.uniform(0.2, 0.5)), (x + rng.uniform(-0.3, 0.3) * step, -0.13, low + 0.3))
            pile.add(thing, vary((0.6, 0.5, 0.4), rng, 0.4))
    pile.add(crate((wide - 0.5, 0.2, 0.42), (wide / 2, -0.07, tall + 0.28)), vary(frame, rng, 0.1), "plastic")
    letters = int(rng.integers(5, 10))
    for k in range(letters):
        x = wide / 2 + (k - letters / 2) * 0.26
        pile.add(crate((rng.uniform(0.08, 0.17), 0.06, 0.2), (x, -0.17, tall + 0.28)), (0.9, 0.86, 0.7))
    if rng.random() < 0.6:
        cloth, stripes = vary((0.62, 0.16, 0.14), rng, 0.3), 12
        slope = ((-0.12, tall + 0.1), (-0.12, tall + 0.06), (-1.3, tall - 0.45), (-1.3, tall - 0.62))
        edges = 0.3 + (wide - 0.6) * np.linspace(0, 1, stripes + 1)
        for k, pair in enumerate(itertools.pairwise(edges)):
            corners = np.array([[x, y, z] for x in pair for y, z in slope])
            pile.add(hull(corners), cloth if k % 2 else (0.90, 0.88, 0.82), "fabric")
