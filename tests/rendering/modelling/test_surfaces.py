"""What is asked of finished surfaces, cut out of them, and put together from many."""

from __future__ import annotations

import numpy as np
import pytest

from foveate.rendering.modelling.assembling import Pile, boxed, each, posts, put
from foveate.rendering.modelling.cutting import cut, outline, smooth_maximum, tabulated
from foveate.rendering.modelling.profiles import box
from foveate.rendering.modelling.scattering import around, grounded, planted, strew, tints
from foveate.rendering.modelling.solids import ball, blend
from foveate.rendering.modelling.surfaces import nearest, normals, posed, swollen, turning
from foveate.rendering.scene import Asset, Hair, Part
from tests.rendering.shapes import area, volume

RADIUS = 0.3
BALL, _ = blend(ball((0, 0, 0), RADIUS), melt=0, detail=0.02)
SQUARE = [(0, 0), (1, 0), (1, 1), (0, 1)]


def test_normals_look_outwards() -> None:
    way = BALL.vertices / np.linalg.norm(BALL.vertices, axis=1, keepdims=True)
    assert (normals(BALL) * way).sum(1).min() > 0.95


def test_swelling_and_the_nearest_vertex() -> None:
    grown = swollen(BALL, np.full(len(BALL.vertices), 0.1))
    assert np.linalg.norm(grown.vertices, axis=1) == pytest.approx(RADIUS + 0.1, abs=0.01)
    assert nearest(BALL, (2, 0, 0)) == pytest.approx((RADIUS, 0, 0), abs=0.02)
    assert nearest(BALL, (2, 0, 0), 0.1) == pytest.approx((RADIUS - 0.1, 0, 0), abs=0.02)


def test_a_pose_turns_what_lies_beyond() -> None:
    move = turning((0, 0, 0), (0, -1, 0), 90, "z")
    p = np.array([(0.0, 1, 0), (0, -1, 0), (0, -2, 0)])
    assert np.allclose(move(p), [(0, 1, 0), (1, 0, 0), (2, 0, 0)], atol=1e-9)
    strand = Hair(curves=p[None].astype(np.float32), colours=np.ones((1, 3)))
    asset = posed(Asset(parts=(Part(mesh=box((1, 1, 1), (0, -2, 0))),), hair=(strand,)), move)
    assert asset.parts[0].mesh.vertices.mean(0) == pytest.approx([2, 0, 0], abs=0.1)
    assert asset.hair[0].curves[0, -1] == pytest.approx([2, 0, 0], abs=1e-6)


def test_outlines_are_signed_distances() -> None:
    u, v = np.array([0.5, 0.5, 2.0, -0.3]), np.array([0.5, 0.9, 0.5, -0.4])
    assert outline(SQUARE)(u, v) == pytest.approx([-0.5, -0.1, 1.0, 0.5])
    assert tabulated(SQUARE)(u[:2], v[:2]) == pytest.approx([-0.5, -0.1], abs=0.01)
    assert outline(SQUARE, 0.2)(np.array([0.02]), np.array([0.02]))[0] > 0, "corners are rounded off"


def test_a_soft_maximum_is_a_maximum_far_off() -> None:
    a, b = np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])
    assert smooth_maximum(a, b, 0.2) == pytest.approx([1, 1, 0.05])


def test_a_cut_parts_the_surface_exactly() -> None:
    above, below = cut(BALL, 0.1 - BALL.vertices[:, 2].astype(float))
    assert area(above) + area(below) == pytest.approx(area(BALL), rel=1e-5)
    assert above.vertices[:, 2].min() == pytest.approx(0.1, abs=1e-6)
    assert below.vertices[:, 2].max() == pytest.approx(0.1, abs=1e-6)
    assert area(above) == pytest.approx(2 * np.pi * RADIUS * (RADIUS - 0.1), rel=0.03)  # a sphere's cap
    nothing, all_ = cut(BALL, np.ones(len(BALL.vertices)))
    assert len(nothing.faces) == 0
    assert len(all_.faces) == len(BALL.faces)


def test_groups_move_as_one() -> None:
    parts = [boxed(posts((-1, 1), (0,), 0.1, 0, 2), (0.5, 0.4, 0.3), "wood", 2.0)]
    assert volume(parts[0].mesh) == pytest.approx(2 * 0.2 * 0.2 * 2)
    (moved,) = put(parts, 5, 0, 1, 90)
    assert moved.mesh.vertices.mean(0) == pytest.approx([5, 0, 2], abs=1e-6)
    assert np.ptp(moved.mesh.vertices[:, 1]) == pytest.approx(2.2)
    assert (moved.material, moved.scale, moved.smooth) == ("wood", 2.0, False)
    (small,) = each(parts, lambda mesh: mesh.scaled(0.5))
    assert volume(small.mesh) == pytest.approx(volume(parts[0].mesh) / 8)


def test_a_pile_has_a_part_per_material() -> None:
    pile, other = Pile(), Pile()
    for k in range(5):
        other.add(box((1, 1, 1), (k, 0, 0)), (0.1 * k, 0, 0), "wood" if k % 2 else "steel")
    pile.put(other, 90, (0, 0, 3), 2.0)
    parts = {part.material: part for part in pile.parts()}
    assert set(parts) == {"wood", "steel"}
    assert volume(parts["wood"].mesh) == pytest.approx(2 * 8)
    assert parts["steel"].mesh.vertices.mean(0) == pytest.approx([0, 4, 3], abs=1e-5)
    assert len(np.unique(parts["steel"].colour, axis=0)) == 3


def test_things_are_strewn_where_they_were_told() -> None:
    rng = np.random.default_rng(0)
    places = around(400, 1.0, 3.0, rng)
    away = np.linalg.norm(places, axis=1)
    assert 1 <= away.min() < 1.1
    assert 2.9 < away.max() <= 3
    assert around(400, 1.0, 3.0, rng, near=3).mean() != 0
    assert np.linalg.norm(around(4000, 0, 1, rng, near=3), axis=1).mean() < 0.4
    lifted = grounded(lambda x, y: x + y)(places)
    assert np.allclose(lifted[:, 2], lifted[:, 0] + lifted[:, 1])
    mesh = strew(BALL, lifted, rng, (0.5, 1.0), 10)
    assert len(mesh.faces) == 400 * len(BALL.faces)
    middles = mesh.vertices.reshape(400, -1, 3)
    far = np.linalg.norm(middles - lifted[:, None], axis=-1)
    assert far.max() < RADIUS * 1.02
    assert far.min() > 0.5 * RADIUS * 0.95
    scatter = planted((Part(mesh=BALL),), lifted, rng, (0.5, 2.0))
    assert 0.5 <= scatter.sizes.min() < scatter.sizes.max() <= 2


def test_each_copy_has_one_tint() -> None:
    colours = tints([(0.2, 0.4, 0.6), (0.9, 0.1, 0.1)], 50, 7, np.random.default_rng(0), 0.1).reshape(50, 7, 3)
    assert np.ptp(colours, axis=1).max() == 0
    assert colours.min() >= 0
    assert colours.max() <= 1
    assert len(np.unique(colours[:, 0], axis=0)) > 20
