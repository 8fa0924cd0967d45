"""What streets are made of: house fronts with windows, parked cars, lamp posts, benches; collected by material into few meshes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from foveate.rendering.modelling.patterns import vary
from foveate.rendering.modelling.profiles import extrude, hull, join, lathe, tube
from foveate.rendering.scene import Array, Colour, Mesh, Part


class Pile:
    """Meshes put together by material, each in its own colour: a thousand boxes make as many parts as there are materials."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, bool, float], list[tuple[Mesh, Array]]] = {}

    def add(
        self, mesh: Mesh, colour: Colour, material: str = "matte", *, smooth: bool = False, scale: float = 1.0
    ) -> None:
        tone = np.tile(np.asarray(colour, float), (len(mesh.vertices), 1))
        self.found.setdefault((material, smooth, scale), []).append((mesh, tone))

    def put(self, other: Pile, turn: float, place: Sequence[float], size: float = 1.0) -> None:
        """All of another pile, sized, turned about z and moved."""
        for key, meshes in other.found.items():
            moved = [(mesh.scaled(size).turned(turn).moved(place), tone) for mesh, tone in meshes]
            self.found.setdefault(key, []).extend(moved)

    def parts(self) -> tuple[Part, ...]:
        return tuple(
            Part(
                mesh=join(*(m for m, _ in meshes)),
                colour=np.clip(np.concatenate([c for _, c in meshes]), 0, 1),
                material=name,
                smooth=smooth,
                scale=scale,
            )
            for (name, smooth, scale), meshes in self.found.items()
        )


_SIGNS = np.array([[x, y, z] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)])
_SIDES = np.array(
    [
        [0, 1, 3],
        [0, 3, 2],
        [4, 6, 7],
        [4, 7, 5],
        [0, 4, 5],
        [0, 5, 1],
        [2, 3, 7],
        [2, 7, 6],
        [1, 5, 7],
        [1, 7, 3],
        [0, 2, 6],
        [0, 6, 4],
    ],
    np.int32,
)


def crate(size: Sequence[float], centre: Sequence[float]) -> Mesh:
    """A sharp-edged box, made quickly."""
    return Mesh(vertices=(_SIGNS * np.asarray(size) + np.asarray(centre)).astype(np.float32), faces=_SIDES)


def house(rng: np.random.Generator, wide: float, *, floors: int = 3, deep: float = 7.0) -> Pile:
    """A town house whose front lies in y = 0, facing −y, from x = 0 to ``wide``: windows, door or shop below, cornice, roof."""
    pile, tall = Pile(), 0.4 + floors * rng.uniform(2.65, 2.95)
    storey = (tall - 0.4) / floors
    bricks = rng.random() < 0.4
    wall = (
        vary((0.62, 0.34, 0.26), rng, 0.08) if bricks else vary(_PLASTERS[int(rng.integers(len(_PLASTERS)))], rng, 0.05)
    )
    trim: Colour = (0.88, 0.86, 0.81) if rng.random() < 0.7 else (0.55, 0.52, 0.48)
    pile.add(
        crate((wide, deep, tall), (wide / 2, deep / 2, tall / 2)),
        wall,
        "brick" if bricks else "plaster",
        scale=2.0 if bricks else 1.0,
    )
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


_PLASTERS: tuple[Colour, ...] = (
    (0.86, 0.80, 0.66),
    (0.82, 0.72, 0.56),
    (0.78, 0.76, 0.72),
    (0.74, 0.62, 0.54),
    (0.66, 0.70, 0.70),
    (0.88, 0.86, 0.80),
    (0.80, 0.66, 0.52),
)


def _window(
    pile: Pile,
    rng: np.random.Generator,
    x: float,
    z: float,
    wide: float,
    tall: float,
    trim: Colour,
    shutters: Colour | None,
) -> None:
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
        pile.add(
            crate((step - 0.14, 0.14, tall - 0.2 - low), (x, -0.05, (tall + low) / 2)),
            vary((0.13, 0.13, 0.14), rng, 0.08),
            "ceramic",
        )
        for _ in range(3):  # something lies in the window
            pile.add(
                crate((0.2, 0.02, rng.uniform(0.2, 0.5)), (x + rng.uniform(-0.3, 0.3) * step, -0.13, low + 0.3)),
                vary((0.6, 0.5, 0.4), rng, 0.4),
            )
    pile.add(crate((wide - 0.5, 0.2, 0.42), (wide / 2, -0.07, tall + 0.28)), vary(frame, rng, 0.1), "plastic")
    letters = int(rng.integers(5, 10))
    for k in range(letters):
        x = wide / 2 + (k - letters / 2) * 0.26
        pile.add(crate((rng.uniform(0.08, 0.17), 0.06, 0.2), (x, -0.17, tall + 0.28)), (0.9, 0.86, 0.7))
    if rng.random() < 0.6:
        cloth, stripes = vary((0.62, 0.16, 0.14), rng, 0.3), 12
        for k in range(stripes):
            x0, x1 = 0.3 + (wide - 0.6) * np.array([k, k + 1]) / stripes
            corners = np.array(
                [
                    [x, y, z]
                    for x in (x0, x1)
                    for y, z in ((-0.12, tall + 0.1), (-0.12, tall + 0.06), (-1.3, tall - 0.45), (-1.3, tall - 0.62))
                ]
            )
            pile.add(hull(corners), cloth if k % 2 else (0.90, 0.88, 0.82), "fabric")


def car(rng: np.random.Generator) -> Pile:
    """A parked car, 4.2 m long along x, its wheels on z = 0."""
    pile, colours = (
        Pile(),
        (
            (0.75, 0.76, 0.78),
            (0.10, 0.10, 0.12),
            (0.45, 0.08, 0.08),
            (0.12, 0.22, 0.40),
            (0.85, 0.85, 0.84),
            (0.35, 0.37, 0.40),
            (0.22, 0.34, 0.28),
        ),
    )
    paint = vary(colours[int(rng.integers(len(colours)))], rng, 0.04)
    boxy = rng.uniform(0, 0.35)  # how steep its tail is
    tail = -1.75 - 0.2 * boxy
    body = [
        (-2.08, 0.30),
        (2.05, 0.28),
        (2.12, 0.50),
        (2.05, 0.72),
        (1.75, 0.82),
        (0.95, 0.93),
        (-1.95, 0.99),
        (-2.10, 0.78),
    ]
    cabin = [(tail - 0.15, 0.95), (1.02, 0.91), (0.32, 1.36), (-0.3, 1.43), (tail + 0.75 - boxy, 1.41)]
    roof = [(tail + 0.66 - boxy, 1.36), (0.36, 1.33), (0.22, 1.40), (-0.3, 1.47), (tail + 0.8 - boxy, 1.45)]
    for outline, thick, colour, material in (
        (body, 1.74, paint, "paint"),
        (cabin, 1.56, (0.05, 0.06, 0.07), "ceramic"),
        (roof, 1.60, paint, "paint"),
    ):
        mesh = extrude(outline, thick)
        narrow = (
            1 - 0.42 * np.clip(mesh.vertices[:, 2:] - 0.85, 0, 1) - 0.25 * np.clip(0.5 - mesh.vertices[:, 2:], 0, 1)
        )
        pile.add(
            Mesh(
                vertices=(mesh.vertices * np.concatenate([narrow * 0 + 1, narrow, narrow * 0 + 1], 1)).astype(
                    np.float32
                ),
                faces=mesh.faces,
            ),
            colour,
            material,
        )
    for side in (-1, 1):
        for low, high in (
            ((0.98, 0.92), (0.30, 1.38)),
            ((-0.35, 0.95), (-0.38, 1.43)),
            ((tail + 0.1, 0.96), (tail + 0.75 - boxy, 1.43)),
        ):
            y = [side * 0.79 * (1 - 0.42 * max(z - 0.85, 0)) for z in (low[1], high[1])]
            pile.add(tube([(low[0], y[0], low[1]), (high[0], y[1], high[1])], 0.04, 5), paint, "paint")
        for x in (-1.28, 1.30):
            wheel = (
                lathe([(0, -0.11), (0.26, -0.11), (0.32, -0.07), (0.32, 0.07), (0.26, 0.11), (0, 0.11)], 22)
                .turned(90, "x")
                .moved((x, side * 0.80, 0.32))
            )
            pile.add(wheel, (0.06, 0.06, 0.06), "rubber", smooth=True)
            pile.add(
                lathe([(0, -0.12), (0.19, -0.12), (0.19, 0.12), (0, 0.12)], 14)
                .turned(90, "x")
                .moved((x, side * 0.81, 0.32)),
                (0.6, 0.6, 0.62),
                "plastic",
            )
        pile.add(crate((0.06, 0.34, 0.14), (2.07, side * 0.6, 0.64)), (0.92, 0.92, 0.88), "ceramic")
        pile.add(crate((0.06, 0.26, 0.2), (-2.08, side * 0.66, 0.80)), (0.55, 0.04, 0.03), "ceramic")
        pile.add(crate((0.16, 0.2, 0.12), (0.62, side * 0.93, 0.98)), paint, "paint")
    for x in (2.11, -2.11):
        pile.add(crate((0.02, 0.5, 0.11), (x, 0, 0.47)), (0.88, 0.88, 0.82))
    return pile


def lamp_post(tall: float = 4.6, kind: Literal["old", "new"] = "old") -> Pile:
    """A street lamp on the origin."""
    pile, iron = Pile(), (0.12, 0.14, 0.13)
    if kind == "new":
        pile.add(
            tube(
                [(0, 0, 0), (0, 0, tall), (0, -0.3, tall + 0.35), (0, -1.3, tall + 0.45)], [0.08, 0.055, 0.05, 0.04], 9
            ),
            (0.45, 0.46, 0.47),
            "plastic",
            smooth=True,
        )
        pile.add(crate((0.26, 0.7, 0.1), (0, -1.5, tall + 0.43)), (0.5, 0.5, 0.5))
        return pile
    pile.add(
        lathe(
            [
                (0.17, 0),
                (0.17, 0.12),
                (0.11, 0.2),
                (0.10, 0.9),
                (0.06, 1.0),
                (0.045, tall - 0.8),
                (0.09, tall - 0.7),
                (0, tall - 0.65),
            ],
            12,
        ),
        iron,
        "plastic",
    )
    pile.add(
        lathe([(0, tall - 0.66), (0.12, tall - 0.64), (0.22, tall - 0.12), (0, tall - 0.10)], 6),
        (0.90, 0.86, 0.70),
        "ceramic",
    )
    pile.add(
        lathe([(0, tall - 0.13), (0.27, tall - 0.12), (0.08, tall + 0.08), (0.02, tall + 0.22), (0, tall + 0.22)], 6),
        iron,
        "plastic",
    )
    return pile


def bench() -> Pile:
    """A park bench along x, its back towards +y."""
    pile = Pile()
    for y in (-0.18, -0.04, 0.10):
        pile.add(crate((1.6, 0.11, 0.04), (0, y, 0.45)), (0.45, 0.28, 0.15), "wood")
    for z in (0.62, 0.78):
        pile.add(crate((1.6, 0.04, 0.11), (0, 0.22, z)), (0.45, 0.28, 0.15), "wood")
    for x in (-0.65, 0.65):
        pile.add(crate((0.06, 0.45, 0.43), (x, -0.02, 0.215)), (0.13, 0.14, 0.14))
        pile.add(crate((0.06, 0.06, 0.45), (x, 0.26, 0.63)), (0.13, 0.14, 0.14))
    return pile
