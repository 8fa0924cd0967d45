"""Every objective, in two gloo processes, is what it is in one: with replicas and with shards."""

from __future__ import annotations

import tempfile
import traceback
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch import Tensor

from foveate.encoders.load import load
from foveate.engine.distributed import Ranks, gather, mean_over_ranks, rank, synchronise_batch_norm, wrap
from foveate.pretraining.objective import Batch, Objective, Progress, Setting
from foveate.pretraining.registry import OBJECTIVES
from foveate.training.checkpoints import Checkpoints, Position, State, full_weights
from foveate.training.optim import make_optimizer, parameter_groups
from tests.pretraining.objectives.conftest import OWN, declared

BATCH, SIZE = 8, 16
CASES = [(name, parallel) for name in OWN for parallel in ("ddp", "fsdp")]
Result = dict[str, Tensor]
# What a case costs goes by the number of tensors, each of which is gathered and saved by itself: two blocks tell what four do.
SHALLOW: dict[str, dict[str, Any]] = {
    "foveate:resnet9": {"stem": 8, "widths": (8, 16), "depths": (1, 1)},
    "foveate:vit-mini": {"depth": 2},
}
# And few weights behind them: by default heads are several times the encoder.
NARROW = {
    "projector": (32, 16),
    "predictor": (16,),
    "prototypes": 24,
    "decoder_width": 16,
    "decoder_depth": 1,
    "queue": 32,
}


def whole(x: Tensor) -> Tensor:
    return x.full_tensor() if hasattr(x, "full_tensor") else x


def everything(objective: Objective) -> Tensor:
    """All weights and statistics as one vector; the first process's export must hold the same. Costs two messages a tensor."""
    values = torch.cat([whole(v).flatten().double() for v in objective.state_dict().values()])
    exported = full_weights(objective)
    if rank() == 0:
        assert torch.equal(torch.cat([v.flatten().double() for v in exported.values()]), values)
    return values


def one_step(name: str, parallel: str, ranks: Ranks, folder: str = "") -> Result:
    """Loss and gradients of one step, the weights and running statistics after it; with a folder these are saved and loaded."""
    kind = OBJECTIVES.load(name)
    address = kind.advice.get("encoder", "foveate:resnet9")  # it has batch norms
    encoder = load(address, image_size=SIZE, seed=0, args=SHALLOW.get(address))
    setting = Setting(image_size=SIZE, images=BATCH, batch=BATCH, steps=10, classes=4)
    torch.manual_seed(0)
    encoder.module.classifier = torch.nn.Linear(encoder.width, 3)  # no loss here reaches it
    narrow = {knob: value for knob, value in NARROW.items() if knob in kind.Config.__dataclass_fields__}
    objective: Objective = kind(kind.Config(**(narrow | declared(name, "SMALL"))), encoder, setting).train().double()
    stream = torch.Generator().manual_seed(1)
    sizes = [view.size for view in objective.views()]
    views = [torch.randn(BATCH, 3, size, size, generator=stream, dtype=torch.float64) for size in sizes]
    batch = Batch(views=views, labels=torch.arange(BATCH) % 4, rows=torch.arange(BATCH), size=BATCH, seed=1)
    if ranks.world > 1:
        synchronise_batch_norm(objective)
        share = BATCH // ranks.world
        batch = batch.part(ranks.rank * share, (ranks.rank + 1) * share)
    wrapped = wrap(objective, parallel, ranks)  # type: ignore[arg-type]
    optimizer = make_optimizer("lars", parameter_groups([objective], 0.1), rate=0.5)
    loss, _, _ = wrapped(batch)
    loss.backward()
    gradients = torch.cat([whole(p.grad).flatten() for p in objective.parameters() if p.grad is not None])
    optimizer.step()
    objective.after_step(Progress(1, setting.steps))
    after = everything(objective)
    result = {"loss": mean_over_ranks(loss.detach()), "gradients": gradients, "after": after}
    if folder:
        _there_and_back(Path(folder) / f"{name}-{parallel}", objective, optimizer, ranks)
    return result


def local(objective: Objective, optimizer: torch.optim.Optimizer) -> list[Tensor]:
    """What this process holds of weights, statistics and momenta, copied; no message is sent."""
    values = [*objective.state_dict().values(), *(kept["momentum"] for kept in optimizer.state.values() if kept)]
    return [(v.to_local() if hasattr(v, "to_local") else v).detach().clone() for v in values]


def _there_and_back(folder: Path, objective: Objective, optimizer: torch.optim.Optimizer, ranks: Ranks) -> None:
    """Save the run's state, spoil it, and load it again: each process has its own share back, bit for bit."""
    before = local(objective, optimizer)
    checkpoints = Checkpoints(folder, ranks=ranks)
    state = State(objective, optimizer, {})
    checkpoints.save_partial(Position(0, 1, 0), 1, state)
    with torch.no_grad():
        for value in objective.state_dict().values():
            value.zero_()
        for kept in optimizer.state.values():
            kept["momentum"].zero_()
    assert not any(bool(v.any()) for v in local(objective, optimizer))
    latest = checkpoints.latest()
    assert latest is not None
    checkpoints.load(latest, state)
    after = local(objective, optimizer)
    assert len(after) == len(before) > 0
    assert all(torch.equal(one, other) for one, other in zip(after, before, strict=True)), folder.name


def _one(case: tuple[str, str], ranks: Ranks, folder: str) -> Result | str:
    """A case's result, or what it broke at: the others go on."""
    try:
        return one_step(*case, ranks, folder)
    except Exception:
        return traceback.format_exc()


def _worker(number: int, folder: str, cases: list[tuple[str, str]]) -> None:
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{folder}/group", rank=number, world_size=2)
    try:
        results = {case: _one(case, Ranks(number, 2, torch.device("cpu")), folder) for case in cases}
        x = torch.full((2, 3), float(rank()), dtype=torch.float64, requires_grad=True)
        weights = torch.arange(12.0, dtype=torch.float64).view(4, 3) * (1 + rank())
        (gather(x) * weights).sum().backward()
        torch.save((results, gather(x).detach(), x.grad), f"{folder}/{number}.pt")
    finally:
        dist.destroy_process_group()


@pytest.fixture(scope="module")
def two(request: pytest.FixtureRequest) -> list[tuple[dict[tuple[str, str], Result | str], Tensor, Tensor]]:
    """The results of both processes, of the cases that are to be tested."""
    with tempfile.TemporaryDirectory() as folder:
        asked = [item.callspec.params for item in request.session.items if hasattr(item, "callspec")]
        cases = [(name, parallel) for name, parallel in CASES if {"name": name, "parallel": parallel} in asked]
        mp.spawn(_worker, args=(folder, cases), nprocs=2)
        return [torch.load(f"{folder}/{number}.pt") for number in range(2)]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "parallel"), CASES)
def test_two_processes_are_one(two: list, name: str, parallel: str) -> None:
    alone = one_step(name, parallel, Ranks(device=torch.device("cpu")))
    for results, _, _ in two:
        result = results[name, parallel]
        assert not isinstance(result, str), result
        torch.testing.assert_close(result["loss"], alone["loss"], rtol=1e-5, atol=0)
        torch.testing.assert_close(result["gradients"], alone["gradients"], rtol=1e-6, atol=1e-7)
        torch.testing.assert_close(result["after"], alone["after"], rtol=1e-6, atol=1e-7)


def test_gather_brings_rows_in_order_and_gradients_home(two: list) -> None:
    weights = torch.arange(12.0, dtype=torch.float64).view(4, 3)
    for number, (_, gathered, gradient) in enumerate(two):
        assert gathered[:, 0].tolist() == [0, 0, 1, 1]
        torch.testing.assert_close(gradient, 3 * weights[2 * number : 2 * number + 2])
