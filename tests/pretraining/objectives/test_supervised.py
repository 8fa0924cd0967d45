from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch

from foveate.core.errors import FoveateError
from foveate.pretraining.objectives.supervised import Knobs, Supervised


def test_it_is_cross_entropy(build_objective: Any, make_batch: Any) -> None:
    objective = build_objective("supervised", smoothing=0.1)
    batch = make_batch(objective)
    output = objective.loss(batch)
    with torch.no_grad():
        logits = objective.head(output.outputs["backbone"]).double().numpy()
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    target = np.full_like(p, 0.1 / 4)
    target[np.arange(8), batch.labels.numpy()] += 0.9
    assert float(output.loss.detach()) == pytest.approx(-(target * np.log(p)).sum(1).mean(), rel=1e-5)
    accuracy = (logits.argmax(1) == batch.labels.numpy()).mean()
    assert float(output.terms["accuracy"]) == pytest.approx(accuracy)


@pytest.mark.parametrize("classes", [None, 1])
def test_it_needs_labels_of_two_classes(build_objective: Any, classes: int | None) -> None:
    objective = build_objective("supervised")
    setting = dataclasses.replace(objective.setting, classes=classes)
    with pytest.raises(FoveateError, match="simclr"):
        Supervised(Knobs(), objective.encoder, setting)


def test_only_the_backbone_is_kept(build_objective: Any) -> None:
    parts = build_objective("supervised").parts()
    assert parts.projector is None
    assert not any("head" in name for name, _ in parts.backbone.named_parameters())
