"""Every world of the catalogue: flat and free in the middle, open to the camera from all sides, light enough."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from foveate.rendering.catalogue import WORLDS
from foveate.rendering.scene import Array, Place, World
from tests.rendering.materials import surfaces
from tests.rendering.shapes import dotted, everything, placed, strands

TARGET = np.array([0.0, 0.0, 0.42])  # what the camera looks at
FREE = 0.15  # metres: nothing near the middle is higher


@pytest.fixture(scope="module", params=list(WORLDS))  # one world's tests follow each other and share what they build
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@lru_cache(maxsize=4)
def built(name: str, seed: int) -> World:
    return WORLDS.load(name).build(np.random.default_rng(seed))


@lru_cache(maxsize=4)
def near(name: str, seed: int) -> Array:
    """(m, 3, 3) the triangles that come near enough to matter."""
    world = built(name, seed)
    return np.concatenate(list(placed(world, world.reach)))


def blocking(points: Array, reach: float) -> Array:
    """Which points lie on a line from the target to some camera: up to ``reach`` metres away, 2 to 60 degrees above the horizon."""
    away = points - TARGET
    far = np.linalg.norm(away, axis=1)
    height = np.degrees(np.arcsin(np.clip(away[:, 2] / np.maximum(far, 1e-9), -1, 1)))
    return (far <= reach) & (height >= 2) & (height <= 60) & (points[:, 2] > FREE)


def surface(triangles: Array, x: Array, y: Array) -> Array:
    """How high the highest triangle lies over each place; minus infinity over none."""
    a, b, c = (triangles[:, k] for k in range(3))
    u, v = b - a, c - a
    doubled = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    level = np.abs(doubled) > 1e-12
    a, u, v, doubled = a[level], u[level], v[level], doubled[level]
    found = np.full(len(x), -np.inf)
    for k in range(len(x)):
        dx, dy = x[k] - a[:, 0], y[k] - a[:, 1]
        s, t = (dx * v[:, 1] - dy * v[:, 0]) / doubled, (u[:, 0] * dy - u[:, 1] * dx) / doubled
        over = (s >= 0) & (t >= 0) & (s + t <= 1)
        found[k] = (a[over, 2] + s[over] * u[over, 2] + t[over] * v[over, 2]).max(initial=-np.inf)
    return found


def test_place(name: str) -> None:
    place: Place = WORLDS.load(name)
    world = built(name, 0)
    assert place.phrase.split()[0] in {"in", "on", "among"}
    assert not place.indoor or world.lamps, "a room is dark without lamps"
    assert place.indoor or world.sky is not None


def test_arrays_are_sound(name: str) -> None:
    parts, hair = everything(built(name, 0))
    for part in parts:
        colour = np.asarray(part.colour, float)
        assert np.isfinite(part.mesh.vertices).all()
        assert part.mesh.faces.max() < len(part.mesh.vertices)
        assert colour.shape in {(3,), (len(part.mesh.vertices), 3)}
        assert ((colour >= 0) & (colour <= 1)).all()
    for one in hair:
        assert np.isfinite(one.curves).all()
        assert ((one.colours >= 0) & (one.colours <= 1)).all()
    assert {part.material for part in parts} <= surfaces()


@pytest.mark.parametrize("seed", [0, 1])
def test_the_middle_is_flat(name: str, seed: int) -> None:
    """Within two metres, where objects stand: gravel and drifts, but no hill, no hole and nothing over the ground."""
    x, y = (grid.ravel() for grid in np.meshgrid(*2 * [np.linspace(-2, 2, 15)]))
    inside = np.hypot(x, y) <= 2
    triangles = near(name, seed)
    triangles = triangles[triangles[..., 2].min(1) < 2]
    low, high = triangles[..., :2].min(1), triangles[..., :2].max(1)
    ground = surface(triangles[((low < 2) & (high > -2)).all(1)], x[inside], y[inside])
    assert abs(np.median(ground)) < 0.03
    assert ground.min() > -0.12
    assert ground.max() < FREE
    over = dotted(triangles[triangles[..., 2].max(1) > FREE])
    over = over[np.hypot(over[:, 0], over[:, 1]) < 2]
    assert over[over[:, 2] < 2, 2].max(initial=0) < FREE


@pytest.mark.parametrize("seed", [0, 1])
def test_nothing_stands_before_the_camera(name: str, seed: int) -> None:
    world, triangles = built(name, seed), near(name, seed)
    high = triangles[triangles[..., 2].max(1) > TARGET[2]]
    points = dotted(high)
    stray = points[blocking(points, world.reach)]
    assert not len(stray), f"{len(stray)} points, e.g. {stray[0].round(2)}"
    for hair in world.hair:
        blades = hair.curves.reshape(-1, 3).astype(float)
        assert not blocking(blades, world.reach).any(), "strands"


def test_it_is_light_enough(name: str) -> None:
    for seed in (0, 1):
        world = built(name, seed)
        triangles = sum(len(part.mesh.faces) for part in world.parts)
        triangles += sum(len(s.places) * sum(len(part.mesh.faces) for part in s.parts) for s in world.scatters)
        assert triangles <= 700_000
        copies = sum(len(s.places) * sum(len(h.curves) for h in s.hair) for s in world.scatters)
        assert strands(world) + copies <= 30_000


def test_its_variants_differ(name: str) -> None:
    if name == "plain":
        pytest.skip("it has no variants")
    first, second = (
        [part.mesh.vertices for part in world.parts] + [scatter.places for scatter in world.scatters]
        for world in (built(name, 0), built(name, 1))
    )
    same = [np.array_equal(a, b) for a, b in zip(first, second, strict=False)]
    assert len(first) != len(second) or not all(same)


def test_a_post_in_the_way_is_found() -> None:
    """The tests above could fail."""
    post = np.array([[[1.0, 1.0, 0.0], [1.02, 1.0, 0.0], [1.0, 1.0, 1.2]]])
    assert blocking(dotted(post), 5.0).any()
    far, flat = post + (5, 5, 0), post * (1, 1, 0.1)
    assert not blocking(dotted(np.concatenate([far, flat])), 5.0).any()
    ramp = np.array([[[-9.0, -9, 0], [9, -9, 0], [0, 9, 0.9]]])
    assert np.allclose(surface(ramp, np.zeros(1), np.zeros(1)), 0.45)
