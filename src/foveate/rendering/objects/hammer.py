"""A hammer set down on its head: a claw hammer with a wooden or a rubber-gripped handle, or an engineer's ball-peen hammer."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.assembling import each
from foveate.rendering.modelling.patterns import flat, mix, noise, pick, smoothstep, vary
from foveate.rendering.modelling.profiles import join, lathe, loft, smooth, tube
from foveate.rendering.modelling.solids import blend, block, limb
from foveate.rendering.scene import Array, Asset, Kind, Mesh, Part

GRIPS = [(0.05, 0.05, 0.055), (0.10, 0.20, 0.42), (0.62, 0.09, 0.07), (0.80, 0.50, 0.05), (0.10, 0.10, 0.11)]


def build(rng: np.random.Generator) -> Asset:
    kind = int(rng.choice(3, p=[0.42, 0.36, 0.22]))
    head = _peen(rng) if kind == 2 else _claw(rng)
    p = head.vertices
    worn = noise(0.05, int(rng.integers(1 << 30)))(p)
    steel = mix(flat((0.60, 0.60, 0.61), len(p)), (0.38, 0.37, 0.37), smoothstep(0.35, 0.75, worn))
    ends = np.maximum(-p[:, 0] - 0.025, p[:, 0] - 0.10)
    steel = mix(steel, (0.82, 0.82, 0.83), smoothstep(0.13, 0.14, ends))  # bare and bright
    parts = [Part(mesh=head, colour=steel, material="steel", scale=0.6)]
    parts += _steel_handle(rng) if kind == 1 else _wooden_handle(rng)
    # Face or claw down, propped on the handle's end: as it is seen from the side. Its length runs across at the default yaw of 35°.
    down = -90 if kind == 2 or rng.random() < 0.6 else 90
    roll, tip = down + rng.uniform(-9, 9), rng.uniform(-12, -10)
    yaw = (55 if rng.random() < 0.5 else -125) + rng.uniform(-22, 22)
    return Asset(parts=tuple(each(parts, lambda mesh: mesh.turned(roll, "y").turned(tip, "x").turned(yaw))))


def _claw(rng: np.random.Generator) -> Mesh:
    """The striking face at −x, the handle towards +y; the claw curves from the top towards the handle and is split."""
    r, bend = rng.uniform(0.045, 0.052), rng.uniform(0.05, 0.10)
    poll = [(0, 0), (r * 0.92, 0.0), (r, 0.008), (r, 0.04), (r * 0.86, 0.055), (r * 0.72, 0.075), (r * 0.70, 0.12)]
    face = lathe(poll, 40).turned(90, "y").moved((-0.20, 0, 0))
    outer = smooth([(0.02, -0.046), (0.10, -0.046), (0.16, -0.030), (0.21, 0.4 * bend), (0.245, 0.035 + bend)], 14)
    inner = smooth([(0.02, 0.030), (0.09, 0.006), (0.14, 0.006), (0.19, 0.018 + 0.5 * bend), (0.237, 0.040 + bend)], 14)
    rows = []
    for t, (x0, y0), (x1, y1) in zip(np.linspace(0, 1, 14), outer, inner, strict=True):  # a rounded strap that widens
        inside, outside = 0.024 * max(0.0, t - 0.25) / 0.75, 0.034 + 0.018 * t
        ring = [
            (0.0, inside), (0.15, outside - 0.003), (0.35, outside), (0.65, outside), (0.85, outside - 0.003),
            (1.0, inside + 0.002),
        ]  # fmt: skip
        rows.append([(x0 + u * (x1 - x0), y0 + u * (y1 - y0), w) for u, w in ring])
    prong = loft(rows, ring=True, capped=True)
    prongs = [prong, prong.reshaped(prong.vertices * np.array([1, 1, -1])).flipped()]
    cheek, _ = blend(
        block((0, 0.0, 0), (0.115, 0.085, 0.082), 0.018),
        limb((-0.09, 0, 0), (0, 0, 0), r * 0.72),
        limb((0, 0.0, 0), (0, 0.06, 0), 0.038, 0.034),
        melt=0.03,
        detail=0.007,
    )
    return join(face, cheek, *prongs)


def _peen(rng: np.random.Generator) -> Mesh:
    r = rng.uniform(0.044, 0.052)
    profile = [
        (0, -0.15), (r * 0.92, -0.15), (r, -0.14), (r, -0.10), (r * 0.72, -0.085), (r * 0.66, -0.05),
        (r * 0.95, -0.03), (r * 0.98, 0.03), (r * 0.66, 0.05), (r * 0.62, 0.075), (r * 0.88, 0.095),
    ]  # fmt: skip
    dome = [(r * 0.93 * np.cos(a), 0.115 + r * 0.93 * np.sin(a)) for a in np.linspace(-0.2, np.pi / 2, 10)]
    return lathe([*profile, *dome], 40).turned(90, "y")


def _wooden_handle(rng: np.random.Generator) -> list[Part]:
    waist = rng.uniform(0.022, 0.026)
    mesh = _oval([
        (-0.052, 0.026), (0.0, 0.026), (0.06, 0.030), (0.16, waist), (0.34, waist + 0.003), (0.52, 0.036),
        (0.68, 0.037), (0.76, 0.033), (0.80, 0.039), (0.83, 0.036), (0.842, 0.024),
    ])  # fmt: skip
    tone = vary((0.74, 0.52, 0.29), rng, 0.12)
    return [Part(mesh=mesh, colour=_grain(mesh, tone, rng), material="leaf"), _wedge()]


def _grain(mesh: Mesh, tone: tuple[float, ...], rng: np.random.Generator) -> Array:
    """Ash or hickory: dark lines along the handle, darker where hands were."""
    p = mesh.vertices.astype(float)
    lines = noise(0.03, int(rng.integers(1 << 30)), 4)(p * (1, 0.07, 1))
    colour = mix(flat(tone, len(p)), tuple(float(0.62 * v) for v in tone), smoothstep(0.45, 0.70, lines))
    return mix(colour, (0.36, 0.24, 0.14), 0.45 * noise(0.2, 7)(p) * smoothstep(0.40, 0.70, p[:, 1]))


def _wedge() -> Part:
    return Part(
        mesh=blend(block((0, -0.052, 0), (0.03, 0.008, 0.008), 0.001), melt=0, detail=0.003)[0],
        colour=(0.3, 0.3, 0.3),
        material="steel",
    )


def _steel_handle(rng: np.random.Generator) -> list[Part]:
    grip_colour = pick(GRIPS, rng)
    shaft = _oval([(-0.02, 0.025), (0.05, 0.027), (0.12, 0.020), (0.45, 0.020), (0.5, 0.02)])
    grip = _oval([
        (0.40, 0.020), (0.402, 0.031), (0.43, 0.033), (0.55, 0.030), (0.68, 0.034), (0.76, 0.035), (0.80, 0.043),
        (0.82, 0.041), (0.83, 0.02),
    ])  # fmt: skip
    rings = [
        tube(
            [(0.034 * np.cos(a), y, 0.036 * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 24, endpoint=False)],
            0.003,
            6,
            closed=True,
        )
        for y in np.arange(0.46, 0.75, 0.028)
    ]
    tone = tuple(float(0.75 * v + 0.02) for v in grip_colour)
    return [
        Part(mesh=shaft, colour=(0.55, 0.56, 0.58), material="steel", scale=0.6),
        Part(mesh=grip, colour=grip_colour, material="rubber"),
        Part(mesh=join(*rings), colour=tone, material="rubber"),
    ]


def _oval(stations: list[tuple[float, float]]) -> Mesh:
    """A handle along +y with an oval section, taller across the head than along it."""
    rows = np.asarray(smooth(stations, 90))
    path = np.stack([np.zeros(len(rows)), rows[:, 0], np.zeros(len(rows))], -1)
    return tube(path, rows[:, 1], 28).scaled((1.15, 1.0, 0.95))


OBJECT = Kind(build=build, phrase="a hammer", group="tool", imagenet=(587,))
