from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from foveate.core.errors import FoveateError
from foveate.pretraining.objectives.byol import sphere_distance
from foveate.pretraining.objectives.meanshift import shift_distance


def by_formula(p: np.ndarray, t: np.ndarray, memory: np.ndarray, neighbours: int) -> float:
    """Equation 1 of Koohpayegani et al. 2021: squared distances to the target's nearest, itself first, in float64."""
    p, t = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (p, t))
    total = 0.0
    for i in range(len(p)):
        pool = np.concatenate([t[i : i + 1], memory])
        near = np.argsort([np.sum((m - t[i]) ** 2) for m in pool], kind="stable")[:neighbours]
        total += np.mean([np.sum((p[i] - pool[k]) ** 2) for k in near])
    return total / len(p)


@pytest.mark.parametrize("neighbours", [1, 2, 5])
def test_it_is_the_papers_formula(neighbours: int) -> None:
    random = np.random.default_rng(0)
    p, t = random.normal(size=(2, 6, 4))
    memory = random.normal(size=(15, 4))
    memory /= np.linalg.norm(memory, axis=1, keepdims=True)
    ours = shift_distance(*(torch.from_numpy(x) for x in (p, t, memory)), neighbours)
    assert float(ours) == pytest.approx(by_formula(p, t, memory, neighbours), rel=1e-9)


def test_an_image_is_no_second_neighbour_of_itself() -> None:
    p, t, memory = torch.randn(6, 4).double(), torch.randn(6, 4).double(), torch.eye(4).double()
    grown = torch.cat([memory, torch.nn.functional.normalize(t, dim=1)])
    own = torch.cat([torch.zeros(6, 4), torch.eye(6)], dim=1).bool()
    for i in range(6):  # with all but one's own masked out, only the memory is left
        others = own.clone()
        others[:, 4:] = True
        one = slice(i, i + 1)
        ours = shift_distance(p[one], t[one], grown, 3, without=others[one])
        torch.testing.assert_close(ours, shift_distance(p[one], t[one], memory, 3))
    assert float(shift_distance(p, t, grown, 3, without=own)) != float(shift_distance(p, t, grown, 3))


def test_with_one_neighbour_it_is_byol() -> None:
    p, t = (torch.randn(6, 4, dtype=torch.float64) for _ in range(2))
    memory = torch.nn.functional.normalize(torch.randn(9, 4, dtype=torch.float64), dim=1)
    torch.testing.assert_close(shift_distance(p, t, memory, 1), sphere_distance(p, t))


def test_gradients() -> None:
    p = torch.randn(4, 3, dtype=torch.float64, requires_grad=True)
    t, memory = torch.randn(4, 3, dtype=torch.float64), torch.eye(3, dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda x: shift_distance(x, t, memory, 3), (p,))


def test_more_neighbours_than_the_memory_holds_are_refused(build_objective: Any) -> None:
    with pytest.raises(FoveateError, match="the queue holds"):
        build_objective("meanshift", neighbours=9)
