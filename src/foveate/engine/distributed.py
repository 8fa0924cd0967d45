"""Several processes as one: joining a torchrun group, gathering with gradients, batch norm over all of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import torch
import torch.distributed as dist
from torch import Tensor, nn

from foveate.core.errors import FoveateError

Parallel = Literal["ddp", "fsdp"]


@dataclass(frozen=True)
class Ranks:
    """This process's place among those that work together."""

    rank: int = 0
    world: int = 1
    device: torch.device | None = None

    @property
    def first(self) -> bool:
        """Whether this is the process that writes and speaks."""
        return self.rank == 0

    def share(self, indices: Tensor) -> Tensor:
        """This process's contiguous part of a batch that every process knows; all parts are equally long.

        Raises:
            FoveateError: the batch cannot be divided evenly.
        """
        if len(indices) % self.world:
            raise FoveateError(
                f"a batch of {len(indices)} images cannot be divided among {self.world} processes.",
                f"choose --batch {max(len(indices) // self.world, 1) * self.world}",
            )
        size = len(indices) // self.world
        return indices[self.rank * size : (self.rank + 1) * size]


@contextmanager
def join(engine: str, device: torch.device, *, verb: str = "pretrain") -> Iterator[Ranks]:
    """The processes of this run: one for ``local``, torchrun's group for ``torchrun``.

    Raises:
        FoveateError: ``torchrun`` was asked for but did not start this process, or the other way round.
    """
    launched = "WORLD_SIZE" in os.environ and "RANK" in os.environ
    if engine == "ray":
        raise FoveateError(f"--engine ray does not train: {verb} runs on local or torchrun.", "use --engine torchrun")
    if engine == "torchrun" and not launched:
        raise FoveateError(
            "--engine torchrun, but torchrun did not start this process.",
            f"run: torchrun --nproc-per-node 2 --no-python foveate {verb} … --engine torchrun",
        )
    if engine == "local":
        if launched and int(os.environ["WORLD_SIZE"]) > 1:
            raise FoveateError(
                f"torchrun started {os.environ['WORLD_SIZE']} processes, but the engine is local.",
                "add --engine torchrun, or start foveate without torchrun",
            )
        yield Ranks(device=device)
        return
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0)))
        torch.cuda.set_device(device)
    already = dist.is_initialized()
    if not already:
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Ranks(dist.get_rank(), dist.get_world_size(), device)
    finally:
        if not already:
            dist.destroy_process_group()


def world() -> int:
    """How many processes work together."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def rank() -> int:
    """This process's number among them."""
    return dist.get_rank() if dist.is_available() and dist.is_initialized() else 0


class _Gather(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        parts = [torch.empty_like(x) for _ in range(world())]
        dist.all_gather(parts, x.contiguous())
        ctx.rows = len(x)
        return torch.cat(parts)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        total = grads[0].contiguous()
        dist.all_reduce(total)
        return total[rank() * ctx.rows : (rank() + 1) * ctx.rows]


class _Sum(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        total = x.clone().contiguous()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        total = grads[0].clone().contiguous()
        dist.all_reduce(total)
        return total


def gather(x: Tensor) -> Tensor:
    """All processes' rows in order of rank, [b …] → [world·b …], with gradients to each.

    The gradient is summed over processes, so that after the usual averaging of parameter gradients (DDP, FSDP) a loss
    computed everywhere on the gathered rows has exactly the gradient of one process that holds them all.
    """
    return _Gather.apply(x) if world() > 1 else x


def sum_over_ranks(x: Tensor) -> Tensor:
    """The sum over processes, with gradients."""
    return _Sum.apply(x) if world() > 1 else x


@torch.no_grad()
def mean_over_ranks(x: Tensor) -> Tensor:
    """The mean over processes, for logs."""
    if world() == 1:
        return x
    x = x.detach().clone()
    dist.all_reduce(x)
    return x / world()


@torch.no_grad()
def any_rank(flag: int, device: torch.device) -> int:
    """The largest of a small number over processes: how they agree to stop or to save."""
    if world() == 1:
        return flag
    value = torch.tensor([flag], device=device)
    dist.all_reduce(value, op=dist.ReduceOp.MAX)
    return int(value)


def barrier() -> None:
    if world() > 1:
        dist.barrier()


class BatchNormAcross(nn.modules.batchnorm._BatchNorm):
    """Batch norm over the rows of all processes, on any device (torch's SyncBatchNorm works on GPUs alone).

    In evaluation, and with one process, it is ordinary batch norm of any dimension. ``after`` is what a layer that
    joins norm and activation (timm's ``BatchNormAct2d``) does behind the norm.
    """

    after: nn.Module | None

    def __init__(self, *args: Any, after: nn.Module | None = None) -> None:
        super().__init__(*args)
        self.after = after

    def _check_input_dim(self, x: Tensor) -> None:
        assert x.ndim >= 2

    def forward(self, x: Tensor) -> Tensor:
        out = self._across(x) if self.training and world() > 1 else super().forward(x)
        return out if self.after is None else self.after(out)

    def _across(self, x: Tensor) -> Tensor:
        axes = [0, *range(2, x.ndim)]
        count = x.numel() // x.shape[1] * world()
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        shape = [1, -1] + [1] * (x.ndim - 2)
        mean = sum_over_ranks(wide.sum(axes)) / count
        centred = wide - mean.view(shape)
        variance = sum_over_ranks(centred.square().sum(axes)) / count
        if self.track_running_stats and self.running_mean is not None and self.running_var is not None:
            assert self.num_batches_tracked is not None
            self.num_batches_tracked += 1
            step = self.momentum if self.momentum is not None else 1.0 / float(self.num_batches_tracked)
            self.running_mean.lerp_(mean.detach().to(self.running_mean.dtype), step)
            unbiased = variance.detach() * (count / max(count - 1, 1))
            self.running_var.lerp_(unbiased.to(self.running_var.dtype), step)
        out = centred * torch.rsqrt(variance + self.eps).view(shape)
        if self.affine:
            out = out * self.weight.view(shape) + self.bias.view(shape)
        return out.to(x.dtype)


def synchronise_batch_norm(module: nn.Module) -> int:
    """Replace the batch norms inside a module by ones over all processes, in place; returns how many.

    Weights, running statistics and state-dict keys stay.
    """
    count = 0
    for name, child in module.named_children():
        if isinstance(child, nn.modules.batchnorm._BatchNorm) and not isinstance(child, BatchNormAcross):
            setattr(module, name, _across(child))
            count += 1
        else:
            count += synchronise_batch_norm(child)
    return count


def _across(norm: nn.modules.batchnorm._BatchNorm) -> nn.Module:
    joined = [part for name in ("drop", "act") if isinstance(part := getattr(norm, name, None), nn.Module)]
    if norm.affine and norm.weight.is_cuda and not joined:
        return nn.SyncBatchNorm.convert_sync_batchnorm(norm)
    after = nn.Sequential(*joined) if joined else None
    new = BatchNormAcross(
        norm.num_features, norm.eps, norm.momentum, norm.affine, norm.track_running_stats, after=after
    )
    new.train(norm.training)
    if norm.affine:
        new.weight, new.bias = norm.weight, norm.bias
    if norm.track_running_stats:
        new.running_mean, new.running_var = norm.running_mean, norm.running_var
        new.num_batches_tracked = norm.num_batches_tracked
    return new


def wrap(module: nn.Module, parallel: Parallel, ranks: Ranks) -> nn.Module:
    """The module as one of ``ranks.world`` replicas (DDP) or shards (FSDP2); itself where there is one process.

    FSDP2 shards the blocks of a transformer one by one and the rest together, so that no more than one block's full
    weights stand beside the shards at a time.
    """
    if ranks.world == 1:
        return module
    if parallel == "ddp":
        ids = [ranks.device.index] if ranks.device is not None and ranks.device.type == "cuda" else None
        # Static: the same weights get gradients in every step, and those that never do (a classifier that the loss
        # leaves aside) are not waited for.
        return nn.parallel.DistributedDataParallel(module, device_ids=ids, static_graph=True)
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    assert ranks.device is not None
    mesh = init_device_mesh(ranks.device.type, (ranks.world,))
    for name, child in list(module.named_modules()):
        if name.rpartition(".")[2] == "blocks" and isinstance(child, nn.ModuleList | nn.Sequential):
            for block in child:
                fully_shard(block, mesh=mesh)
    fully_shard(module, mesh=mesh)
    return module
