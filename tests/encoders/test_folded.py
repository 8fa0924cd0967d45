"""Folded batch norms are refused before anything is trained; norms that were trained, or are fresh, are not."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from foveate.core.errors import FoveateError
from foveate.encoders.folded import refuse_folded
from foveate.encoders.load import load


def test_only_folded_norms_are_refused() -> None:
    fresh = load("random:resnet18", image_size=32)
    refuse_folded(fresh)
    refuse_folded(load("foveate:vit-mini"))
    trained = load("foveate:resnet18-narrow")
    with torch.no_grad():
        trained.pooled(torch.rand(8, 3, 32, 32), trained.module.train())
        for module in trained.module.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.bias.fill_(0.3)
    refuse_folded(trained)
    nn.init.constant_(fresh.module.bn1.bias, 0.5)  # type: ignore[union-attr, arg-type]
    with pytest.raises(FoveateError, match="folded"):
        refuse_folded(fresh)


@pytest.mark.real
def test_a_converted_network_is_refused(real_data: object) -> None:
    with pytest.raises(FoveateError, match="folded"):
        refuse_folded(load(f"local-dir:{real_data}/encoders/mobilenetv2_100.coral_in1k"))
    refuse_folded(load(f"local-dir:{real_data}/encoders/tf_efficientnet_lite0.in1k"))
