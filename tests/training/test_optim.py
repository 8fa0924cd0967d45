from __future__ import annotations

import pytest
import torch
from torch import nn

from foveate.training.optim import LARS, make_optimizer, parameter_groups, scaled_rate


def test_the_rate_follows_the_batch() -> None:
    assert scaled_rate(0.1, 512, "linear") == pytest.approx(0.2)
    assert scaled_rate(0.1, 1024, "sqrt") == pytest.approx(0.2)
    assert scaled_rate(0.1, 64, "none") == 0.1


def test_biases_norms_and_tokens_do_not_decay() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.norm, self.head = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Linear(4, 2)
            self.cls_token = nn.Parameter(torch.zeros(1, 1, 4))
            self.frozen = nn.Linear(2, 2).requires_grad_(False)

    net = Net()
    decayed, free = parameter_groups([net, net.head], 0.1)
    names = {id(p): n for n, p in net.named_parameters()}
    assert {names[id(p)] for p in decayed["params"]} == {"conv.weight", "head.weight"}
    assert {names[id(p)] for p in free["params"]} == {"conv.bias", "norm.weight", "norm.bias", "head.bias", "cls_token"}
    assert (decayed["weight_decay"], free["weight_decay"]) == (0.1, 0.0)
    assert free["adapt"] is False


def test_adamw_does_not_move_what_has_no_gradient_but_decays_weights() -> None:
    layer = nn.Linear(2, 2)
    before = {n: p.detach().clone() for n, p in layer.named_parameters()}
    optimizer = make_optimizer("adamw", parameter_groups([layer], 0.5), rate=0.1)
    for p in layer.parameters():
        p.grad = torch.zeros_like(p)
    optimizer.step()
    torch.testing.assert_close(layer.weight.detach(), before["weight"] * 0.95)
    torch.testing.assert_close(layer.bias.detach(), before["bias"])


def test_lars_is_its_formula() -> None:
    torch.manual_seed(0)
    weight, bias = nn.Parameter(torch.randn(4, 3)), nn.Parameter(torch.randn(4))
    w, b = weight.detach().double().numpy().copy(), bias.detach().double().numpy().copy()
    mw, mb = 0 * w, 0 * b
    groups = [{"params": [weight], "weight_decay": 0.1}, {"params": [bias], "weight_decay": 0.0, "adapt": False}]
    optimizer = LARS(groups, lr=0.3, momentum=0.9, trust=0.02)
    for _ in range(3):
        weight.grad, bias.grad = torch.randn(4, 3), torch.randn(4)
        gw, gb = weight.grad.double().numpy(), bias.grad.double().numpy()
        optimizer.step()
        update = gw + 0.1 * w
        mw = 0.9 * mw + update * 0.02 * (w**2).sum() ** 0.5 / (update**2).sum() ** 0.5
        mb = 0.9 * mb + gb
        w, b = w - 0.3 * mw, b - 0.3 * mb
    torch.testing.assert_close(weight.detach().double(), torch.from_numpy(w), rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(bias.detach().double(), torch.from_numpy(b), rtol=1e-5, atol=1e-6)


def test_lars_takes_the_plain_update_where_the_weight_is_zero() -> None:
    weight = nn.Parameter(torch.zeros(2, 2))
    optimizer = LARS([weight], lr=1.0, momentum=0.0)
    weight.grad = torch.ones(2, 2)
    optimizer.step()
    assert torch.equal(weight.detach(), -torch.ones(2, 2))


def test_groups_carry_their_factor_of_the_rate() -> None:
    net = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 2))
    groups = parameter_groups([net], 0.1, factor=lambda name: 0.5 if name.startswith("0.") else 1.0)
    names = {id(p): n for n, p in net.named_parameters()}
    told = [({names[id(p)] for p in g["params"]}, g["rate_factor"], g["weight_decay"], g["adapt"]) for g in groups]
    assert told == [
        ({"0.weight"}, 0.5, 0.1, True),
        ({"1.weight"}, 1.0, 0.1, True),
        ({"0.bias"}, 0.5, 0.0, False),
        ({"1.bias"}, 1.0, 0.0, False),
    ]
    assert all(g["rate_factor"] == 1.0 for g in parameter_groups([net], 0.1))
