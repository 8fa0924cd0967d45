"""A flamingo: very long thin legs, a neck like an S, a bent bill with a black tip, pink all over and black under the wings."""

from __future__ import annotations

import numpy as np

from foveate.rendering.modelling.feathers import plumage, vanes
from foveate.rendering.modelling.patterns import flat, mix, noise, smoothstep, vary
from foveate.rendering.modelling.profiles import curve, hull, join, smooth, tube
from foveate.rendering.modelling.solids import ball, blend, limb
from foveate.rendering.scene import Array, Asset, Colour, Kind, Mesh, Part

BLACK = (0.04, 0.035, 0.04)


def build(rng: np.random.Generator) -> Asset:
    deep = rng.uniform(0, 1)  # how much carotene: pale rose to coral
    pink = tuple(np.array([0.97, 0.73, 0.70]) * (1 - deep) + np.array([0.95, 0.42, 0.36]) * deep)
    coral = vary((0.93, 0.33, 0.30), rng, 0.04)
    tilt, curl = rng.uniform(-6, 10), rng.uniform(-0.05, 0.05)
    neck = _neck(rng, curl)
    body, _ = blend(
        ball((0, 0.02, 0.60), (0.108, 0.18, 0.118)).turned(-tilt, "x", (0, 0, 0.6)),
        ball((0, -0.07, 0.605), (0.095, 0.115, 0.108)),
        limb((0, 0.10, 0.60), (0, 0.265, 0.545), 0.095, 0.026),
        *limb((0.035, 0.03, 0.53), (0.033, 0.035, 0.44), 0.045, 0.017).mirrored(),
        limb(neck[2], neck[9], 0.062, 0.034),
        melt=0.05,
        detail=0.0085,
    )
    shade = smoothstep(0.3, 0.7, noise(0.12, int(rng.integers(1 << 30)))(body.vertices))
    colour = mix(flat(pink, len(body.vertices)), coral, 0.35 * shade)
    coat, coat_colour = plumage(
        body,
        colour,
        rng,
        count=900,
        length=0.06,
        width=0.017,
        comb=(0, 1, -0.35),
        shaft=0.95,
        lift=0.03,
        weight=smoothstep(-0.16, 0.0, body.vertices[:, 1]) * smoothstep(0.5, 0.54, body.vertices[:, 2]),
    )
    throat = tube(
        neck, np.interp(np.linspace(0, 1, len(neck)), [0, 0.12, 0.25, 0.9, 1], [0.056, 0.046, 0.031, 0.020, 0.025]), 18
    )
    heading = neck[-1] - neck[-4]
    head, head_colour = _head(pink)
    eyes, _ = blend(*ball((0.021, -0.026, 0.009), 0.0065).mirrored(), melt=0, detail=0.0018)
    nod = float(np.degrees(np.arctan2(heading[2], -heading[1])))
    head, eyes = (m.turned(-nod * 0.8, "x").moved(neck[-1]) for m in (head, eyes))
    wings, wings_colour = _wings(rng, pink, coral, tilt)
    legs, legs_colour = _legs(rng, vary((0.93, 0.52, 0.50), rng))
    return Asset(
        parts=(
            Part(mesh=body, colour=colour, material="feathers", scale=0.4),
            Part(mesh=coat, colour=coat_colour, material="matte"),
            Part(mesh=throat, colour=pink, material="feathers", scale=0.25),
            Part(mesh=head, colour=head_colour, material="skin", keep=True),
            Part(mesh=eyes, colour=(0.85, 0.70, 0.15), material="eye", keep=True),
            Part(mesh=wings, colour=wings_colour, material="matte"),
            Part(mesh=legs, colour=legs_colour, material="skin"),
        )
    )


def _neck(rng: np.random.Generator, curl: float) -> Array:
    """Points from the breast to the head: an S held high, or a long bow down to the ground, feeding."""
    sway = rng.uniform(-0.05, 0.05)
    if rng.random() < 0.25:
        knots = [
            (0, -0.10, 0.62), (0, -0.20, 0.66), (0, -0.29, 0.62), (0, -0.33, 0.52), (sway / 2, -0.34 - curl, 0.36),
            (sway, -0.34, 0.24), (sway, -0.36, 0.16),
        ]  # fmt: skip
    else:
        back = 0.05 + curl
        knots = [
            (0, -0.10, 0.61), (0, -0.20, 0.63), (0, -0.265, 0.70), (0, -0.255, 0.79), (sway / 2, -0.195 + back / 2, 0.87),
            (sway, -0.165 + back, 0.96), (sway, -0.185 + back, 1.04), (sway, -0.235 + back, 1.09), (sway, -0.285 + back, 1.085),
        ]  # fmt: skip
    return curve(knots, 60)


def _head(pink: Colour) -> tuple[Mesh, Array]:
    """About the end of the neck: a small skull and a thick bill that breaks downwards in the middle, black at the tip."""
    skull, _ = blend(
        ball((0, -0.020, 0.0), (0.027, 0.042, 0.029)),
        limb((0, -0.03, 0), (0, -0.055, -0.006), 0.024, 0.019),
        melt=0.02,
        detail=0.005,
    )
    path = np.array(
        smooth(
            [(0, -0.045, -0.002), (0, -0.085, -0.010), (0, -0.118, -0.034), (0, -0.128, -0.075), (0, -0.122, -0.105)],
            30,
        )
    )
    bill = tube(
        path, np.interp(np.linspace(0, 1, 30), [0, 0.25, 0.5, 0.8, 1], [0.022, 0.0225, 0.022, 0.014, 0.004]), 16
    ).scaled((0.85, 1, 1))
    along = np.repeat(np.linspace(0, 1, 30), 16)
    along = np.concatenate([along, [0, 1]])
    colour = mix(flat((0.95, 0.80, 0.74), len(along)), BLACK, smoothstep(0.50, 0.56, along))
    return join(skull, bill), np.concatenate([flat(pink, len(skull.vertices)), colour])


def _wings(rng: np.random.Generator, pink: Colour, coral: Colour, tilt: float) -> tuple[Mesh, Array]:
    """Folded wings of four rows of feathers on each side; the longest, at the back, are black and show at the edge."""
    meshes, tints = [], []
    for row in range(5):
        n = 9 if row else 6
        step = np.linspace(0, 1, n)
        angle = np.radians(-22 + (112 if row else 48) * step)  # around the body, from low on the side to the back
        start = [0.105, 0.075, 0.02, -0.03, -0.075][row]
        ring = np.sqrt(max(1 - (start / 0.21) ** 2, 0.1)) * (0.84 if row == 0 else 1.0)  # the quills lie under the rest
        roots = np.stack(
            [(0.116 * ring) * np.cos(angle), start + 0.03 * np.sin(angle), 0.605 + 0.116 * ring * np.sin(angle)], -1
        )
        out = np.stack([np.cos(angle), np.full(n, 0.05), np.sin(angle)], -1)
        along = np.stack([-0.42 * np.cos(angle), np.ones(n), -0.42 + 0.22 * np.cos(angle)], -1)
        along -= out * (along * out).sum(1)[:, None] * 0.45
        along /= np.linalg.norm(along, axis=1)[:, None]
        colour = (
            BLACK
            if row == 0
            else tuple(np.asarray(pink) * (0.3 + 0.175 * row) + np.asarray(coral) * (0.7 - 0.175 * row))
        )
        size = [0.160, 0.15, 0.15, 0.12, 0.10][row] * rng.uniform(0.9, 1.1, n)
        mesh, tint = vanes(roots, along, out, size, np.full(n, 0.024), flat(colour, n), lift=0.05, shaft=0.93, tip=1.1)
        meshes.append(mesh)
        tints.append(tint)
    one, half_tint = join(*meshes), np.concatenate(tints)
    fan = np.linspace(-1, 1, 9)  # the tail closes the gap between the wings
    along = np.stack([0.22 * fan, np.full(9, 0.88), -0.45 - 0.25 * fan**2], -1)
    along /= np.linalg.norm(along, axis=1)[:, None]
    out = np.stack([0.6 * fan, np.full(9, 0.45), 0.9 - 0.3 * np.abs(fan)], -1)
    out -= along * (out * along).sum(1)[:, None]
    out /= np.linalg.norm(out, axis=1)[:, None]
    roots = np.stack([0.070 * fan, np.full(9, 0.125), 0.690 - 0.055 * fan**2], -1)
    tail, tail_tint = vanes(
        roots, along, out, 0.185 - 0.02 * fan**2, np.full(9, 0.034), flat(pink, 9), lift=0.06, shaft=0.93
    )
    both = join(one, one.mirrored(), tail).moved((0, 0, -0.60)).turned(-tilt, "x").moved((0, 0, 0.60))
    return both, np.concatenate([half_tint, half_tint, tail_tint])


def _legs(rng: np.random.Generator, rose: Colour) -> tuple[Mesh, Array]:
    """Standing on both, walking, or with one leg drawn up; the joints are thick and dark."""
    meshes, tints = [], []
    pose, raised = rng.choice(["stand", "walk", "one"]), rng.choice([-1, 1])
    for side in (-1, 1):
        x, stride = 0.033 * side, {"stand": 0.01, "walk": 0.07, "one": 0.0}[str(pose)] * side * raised
        hip, heel, sole = (
            np.array([x, 0.035, 0.46]),
            np.array([x, 0.055 + 0.3 * stride, 0.275]),
            np.array([x, 0.03 + stride, 0.012]),
        )
        if pose == "one":
            hip[0], heel[0], sole[0] = x, 0.3 * x, 0.15 * x
            if side == raised:
                heel, sole = np.array([x, 0.13, 0.36]), np.array([x, -0.06, 0.42])
        path = np.array([hip, hip * 0.4 + heel * 0.6, heel, heel * 0.6 + sole * 0.4, sole])
        dense = np.array(smooth(path, 40))
        knee = np.exp(-((np.linalg.norm(dense - heel, axis=1) / 0.022) ** 2))
        shank = tube(dense, 0.0095 + 0.008 * knee, 10)
        meshes.append(shank)
        tints.append(
            mix(flat(rose, len(shank.vertices)), (0.62, 0.30, 0.32), np.append(np.repeat(knee, 10), [0, 0]) * 0.8)
        )
        toes = [(-0.042, -0.075, 0.006), (0.0, -0.09, 0.006), (0.042, -0.075, 0.006)]
        foot = join(
            hull(np.array([(0, 0.01, 0.012), *toes, *[(a, b, 0.001) for a, b, _ in toes], (0, 0.012, 0.001)])),
            *(tube([(0, 0.01, 0.012), toe], [0.010, 0.006], 8) for toe in toes),
        )
        if pose == "one" and side == raised:
            foot = foot.scaled((0.35, 0.8, 1)).turned(-70, "x")
        meshes.append(foot.moved(sole - [0, 0, 0.012]))
        tints.append(flat((0.80, 0.42, 0.42), len(foot.vertices)))
    return join(*meshes), np.concatenate(tints)


OBJECT = Kind(build=build, phrase="a flamingo", group="animal", imagenet=(130,))
