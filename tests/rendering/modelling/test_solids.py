"""Solids against the volumes that geometry gives, and the right way out."""

from __future__ import annotations

import numpy as np
import pytest

from foveate.rendering.modelling.solids import Solid, ball, blend, block, chain, half_space, limb, ring, sweep
from foveate.rendering.scene import Mesh
from tests.rendering.shapes import volume


def meshed(*solids: Solid, detail: float = 0.02) -> Mesh:
    return blend(*solids, melt=0, detail=detail)[0]


@pytest.mark.parametrize(
    ("solid", "expected"),
    [
        (ball((0.1, 0, 0.2), 0.4), 4 / 3 * np.pi * 0.4**3),
        (ball((0, 0, 0), (0.5, 0.3, 0.2)), 4 / 3 * np.pi * 0.5 * 0.3 * 0.2),
        (limb((0, 0, 0), (0, 0, 0.6), 0.2), np.pi * 0.2**2 * 0.6 + 4 / 3 * np.pi * 0.2**3),
        (block((0, 0, 0.3), (0.6, 0.4, 0.5)), 0.6 * 0.4 * 0.5),
        (ring((0, 0, 0), 0.4, 0.12), 2 * np.pi**2 * 0.4 * 0.12**2),
        (ring((0, 0, 0), 0.4, 0.12, "x"), 2 * np.pi**2 * 0.4 * 0.12**2),
        (sweep([(0, 0, 0), (0, 0.3, 0), (0, 0.6, 0)], [0.2] * 3), np.pi * 0.2**2 * 0.6 + 4 / 3 * np.pi * 0.2**3),
    ],
    ids=["ball", "ellipsoid", "limb", "block", "ring", "ring about x", "sweep"],
)
def test_volume_and_outside(solid: Solid, expected: float) -> None:
    """An inside-out mesh would have the volume's negative."""
    mesh = meshed(solid)
    assert volume(mesh) == pytest.approx(expected, rel=0.03)
    assert (mesh.vertices >= solid.low - 1e-6).all()
    assert (mesh.vertices <= solid.high + 1e-6).all()


def test_sweep_is_oval_across_its_path() -> None:
    mesh = meshed(sweep([(0.0, 0.0), (0.5, 0.0)], [0.2, 0.2], [0.1, 0.1]))
    x, y, z = np.ptp(mesh.vertices, axis=0)
    assert (x, z) == (pytest.approx(0.2, abs=0.02), pytest.approx(0.4, abs=0.02))
    assert y > 0.5


def test_without_and_within() -> None:
    whole, half = volume(meshed(ball((0, 0, 0), 0.4))), half_space((0, 0, 0), (0, 0, 1))
    assert volume(meshed(ball((0, 0, 0), 0.4).within(half))) == pytest.approx(whole / 2, rel=0.03)
    hollow = meshed(ball((0, 0, 0), 0.4).without(ball((0, 0, 0), 0.2)))
    assert volume(hollow) == pytest.approx(whole * 7 / 8, rel=0.03)


def test_mirrored_and_turned() -> None:
    solid = limb((0.2, 0, 0), (0.6, 0, 0), 0.1)
    left = meshed(solid.mirrored()[1])
    assert left.vertices[:, 0].max() < 0
    assert volume(left) > 0
    up = meshed(solid.turned(90, "y"))  # x turns to −z
    assert up.vertices[:, 2].max() < 0
    assert np.ptp(up.vertices[:, 2]) == pytest.approx(0.6, abs=0.02)


def test_blend_melts_and_says_what_is_whose() -> None:
    one, other = ball((-0.25, 0, 0), 0.3, "one"), ball((0.25, 0, 0), 0.3, "other")
    creased, melted = volume(blend(one, other, melt=0, detail=0.02)[0]), blend(one, other, melt=0.2, detail=0.02)
    assert volume(melted[0]) > 1.02 * creased
    mesh, part = melted
    assert np.allclose(part["one"] + part["other"], 1)
    assert part["one"][mesh.vertices[:, 0] < -0.3].min() > 0.9
    assert part["one"][mesh.vertices[:, 0] > 0.3].max() < 0.1


def test_a_chain_has_a_limb_per_step() -> None:
    steps = chain([(0, 0, 0), (0, 0, 1), (0, 1, 1)], [0.2, 0.1, 0.05], "tail")
    assert [s.part for s in steps] == ["tail", "tail"]
    assert steps[1].high[1] == pytest.approx(1.05)


def test_a_grid_that_is_too_fine_is_refused() -> None:
    with pytest.raises(ValueError, match="too fine"):
        blend(ball((0, 0, 0), 2.0), detail=0.005)
