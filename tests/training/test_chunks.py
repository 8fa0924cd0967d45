from __future__ import annotations

import copy

import torch
from torch import nn

from foveate.training.chunks import in_chunks


def test_gradients_of_a_coupled_loss_are_those_of_the_whole_batch() -> None:
    torch.manual_seed(0)
    whole = nn.Sequential(nn.Linear(6, 8), nn.LayerNorm(8), nn.Tanh(), nn.Linear(8, 3)).double()
    pieces = copy.deepcopy(whole)
    x = torch.randn(10, 6, dtype=torch.float64)
    for net, chunk in ((whole, None), (pieces, 3)):
        z = nn.functional.normalize(in_chunks(net, x, chunk, net), dim=1)
        torch.logsumexp(z @ z.T, 1).sum().backward()
    for a, b in zip(whole.parameters(), pieces.parameters(), strict=True):
        torch.testing.assert_close(a.grad, b.grad, rtol=1e-12, atol=1e-12)


def test_running_statistics_move_once_a_chunk() -> None:
    torch.manual_seed(0)
    net = nn.BatchNorm1d(4)
    by_hand = copy.deepcopy(net)
    x = torch.randn(8, 4)
    in_chunks(net, x, 4, net).square().sum().backward()
    for part in x.split(4):
        by_hand(part)
    torch.testing.assert_close(net.running_mean, by_hand.running_mean)
    torch.testing.assert_close(net.running_var, by_hand.running_var)
    assert int(net.num_batches_tracked) == 2


def test_dropout_is_the_same_in_the_recomputation() -> None:
    net = nn.Sequential(nn.Linear(4, 64), nn.Dropout(0.5))
    x = torch.randn(6, 4)
    torch.manual_seed(1)
    z = in_chunks(net, x, 3, net)
    z.sum().backward()
    kept = (z != 0).float()
    torch.testing.assert_close(net[0].bias.grad, 2 * kept.sum(0))
