from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from foveate.measures import hypersphere
from foveate.measures.hypersphere import agreement, alignment, uniformity


def test_planted_directions_have_their_uniformity() -> None:
    assert float(uniformity(7 * torch.eye(9))) == pytest.approx(-4)
    assert float(uniformity(torch.eye(9), t=3)) == pytest.approx(-6)
    assert float(uniformity(torch.tensor([[2.0, 0.0], [-1.0, 0.0]]))) == pytest.approx(-8)
    assert float(uniformity(torch.ones(5, 3))) == pytest.approx(0, abs=1e-6)
    assert math.isnan(float(uniformity(torch.ones(1, 3))))


def test_uniformity_is_the_formula_also_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.random.default_rng(0).normal(size=(30, 5))
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    far = np.square(unit[:, None] - unit[None]).sum(2)[np.triu_indices(30, 1)]
    expected = np.log(np.exp(-2 * far).mean())
    assert float(uniformity(torch.from_numpy(x))) == pytest.approx(expected, rel=1e-12)
    monkeypatch.setattr(hypersphere, "_PAIRS", 70)
    assert float(uniformity(torch.from_numpy(x))) == pytest.approx(expected, rel=1e-12)


def test_alignment_and_agreement_of_planted_pairs() -> None:
    x = torch.eye(4)
    assert float(alignment(x, 3 * x)) == 0.0
    assert float(alignment(x, x.roll(1, 0))) == pytest.approx(2)
    assert float(alignment(x, -x)) == pytest.approx(4)
    assert float(alignment(x, -x, alpha=1)) == pytest.approx(2)
    assert float(agreement(x, 5 * x)) == pytest.approx(1)
    assert float(agreement(x, torch.cat([x[:2], -x[2:]]))) == pytest.approx(0)
