"""Every objective, in two gloo processes, is what it is in one: with replicas and with shards."""

from __future__ import annotations

import tempfile
from pathlib import Path

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
from tests.pretraining.objectives.conftest import FEW

BATCH, SIZE = 8, 16
OWN = [name for name in OBJECTIVES.names() if OBJECTIVES.load(name).__module__.startswith("foveate.")]
CASES = [(name, parallel) for name in OWN for parallel in ("ddp", "fsdp")]
Result = dict[str, Tensor]


def whole(x: Tensor) -> Tensor:
    return x.full_tensor() if hasattr(x, "full_tensor") else x


def everything(objective: Objective) -> Tensor:
    """All weights and statistics as one vector; the first process's export must hold the same."""
    values = torch.cat([whole(v).flatten().double() for v in objective.state_dict().values()])
    exported = full_weights(objective)
    if rank() == 0:
        assert torch.equal(torch.cat([v.flatten().double() for v in exported.values()]), values)
    return values


def one_step(name: str, parallel: str, ranks: Ranks, folder: str = "") -> Result:
    """Loss, gradients and running statistics of one step, the weights after it, and after saving and loading them."""
    kind = OBJECTIVES.load(name)
    # Unless the objective advises another: one with batch norm, and with a classifier that no loss here reaches.
    encoder = load(kind.advice.get("encoder", "random:test_resnet"), image_size=SIZE, seed=0)
    setting = Setting(image_size=SIZE, images=BATCH, batch=BATCH, steps=10, classes=4)
    torch.manual_seed(0)
    objective: Objective = kind(kind.Config(**FEW.get(name, {})), encoder, setting).train().double()
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
        result["back"] = everything(objective)
        states = [whole(state["momentum"]).flatten() for state in optimizer.state.values() if state]
        result["momentum"] = torch.cat(states)
    return result


def _there_and_back(folder: Path, objective: Objective, optimizer: torch.optim.Optimizer, ranks: Ranks) -> None:
    """Save the run's state, spoil it, and load it again."""
    checkpoints = Checkpoints(folder, ranks=ranks)
    state = State(objective, optimizer, {})
    checkpoints.save_partial(Position(0, 1, 0), 1, state)
    with torch.no_grad():
        for p in objective.parameters():
            p.mul_(0)
        for kept in optimizer.state.values():
            kept["momentum"].mul_(0)
    latest = checkpoints.latest()
    assert latest is not None
    checkpoints.load(latest, state)


def _worker(number: int, folder: str) -> None:
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{folder}/group", rank=number, world_size=2)
    try:
        results = {case: one_step(*case, Ranks(number, 2, torch.device("cpu")), folder) for case in CASES}
        x = torch.full((2, 3), float(rank()), dtype=torch.float64, requires_grad=True)
        weights = torch.arange(12.0, dtype=torch.float64).view(4, 3) * (1 + rank())
        (gather(x) * weights).sum().backward()
        torch.save((results, gather(x).detach(), x.grad), f"{folder}/{number}.pt")
    finally:
        dist.destroy_process_group()


@pytest.fixture(scope="module")
def two() -> list[tuple[dict[tuple[str, str], Result], Tensor, Tensor]]:
    with tempfile.TemporaryDirectory() as folder:
        mp.spawn(_worker, args=(folder,), nprocs=2)
        return [torch.load(f"{folder}/{number}.pt") for number in range(2)]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "parallel"), CASES)
def test_two_processes_are_one(two: list, name: str, parallel: str) -> None:
    alone = one_step(name, parallel, Ranks(device=torch.device("cpu")))
    for results, _, _ in two:
        result = results[name, parallel]
        torch.testing.assert_close(result["loss"], alone["loss"], rtol=1e-5, atol=0)
        torch.testing.assert_close(result["gradients"], alone["gradients"], rtol=1e-6, atol=1e-7)
        torch.testing.assert_close(result["after"], alone["after"], rtol=1e-6, atol=1e-7)
        assert torch.equal(result["back"], result["after"])
        assert bool(result["momentum"].any())


def test_gather_brings_rows_in_order_and_gradients_home(two: list) -> None:
    weights = torch.arange(12.0, dtype=torch.float64).view(4, 3)
    for number, (_, gathered, gradient) in enumerate(two):
        assert gathered[:, 0].tolist() == [0, 0, 1, 1]
        torch.testing.assert_close(gradient, 3 * weights[2 * number : 2 * number + 2])
