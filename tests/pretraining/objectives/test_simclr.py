from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from foveate.core.errors import FoveateError
from foveate.pretraining.objectives.simclr import Knobs, nt_xent

BASE = {"projector": ()}  # direct compares features


def by_formula(a: np.ndarray, b: np.ndarray, temperature: float) -> float:
    """Equation 1 of Chen et al. 2020, pair by pair, in float64."""
    z = np.concatenate([a, b])
    z = z / np.linalg.norm(z, axis=1, keepdims=True)
    n, total = len(a), 0.0
    for i in range(2 * n):
        j = (i + n) % (2 * n)
        others = sum(np.exp(z[i] @ z[k] / temperature) for k in range(2 * n) if k != i)
        total += -np.log(np.exp(z[i] @ z[j] / temperature) / others)
    return total / (2 * n)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 9), st.integers(1, 6), st.floats(0.05, 2), st.integers(0, 999))
def test_it_is_the_papers_formula(n: int, d: int, temperature: float, seed: int) -> None:
    a, b = np.random.default_rng(seed).normal(size=(2, n, d))
    ours = nt_xent(torch.from_numpy(a), torch.from_numpy(b), temperature)
    assert float(ours) == pytest.approx(by_formula(a, b, temperature), rel=1e-9, abs=1e-9)


def test_float32_keeps_five_digits() -> None:
    a, b = np.random.default_rng(0).normal(size=(2, 64, 16))
    ours = nt_xent(torch.from_numpy(a).float(), torch.from_numpy(b).float(), 0.1)
    assert float(ours) == pytest.approx(by_formula(a, b, 0.1), rel=1e-5)


def test_gradients() -> None:
    a, b = (torch.randn(4, 3, dtype=torch.float64, requires_grad=True) for _ in range(2))
    assert torch.autograd.gradcheck(lambda x, y: nt_xent(x, y, 0.3), (a, b))


def test_all_equal_embeddings_are_at_chance() -> None:
    ones = torch.ones(5, 4)
    assert float(nt_xent(ones, ones, 0.2)) == pytest.approx(np.log(2 * 5 - 1), rel=1e-6)


def test_accumulation_sees_the_whole_batch(build_objective: Any, make_batch: Any) -> None:
    """Without batch norm in the way (evaluation mode), chunks give the loss and the gradients of the whole."""
    gradients = []
    for chunk in (None, 3):
        objective = build_objective("simclr").eval()
        objective.chunk = chunk
        output = objective.loss(make_batch(objective))
        output.loss.backward()
        gradients.append([output.loss.detach(), *(p.grad for p in objective.parameters())])
    for whole, pieces in zip(*gradients, strict=True):
        torch.testing.assert_close(whole, pieces, rtol=1e-4, atol=1e-6)


def test_outputs_and_no_projector(build_objective: Any, make_batch: Any) -> None:
    objective = build_objective("simclr", projector=())
    output = objective.loss(make_batch(objective))
    assert objective.projector is None
    assert set(output.outputs) == {"backbone", "other"}
    assert not output.outputs["backbone"].requires_grad
    objective = build_objective("simclr", projector=(12, 7))
    assert objective.loss(make_batch(objective)).outputs["projector"].shape == (8, 7)


def test_a_temperature_of_zero_is_refused() -> None:
    with pytest.raises(FoveateError, match="temperature"):
        Knobs(temperature=0.0)


def test_direct_compares_the_first_features_alone(build_objective: Any, make_batch: Any) -> None:
    """DirectCLR (Jing et al. 2022): no projector, the loss on a part of the features."""
    objective = build_objective("simclr", projector=(), direct=10).eval()
    batch = make_batch(objective)
    with torch.no_grad():
        a, b = (objective.encoder.pooled(view)[:, :10].double().numpy() for view in batch.views)
    assert float(objective.loss(batch).loss.detach()) == pytest.approx(by_formula(a, b, 0.1), rel=1e-5)
    assert objective.embed(batch.views[0])["backbone"].shape == (8, objective.encoder.width)
