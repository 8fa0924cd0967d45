"""A mushroom: a fly agaric, red with white warts and a ring on its stem, or a brown cap; often a small one beside it."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.assembling import each
from foveate.rendering.modelling.patterns import flat, mix, noise, smoothstep, vary
from foveate.rendering.modelling.profiles import join, lathe, loft, smooth
from foveate.rendering.scene import Array, Asset, Colour, Kind, Mesh, Part

STEPS = 144


def build(rng: np.random.Generator) -> Asset:
    fly = rng.random() < 0.72
    red = vary((0.72, 0.07, 0.03) if rng.random() < 0.7 else (0.80, 0.24, 0.04), rng, 0.05)
    brown = vary((0.48, 0.28, 0.13) if rng.random() < 0.6 else (0.66, 0.47, 0.28), rng, 0.08)
    parts = _one(rng, rng.uniform(0.25, 1.0), red if fly else brown, fly, 1.0, (0.0, 0.0))
    for _ in range(int(rng.integers(0, 3))):
        turn, away = rng.uniform(0, 2 * np.pi), rng.uniform(0.34, 0.48)
        parts += _one(
            rng,
            rng.uniform(0.0, 0.4),
            red if fly else brown,
            fly,
            rng.uniform(0.34, 0.6),
            (away * np.cos(turn), away * np.sin(turn)),
        )
    return Asset(parts=tuple(parts))


def _one(
    rng: np.random.Generator, age: float, colour: Colour, fly: bool, size: float, place: tuple[float, float]
) -> list[Part]:
    """A mushroom; with age its cap opens from a bell to a plate."""
    stem = 0.62 + 0.22 * age + rng.uniform(-0.05, 0.05)
    wide, dome = 0.30 + 0.20 * age, (0.30 - 0.13 * age) * rng.uniform(0.9, 1.1)
    thick = rng.uniform(0.075, 0.10) * (1.25 if not fly else 1.0)
    droop = 0.06 * (1 - age)
    lean, turn, bend = rng.uniform(2, 11), rng.uniform(0, 360), rng.uniform(-0.06, 0.06, 2)
    made = [*_cap(rng, wide, dome, droop, stem, colour, fly), *_stem(rng, stem, thick, fly, age)]

    def placed(mesh: Mesh) -> Mesh:
        p = mesh.vertices.astype(float)
        p[:, :2] += bend * np.clip(p[:, 2:] / stem, 0, 2) ** 2
        return mesh.reshaped(p).turned(lean, "x").turned(turn).scaled(size).moved((*place, 0))

    return each(made, placed)


def _cap(
    rng: np.random.Generator, wide: float, dome: float, droop: float, stem: float, colour: Colour, fly: bool
) -> list[Part]:
    seed = int(rng.integers(1 << 30))
    angles = np.linspace(0, np.pi / 2, 40)
    upper = [
        (wide * np.sin(a) ** 0.92, stem + dome * (np.cos(a) - 0.12 * np.sin(a) ** 4) - droop * np.sin(a) ** 6)
        for a in angles
    ]
    mesh = lathe(upper[::-1], STEPS)
    p = mesh.vertices.astype(float)
    around = np.arctan2(p[:, 1], p[:, 0])
    ring = np.stack([np.cos(around), np.sin(around), np.zeros(len(p))], -1)
    wave = noise(0.6, seed, 2)(ring) - 0.5
    r = np.hypot(p[:, 0], p[:, 1]) / wide
    p[:, 2] += 0.07 * wave * r**2
    p[:, :2] *= (1 + 0.06 * wave * r)[:, None]
    pale = (0.90, 0.50, 0.16) if fly else (0.78, 0.62, 0.42)
    tint = mix(flat(colour, len(p)), pale, 0.55 * smoothstep(0.80, 1.0, r + 0.2 * (noise(0.2, seed + 1)(p) - 0.5)))
    if not fly:
        tint = mix(tint, tuple(float(0.55 * c) for c in colour), 0.8 * (1 - smoothstep(0.0, 0.7, r)))
    tint = mix(tint, tuple(float(0.6 * c) for c in colour), 0.5 * noise(0.12, seed + 2)(p) ** 2)
    edge = p.reshape(40, STEPS, 3)[0]
    # Gills: the underside from the rim inwards, folded along every other step.
    share = np.linspace(0, 1, 14)[:, None, None]
    centre = np.array([0, 0, stem + 0.02])
    gills = edge[None] * (1 - share) + centre * share
    depth = np.sin(np.pi * np.minimum(share[..., 0] * 1.2, 1)) * 0.055
    fold = (np.arange(STEPS) % 2)[None] * 0.022 * np.minimum(1, share[..., 0] * 12) * (1 - share[..., 0])
    gills[..., 2] += fold + 0.6 * depth
    cream = (0.90, 0.86, 0.74) if fly else (0.72, 0.62, 0.46)
    gill_tint = mix(
        flat(cream, 14 * STEPS),
        (0.45, 0.38, 0.28),
        np.broadcast_to((np.arange(STEPS) % 2)[None] * 0.8, (14, STEPS)).ravel(),
    )
    parts = [
        Part(mesh=mesh.reshaped(p), colour=tint, material="waxy"),
        Part(mesh=loft(gills, ring=True).flipped(), colour=gill_tint),
    ]
    if fly:
        parts.append(_warts(rng, p.reshape(40, STEPS, 3), wide))
    return parts


def _warts(rng: np.random.Generator, skin: Array, wide: float) -> Part:
    """Crumbs of the veil, in loose rings on the cap: bigger near the top."""
    steps = skin.shape[1]
    along = np.linalg.norm(skin[:, 0, :2], axis=-1) / wide
    pebble = lathe([(0.0, -0.5), (0.8, -0.4), (1.0, 0.1), (0.72, 0.75), (0.35, 1.0), (0.0, 1.05)], 11)
    crumbs = []
    for k in range(int(rng.integers(62, 80))):
        r, a = np.sqrt((k + 1.5) / 84) * rng.uniform(0.95, 1.03), k * 2.39996 + rng.uniform(-0.15, 0.15)
        if rng.random() < 0.12:  # some are washed off
            continue
        row, step = int(np.argmin(np.abs(along - min(max(r, 0.03), 0.97)))), int(a / (2 * np.pi) * steps) % steps
        spot, back = skin[row, step], skin[max(row - 1, 0), step]
        out = np.array([np.cos(2 * np.pi * step / steps), np.sin(2 * np.pi * step / steps), 0])
        down = (back - spot) / max(float(np.linalg.norm(back - spot)), 1e-6)
        side = np.cross([0, 0, 1.0], out)
        size = rng.uniform(0.020, 0.040) * (1.0 - 0.4 * r)
        q = (
            pebble.vertices
            * (1 + 0.35 * (rng.random((len(pebble.vertices), 1)) - 0.5))
            * size
            * rng.uniform(0.75, 1.35, 3)
            * (1, 1, 0.55)
        )
        frame = np.stack([side, down, np.cross(side, down)])
        frame[1:] *= np.sign(frame[2] @ (out + [0, 0, 1]))
        crumbs.append(pebble.reshaped(q @ frame + spot))
    mesh = join(*crumbs)
    tint = mix(flat((0.95, 0.92, 0.83), len(mesh.vertices)), (0.80, 0.72, 0.55), noise(0.05, 1)(mesh.vertices) ** 2)
    return Part(mesh=mesh, colour=tint, keep=True)


def _stem(rng: np.random.Generator, tall: float, thick: float, fly: bool, age: float) -> list[Part]:
    seed, bulb = int(rng.integers(1 << 30)), 1.75 if fly else 1.25
    shape = [
        (0.0, -0.02), (thick * bulb * 0.85, -0.02), (thick * bulb, 0.05), (thick * bulb * 0.95, 0.10),
        (thick * 1.12, 0.20), (thick * 0.98, tall * 0.6), (thick * 0.88, tall * 0.92), (thick * 0.9, tall + 0.03),
    ]  # fmt: skip
    mesh = lathe(smooth(shape, 70), 64)
    p = mesh.vertices.astype(float)
    p[:, :2] *= (1 + 0.10 * (noise(0.09, seed)(p * (1, 1, 0.35)) - 0.5))[:, None]
    if fly:  # rows of scales on the bulb
        p[:, :2] *= (1 + 0.06 * np.abs(np.sin(p[:, 2] * 75)) * (1 - smoothstep(0.10, 0.17, p[:, 2])))[:, None]
    tint = mix(
        flat((0.92, 0.89, 0.80) if fly else (0.85, 0.78, 0.66), len(p)),
        (0.66, 0.56, 0.40),
        smoothstep(0.45, 0.85, noise(0.06, seed + 1)(p * (1, 1, 0.15))),
    )
    tint = mix(tint, (0.35, 0.27, 0.17), 0.7 * (1 - smoothstep(0.0, 0.08, p[:, 2] + 0.05 * noise(0.05, seed)(p))))
    parts = [Part(mesh=mesh.reshaped(p), colour=tint)]
    if fly and age > 0.2:
        z = tall * rng.uniform(0.66, 0.78)
        skirt = lathe(
            smooth(
                [(thick * 2.1, z - 0.115), (thick * 1.55, z - 0.06), (thick * 0.95, z), (thick * 0.8, z + 0.01)], 14
            ),
            STEPS,
        )
        q = skirt.vertices.astype(float)
        turn = np.arctan2(q[:, 1], q[:, 0])
        flare = np.clip((np.hypot(q[:, 0], q[:, 1]) / thick - 1) / 1.1, 0, 1)
        q[:, 2] += (0.035 * np.sin(5 * turn + seed) * flare + 0.012 * np.sin(13 * turn)) * flare
        parts.append(Part(mesh=skirt.reshaped(q), colour=(0.93, 0.90, 0.80)))
    return parts


OBJECT = Kind(build=build, phrase="a mushroom", group="food", imagenet=(947, 992))
