from __future__ import annotations

import math

import pytest
import torch

from foveate.measures.units import assignment_entropies, dead_units, zeros


def test_dead_units_and_zeros_are_counted() -> None:
    x = torch.tensor([[0.0, 3.0, 0.0, 1.0], [0.0, 3.0, 2.0, 5.0]])
    assert float(dead_units(x)) == 0.5
    assert zeros(x).tolist() == [0.5, 0.25]
    assert float(dead_units(torch.zeros(3, 4))) == 1.0


def test_the_entropies_of_planted_assignments() -> None:
    log8 = math.log(8)
    for assignments, each, mean in (
        (torch.eye(8), 0.0, log8),
        (torch.eye(8)[[3] * 8], 0.0, 0.0),
        (torch.full((5, 8), 1 / 8), log8, log8),
        (torch.tensor([[0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 0.5, 0.5]]), math.log(2), math.log(4)),
    ):
        found = assignment_entropies(assignments)
        assert [float(value) for value in found] == pytest.approx([each, mean], abs=1e-6)
