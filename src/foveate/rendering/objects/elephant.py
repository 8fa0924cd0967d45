"""An African elephant: pillar legs, a sagging back, great fan ears, a trunk to the ground and ivory tusks."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.patterns import flat, mark, mix, noise, pick, ridges, smoothstep, vary
from foveate.rendering.modelling.profiles import tube
from foveate.rendering.modelling.quadruped import clay, eyes, gait, legs
from foveate.rendering.modelling.solids import Solid, ball, blend, sweep
from foveate.rendering.modelling.surfaces import posed, swollen, turning
from foveate.rendering.scene import Array, Asset, Colour, Kind, Mesh, Part

Knots = list[tuple[float, float, float]]


def build(rng: np.random.Generator) -> Asset:
    seed, fat = int(rng.integers(1 << 30)), rng.uniform(0.94, 1.06)
    grey = vary(pick(((0.42, 0.41, 0.39), (0.46, 0.42, 0.36)), rng), rng, 0.025)
    mesh, part = clay(_body(fat), _head(), _trunk(rng), _legs(rng), melt=0.05, detail=0.0095)
    p = mesh.vertices
    mesh = swollen(mesh, -0.0045 * _wrinkles(p, part, seed))
    colour = _hide(p, part, grey, seed)
    ear = _ear(rng)
    pink = mix(flat(grey, len(ear.vertices)), (0.56, 0.44, 0.39), 0.5 * noise(0.07, seed + 5)(ear.vertices))
    tusk = _tusk(rng)
    ivory = mix(
        flat((0.88, 0.84, 0.73), len(tusk.vertices)), (0.62, 0.52, 0.38), smoothstep(-0.72, -0.66, tusk.vertices[:, 1])
    )
    tail = tube([(0, 0.42, 0.68), (0, 0.485, 0.58), (0, 0.50, 0.45), (0.01, 0.495, 0.34)], [0.022, 0.015, 0.011, 0.009])
    tuft, _ = blend(ball((0.01, 0.493, 0.31), (0.012, 0.018, 0.05)), melt=0, detail=0.006)
    parts = [
        Part(mesh=mesh, colour=colour, material="skin"),
        Part(mesh=tail, colour=grey, material="skin"),
        Part(mesh=tuft, colour=(0.08, 0.07, 0.06), material="fur"),
        eyes((0.108, -0.665, 0.695), 0.012),
    ]
    for side in (ear, ear.mirrored()):
        parts.append(Part(mesh=side, colour=pink, material="skin"))
    for side in (tusk, tusk.mirrored()):
        parts.append(Part(mesh=side, colour=ivory, material="plastic", keep=True))
    neck = ((0, -0.40, 0.68), (0, -0.56, 0.70))
    return posed(
        Asset(parts=tuple(parts)), turning(*neck, rng.uniform(-16, 16), "z"), turning(*neck, rng.uniform(-8, 6), "x")
    )


def _body(fat: float) -> list[Solid]:
    barrel = sweep(
        [(0.33, 0.57), (0.26, 0.60), (0.08, 0.565), (-0.12, 0.57), (-0.31, 0.62), (-0.42, 0.65)],
        [0.17, 0.215, 0.225, 0.23, 0.21, 0.16],
        [0.13, 0.18 * fat, 0.22 * fat, 0.22 * fat, 0.175, 0.13],
        "body",
    )
    neck = sweep([(-0.34, 0.66), (-0.48, 0.70), (-0.56, 0.71)], [0.18, 0.16, 0.14], [0.13, 0.115, 0.11], "body")
    haunch = [ball((0.085 * s, 0.27, 0.55), (0.10, 0.15, 0.22), "body") for s in (-1, 1)]
    shoulder = [ball((0.095 * s, -0.29, 0.55), (0.085, 0.12, 0.22), "body") for s in (-1, 1)]
    return [barrel, neck, *haunch, *shoulder]


def _head() -> list[Solid]:
    skull = sweep(
        [(-0.53, 0.79), (-0.60, 0.74), (-0.67, 0.64), (-0.70, 0.55)],
        [0.115, 0.14, 0.105, 0.08],
        [0.095, 0.118, 0.10, 0.075],
        "head",
    )
    jaw = sweep([(-0.56, 0.60), (-0.62, 0.53), (-0.665, 0.475)], [0.08, 0.055, 0.026], [0.075, 0.05, 0.02], "head")
    cheeks = [ball((0.075 * s, -0.60, 0.66), (0.045, 0.075, 0.10), "head") for s in (-1, 1)]
    sockets = [
        sweep([(0.05 * s, -0.69, 0.62), (0.072 * s, -0.735, 0.545)], [0.035, 0.032], part="head") for s in (-1, 1)
    ]
    return [skull, jaw, *cheeks, *sockets]


def _trunk(rng: np.random.Generator) -> Solid:
    """Hanging, curled in at its tip or lifted forward."""
    aside = rng.uniform(-0.05, 0.05)
    tips: list[Knots] = [
        [(aside, -0.785, 0.20), (aside * 1.5, -0.775, 0.08), (aside * 2, -0.72, 0.035)],
        [(aside, -0.80, 0.20), (aside * 1.5, -0.765, 0.10), (aside * 2, -0.69, 0.10), (aside * 2, -0.665, 0.16)],
        [(aside, -0.82, 0.22), (aside * 1.5, -0.87, 0.12), (aside * 2, -0.95, 0.105), (aside * 2, -0.99, 0.15)],
    ]
    path = [(0, -0.69, 0.62), (0, -0.745, 0.50), (aside / 2, -0.775, 0.36), *tips[int(rng.integers(3))]]
    radii = np.interp(np.linspace(0, 1, len(path)), [0, 0.25, 0.5, 0.75, 1], [0.088, 0.072, 0.055, 0.042, 0.03])
    return sweep(path, list(radii), part="trunk")


def _legs(rng: np.random.Generator) -> list[Solid]:
    front, hind = gait(rng, 0.075)
    fore = [
        (0.115, -0.30, 0.52), (0.118, -0.30, 0.36), (0.118, -0.295, 0.24), (0.118, -0.305, 0.11),
        (0.118, -0.31, 0.05),
    ]  # fmt: skip
    back = [(0.11, 0.28, 0.55), (0.115, 0.255, 0.34), (0.115, 0.29, 0.23), (0.115, 0.30, 0.11), (0.115, 0.285, 0.05)]
    return [
        *legs(fore, [0.10, 0.085, 0.072, 0.064, 0.074], [0.075, 0.078, 0.068, 0.064, 0.074], strides=front),
        *legs(back, [0.15, 0.110, 0.074, 0.062, 0.072], [0.085, 0.082, 0.068, 0.062, 0.072], strides=hind),
    ]


def _ear(rng: np.random.Generator) -> Mesh:
    """A thin fan, wide above and pointed below, with a rolled upper edge; spread more or less."""
    blade = sweep(
        [(0, 0.03, 0.20), (0, 0.03, 0.13), (0, 0.01, 0.0), (0, -0.02, -0.12), (0, -0.07, -0.22), (0, -0.095, -0.27)],
        [0.012, 0.010, 0.009, 0.009, 0.008, 0.008],
        [0.11, 0.19, 0.20, 0.165, 0.085, 0.03],
        side=(0, 1, 0),
    )
    mesh, _ = blend(blade, melt=0, detail=0.008)
    v = mesh.vertices.astype(float) + (0, 0.17, 0)  # the hinge is the front edge, y = 0
    y, z = v[:, 1], v[:, 2]
    v[:, 0] += (
        0.10 * np.sin(np.clip(y, 0, 1) * 9) * 0.35
        - 1.2 * np.clip(y - 0.12, 0, 1) ** 2
        + 0.012 * np.sin(26 * z + 9 * y) * smoothstep(0.08, 0.3, y)
    )
    bent = mesh.reshaped(v)
    return bent.turned(-rng.uniform(18, 48)).moved((0.085, -0.565, 0.70))


def _tusk(rng: np.random.Generator) -> Mesh:
    long = rng.uniform(0.75, 1.15)
    t = np.linspace(0, 1, 24)
    path = np.stack(
        [0.068 + 0.05 * t, -0.70 - 0.24 * long * t, 0.575 - 0.21 * np.sin(1.9 * t) * long**0.5 + 0.06 * t * t], -1
    )
    return tube(path, list(0.0235 * (1 - t**2.2) + 0.003))


def _wrinkles(p: Array, part: dict[str, Array], seed: int) -> Array:
    """Rings around the trunk, folds across the legs and the flanks."""
    folds = 0.7 * ridges(0.055, seed, 2)(p * (1, 1, 1.7)) ** 4
    rings = 0.5 + 0.5 * np.sin(2 * np.pi * p[:, 2] / 0.028 + 3 * noise(0.1, seed + 1)(p))
    return folds + part["trunk"] * rings * 1.3


def _hide(p: Array, part: dict[str, Array], grey: Colour, seed: int) -> Array:
    colour = mix(flat(grey, len(p)), np.asarray(grey) * 0.55, 0.75 * _wrinkles(p, part, seed) / 2)
    dust = smoothstep(0.45, 0.7, noise(0.25, seed + 2)(p))
    colour = mix(colour, (0.52, 0.42, 0.32), 0.45 * dust)
    colour = mix(colour, np.asarray(grey) * 0.45, 0.8 * mark(p, (0.105, -0.665, 0.695), 0.024))
    nails = (
        part["leg"] * smoothstep(0.3, 0.7, np.sin(p[:, 0] * 170) * np.sign(p[:, 0])) * (np.abs(p[:, 2] - 0.02) < 0.014)
    )
    colour = mix(colour, np.asarray(grey) * 0.6, 0.6 * (1 - smoothstep(0.02, 0.07, p[:, 2])))
    return mix(colour, (0.62, 0.57, 0.49), 0.8 * nails)


OBJECT = Kind(build=build, phrase="an elephant", group="animal", imagenet=(385, 386, 101))
