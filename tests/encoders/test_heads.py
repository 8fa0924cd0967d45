"""Heads: built from their dict, and the same again."""

from __future__ import annotations

import json

import pytest
import torch
from torch import nn

from foveate.core.errors import FoveateError
from foveate.encoders.heads import MLP


@pytest.mark.parametrize("norm", ["batch", "layer", None])
@pytest.mark.parametrize("last_norm", [True, False])
@pytest.mark.parametrize("bias", [True, False])
def test_spec_round_trip(norm, last_norm, bias):
    head = MLP([12, 16, 16, 4], norm=norm, last_norm=last_norm, bias=bias)
    again = MLP.from_spec(json.loads(json.dumps(head.spec)))
    again.load_state_dict(head.state_dict())
    x = torch.randn(5, 12)
    assert again.spec == head.spec
    assert torch.equal(head.eval()(x), again.eval()(x))


def test_absent_keys_have_defaults():
    assert MLP.from_spec({"widths": [8, 4]}).spec == {
        "widths": [8, 4],
        "norm": "batch",
        "bias": True,
        "last_norm": False,
        "activation": "relu",
    }


def test_two_widths_are_one_linear_layer():
    head = MLP([8, 4])
    assert head.hidden == 0
    assert sum(parameter.numel() for parameter in head.parameters()) == 8 * 4 + 4


def test_norm_makes_bias_needless():
    linears = [module for module in MLP([8, 8, 4], norm="batch").modules() if isinstance(module, nn.Linear)]
    assert [linear.bias is not None for linear in linears] == [False, True]
    linears = [
        module for module in MLP([8, 8, 4], norm="batch", last_norm=True).modules() if isinstance(module, nn.Linear)
    ]
    assert [linear.bias is not None for linear in linears] == [False, False]
    linears = [module for module in MLP([8, 8, 4], norm=None, bias=False).modules() if isinstance(module, nn.Linear)]
    assert [linear.bias is not None for linear in linears] == [False, False]


def test_last_norm_standardises_the_output():
    out = MLP([8, 16, 4], last_norm=True).train()(torch.randn(64, 8))
    assert torch.allclose(out.mean(0), torch.zeros(4), atol=1e-5)
    assert torch.allclose(out.var(0, unbiased=False), torch.ones(4), atol=1e-3)


def test_layers_are_after_each_activation():
    head = MLP([8, 16, 12, 4]).eval()
    x = torch.randn(3, 8)
    found = head.layers(x)
    assert list(found) == ["projector.0", "projector.1", "projector"]
    assert [value.shape[1] for value in found.values()] == [16, 12, 4]
    assert (found["projector.0"] >= 0).all()
    assert torch.equal(found["projector"], head(x))


@pytest.mark.parametrize(
    ("spec", "word"),
    [
        ({"widths": [8]}, "two"),
        ({"widths": [8, 0]}, "positive"),
        ({"widths": [8, 4], "norm": "bach"}, "batch"),
        ({"widths": [8, 4], "activation": "rel"}, "relu"),
        ({"widths": [8, 4], "lastnorm": True}, "last_norm"),
    ],
)
def test_wrong_specs_say_what_is_meant(spec, word):
    with pytest.raises(FoveateError) as caught:
        MLP.from_spec(spec)
    assert word in str(caught.value)
