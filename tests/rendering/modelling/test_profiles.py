"""Surfaces from outlines against the volumes and areas that geometry gives."""

from __future__ import annotations

import numpy as np
import pytest

from foveate.rendering.modelling.profiles import (
    box,
    copies,
    crate,
    disc_ground,
    extrude,
    fan,
    hull,
    join,
    lathe,
    loft,
    pairs,
    sheet,
    slabs,
    smooth,
    tube,
)
from foveate.rendering.scene import Mesh
from tests.rendering.shapes import area, facing, shells, volume

ELL = [(0, 0), (2, 0), (2, 1), (1, 1), (1, 3), (0, 3)]  # area 4
SQUARE = np.array([(1, 1, 0), (-1, 1, 0), (-1, -1, 0), (1, -1, 0)], float)  # counter-clockwise from above


@pytest.mark.parametrize(
    ("mesh", "expected"),
    [
        (lathe([(0, 0), (0.5, 0), (0.5, 2), (0, 2)], 200), np.pi * 0.5**2 * 2),
        (lathe([(0, 0), (0.6, 0), (0, 0.9)], 200), np.pi * 0.6**2 * 0.9 / 3),
        (tube([(0, 0, 0), (0, 0, 1), (0, 0, 3)], 0.2, 100), np.pi * 0.2**2 * 3),
        (
            tube([(np.cos(a), np.sin(a), 0) for a in np.arange(200) * np.pi / 100], 0.1, 40, closed=True),
            2 * np.pi**2 * 0.01,
        ),
        (extrude(ELL, 0.5), 4 * 0.5),
        (box((1, 2, 3), (4, 5, 6)), 6.0),
        (slabs((0, 1, 0, 2, 0, 3), (5, 6, 0, 1, 0, 1)), 7.0),
        (crate((1, 2, 3), (4, 5, 6)), 6.0),
        (hull(np.array(list(np.ndindex(3, 3, 3)), float)), 8.0),
        (loft([SQUARE, SQUARE + (0, 0, 5)], ring=True, capped=True), 20.0),
    ],
    ids=["cylinder", "cone", "tube", "torus", "extrude", "box", "slabs", "crate", "hull", "loft"],
)
def test_volume_and_outside(mesh: Mesh, expected: float) -> None:
    assert volume(mesh) == pytest.approx(expected, rel=0.01)
    assert sum(len(shell.faces) for shell in shells(mesh)) > 0, "it should be closed"


def test_a_bevel_takes_the_edges_off() -> None:
    plain, cut = box((1, 1, 1)), box((1, 1, 1), bevel=0.1)
    assert 0.9 < volume(cut) < volume(plain)
    assert np.ptp(cut.vertices, axis=0) == pytest.approx([1, 1, 1])
    assert area(cut) < area(plain)


def test_an_outline_that_runs_clockwise_is_refused() -> None:
    with pytest.raises(ValueError, match="clockwise"):
        extrude(ELL[::-1], 1)


@pytest.mark.parametrize("mesh", [sheet(2, 3, 4, 5), disc_ground(9)], ids=["sheet", "disc"])
def test_grounds_face_up(mesh: Mesh) -> None:
    normal = facing(mesh)
    assert normal[:, 2].min() > -1e-6
    assert normal[:, 2].max() > 0


def test_grounds_take_their_height() -> None:
    mesh = sheet(2, 2, 11, 11, lambda x, y: x + 2 * y)
    x, y, z = mesh.vertices.T
    assert np.allclose(z, x + 2 * y, atol=1e-6)
    assert area(disc_ground(3)) == pytest.approx(np.pi * 9, rel=0.01)


def test_smooth_goes_through_its_points() -> None:
    knots = np.array([(0.0, 0), (0.5, 0), (0.5, 1), (0.2, 2)])
    curve = np.array(smooth(knots, 2000))
    for knot in knots:
        assert np.linalg.norm(curve - knot, axis=1).min() < 1e-3
    assert curve[:, 0].max() <= 0.5 + 1e-9, "it overshoots"


def test_pieces_are_put_together() -> None:
    one = box((1, 1, 1))
    both = join(one, one.moved((3, 0, 0)))
    assert volume(both) == pytest.approx(2)
    assert len(both.vertices) == 2 * len(one.vertices)
    row = copies(np.stack([one.vertices + (2 * k, 0, 0) for k in range(5)]), one.faces)
    assert volume(row) == pytest.approx(5)
    assert np.ptp(row.vertices[:, 0]) == pytest.approx(9)
    for mesh in pairs(one.moved((2, 0, 0))):
        assert volume(mesh) == pytest.approx(1), "the mirror image must not be inside out"


def test_a_fan_rises_to_its_tip() -> None:
    mesh = fan(SQUARE, (0, 0, 1))
    assert len(mesh.faces) == 4
    assert (facing(mesh)[:, 2] > 0).all()
    assert mesh.vertices[-1] == pytest.approx([0, 0, 1])


def test_meshes_move() -> None:
    mesh = box((1, 2, 3)).moved((1, 0, 0))
    assert mesh.turned(90).vertices.mean(0) == pytest.approx([0, 1, 0], abs=1e-6)
    assert mesh.scaled((2, 1, 1)).vertices[:, 0].max() == pytest.approx(3)
    assert volume(mesh.flipped()) == pytest.approx(-volume(mesh))
    assert volume(mesh.reshaped(2 * mesh.vertices)) == pytest.approx(8 * volume(mesh))
