"""What one process can see of working with others; tests/pretraining/test_two_processes.py starts two."""

from __future__ import annotations

import pytest
import torch
from timm.layers import BatchNormAct2d
from torch import nn

from foveate.core.errors import FoveateError
from foveate.engine.distributed import (
    BatchNormAcross,
    Ranks,
    any_rank,
    gather,
    join,
    mean_over_ranks,
    sum_over_ranks,
    synchronise_batch_norm,
    wrap,
)

CPU = torch.device("cpu")


def test_alone_everything_is_itself() -> None:
    x = torch.randn(3, 2, requires_grad=True)
    assert gather(x) is x
    assert sum_over_ranks(x) is x
    assert torch.equal(mean_over_ranks(x), x)
    assert any_rank(3, CPU) == 3
    net = nn.Linear(1, 1)
    assert wrap(net, "fsdp", Ranks(device=CPU)) is net
    with join("local", CPU) as ranks:
        assert (ranks.rank, ranks.world, ranks.first) == (0, 1, True)


def test_shares_are_contiguous_and_even() -> None:
    rows = torch.arange(12)
    assert torch.equal(torch.cat([Ranks(rank, 3, CPU).share(rows) for rank in range(3)]), rows)
    with pytest.raises(FoveateError, match="--batch 10"):
        Ranks(0, 5, CPU).share(rows)


def test_batch_norms_are_replaced_in_place_and_do_the_same() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 4, 3), BatchNormAct2d(4), nn.Sequential(nn.BatchNorm2d(4)), nn.Flatten())
    net.append(nn.Sequential(nn.Linear(4 * 36, 5), nn.BatchNorm1d(5, affine=False)))
    x = torch.randn(6, 3, 8, 8)
    net(x)  # running statistics that are not the default
    keys, weight = list(net.state_dict()), net[1].weight
    expected = net.eval()(x)
    assert synchronise_batch_norm(net) == 3
    assert synchronise_batch_norm(net) == 0
    assert list(net.state_dict()) == keys
    assert net[1].weight is weight
    assert isinstance(net[1], BatchNormAcross)
    torch.testing.assert_close(net(x), expected)
    assert (net[:2](x) >= 0).all()


@pytest.mark.parametrize(("engine", "words"), [("ray", "torchrun"), ("torchrun", "torchrun --nproc-per-node 2")])
def test_the_wrong_engine_is_said(engine: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    with pytest.raises(FoveateError) as caught, join(engine, CPU):
        pass
    assert words in caught.value.remedy
