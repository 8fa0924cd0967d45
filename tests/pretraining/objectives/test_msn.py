from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from foveate.pretraining import masks
from foveate.pretraining.objectives.msn import prior_divergence
from tests.pretraining.objectives.conftest import apart


def softmax(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - x.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


@pytest.mark.parametrize("power", [0.0, 0.25, 1.0])
def test_the_prior_is_a_power_law(power: float) -> None:
    """Assran et al. 2023: KL of the mean assignment from k^-τ / Σ k^-τ; with τ = 0 it is log K − H(p̄)."""
    logits = np.random.default_rng(0).normal(size=(9, 6))
    used = softmax(logits).mean(0)
    prior = np.arange(1, 7) ** -power / np.sum(np.arange(1, 7) ** -power)
    expected = np.sum(used * np.log(used / prior))
    assert float(prior_divergence(torch.from_numpy(logits), power)) == pytest.approx(expected, rel=1e-9)
    if not power:
        assert expected == pytest.approx(np.log(6) + np.sum(used * np.log(used)))


def test_a_batch_that_follows_the_prior_pays_nothing() -> None:
    prior = torch.arange(1, 6, dtype=torch.float64) ** -0.5
    logits = prior.log().repeat(7, 1)
    assert float(prior_divergence(logits, 0.5)) == pytest.approx(0, abs=1e-12)
    assert float(prior_divergence(logits, 0.0)) > 0.01


def test_gradients() -> None:
    logits = torch.randn(5, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: prior_divergence(x, 0.25), (logits,))


def test_it_is_the_papers_loss(build_objective: Any, make_batch: Any) -> None:
    """Assran et al. 2022, equation 1: the teacher's sharpened assignment against the masked anchor's, less mean entropy."""
    objective = apart(build_objective("msn", prototypes=12, projector=(16, 8), mask=0.25, balance=False)).eval()
    batch = make_batch(objective)
    output = objective.loss(batch)
    w = objective.prototypes.weight.detach().double().numpy()
    w /= np.linalg.norm(w, axis=1, keepdims=True)
    anchors, targets = [], []
    for number, view in enumerate(batch.views):
        mask = masks.random_mask((4, 4), 8, 4, batch.stream(f"mask {number}"))
        with torch.no_grad():
            kept = objective.patches(objective.backbone, view, keep=masks.split(mask)[0]).pooled
            a = objective.projector(kept).double().numpy()
            t = objective.teacher.head(objective.encoder.pooled(view, objective.teacher.body)).double().numpy()
        anchors.append(a / np.linalg.norm(a, axis=1, keepdims=True) @ w.T)
        targets.append(softmax(t / np.linalg.norm(t, axis=1, keepdims=True) @ w.T / 0.025))
    agreement = np.mean([-(targets[i] * np.log(softmax(anchors[1 - i] / 0.1))).sum(1).mean() for i in (0, 1)])
    used = softmax(np.concatenate(anchors) / 0.1).mean(0)
    assert float(output.terms["assignment"]) == pytest.approx(agreement, rel=1e-4)
    assert float(output.loss.detach()) == pytest.approx(agreement + np.log(12) + np.sum(used * np.log(used)), rel=1e-4)


def test_without_a_mask_any_network_will_do(build_objective: Any) -> None:
    from foveate.encoders.load import load
    from foveate.pretraining.objectives.msn import MSN, Knobs

    setting = build_objective("msn").setting
    assert MSN(Knobs(mask=0.0), load("foveate:resnet18-narrow", image_size=16), setting).patches is None


def test_the_prior_s_weight_and_power(build_objective: Any, make_batch: Any) -> None:
    terms = {}
    for weight, power in ((0.0, 0.0), (2.0, 0.0), (1.0, 0.5)):
        objective = build_objective(
            "msn", prototypes=12, projector=(16, 8), mask=0.25, prior_weight=weight, prior=power
        )
        output = objective.loss(make_batch(objective))
        terms[weight, power] = output.terms
        expected = output.terms["assignment"] + weight * output.terms["prior"]
        torch.testing.assert_close(output.loss.detach(), expected)
    assert float(terms[2.0, 0.0]["prior"]) == float(terms[0.0, 0.0]["prior"]) != float(terms[1.0, 0.5]["prior"])


def test_balanced_assignments_use_prototypes_alike(build_objective: Any) -> None:
    scores = torch.rand(256, 4, generator=torch.Generator().manual_seed(0)) / 5 + torch.tensor([0.0, 0.0, 0.0, 0.1])
    used = [build_objective("msn", prototypes=4, balance=b).assign(scores).mean(0) for b in (False, True)]
    assert float(used[0].max() - used[0].min()) > 0.3
    assert float(used[1].max() - used[1].min()) < 0.03


def test_assignments_are_balanced_to_the_prior(build_objective: Any) -> None:
    """To shares that are not even: rows sum to 1, and columns have the power law's mass."""
    scores = torch.rand(256, 4, generator=torch.Generator().manual_seed(0)) / 5
    assigned = build_objective("msn", prototypes=4, prior=1.0, sharpness=1.0).assign(scores)
    law = np.array([1, 1 / 2, 1 / 3, 1 / 4]) / (1 + 1 / 2 + 1 / 3 + 1 / 4)
    assert assigned.sum(1).numpy() == pytest.approx(np.ones(256), abs=1e-5)
    assert assigned.mean(0).numpy() == pytest.approx(law, abs=0.02)


def test_small_crops_and_the_teacher_s_views_are_whole(build_objective: Any, make_batch: Any) -> None:
    """Patches are left out of the student's two large views alone; each target meets three other views."""
    objective = apart(build_objective("msn", prototypes=12, projector=(16, 8), mask=0.25, crops=2, crop_size=8)).eval()
    batch = make_batch(objective)
    asked: list[tuple[int, int]] = []
    run = type(objective.patches).__call__

    class Seen(type(objective.patches)):  # type: ignore[misc]
        def __call__(self, module: Any, images: torch.Tensor, **how: Any) -> Any:
            asked.append((images.shape[-1], how["keep"].shape[1]))
            return run(self, module, images, **how)

    objective.patches.__class__ = Seen
    output = objective.loss(batch)
    assert asked == [(16, 12), (16, 12)]
    w = objective.prototypes.weight.detach()
    with torch.no_grad():
        small = [objective.projector(objective.encoder.pooled(view)) for view in batch.views[2:]]
        large = [objective.project(each) for each in objective.features_of(batch)[:2]]
        goals = [
            objective.assign(torch.cosine_similarity(objective.target(v)[:, None], w, -1)) for v in batch.views[:2]
        ]
        said = [(torch.cosine_similarity(z[:, None], w, -1) / 0.1).log_softmax(1) for z in (*large, *small)]
        losses = [-(goals[i] * said[j]).sum(1).mean() for i in range(2) for j in range(4) if i != j]
    torch.testing.assert_close(output.terms["assignment"], sum(losses) / 6, rtol=1e-4, atol=1e-5)
