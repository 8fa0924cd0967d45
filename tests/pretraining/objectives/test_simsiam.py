from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch


def test_it_is_the_papers_loss(build_objective: Any, make_batch: Any) -> None:
    """Equations 1 and 2 of Chen and He 2021: the negative cosine of prediction and stopped embedding, both ways."""
    objective = build_objective("simsiam", projector=(16, 16), predictor=(4,)).eval()
    batch = make_batch(objective)
    with torch.no_grad():
        z = [objective.projector(objective.encoder.pooled(view)) for view in batch.views]
        p = [objective.predictor(each) for each in z]
    z, p = ([each.double().numpy() for each in values] for values in (z, p))

    def cosine(a: np.ndarray, b: np.ndarray) -> float:
        return float(np.mean([x @ y / np.linalg.norm(x) / np.linalg.norm(y) for x, y in zip(a, b, strict=True)]))

    expected = -(cosine(p[0], z[1]) + cosine(p[1], z[0])) / 2
    assert float(objective.loss(batch).loss.detach()) == pytest.approx(expected, rel=1e-5)


def test_there_is_one_network_and_the_gradient_stops_on_one_side(build_objective: Any, make_batch: Any) -> None:
    objective = build_objective("simsiam", projector=(16, 16), predictor=None).eval()
    assert objective.parts().backbone is objective.backbone
    # Without a predictor both sides are z, and only one carries gradient: half of what a plain cosine would have.
    batch = make_batch(objective)
    objective.loss(batch).loss.backward()
    stopped = torch.cat([p.grad.flatten() for p in objective.parameters() if p.grad is not None])
    objective.zero_grad()
    z = [objective.projector(objective.encoder.pooled(view)) for view in batch.views]
    (-torch.nn.functional.cosine_similarity(z[0], z[1]).mean()).backward()
    free = torch.cat([p.grad.flatten() for p in objective.parameters() if p.grad is not None])
    torch.testing.assert_close(2 * stopped, free, rtol=1e-3, atol=1e-6)


def test_the_projector_ends_in_a_norm_without_weights(build_objective: Any) -> None:
    last = build_objective("simsiam").projector.steps[-1][-1]
    assert isinstance(last, torch.nn.BatchNorm1d)
    assert not last.affine
