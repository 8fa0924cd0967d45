"""What grows and lies about outdoors, as meshes light enough to be there by the hundred: trees, fronds, flowers, leaves, stones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from foveate.rendering.modelling.patterns import flat, mix, noise, ridges, smoothstep
from foveate.rendering.modelling.profiles import disc_ground, hull, join, tube
from foveate.rendering.scene import Array, Colour, Mesh, Part, Scatter

GOLDEN = 137.508  # degrees between one leaf and the next around a stem


def strew(
    mesh: Mesh, places: Array, rng: np.random.Generator, size: tuple[float, float] = (1, 1), tilt: float = 0.0
) -> Mesh:
    """Copies of a small thing as one mesh (k times its vertices, copy by copy), each turned at random about z, leaning by up to
    about ``tilt`` degrees and sized between the two factors."""
    k = len(places)
    yaw, lean, to = rng.uniform(0, 2 * np.pi, k), np.radians(tilt) * rng.normal(size=k), rng.uniform(0, 2 * np.pi, k)
    axis = np.stack([np.cos(to), np.sin(to), np.zeros(k)], -1)[:, None]
    c, s = np.cos(yaw)[:, None], np.sin(yaw)[:, None]
    x, y, z = (mesh.vertices[None, :, i].astype(float) for i in range(3))
    p = np.stack([c * x - s * y, s * x + c * y, np.broadcast_to(z, (k, z.shape[1]))], -1)
    cos, sin = np.cos(lean)[:, None, None], np.sin(lean)[:, None, None]
    p = (
        p * cos
        + np.cross(np.broadcast_to(axis, p.shape), p) * sin
        + axis * (p * axis).sum(-1, keepdims=True) * (1 - cos)
    )
    p = p * rng.uniform(*size, (k, 1, 1)) + places[:, None]
    faces = mesh.faces[None] + len(mesh.vertices) * np.arange(k)[:, None, None]
    return Mesh(vertices=p.reshape(-1, 3).astype(np.float32), faces=faces.reshape(-1, 3).astype(np.int32))


def planted(
    parts: tuple[Part, ...], places: Array, rng: np.random.Generator, size: tuple[float, float] = (0.7, 1.3)
) -> Scatter:
    """Copies of a larger thing at (k, 3) places, turned at random and sized between the two factors."""
    return Scatter(
        parts=parts, places=places, yaws=rng.uniform(0, 360, len(places)), sizes=rng.uniform(*size, len(places))
    )


def tints(colours: Sequence[Colour], count: int, each: int, rng: np.random.Generator, by: float = 0.15) -> Array:
    """(count · each, 3): for each copy one of the colours, made lighter or darker by up to ``by``."""
    chosen = np.asarray(colours, float)[rng.integers(len(colours), size=count)] * rng.uniform(
        1 - by, 1 + by, (count, 1)
    )
    return np.repeat(np.clip(chosen, 0, 1), each, axis=0)


def cards(
    centres: Array, normals: Array, sizes: Array, rng: np.random.Generator, slim: float = 0.55, tilt: float = 0.5
) -> Mesh:
    """A leaf, two triangles, at each of (k, 3) centres, facing about along the normals."""
    k = len(centres)
    n = normals + tilt * rng.normal(size=(k, 3))
    n /= np.maximum(np.linalg.norm(n, axis=1, keepdims=True), 1e-9)
    along = np.cross(n, rng.normal(size=(k, 3)))
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    across = slim * np.cross(n, along)
    s = np.asarray(sizes)[:, None]
    p = np.stack([centres - s * along, centres - s * across, centres + s * along, centres + s * across], 1)
    quad = np.array([[0, 1, 2], [0, 2, 3]])
    faces = (quad[None] + 4 * np.arange(k)[:, None, None]).reshape(-1, 3)
    return Mesh(vertices=p.reshape(-1, 3).astype(np.float32), faces=faces.astype(np.int32))


def on_ball(count: int, rng: np.random.Generator) -> Array:
    """(count, 3) unit vectors, evenly in all directions."""
    v = rng.normal(size=(count, 3))
    return np.asarray(v / np.linalg.norm(v, axis=1, keepdims=True))


def foliage(
    centres: Array, radii: Array, rng: np.random.Generator, *, leaves: int, leaf: float, green: Colour
) -> tuple[Part, Part]:
    """Clumps of leaves around centres: leaves that catch the light, darker below, over a dark core that keeps the sky from
    showing through everywhere."""
    which = rng.choice(len(centres), size=leaves, p=radii**2 / (radii**2).sum())
    way = on_ball(leaves, rng)
    points = centres[which] + way * radii[which, None] * rng.uniform(0.72, 1.08, (leaves, 1))
    mesh = cards(points, way, leaf * rng.uniform(0.6, 1.3, leaves), rng)
    height = (points[:, 2] - points[:, 2].min()) / max(np.ptp(points[:, 2]), 1e-6)
    light = (0.82 + 0.18 * height + 0.12 * way[:, 2]) * rng.uniform(0.82, 1.18, leaves)
    warm = rng.normal(scale=0.02, size=(leaves, 1)) * [1.0, 0.4, 0.0]
    colours = np.clip((np.asarray(green) + warm) * light[:, None], 0, 1)
    cores = [hull(c + 0.78 * r * on_ball(22, rng)) for c, r in zip(centres, radii, strict=True)]
    dark = (0.6 * green[0], 0.62 * green[1], 0.6 * green[2])
    return (
        Part(mesh=mesh, colour=np.repeat(colours, 4, axis=0), material="foliage", smooth=False),
        Part(mesh=join(*cores), colour=dark, material="matte"),
    )


def broadleaf(
    rng: np.random.Generator,
    *,
    tall: float = 7.0,
    green: Colour = (0.40, 0.53, 0.21),
    leaves: int = 1600,
    bare: float = 0.28,
) -> tuple[Part, ...]:
    """A deciduous tree standing on the origin; its crown begins at the share ``bare`` of its height."""
    spread, k = tall * rng.uniform(0.26, 0.36), 12
    middle = tall * (1 + bare) / 2
    centres = on_ball(k, rng) * rng.uniform(0.35, 0.8, (k, 1)) * (spread, spread, tall * (1 - bare) / 2) + (
        0,
        0,
        middle,
    )
    radii = rng.uniform(0.42, 0.68, k) * spread
    lean = rng.normal(scale=0.04 * tall, size=2)
    path = [(0, 0, -0.3), (0, 0, 0.1 * tall), (*(0.6 * lean), bare * tall), (*lean, middle)]
    wood = [tube(path, np.array([0.036, 0.026, 0.02, 0.009]) * tall, 9)]
    for centre in centres[: k // 2]:
        wood.append(
            tube(
                [path[2], (np.asarray(path[2]) + centre) / 2 + (0, 0, -0.03 * tall), centre],
                np.array([0.013, 0.009, 0.004]) * tall,
                6,
            )
        )
    return (
        *foliage(centres, radii, rng, leaves=leaves, leaf=0.042 * tall, green=green),
        Part(mesh=join(*wood), colour=(0.30, 0.24, 0.18), material="bark"),
    )


def bush(
    rng: np.random.Generator, *, wide: float = 1.0, green: Colour = (0.28, 0.40, 0.14), leaves: int = 700
) -> tuple[Part, ...]:
    """A rounded shrub on the origin, ``wide`` metres across."""
    k = 5
    centres = on_ball(k, rng) * (0.25, 0.25, 0.1) * wide + (0, 0, 0.28 * wide)
    return foliage(centres, rng.uniform(0.2, 0.32, k) * wide, rng, leaves=leaves, leaf=0.05 * wide, green=green)


def fir(
    rng: np.random.Generator, *, tall: float = 7.0, green: Colour = (0.20, 0.31, 0.18), snow: float = 0.0
) -> tuple[Part, ...]:
    """A spruce or fir: whorls of drooping boughs; ``snow`` from 0 to 1 lies on them."""
    levels, wide = 20, tall * rng.uniform(0.2, 0.27)
    blades: list[Array] = []
    shades: list[Array] = []
    steps = 7
    t = np.linspace(0, 1, steps)
    jag = np.where(np.arange(steps) % 2 == 1, 1.0, 0.42) * (1 - t) ** 0.6 + 0.02
    for level in range(levels):
        h = 0.07 + 0.92 * (level / (levels - 1)) ** 1.1
        reach = wide * (1 - h) ** 0.9 + 0.015 * tall
        for bough in range(int(11 - 5 * h)):
            angle = np.radians(GOLDEN * (level * 7 + bough) + rng.uniform(-15, 15)) + 2 * np.pi * bough / int(
                11 - 5 * h
            )
            length, droop = reach * rng.uniform(0.78, 1.12), rng.uniform(0.3, 0.62) * (1.15 - h)
            out = np.array([np.cos(angle), np.sin(angle), 0])
            side = np.array([-np.sin(angle), np.cos(angle), 0])
            ridge = out * (length * t)[:, None]
            ridge[:, 2] = h * tall + rng.uniform(-0.01, 0.01) * tall - droop * length * t + 0.22 * length * t**2
            half = 0.31 * length * jag
            hang = np.array([0, 0, -0.45]) * half[:, None]
            blades.append(
                np.concatenate([ridge, ridge + side * half[:, None] + hang, ridge - side * half[:, None] + hang])
            )
            tone = rng.uniform(0.75, 1.25) * (0.55 + 0.45 * t)[:, None]
            needle = np.asarray(green) * tone
            load = snow * rng.uniform(0.8, 1.05, steps)
            white = (0.90, 0.92, 0.96)
            shades.append(
                np.concatenate(
                    [mix(needle, white, load), *(2 * [mix(needle, white, load * rng.uniform(0.6, 1.0, steps))])]
                )
            )
    i = np.arange(steps - 1)
    left = [np.stack([i, i + 1, i + steps + 1], -1), np.stack([i, i + steps + 1, i + steps], -1)]
    right = [np.stack([i, i + 2 * steps + 1, i + 1], -1), np.stack([i, i + 2 * steps, i + 2 * steps + 1], -1)]
    one = np.concatenate(left + right)
    faces = (one[None] + 3 * steps * np.arange(len(blades))[:, None, None]).reshape(-1, 3)
    mesh = Mesh(vertices=np.concatenate(blades).astype(np.float32), faces=faces.astype(np.int32))
    stem = tube([(0, 0, -0.3), (0, 0, 0.5 * tall), (0, 0, 0.98 * tall)], np.array([0.022, 0.013, 0.002]) * tall, 8)
    return (
        Part(mesh=mesh, colour=np.clip(np.concatenate(shades), 0, 1), material="foliage", smooth=False),
        Part(mesh=stem, colour=(0.25, 0.19, 0.15), material="bark"),
    )


def frond(
    length: float,
    rng: np.random.Generator,
    *,
    rise: float = 0.5,
    droop: float = 1.0,
    leaflet: float = 0.28,
    count: int = 26,
) -> Mesh:
    """A feathery leaf from the origin along +x: a midrib that rises and bends down, with leaflets on both sides."""
    t = np.linspace(0.06, 1, count)
    rib = np.stack([length * t * (1 - 0.18 * droop * t), np.zeros(count), length * (rise * t - droop * t**2)], -1)
    size = leaflet * length * np.sin(np.pi * np.clip(0.12 + 0.85 * t, 0, 1)) ** 0.7
    triangles = []
    width = length / count * 0.75
    for side in (-1, 1):
        tip = rib + np.stack([0.55 * size, side * size, -0.42 * size * rng.uniform(0.6, 1.4, count)], -1)
        triangles.append(np.stack([rib + [width, 0, 0], rib - [width, 0, 0], tip][:: 1 if side < 0 else -1], 1))
    p = np.concatenate(triangles)
    leaves = Mesh(
        vertices=p.reshape(-1, 3).astype(np.float32), faces=np.arange(3 * len(p)).reshape(-1, 3).astype(np.int32)
    )
    return join(leaves, tube([(0, 0, 0), *rib[4::5]], np.linspace(0.012, 0.003, 1 + len(rib[4::5])) * length, 4))


def palm(rng: np.random.Generator, *, tall: float = 6.0, green: Colour = (0.30, 0.42, 0.14)) -> tuple[Part, ...]:
    """A coconut palm: a leaning ringed trunk and a head of drooping fronds."""
    t = np.linspace(0, 1, 24)
    lean, to = rng.uniform(0.05, 0.32) * tall, rng.uniform(0, 2 * np.pi)
    path = np.stack([lean * t**1.6 * np.cos(to), lean * t**1.6 * np.sin(to), tall * t - 0.2], -1)
    rings = np.where(np.arange(24) % 2 == 0, 1.0, 0.86)
    stem = tube(path, (0.16 - 0.06 * t + 0.10 * (1 - t) ** 8) * rings * tall / 6, 9)
    count = int(rng.integers(17, 24))
    heads = []
    for k in range(count):
        old = k / count  # the older the lower it hangs
        leaf = frond(rng.uniform(0.36, 0.46) * tall, rng, rise=1.1 - 1.3 * old, droop=rng.uniform(0.7, 1.0))
        heads.append(leaf.turned(GOLDEN * k).moved(path[-1]))
    head = join(*heads)
    out = np.linalg.norm(head.vertices - path[-1], axis=1) / (0.45 * tall)
    tone = (
        flat(green, len(head.vertices))
        * (0.75 + 0.4 * np.clip(out, 0, 1))[:, None]
        * rng.uniform(0.85, 1.15, (len(out), 1))
    )
    nuts = join(
        *(
            hull(path[-1] + 0.02 * tall * (2.2 * way * (1, 1, 0.4) - (0, 0, 1.5) + on_ball(26, rng)))
            for way in on_ball(5, rng)
        )
    )
    return (
        Part(mesh=head, colour=np.clip(tone, 0, 1), material="foliage", smooth=False),
        Part(
            mesh=stem,
            colour=np.clip(
                flat((0.46, 0.40, 0.32), len(stem.vertices)) * np.append(np.repeat(rings, 9), [1, 1])[:, None], 0, 1
            ),
            material="matte",
        ),
        Part(mesh=nuts, colour=(0.33, 0.24, 0.12), material="matte"),
    )


def fern(rng: np.random.Generator, *, wide: float = 0.8, green: Colour = (0.25, 0.40, 0.12)) -> tuple[Part, ...]:
    """A rosette of fronds on the origin."""
    count = int(rng.integers(9, 14))
    leaves = [
        frond(
            wide / 2 * rng.uniform(0.8, 1.2),
            rng,
            rise=rng.uniform(0.7, 1.2),
            droop=rng.uniform(0.6, 0.95),
            leaflet=0.2,
            count=14,
        ).turned(360 / count * k + rng.uniform(-12, 12))
        for k in range(count)
    ]
    mesh = join(*leaves)
    return (
        Part(
            mesh=mesh,
            colour=tints([green], count, len(mesh.vertices) // count, rng, 0.2),
            material="foliage",
            smooth=False,
        ),
    )


def flowers(
    places: Array,
    rng: np.random.Generator,
    colour: Colour,
    *,
    tall: float = 0.14,
    wide: float = 0.03,
    heart: Colour = (0.85, 0.62, 0.10),
) -> tuple[Part, ...]:
    """Blossoms on stems at (k, 3) places: a star of petals around a heart."""
    petals, n = 7, len(places)
    a = np.linspace(0, 2 * np.pi, 2 * petals, endpoint=False)
    r = np.where(np.arange(2 * petals) % 2 == 0, 1.0, 0.45) * wide
    rim = np.stack([r * np.cos(a), r * np.sin(a), tall + 0.25 * r], -1)
    k = np.arange(2 * petals)
    star = Mesh(
        vertices=np.concatenate([rim, [[0, 0, tall]]]).astype(np.float32),
        faces=np.stack([k, (k + 1) % (2 * petals), np.full(2 * petals, 2 * petals)], -1).astype(np.int32),
    )
    middle = hull(on_ball(14, rng) * 0.32 * wide * (1, 1, 0.6) + (0, 0, tall + 0.004))
    stalk = tube([(0, 0, 0), (0.01, 0, tall / 2), (0, 0, tall)], 0.0022, 3)
    blossom = join(star, middle, stalk)
    sizes = (len(star.vertices), len(middle.vertices), len(stalk.vertices))
    one = np.concatenate([flat(c, m) for c, m in zip((colour, heart, (0.28, 0.42, 0.14)), sizes, strict=True)])
    mesh = strew(blossom, places, rng, (0.7, 1.25), 14)
    return (
        Part(
            mesh=mesh,
            colour=np.clip(np.tile(one, (n, 1)) * np.repeat(rng.uniform(0.85, 1.1, (n, 1)), len(one), axis=0), 0, 1),
            material="matte",
            smooth=False,
        ),
    )


def fallen(places: Array, rng: np.random.Generator, colours: Sequence[Colour], *, size: float = 0.05) -> Part:
    """Fallen leaves at (k, 3) places: pointed ovals, folded along their rib, each tilted as it lies."""
    outline = np.array(
        [
            [-1.25, 0, 0.1],
            [-1, 0, 0],
            [-0.3, -0.55, 0.22],
            [0.5, -0.42, 0.2],
            [1.1, 0, 0.06],
            [0.5, 0.42, 0.2],
            [-0.3, 0.55, 0.22],
            [0.1, 0, 0.0],
        ]
    )
    faces = np.array([[1, 2, 7], [2, 3, 7], [3, 4, 7], [4, 5, 7], [5, 6, 7], [6, 1, 7], [0, 1, 2]])
    leaf = Mesh(vertices=(outline * size / 2).astype(np.float32), faces=faces.astype(np.int32))
    return Part(
        mesh=strew(leaf, places, rng, (0.6, 1.3), 18),
        colour=tints(colours, len(places), 8, rng, 0.22),
        material="matte",
        smooth=False,
    )


def hills(
    rng: np.random.Generator, away: float, tall: float, *, sharp: bool = False, wide: float = 0.9, low: float = 0.25
) -> Mesh:
    """A ring of hills, or of mountains where ``sharp``, from ``away`` metres outwards: what closes the view all around."""
    rings, sides = 28, 260
    field = (ridges if sharp else noise)(away * (0.45 if sharp else 0.6), int(rng.integers(1 << 30)), 6 if sharp else 4)
    a = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    t = np.repeat(np.linspace(0, 1, rings), sides)
    r = away * (1 + wide * t)
    x, y = r * np.cos(np.tile(a, rings)), r * np.sin(np.tile(a, rings))
    rise = field(np.stack([x, y, np.zeros_like(x)], -1))
    z = (
        tall
        * smoothstep(0.0, 0.6, t)
        * (low + (1 - low) * (smoothstep(0.25, 0.95, rise) if sharp else smoothstep(0.2, 0.8, rise)))
    )
    flat_ring = disc_ground(1.0, None, rings, sides)  # for its faces
    return Mesh(vertices=np.stack([x, y, z - 0.4], -1).astype(np.float32), faces=flat_ring.faces)


def stone(rng: np.random.Generator, *, points: int = 30, low: float = 0.65) -> Mesh:
    """A broken stone about one metre across, lying half sunk on the origin: facets, no two alike."""
    p = on_ball(points, rng) * rng.uniform(0.75, 1.0, (points, 1)) * rng.uniform(0.36, 0.55, 3) * (1, 1, low)
    mesh = hull(p)
    return mesh.moved((0, 0, -0.35 * float(mesh.vertices[:, 2].min()) - 0.02))
