from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch

from foveate.core.errors import FoveateError
from foveate.pretraining.objectives.simclr import nt_xent
from foveate.pretraining.objectives.supcon import Knobs, SupCon, supervised_contrast


def by_formula(a: np.ndarray, b: np.ndarray, labels: np.ndarray, temperature: float) -> float:
    """Equation 2 of Khosla et al. 2020 (L_out), anchor by anchor, in float64."""
    z, y = np.concatenate([a, b]), np.concatenate([labels, labels])
    z = z / np.linalg.norm(z, axis=1, keepdims=True)
    total = 0.0
    for i in range(len(z)):
        others = [k for k in range(len(z)) if k != i]
        below = np.log(sum(np.exp(z[i] @ z[k] / temperature) for k in others))
        positives = [p for p in others if y[p] == y[i]]
        total += -np.mean([z[i] @ z[p] / temperature - below for p in positives])
    return total / len(z)


def test_it_is_the_papers_formula() -> None:
    a, b = np.random.default_rng(0).normal(size=(2, 9, 4))
    labels = np.array([0, 1, 2, 0, 1, 0, 3, 3, 0])
    ours = supervised_contrast(torch.from_numpy(a), torch.from_numpy(b), torch.from_numpy(labels), 0.2)
    assert float(ours) == pytest.approx(by_formula(a, b, labels, 0.2), rel=1e-9)


def test_with_a_class_for_each_image_it_is_simclr() -> None:
    a, b = (torch.randn(6, 4, dtype=torch.float64) for _ in range(2))
    torch.testing.assert_close(supervised_contrast(a, b, torch.arange(6), 0.2), nt_xent(a, b, 0.2))


def test_gradients() -> None:
    a, b = (torch.randn(4, 3, dtype=torch.float64, requires_grad=True) for _ in range(2))
    labels = torch.tensor([0, 1, 0, 1])
    assert torch.autograd.gradcheck(lambda x, y: supervised_contrast(x, y, labels, 0.3), (a, b))


def test_it_needs_labels(build_objective: Any) -> None:
    objective = build_objective("supcon")
    with pytest.raises(FoveateError, match="needs labels"):
        SupCon(Knobs(), objective.encoder, dataclasses.replace(objective.setting, classes=None))
