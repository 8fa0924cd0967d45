"""A bookcase: a tall wooden case of shelves, filled with rows of books that lean and lie, and a few ornaments; some have doors below."""

from __future__ import annotations

from typing import Any

import numpy as np

from foveate.rendering.modelling.patterns import pick, vary
from foveate.rendering.modelling.profiles import box, hull, join, lathe, smooth
from foveate.rendering.modelling.solids import ball, blend
from foveate.rendering.scene import Array, Asset, Colour, Kind, Mesh, Part

WOODS: tuple[Colour, ...] = (
    (0.45, 0.28, 0.16), (0.66, 0.48, 0.30), (0.30, 0.18, 0.12), (0.40, 0.18, 0.11), (0.74, 0.60, 0.42),
)  # fmt: skip
PAINTS: tuple[Colour, ...] = ((0.91, 0.90, 0.87), (0.14, 0.15, 0.16), (0.44, 0.54, 0.52), (0.30, 0.36, 0.44))
SPINES: tuple[Colour, ...] = (
    (0.50, 0.11, 0.10), (0.14, 0.22, 0.38), (0.16, 0.32, 0.22), (0.80, 0.74, 0.62), (0.34, 0.20, 0.12), (0.12, 0.12, 0.13),
    (0.72, 0.52, 0.18), (0.86, 0.85, 0.82), (0.28, 0.42, 0.52), (0.62, 0.34, 0.16), (0.42, 0.20, 0.34), (0.55, 0.58, 0.52),
)  # fmt: skip


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
    case.append(
        box(
            (wide + 0.05 * crown, deep + 0.03 * crown, board * (1 + crown)),
            (0, 0, tall - board / 2 + board * crown / 2),
            0.008 if crown else 0.003,
        )
    )
    if crown:
        case.append(box((wide + 0.02, deep + 0.015, 0.02), (0, 0, tall - board - 0.008), 0.005))
    halves = [(-wide / 2 + board, wide / 2 - board)]
    if wide > 1.0:  # an upright in the middle carries the long shelves
        case.append(box((board, deep - 0.02, tall - floor), (0, 0.005, (tall + floor) / 2), 0.002))
        halves = [(-wide / 2 + board, -board / 2), (board / 2, wide / 2 - board)]
    parts: list[Part] = []
    if cupboard:
        case += _doors(wide, deep, plinth, cupboard, board)
        knobs = join(
            *(
                box((0.025, 0.03, 0.025), (s * 0.05, -deep / 2 - 0.025, (plinth + cupboard) / 2 + 0.05), 0.008)
                for s in (-1, 1)
            )
        )
        parts.append(Part(mesh=knobs, colour=(0.72, 0.58, 0.32), material="gold"))
    back = box((wide - 0.01, 0.008, tall - 0.02), (0, deep / 2 - 0.004, tall / 2))
    timber: dict[str, Any] = {"material": "plastic" if painted else "wood", "smooth": False}
    parts.append(Part(mesh=join(*case), colour=colour, **timber))
    if not (open_back or posts):
        parts.append(Part(mesh=back, colour=tuple(0.8 * c for c in colour), **timber))
    covers: list[tuple[Mesh, Colour]] = []
    pages: list[Mesh] = []
    fullness = rng.uniform(0.55, 1.0)
    for low, high in zip(levels, [*levels[1:], tall - board], strict=True):
        for left, right in halves:
            end = _row(left + 0.004, right - 0.004, low + board, high - low - board, deep, fullness, rng, covers, pages)
            if right - end > 0.14:
                parts += _ornament(
                    ((end + right) / 2, -0.02, low + board), min((right - end) * 0.42, 0.11), high - low - board, rng
                )
    tints = np.concatenate([np.tile(c, (len(m.vertices), 1)) for m, c in covers])
    parts.append(Part(mesh=join(*(m for m, _ in covers)), colour=tints, smooth=False))
    parts.append(Part(mesh=join(*pages), colour=(0.86, 0.81, 0.70), smooth=False))
    return Asset(parts=tuple(parts))


def _doors(wide: float, deep: float, plinth: float, top: float, board: float) -> list[Mesh]:
    """Two panelled doors below."""
    found, tall = [], top - plinth
    for s in (-1, 1):
        x, w, z = s * (wide - 2 * board) / 4, (wide - 2 * board) / 2 - 0.004, (top + plinth) / 2
        found += [box((w - 0.02, 0.012, tall - 0.02), (x, -deep / 2 + 0.012, z))]
        found += [box((0.055, 0.022, tall), (x + q * (w - 0.055) / 2, -deep / 2 + 0.004, z), 0.004) for q in (-1, 1)]
        found += [
            box((w - 0.11, 0.022, 0.055), (x, -deep / 2 + 0.004, z + q * (tall - 0.055) / 2), 0.004) for q in (-1, 1)
        ]
    return found


def _row(
    left: float,
    right: float,
    z: float,
    room: float,
    deep: float,
    fullness: float,
    rng: np.random.Generator,
    covers: list[tuple[Mesh, Colour]],
    pages: list[Mesh],
) -> float:
    """Books from the left until the shelf is as full as it shall be; returns where they end."""
    stop = right if rng.random() < fullness * 0.75 else left + (right - left) * rng.uniform(0.35, 0.85)
    x, series = left, 0
    common, size = SPINES[0], room * 0.8
    while True:
        if series <= 0:  # a set of volumes is alike
            series = int(rng.integers(4, 9)) if rng.random() < 0.15 else 1
            common, size = vary(pick(SPINES, rng), rng, 0.10), room * rng.uniform(0.60, 0.93)
            thick, reach = rng.uniform(0.016, 0.050), deep * rng.uniform(0.55, 0.80)
        series -= 1
        if x + thick > stop:
            break
        if rng.random() < 0.05 and stop - x > 0.26:  # a pile lying flat
            base = z
            for _ in range(int(rng.integers(2, 6))):
                height, long = rng.uniform(0.018, 0.04), rng.uniform(0.17, 0.23)
                _book(
                    (long, deep * 0.6, height),
                    (x + long / 2 + 0.004, -0.03, base + height / 2),
                    0,
                    common,
                    rng,
                    covers,
                    pages,
                    lying=True,
                )
                base, common = base + height, vary(pick(SPINES, rng), rng, 0.10)
            x += 0.245
            continue
        lean = float(rng.uniform(8, 16)) if series == 0 and rng.random() < 0.06 else 0.0
        slide = size * np.sin(np.radians(lean))
        if x + thick + slide > stop:
            lean, slide = 0.0, 0.0
        # The spines stand near the front edge, not quite in line.
        y = -deep / 2 + 0.025 + reach / 2 + rng.uniform(0, 0.015)
        _book(
            (thick, reach, size),
            (
                x + thick / 2 + slide * 0.5,
                y,
                z + size / 2 * np.cos(np.radians(lean)) + 0.5 * thick * np.sin(np.radians(lean)),
            ),
            -lean,
            common,
            rng,
            covers,
            pages,
        )
        x += thick + slide * 1.02 + 0.0012
    return x


def _book(
    size: tuple[float, float, float],
    centre: Any,
    lean: float,
    colour: Colour,
    rng: np.random.Generator,
    covers: list[tuple[Mesh, Colour]],
    pages: list[Mesh],
    *,
    lying: bool = False,
) -> None:
    """A cover with a rounded spine towards −y, bands or a title on it, and pages that show above."""
    wide, deep, tall = size
    turn = 90.0 if lying else lean
    if lying:  # modelled upright, then laid down
        wide, tall = tall, wide
    x, y, z = wide / 2, deep / 2, tall / 2
    spine = np.array(
        [
            [a * x, b, c * z]
            for c in (-1, 1)
            for a, b in ((-1, y), (1, y), (1, -y + 0.004), (0.55, -y), (-0.55, -y), (-1, -y + 0.004))
        ]
    )
    covers.append((hull(spine).turned(turn, "y").moved(centre), colour))
    gilt: Colour = (0.80, 0.66, 0.34) if sum(colour) < 1.4 else (0.20, 0.16, 0.14)
    style = rng.integers(4)
    bands = (
        ((0.36, 0.03), (-0.34, 0.03))
        if style == 0
        else ((0.18, 0.16),)
        if style == 1
        else ((0.12, 0.4),)
        if style == 2
        else ()
    )
    for at, high in bands:
        strip = box((wide * (0.92 if style == 0 else 0.5), 0.002, tall * high), (0, -y - 0.0004, at * tall))
        covers.append((strip.turned(turn, "y").moved(centre), gilt))
    for block, place in (
        ((wide * 0.72, deep * 0.9, 0.002), (0, 0.004, z)),
        ((wide * 0.72, 0.002, tall * 0.95), (0, y, 0)),
    ):
        pages.append(box(block, place).turned(turn, "y").moved(centre))


def _ornament(at: Any, radius: float, room: float, rng: np.random.Generator) -> list[Part]:
    """A vase, a bowl, a plant in a pot, a framed picture or a box."""
    kind, tone = (
        rng.integers(5),
        vary(
            pick(((0.25, 0.40, 0.50), (0.85, 0.83, 0.78), (0.62, 0.30, 0.20), (0.30, 0.42, 0.32)), rng),
            rng,
            0.08,
        ),
    )
    r, h = radius, min(room * 0.75, radius * 2.8)
    if kind == 0:
        rows = smooth([(r * 0.4, 0), (r * 0.75, h * 0.35), (r * 0.5, h * 0.7), (r * 0.22, h * 0.85), (r * 0.35, h)], 40)
        return [
            Part(mesh=lathe([(float(a), float(b)) for a, b in rows], 40).moved(at), colour=tone, material="ceramic")
        ]
    if kind == 1:
        rows = [
            (0.002, 0.0), (r * 0.4, 0.0), (r * 0.8, h * 0.12), (r, h * 0.3), (r * 0.95, h * 0.3),
            (r * 0.7, h * 0.12), (0.002, h * 0.06),
        ]  # fmt: skip
        return [Part(mesh=lathe(rows, 40).moved(at), colour=tone, material="ceramic")]
    if kind == 2:
        pot = lathe(
            [(0.002, 0.0), (r * 0.45, 0.0), (r * 0.6, r * 0.9), (r * 0.66, r), (r * 0.5, r), (0.002, r * 0.9)], 32
        )
        tufts: Array = rng.normal(size=(16, 3)) * [r * 0.35, r * 0.3, r * 0.28] + [0, 0, r * 1.35]
        leaves, _ = blend(*(ball(c, r * rng.uniform(0.16, 0.28)) for c in tufts), melt=0.004, detail=max(0.007, r / 12))
        return [
            Part(mesh=pot.moved(at), colour=tone, material="ceramic"),
            Part(mesh=leaves.moved(at), colour=(0.20, 0.38, 0.14), material="leaf", smooth=False),
        ]
    if kind == 3:
        frame = box((r * 1.5, 0.015, h * 0.7), (0, 0, h * 0.36), 0.004).turned(-8, "x").moved(at)
        picture = box((r * 1.2, 0.004, h * 0.52), (0, -0.008, h * 0.36)).turned(-8, "x").moved(at)
        return [
            Part(mesh=frame, colour=(0.30, 0.20, 0.12), smooth=False),
            Part(mesh=picture, colour=tone, smooth=False),
        ]
    return [
        Part(
            mesh=box((r * 1.6, 0.2, h * 0.4), (0, 0, h * 0.2), 0.005).moved(at),
            colour=(0.60, 0.48, 0.32),
            material="fabric",
            smooth=False,
        )
    ]


OBJECT = Kind(build=build, phrase="a bookcase", group="furniture", imagenet=(453,))
