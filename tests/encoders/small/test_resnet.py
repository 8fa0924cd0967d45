"""The small residual net against one written down by torchvision."""

from __future__ import annotations

import torch
from torchvision.models import resnet18

from foveate.encoders.small.build import resnet18 as ours_of
from foveate.encoders.small.resnet import BasicBlock


def test_a_block_is_torchvisions():
    theirs = resnet18().layer2[0].eval()
    ours = BasicBlock(64, 128, 2).eval()
    renamed = {
        key.replace("bn", "norm") if not key.startswith("downsample") else key: value
        for key, value in theirs.state_dict().items()
    }
    ours.load_state_dict(renamed)
    x = torch.randn(2, 64, 16, 16)
    with torch.no_grad():
        assert torch.allclose(ours(x), theirs(x), atol=1e-5)


def test_resnet18_has_torchvisions_body_but_for_the_stem():
    def body(module):
        return sum(
            p.numel() for name, p in module.named_parameters() if not name.startswith(("stem", "conv1", "bn1", "fc"))
        )

    assert body(ours_of((32, 32))) == body(resnet18())


def test_the_map_keeps_the_resolution_in_the_stem():
    network = ours_of((32, 32)).eval()
    with torch.no_grad():
        assert network.stages(network.stem(torch.zeros(1, 3, 32, 32))).shape == (1, 512, 4, 4)
