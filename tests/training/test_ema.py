from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from timm.layers import DropPath
from torch import nn

from foveate.training.contract import Progress
from foveate.training.ema import EMA


def test_it_follows_its_formula() -> None:
    source = nn.Linear(3, 2)
    slow = EMA(source, momentum=0.9, final=None)
    expected = source.weight.detach().clone()
    for step in range(1, 6):
        with torch.no_grad():
            source.weight.add_(1.0)
        slow.update(Progress(step, 5))
        expected = 0.9 * expected + 0.1 * source.weight.detach()
    torch.testing.assert_close(slow.module.weight, expected)


def test_its_batch_norm_describes_its_own_weights() -> None:
    """A teacher whose weights lag far behind: what it says in use is what it says of a batch, only with its own statistics."""
    torch.manual_seed(0)
    source = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2, momentum=1.0))
    slow = EMA(source, momentum=1.0, final=None)
    with torch.no_grad():
        source[0].weight.mul_(-5.0)
        source[0].bias.add_(7.0)
    images = torch.randn(512, 3)
    source(images)
    seen = slow(images)
    slow.update(Progress(1, 5))
    torch.testing.assert_close(slow.eval()(images), seen, atol=0.01, rtol=0.01)
    torch.testing.assert_close(slow.module[1].running_mean, slow.module[0](images).mean(0))


def test_it_drops_nothing_in_training() -> None:
    slow = EMA(nn.Sequential(nn.Dropout(0.5), DropPath(0.5), nn.BatchNorm1d(4, affine=False)))
    images = torch.randn(64, 4)
    for mode in (False, True):  # a loop puts a whole objective into either mode
        nn.ModuleList([slow]).train(mode)
    torch.testing.assert_close(slow(images), F.batch_norm(images, None, None, training=True))


def test_the_momentum_rises_towards_the_end_of_the_run() -> None:
    slow = EMA(nn.Linear(1, 1), momentum=0.99, final=1.0)
    values = [slow.momentum_at(Progress(step, 10)) for step in range(1, 11)]
    assert values[0] == 0.99
    assert values == sorted(values)
    for done, value in enumerate(
        values
    ):  # Grill et al. 2020: 1 − (1 − τ)(cos(πk/K) + 1)/2, so that the last step moves it too
        assert math.isclose(value, 1 - 0.01 * (math.cos(math.pi * done / 10) + 1) / 2)


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
