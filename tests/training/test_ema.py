from __future__ import annotations

import torch
from torch import nn

from foveate.training.contract import Progress
from foveate.training.ema import EMA


def test_it_follows_its_formula_and_copies_buffers() -> None:
    source = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    slow = EMA(source, momentum=0.9, final=None)
    expected = source[0].weight.detach().clone()
    for step in range(1, 6):
        with torch.no_grad():
            source[0].weight.add_(1.0)
            source[1].running_mean.add_(0.5)
        slow.update(Progress(step, 5))
        expected = 0.9 * expected + 0.1 * source[0].weight.detach()
    torch.testing.assert_close(slow.module[0].weight, expected)
    assert torch.equal(slow.module[1].running_mean, source[1].running_mean)


def test_the_momentum_rises_from_first_to_last_step() -> None:
    slow = EMA(nn.Linear(1, 1), momentum=0.99, final=1.0)
    values = [slow.momentum_at(Progress(step, 10)) for step in range(1, 11)]
    assert values[0] == 0.99
    assert values[-1] == 1.0
    assert values == sorted(values)


def test_no_gradients_and_no_second_copy_of_the_source() -> None:
    source = nn.Linear(2, 2)
    slow = EMA(source)
    assert not any(p.requires_grad for p in slow.parameters())
    assert set(slow.state_dict()) == {"module.weight", "module.bias"}
    torch.testing.assert_close(slow(torch.ones(1, 2)), source(torch.ones(1, 2)))


def test_frozen_and_copying_momenta() -> None:
    source = nn.Linear(2, 2)
    frozen, copying = EMA(source, momentum=1.0, final=None), EMA(source, momentum=0.0, final=None)
    before = frozen.module.weight.clone()
    with torch.no_grad():
        source.weight.add_(1)
    for slow in (frozen, copying):
        slow.update(Progress(1, 2))
    assert torch.equal(frozen.module.weight, before)
    torch.testing.assert_close(copying.module.weight, source.weight.detach())
