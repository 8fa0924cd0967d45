from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from foveate.pretraining.objectives.lejepa import sigreg


def by_formula(z: np.ndarray, directions: np.ndarray) -> float:
    """The Epps–Pulley statistic of each projection, by numerical integration over 17 points of [−5, 5]."""
    t = np.linspace(-5, 5, 17)
    values = []
    for direction in directions.T:
        x = z @ direction
        phi = np.array([np.mean(np.exp(1j * each * x)) for each in t])
        apart = np.abs(phi - np.exp(-(t**2) / 2)) ** 2 * np.exp(-(t**2) / 2)
        values.append(len(z) * sum((apart[i] + apart[i + 1]) / 2 * (t[1] - t[0]) for i in range(16)))
    return float(np.mean(values))


def unit(d: int, s: int) -> torch.Tensor:
    return torch.nn.functional.normalize(torch.randn(d, s, dtype=torch.float64), dim=0)


def test_it_is_the_formula() -> None:
    z, directions = torch.randn(20, 5, dtype=torch.float64) * 2 + 1, unit(5, 7)
    assert float(sigreg(z, directions)) == pytest.approx(by_formula(z.numpy(), directions.numpy()), rel=1e-9)


def test_a_gaussian_is_let_be_and_a_point_is_not() -> None:
    stream = torch.Generator().manual_seed(0)
    draws = [torch.randn(200, 8, generator=stream, dtype=torch.float64) for _ in range(40)]
    directions = unit(8, 64)
    # Of N(0, 1) the statistic's mean is ∫ (1 − exp(−t²)) exp(−t²/2) dt = √(2π) (1 − 1/√3) ≈ 1.06, whatever the count.
    expected = np.sqrt(2 * np.pi) * (1 - 1 / np.sqrt(3))
    assert np.mean([float(sigreg(z, directions)) for z in draws]) == pytest.approx(expected, rel=0.15)
    gauss = torch.cat(draws)
    point, wide = torch.zeros_like(gauss), 3 * gauss
    assert float(sigreg(point, directions)) > 500
    assert float(sigreg(wide, directions)) > 500


def test_of_a_point_it_is_the_integral() -> None:
    """φ = 1 at the origin: n ∫ (1 − exp(−t²/2))² exp(−t²/2) dt = n √(2π) (1 − √2 + 1/√3)."""
    expected = 50 * np.sqrt(2 * np.pi) * (1 - np.sqrt(2) + 1 / np.sqrt(3))
    assert float(sigreg(torch.zeros(50, 3, dtype=torch.float64), unit(3, 5))) == pytest.approx(expected, rel=1e-4)


def test_gradients() -> None:
    z = torch.randn(6, 3, dtype=torch.float64, requires_grad=True)
    directions = unit(3, 4)
    assert torch.autograd.gradcheck(lambda x: sigreg(x, directions), (z,))


def test_the_loss_is_the_weighted_sum(build_objective: Any, make_batch: Any) -> None:
    objective = build_objective("lejepa", gaussian=0.25, projector=(16, 8), crops=2)
    batch = make_batch(objective)
    output = objective.loss(batch)
    terms = output.terms
    torch.testing.assert_close(output.loss.detach(), 0.75 * terms["prediction"] + 0.25 * terms["gaussian"])
    objective = build_objective("lejepa", gaussian=0.0, projector=(16, 8), crops=2).eval()
    with torch.no_grad():
        z = torch.stack([objective.project(objective.features(view)) for view in batch.views])
    expected = np.mean([float((v - (z[0] + z[1]) / 2).square().mean()) for v in z])
    assert float(objective.loss(batch).loss.detach()) == pytest.approx(expected, rel=1e-5)


def test_every_view_is_held_to_the_gaussian_along_unit_directions(build_objective: Any, make_batch: Any) -> None:
    """Small crops too; the directions are those of this step."""
    objective = build_objective("lejepa", projector=(16, 8), crops=2, slices=5).eval()
    batch = make_batch(objective)
    with torch.no_grad():
        z = [objective.project(objective.features(view)).double().numpy() for view in batch.views]
    directions = torch.randn(8, 5, generator=batch.stream("slices")).double().numpy()
    directions /= np.linalg.norm(directions, axis=0)
    expected = np.mean([by_formula(each, directions) for each in z])
    assert float(objective.loss(batch).terms["gaussian"]) == pytest.approx(expected, rel=1e-4)
