"""What grows stands on what it grows on, as long as it was told, in its colours."""

from __future__ import annotations

import numpy as np
import pytest

from foveate.rendering.modelling.feathers import fin, plumage
from foveate.rendering.modelling.growing import fur, grass, sample
from foveate.rendering.modelling.solids import ball, blend
from tests.rendering.shapes import facing

RADIUS = 0.3
BALL, _ = blend(ball((0, 0, 0), RADIUS), melt=0, detail=0.02)
RED = np.tile((0.8, 0.1, 0.1), (len(BALL.vertices), 1))


def test_samples_lie_on_the_surface() -> None:
    points, normals, corners = sample(BALL, 500, np.random.default_rng(0))
    away = np.linalg.norm(points, axis=1)
    assert away == pytest.approx(RADIUS, abs=0.01)
    assert ((points / away[:, None]) * normals).sum(1).min() > 0.8, "normals look inwards"
    assert corners[..., 1:].sum((1, 2)) == pytest.approx(1)
    index, share = corners[..., 0].astype(int), corners[..., 1]
    assert np.allclose((BALL.vertices[index] * share[..., None]).sum(1), points, atol=1e-6)
    assert np.abs(points.mean(0)).max() < 0.05, "they crowd on one side"


def test_samples_keep_to_their_weight() -> None:
    weight = (BALL.vertices[:, 2] > 0).astype(float)
    points, *_ = sample(BALL, 500, np.random.default_rng(0), weight)
    assert points[:, 2].min() > -0.03


def test_fur_grows_outwards() -> None:
    hair = fur(BALL, RED, np.random.default_rng(0), length=0.04, count=400, comb=(0, 0, 0), tousle=0.1)
    roots, tips = hair.curves[:, 0], hair.curves[:, -1]
    assert np.linalg.norm(roots, axis=1) == pytest.approx(RADIUS, abs=0.01)
    long = np.linalg.norm(tips - roots, axis=1)
    assert long.min() > 0.75 * 0.04 - 1e-6
    assert long.max() < 1.25 * 0.04 + 1e-6
    assert (np.linalg.norm(tips, axis=1) > RADIUS + 0.02).all()
    assert (hair.colours[:, 0] > 3 * hair.colours[:, 1]).all()


def test_fur_is_combed() -> None:
    back = fur(BALL, RED, np.random.default_rng(0), count=400, comb=(0, 2.0, 0), tousle=0.05)
    way = back.curves[:, -1] - back.curves[:, 0]
    assert (way[:, 1] > 0).mean() > 0.7


def test_grass_stands_on_its_roots() -> None:
    roots = np.random.default_rng(1).uniform(-1, 1, (300, 3)) * [1, 1, 0]
    blades = grass(roots, np.random.default_rng(0), length=0.2, dry=0.0)
    assert np.allclose(blades.curves[:, 0], roots, atol=1e-6)
    top = blades.curves[:, -1, 2]
    assert top.min() > 0.5 * 0.2 - 1e-6
    assert top.max() < 1.3 * 0.2 + 1e-6
    assert (blades.colours[:, 1] > blades.colours[:, 0]).all()


def test_feathers_lie_on_the_body_and_look_outwards() -> None:
    mesh, colour = plumage(BALL, RED, np.random.default_rng(0), count=300, length=0.06, width=0.02)
    away = np.linalg.norm(mesh.vertices, axis=1)
    assert away.min() > RADIUS - 0.02
    assert away.max() < RADIUS + 0.06
    middles = mesh.vertices[mesh.faces].mean(1)
    assert ((facing(mesh) * middles).sum(1) > 0).mean() > 0.95
    assert colour.shape == mesh.vertices.shape
    assert (colour[:, 0] > colour[:, 1]).all()


def test_a_fin_reaches_from_its_base_to_its_edge() -> None:
    base, edge = np.array([(0, 0, 0), (0, 1, 0)], float), np.array([(0, 0, 0.5), (0, 0.5, 0.8), (0, 1, 0.5)])
    mesh, colour = fin(base, edge, (1, 0.5, 0), (1, 1, 1), np.random.default_rng(0))
    assert mesh.vertices[:, 2].min() == pytest.approx(0, abs=0.01)
    assert mesh.vertices[:, 2].max() == pytest.approx(0.8, abs=0.03)
    assert np.abs(mesh.vertices[:, 0]).max() < 0.06, "it is thin"
    assert colour[mesh.vertices[:, 2] > 0.6, 2].mean() > colour[mesh.vertices[:, 2] < 0.1, 2].mean() + 0.3
