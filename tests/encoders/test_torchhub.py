"""torchhub: only on trust; pooled is what enters the classifier."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from foveate.core.errors import FoveateError
from foveate.encoders.load import load

_HUBCONF = """
import torch

def resnet(pretrained=False, **kwargs):
    import torchvision
    torch.manual_seed(1)
    model = torchvision.models.resnet18(num_classes=7)
    if pretrained:
        torch.nn.init.ones_(model.fc.bias)
    return model

def trained_only():
    return resnet(True)

def number():
    return 3

def broken():
    raise KeyError("inside")
"""


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    (tmp_path / "hubconf.py").write_text(_HUBCONF)
    return tmp_path


def test_it_needs_trust(repo):
    with pytest.raises(FoveateError, match="--trust-code"):
        load(f"torchhub:{repo}:resnet")


def test_pooled_enters_the_classifier(repo, noise):
    encoder = load(f"torchhub:{repo}:resnet", trust_code=True, image_size=64)
    read = encoder(noise(2, 64), ["pooled", "logits", "stages.3:mean", "stages.0.blocks.0.conv1"])
    assert torch.allclose(read["pooled"], read["stages.3:mean"], atol=1e-6)
    assert read["logits"].shape == (2, 7)
    assert encoder.width == 512
    encoder.untrained(1)


@pytest.mark.parametrize(("entry", "said"), [("nothing", "nothing"), ("number", "no network"), ("broken", "inside")])
def test_entries_that_do_not_work(repo, entry, said):
    with pytest.raises(FoveateError) as caught:
        load(f"torchhub:{repo}:{entry}", trust_code=True)
    assert said in str(caught.value)


def test_no_untrained_twin(repo):
    encoder = load(f"torchhub:{repo}:trained_only", trust_code=True, image_size=64)
    with pytest.raises(FoveateError, match="cannot be built untrained"):
        encoder.untrained()
