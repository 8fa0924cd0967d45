"""An open umbrella: a scalloped canopy of panels on ribs and stretchers, a shaft with a crook; upright, or resting on its rim."""

from __future__ import annotations

from typing import Any

import numpy as np

from foveate.rendering.modelling.assembling import each
from foveate.rendering.modelling.patterns import flat, mix, pick, smoothstep, vary
from foveate.rendering.modelling.profiles import join, lathe, tube
from foveate.rendering.modelling.solids import ball, blend
from foveate.rendering.scene import Array, Asset, Colour, Kind, Mesh, Part

CLOTHS: tuple[Colour, ...] = (
    (0.08, 0.08, 0.10), (0.62, 0.08, 0.10), (0.12, 0.20, 0.45), (0.90, 0.70, 0.12), (0.12, 0.36, 0.26), (0.85, 0.84, 0.80),
    (0.80, 0.36, 0.50), (0.20, 0.52, 0.62), (0.48, 0.20, 0.46), (0.85, 0.42, 0.12),
)  # fmt: skip
RAINBOW: tuple[Colour, ...] = (
    (0.80, 0.10, 0.12), (0.90, 0.45, 0.10), (0.93, 0.80, 0.15), (0.20, 0.55, 0.22), (0.12, 0.45, 0.72),
    (0.20, 0.20, 0.55), (0.50, 0.20, 0.52), (0.82, 0.28, 0.50),
)  # fmt: skip


def build(rng: np.random.Generator) -> Asset:
    ribs = int(rng.choice([8, 8, 8, 8, 9, 10, 16]))
    reach, bend = rng.uniform(0.48, 0.56), np.radians(rng.uniform(55, 78))
    apex = rng.uniform(0.86, 0.96)
    scallop, share = rng.uniform(0.04, 0.09), 36 if ribs <= 10 else 20
    canopy = _canopy(ribs, share * ribs, reach, bend, apex, scallop)
    colour = _colours(canopy.vertices, ribs, rng)
    clear = rng.random() < 0.07
    surface: dict[str, Any] = (
        {"material": "glass", "colour": (0.88, 0.93, 0.96)} if clear else {"material": "cloth", "colour": colour}
    )
    parts = [Part(mesh=canopy, scale=0.12, keep=clear, **surface)]
    steel = vary(pick(((0.72, 0.73, 0.75), (0.10, 0.10, 0.11)), rng), rng, 0.03)
    wires: list[Mesh] = []
    tips: list[Mesh] = []
    runner = apex - rng.uniform(0.26, 0.34)
    (middle, up), (end, hem) = _rib(0.52, reach, bend, apex), _rib(1.0, reach, bend, apex)
    for a in np.arange(ribs) * 2 * np.pi / ribs:
        out, z = np.array([np.cos(a), np.sin(a), 0]), np.array([0, 0, 1.0])
        arc = [
            out * r * 0.985 + z * (h - 0.010) for r, h in (_rib(t, reach, bend, apex) for t in np.linspace(0, 1, 16))
        ]
        wires.append(tube(arc, 0.0038, 6))
        wires.append(tube([out * 0.014 + z * runner, out * middle + z * (up - 0.012)], 0.0032, 6))
        tip = [out * (end - 0.02) + z * (hem - 0.004), out * (end + 0.006) + z * (hem - 0.012)]
        tips.append(tube(tip, [0.005, 0.0065], 8))
    wires.append(
        lathe([(0.009, runner - 0.035), (0.017, runner - 0.03), (0.017, runner + 0.008), (0.009, runner + 0.012)], 20)
    )
    wood = rng.random() < 0.5
    shaft = tube([(0, 0, 0.10), (0, 0, apex + 0.01)], 0.0085, 14)
    ferrule = lathe([
        (0.030, apex - 0.006), (0.020, apex + 0.008), (0.010, apex + 0.014), (0.007, apex + 0.07),
        (0.001, apex + 0.075),
    ], 24)  # fmt: skip
    parts += [
        Part(mesh=join(*wires, ferrule), colour=steel, material="steel", scale=0.2),
        Part(mesh=shaft, colour=(0.36, 0.21, 0.12) if wood else steel, material="wood" if wood else "steel", scale=0.3),
        Part(mesh=join(*tips), colour=(0.75, 0.74, 0.70), material="steel", scale=0.2),
        _grip(rng, wood),
    ]
    # Upright as if held, or set down so that the crook and the rim's lowest tip touch the ground.
    tilt = 0.0 if rng.random() < 0.5 else float(np.degrees(np.arctan2(hem, end))) * rng.uniform(0.97, 1.0)
    turn = rng.uniform(-115, 115) if tilt else rng.uniform(0, 360)
    spin = 360 / ribs * (0.25 * ribs) if tilt else 0.0
    return Asset(parts=tuple(each(parts, lambda mesh: mesh.turned(spin).turned(tilt, "x").turned(turn))))


def _rib(t: Any, reach: float, bend: float, apex: float) -> tuple[Any, Any]:
    """How far out and how high a rib is at a share of its length: an arc that bends by ``bend``."""
    return reach * np.sin(t * bend) / np.sin(bend), apex - reach * (1 - np.cos(t * bend)) / np.sin(bend)


def _shares() -> Array:
    """The canopy's rows: down its outside, and back up its inside."""
    return np.concatenate([np.linspace(0.01, 1, 54), np.linspace(1, 0.01, 20)])


def _canopy(ribs: int, steps: int, reach: float, bend: float, apex: float, scallop: float) -> Mesh:
    """The cloth, two-sided: stretched straight from rib to rib, its hem drawn in between the tips."""
    t = _shares()
    r, z = _rib(t, reach, bend, apex)
    under = (np.arange(len(t)) >= 54) * 0.003
    mesh = lathe([(float(a), float(b)) for a, b in zip(r, z - under, strict=True)], steps)
    p = mesh.vertices.astype(float)
    sector = 2 * np.pi / ribs
    off = ((np.arctan2(p[:, 1], p[:, 0]) + sector / 2) % sector) - sector / 2  # 0 on a rib
    between = np.cos(np.pi * off / sector) ** 2  # 1 on a rib, 0 midway
    along = np.repeat(t, steps)
    chord = np.cos(sector / 2) / np.cos(sector / 2 - np.abs(off))
    p[:, :2] *= (1 - (1 - chord) * 0.9 - scallop * along**4 * (1 - between))[:, None]
    p[:, 2] += 0.10 * scallop * along**3 * (1 - between) * reach - 0.012 * np.sin(np.pi * along) * (1 - between)
    # Wound the other way: the profile runs from the top down.
    return mesh.reshaped(p).flipped()


def _colours(p: Array, ribs: int, rng: np.random.Generator) -> Array:
    """One colour, two in turn, a rainbow, a border, or dots."""
    n, around = len(p), np.arctan2(p[:, 1], p[:, 0]) % (2 * np.pi)
    # From the tip to the hem along the cloth; rows are of equal share, so the rim's scallops do not bend a border.
    away = np.repeat(_shares(), n // len(_shares()))
    first, second = (vary(CLOTHS[k], rng, 0.05) for k in rng.choice(len(CLOTHS), 2, replace=False))
    panel = np.floor(around / (2 * np.pi / ribs) + 1e-4).astype(int) % ribs
    kind = pick(["plain", "turns", "rainbow", "border", "dots", "rings"], rng, [0.32, 0.22, 0.12, 0.12, 0.12, 0.10])
    if kind == "turns":
        return mix(flat(first, n), second if rng.random() < 0.5 else (0.90, 0.89, 0.86), panel % 2)
    if kind == "rainbow":
        return np.array(RAINBOW)[panel % len(RAINBOW)]
    if kind == "border":
        return mix(flat(first, n), second, smoothstep(0.85, 0.87, away) * (1 - smoothstep(0.92, 0.94, away)))
    if kind == "rings":
        return mix(flat(first, n), second, smoothstep(-0.15, 0.15, np.sin(away * np.pi * rng.integers(3, 7))))
    if kind == "dots":
        sector = 2 * np.pi / ribs
        found = np.zeros(n)
        for ring, each in ((0.3, 1), (0.56, 2), (0.80, 2)):
            a = (around * each / sector) % 1 - 0.5
            found = np.maximum(found, 1 - smoothstep(0.045, 0.06, np.hypot(a * sector / each * ring, away - ring)))
        return mix(flat(first, n), (0.92, 0.91, 0.88) if sum(first) < 2 else second, found)
    return flat(first, n)


def _grip(rng: np.random.Generator, wood: bool) -> Part:
    """A crook, or a straight grip with a loop's knob."""
    tone = (0.45, 0.26, 0.13) if wood else vary(pick(((0.07, 0.07, 0.08), (0.30, 0.15, 0.08)), rng), rng, 0.03)
    if rng.random() < 0.8:
        r = rng.uniform(0.045, 0.058)
        a = np.linspace(0, np.pi * rng.uniform(1.0, 1.12), 24)
        hook = [(r - r * np.cos(v), 0, r + 0.015 - r * np.sin(v)) for v in a]
        mesh = tube(
            [(0, 0, 0.20), (0, 0, 0.15), (0, 0, 0.10), *hook, (hook[-1][0], 0, hook[-1][2] + 0.012)], 0.0145, 16
        )
    else:
        mesh, _ = blend(
            ball((0, 0, 0.02), 0.02),
            *(ball((0, 0, z), 0.0155) for z in np.linspace(0.03, 0.15, 12)),
            melt=0.012,
            detail=0.005,
        )
    return Part(mesh=mesh, colour=tone, material="wood" if wood else "plastic", scale=0.3)


OBJECT = Kind(build=build, phrase="an umbrella", group="tool", imagenet=(879,))
