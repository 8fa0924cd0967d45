from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from foveate.pretraining.objectives.moco import info_nce
from foveate.pretraining.objectives.nnclr import neighbour_contrast


def by_formula(p: np.ndarray, z: np.ndarray, support: np.ndarray, temperature: float) -> float:
    """Equation 4 of Dwibedi et al. 2021, image by image, in float64."""
    p, z = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (p, z))
    total = 0.0
    for i in range(len(p)):
        near = min(support, key=lambda s: float(np.sum((s - z[i]) ** 2)))
        scores = np.array([np.exp(near @ p[k] / temperature) for k in range(len(p))])
        total += -np.log(scores[i] / scores.sum())
    return total / len(p)


def test_it_is_the_papers_formula() -> None:
    random = np.random.default_rng(0)
    p, z = random.normal(size=(2, 7, 4))
    support = random.normal(size=(20, 4))
    support /= np.linalg.norm(support, axis=1, keepdims=True)
    ours = neighbour_contrast(*(torch.from_numpy(x) for x in (p, z, support)), 0.1)
    assert float(ours) == pytest.approx(by_formula(p, z, support, 0.1), rel=1e-9)


def test_when_the_embeddings_stand_in_the_support_it_is_contrast_with_them() -> None:
    p, z = (torch.randn(6, 4, dtype=torch.float64) for _ in range(2))
    support = torch.nn.functional.normalize(z, dim=1)
    torch.testing.assert_close(neighbour_contrast(p, z, support, 0.2), info_nce(z, p, None, 0.2))


def test_an_image_is_no_neighbour_of_itself() -> None:
    p, z = torch.randn(2, 6, 4, dtype=torch.float64)
    others = torch.nn.functional.normalize(torch.randn(6, 4, dtype=torch.float64), dim=1)
    support = torch.cat([torch.nn.functional.normalize(z, dim=1), others])
    own = torch.cat([torch.eye(6), torch.zeros(6, 6)], dim=1).bool()
    near = [(z[i] @ support.T).masked_fill(own[i], -9).argmax() for i in range(6)]
    ours = neighbour_contrast(p, z, support, 0.2, without=own)
    torch.testing.assert_close(ours, info_nce(support[torch.stack(near)], p, None, 0.2))


def test_no_gradient_reaches_the_target(build_objective: Any) -> None:
    p, z = (torch.randn(4, 3, dtype=torch.float64, requires_grad=True) for _ in range(2))
    support = torch.nn.functional.normalize(torch.randn(5, 3, dtype=torch.float64), dim=1)
    neighbour_contrast(p, z, support, 0.2).backward()
    assert z.grad is None
    assert p.grad is not None
    assert torch.autograd.gradcheck(lambda x: neighbour_contrast(x, z.detach(), support, 0.3), (p,))
