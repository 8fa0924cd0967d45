"""A garden snail: a coiled shell with brown bands on a long grey foot, four feelers of which the long ones carry the eyes."""

from __future__ import annotations

from typing import Any

import numpy as np

from foveate.rendering.modelling.patterns import flat, mix, noise, pick, smoothstep, vary
from foveate.rendering.modelling.profiles import join, tube
from foveate.rendering.modelling.solids import ball, blend, chain, limb
from foveate.rendering.scene import Array, Asset, Kind, Mesh, Part


def build(rng: np.random.Generator) -> Asset:
    seed = int(rng.integers(1 << 30))
    shell, shell_colour = _shell(rng, seed)
    sway, rear = rng.uniform(-0.10, 0.10), rng.uniform(0.0, 0.07)
    head = np.array([sway, -0.46, 0.105 + rear])
    skin = vary((0.64, 0.57, 0.46), rng, 0.03)
    feelers, bulbs = _feelers(rng, head)
    solids = [
        *chain(
            [(0, 0.0, 0.07), (sway * 0.3, -0.22, 0.085), (sway * 0.8, -0.36, 0.09 + rear * 0.6), head],
            [0.10, 0.085, 0.072, 0.062],
            "body",
        ),
        *chain([(0, 0.0, 0.055), (-sway * 0.3, 0.25, 0.045), (-sway, 0.52, 0.014)], [0.10, 0.068, 0.012], "body"),
        *chain(
            [(sway * 0.6, -0.34, 0.02), (0, -0.1, 0.018), (-sway * 0.2, 0.20, 0.018), (-sway, 0.53, 0.008)],
            [0.060, 0.105, 0.085, 0.010],
            "foot",
        ),
        limb((0, 0.02, 0.10), (0, 0.03, 0.24), 0.10, 0.09, "body"),
        *feelers,
    ]
    mesh, part = blend(solids, melt=0.05, detail=0.0075)
    v = mesh.vertices.astype(float)
    skirt = 1 - smoothstep(0.0, 0.05, v[:, 2])
    v[:, 0] *= 1 + 0.18 * skirt + 0.05 * skirt * np.sin(v[:, 1] * 60)  # the sole spreads and ripples
    v[:, 2] = np.maximum(v[:, 2], 0.002)
    bumps = noise(0.022, seed, 2)(v * [1, 0.6, 1])
    colour = mix(flat(skin, len(v)), tuple(np.asarray(skin) * 0.66), 1 - smoothstep(0.36, 0.55, bumps))
    colour = mix(colour, tuple(np.asarray(skin) * 0.55), smoothstep(0.10, 0.2, v[:, 2]) * part["body"] * 0.45)
    colour = mix(colour, (0.72, 0.66, 0.52), skirt * 0.6)
    colour = mix(colour, tuple(np.asarray(skin) * 0.7), part["feeler"] * 0.7)
    wall = (bumps - 0.45) * 0.022 * part["body"] * smoothstep(0.03, 0.06, v[:, 2])
    v += wall[:, None] * np.array([0.6, 0, 1.0]) * np.sign(np.stack([v[:, 0], v[:, 0], np.ones(len(v))], -1))
    return Asset(
        parts=(
            Part(mesh=shell, colour=shell_colour, material="plastic"),
            Part(mesh=mesh.reshaped(v), colour=colour, material="leather", scale=0.5),
            Part(mesh=bulbs, colour=(0.10, 0.08, 0.07), material="eye", keep=True),
        )
    )


def _feelers(rng: np.random.Generator, head: Array) -> tuple[list[Any], Mesh]:
    """The long pair points up and apart, the short pair forwards and down; each long one ends in an eye."""
    solids: list[Any] = []
    eyes = []
    for side in (-1, 1):
        spread, up, reach = rng.uniform(0.05, 0.12), rng.uniform(0.15, 0.22), rng.uniform(0.05, 0.15)
        tip = head + [side * (0.03 + spread), -reach, up]
        middle = head + [side * (0.03 + 0.4 * spread), -0.55 * reach, 0.55 * up]
        solids += chain([head + [0.028 * side, -0.01, 0.035], middle, tip], [0.022, 0.0125, 0.0105], "feeler")
        solids.append(ball(tip, 0.0175, "feeler"))
        low = head + [side * 0.032, -0.06, -0.035]
        solids.append(limb(low, low + [side * 0.02, -0.065, -0.02], 0.017, 0.012, "feeler"))
        eyes.append(blend(ball(tip + [0, -0.010, 0.008], 0.0125), melt=0, detail=0.004)[0])
    return solids, join(*eyes)


def _shell(rng: np.random.Generator, seed: int) -> tuple[Mesh, Array]:
    """A tube wound on a logarithmic spiral, each whorl lying on the one before; bands run along it, growth lines across."""
    growth, turns, side = rng.uniform(1.85, 2.1), 4.2, 1 if rng.random() < 0.9 else -1
    rows, ring = 300, 40
    end = 1.30 * np.pi
    angle = end - 2 * np.pi * turns * np.linspace(1, 0, rows) ** 1.25
    s = growth ** ((angle - end) / (2 * np.pi))
    radius = 0.128 * s
    path = np.stack([0.215 * (1 - s), radius * np.cos(angle), radius * np.sin(angle)], -1)
    lines = np.sin(np.cumsum(np.append(0, np.linalg.norm(np.diff(path, axis=0), axis=1))) * 2 * np.pi / 0.022)
    thick = 0.152 * s * (1 + 0.012 * lines)
    thick[-5:] *= [1.0, 1.02, 1.05, 1.07, 1.04]  # the lip
    tube_mesh = tube(path, thick, ring)
    p = tube_mesh.vertices.astype(float)
    row = np.append(np.repeat(np.arange(rows), ring), [0, rows - 1])
    rel = (p - path[row]) / thick[row][:, None]
    outward = np.stack([np.zeros(len(row)), np.cos(angle[row]), np.sin(angle[row])], -1)
    phi = np.degrees(
        np.arctan2(rel[:, 0], (rel * outward).sum(1))
    )  # place around the tube: 0 on the edge, 90 towards the apex
    base = vary(pick(((0.80, 0.66, 0.42), (0.88, 0.76, 0.44), (0.70, 0.52, 0.34)), rng), rng, 0.05)
    dark = vary((0.30, 0.17, 0.09), rng, 0.05)
    broken = 0.55 + 0.45 * smoothstep(0.35, 0.5, noise(0.035, seed)(p))
    amount = np.zeros(len(p))
    for at, wide in ((62, 10), (28, 13), (-6, 9), (-42, 14)):
        if rng.random() < 0.85:
            wander = at + 6 * (noise(0.12, seed + at)(p) - 0.5)
            amount = np.maximum(amount, 1 - smoothstep(wide * 0.75, wide * 1.2, np.abs(phi - wander)))
    colour = mix(flat(base, len(p)), dark, amount * broken * 0.92)
    streak = noise(0.03, seed + 9, 2)(np.stack([angle[row] * 1.2, np.zeros(len(p)), np.zeros(len(p))], -1) * 0.5)
    colour = colour * (0.82 + 0.32 * streak)[:, None] * (0.95 + 0.05 * lines[row])[:, None]
    lip = smoothstep(rows - 9, rows - 4, row)
    colour = mix(np.clip(colour, 0, 1), (0.90, 0.84, 0.74), lip * 0.8)
    mesh = tube_mesh if side > 0 else tube_mesh.mirrored()
    tilt = rng.uniform(14, 30)
    return mesh.moved((-0.10 * side, 0, 0)).turned(-tilt * side, "y").turned(side * rng.uniform(-4, 14)).moved(
        (0.02 * side, 0.05, 0.335)
    ), colour


OBJECT = Kind(build=build, phrase="a snail", group="animal", imagenet=(113,), stylised=True)
