"""A bookcase: a tall wooden case of shelves, filled with rows of books that lean and lie, and a few ornaments; some have doors below."""

from __future__ import annotations

from typing import Any

import numpy as np

from foveate.rendering.modelling.assembling import Pile, put
from foveate.rendering.modelling.patterns import pick, vary
from foveate.rendering.modelling.profiles import box, join, pairs
from foveate.rendering.modelling.shelving import ornament, row_of_books
from foveate.rendering.scene import Asset, Colour, Kind, Mesh, Part

WOODS: tuple[Colour, ...] = (
    (0.45, 0.28, 0.16), (0.66, 0.48, 0.30), (0.30, 0.18, 0.12), (0.40, 0.18, 0.11), (0.74, 0.60, 0.42),
)  # fmt: skip
PAINTS: tuple[Colour, ...] = ((0.91, 0.90, 0.87), (0.14, 0.15, 0.16), (0.44, 0.54, 0.52), (0.30, 0.36, 0.44))


def build(rng: np.random.Generator) -> Asset:
    wide, tall, deep = rng.uniform(0.72, 1.15), rng.uniform(1.45, 2.05), rng.uniform(0.27, 0.33)
    board, plinth = rng.uniform(0.022, 0.034), rng.uniform(0.06, 0.10)
    painted = rng.random() < 0.35
    colour = vary(pick(PAINTS if painted else WOODS, rng), rng, 0.05)
    # Seen from behind or the side a closed case is a plank, so most are open: frames of posts, or no back.
    posts, open_back = rng.random() < 0.35, rng.random() < 0.65
    cupboard = 0.0 if posts or rng.random() > 0.4 else plinth + rng.uniform(0.36, 0.50)
    floor = cupboard or plinth
    count = max(3, round((tall - floor) / rng.uniform(0.29, 0.36)))
    levels = np.linspace(floor, tall - board, count + 1)[:-1]
    ends = [(deep, 0.0)] if not posts else [(0.035, y) for y in (-deep / 2 + 0.0175, deep / 2 - 0.0175)]
    case = [box((board, d, tall), (s * (wide - board) / 2, y, tall / 2), 0.003) for s in (-1, 1) for d, y in ends]
    case += [box((wide - 2 * board, deep - 0.015, board), (0, 0.004, z + board / 2), 0.002) for z in levels]
    case += [box((wide - 2 * board, 0.02, plinth), (0, -deep / 2 + 0.03, plinth / 2), 0.002)]
    crown = rng.random() < 0.5
    lid = (wide + 0.05 * crown, deep + 0.03 * crown, board * (1 + crown))
    case.append(box(lid, (0, 0, tall - board / 2 + board * crown / 2), 0.008 if crown else 0.003))
    if crown:
        case.append(box((wide + 0.02, deep + 0.015, 0.02), (0, 0, tall - board - 0.008), 0.005))
    halves = [(-wide / 2 + board, wide / 2 - board)]
    if wide > 1.0:  # an upright in the middle carries the long shelves
        case.append(box((board, deep - 0.02, tall - floor), (0, 0.005, (tall + floor) / 2), 0.002))
        halves = [(-wide / 2 + board, -board / 2), (board / 2, wide / 2 - board)]
    parts: list[Part] = []
    if cupboard:
        case += _doors(wide, deep, plinth, cupboard, board)
        at = (0.05, -deep / 2 - 0.025, (plinth + cupboard) / 2 + 0.05)
        knobs = join(*pairs(box((0.025, 0.03, 0.025), at, 0.008)))
        parts.append(Part(mesh=knobs, colour=(0.72, 0.58, 0.32), material="gold"))
    back = box((wide - 0.01, 0.008, tall - 0.02), (0, deep / 2 - 0.004, tall / 2))
    timber: dict[str, Any] = {"material": "plastic" if painted else "wood", "smooth": False}
    parts.append(Part(mesh=join(*case), colour=colour, **timber))
    if not (open_back or posts):
        parts.append(Part(mesh=back, colour=tuple(0.8 * c for c in colour), **timber))
    books, fullness = Pile(), rng.uniform(0.55, 1.0)
    for low, high in zip(levels, [*levels[1:], tall - board], strict=True):
        for left, right in halves:
            room = high - low - board
            end = row_of_books(books, left + 0.004, right - 0.004, low + board, room, deep, fullness, rng)
            if right - end > 0.14:
                thing = ornament(min((right - end) * 0.42, 0.11), room, rng)
                parts += put(thing, (end + right) / 2, -0.02, low + board)
    parts += books.parts()
    return Asset(parts=tuple(parts))


def _doors(wide: float, deep: float, plinth: float, top: float, board: float) -> list[Mesh]:
    """Two panelled doors below."""
    tall, w = top - plinth, (wide - 2 * board) / 2 - 0.004
    x, y, z = (wide - 2 * board) / 4, -deep / 2, (top + plinth) / 2
    door = [box((w - 0.02, 0.012, tall - 0.02), (x, y + 0.012, z))]
    for q in (-1, 1):
        door.append(box((0.055, 0.022, tall), (x + q * (w - 0.055) / 2, y + 0.004, z), 0.004))
        door.append(box((w - 0.11, 0.022, 0.055), (x, y + 0.004, z + q * (tall - 0.055) / 2), 0.004))
    return pairs(*door)


OBJECT = Kind(build=build, phrase="a bookcase", group="furniture", imagenet=(453,))
