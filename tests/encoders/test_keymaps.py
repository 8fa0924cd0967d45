"""What is found in a file, and in which order."""

from __future__ import annotations

import pytest
import torch

from foveate.encoders import keymaps

_STATE = {"conv1.weight": torch.ones(1), "layer1.0.conv1.weight": torch.ones(1)}


def _under(prefix):
    return {f"{prefix}{key}": value for key, value in _STATE.items()}


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ({"student": _STATE, "teacher": _STATE}, ["teacher", "student"]),
        ({"encoder": _STATE, "target_encoder": _STATE}, ["target_encoder", "encoder"]),
        ({"online_encoder": _STATE, "target_encoder": _STATE}, ["online_encoder", "target_encoder"]),
        (_under("encoder_q.") | _under("encoder_k."), ["encoder_q", "encoder_k"]),
        ({"model": _STATE, "model_ema": _STATE}, ["model_ema", "model"]),
        (_under("backbone.") | _under("backbone_momentum."), ["backbone", "backbone_momentum"]),
        (_under("teacher_backbone.") | _under("student_backbone."), ["teacher_backbone", "student_backbone"]),
        ({"state_dict": _under("module.momentum_encoder.") | _under("module.base_encoder.")},
         ["state_dict.module.base_encoder", "state_dict.module.momentum_encoder"]),
        (_STATE, [""]),
        ({"optimizer": _STATE, "epoch": 3}, []),
        ({"a": torch.ones(1)}, []),
        ([_STATE], []),
        (torch.ones(1), []),
    ],
)  # fmt: skip
def test_parts_meant_for_use_come_first(content, parts):
    assert [candidate.part for candidate in keymaps.candidates(content)] == parts
