"""Two things that an objective may be met by instead of by what images show: their colours, and their batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import torch
from jaxtyping import Float
from torch import Tensor, nn

from foveate.measures.arrays import as_matrix
from foveate.measures.neighbours import nearest


def colour_shift(x: Float[Tensor, "n d"], swapped: Float[Tensor, "n d"]) -> float:
    """How far embeddings move when an image's channels change places, as a share of how far different images lie apart.

    0 where colours say nothing, 1 where an image in other colours is as good as another image (squared distances). What the
    embedding says of shapes stays the same, so that 1 means that it says little of them.

    Args:
        x: embeddings of images. swapped: of the same with channels in the order G, B, R.
    """
    x, swapped = as_matrix(x).double(), as_matrix(swapped).double()
    apart = 2 * (x - x.mean(0)).square().sum() / max(len(x) - 1, 1)  # the mean over pairs of different images
    return float((x - swapped).square().sum() / len(x) / apart.clamp_min(1e-300))


@torch.no_grad()
def same_batch(
    embed: Callable[[Tensor], Mapping[str, Tensor]], module: nn.Module, images: Float[Tensor, "n 3 h w"], *, group: int
) -> tuple[float, float] | None:
    """How often, in training mode, an image's nearest other was embedded in the same batch; and how often by chance.

    Images are embedded ``group`` at a time. What they have in common is then only what batch statistics put there. The
    module is left as it was. None where there is no batch norm in training mode or there are fewer than two batches.
    """
    norms = [m for m in module.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    batches = len(images) // group
    if not norms or batches < 2 or group < 2:
        return None
    with _training(module):
        x = torch.cat([_last(embed(part)) for part in images[: batches * group].split(group)]).float()
    if not bool(torch.isfinite(x).all()):
        return None
    own = torch.arange(len(x), device=x.device)
    _, index = nearest(x, x, 1, exclude=own)
    share = float((index[:, 0] // group == own // group).float().mean())
    return share, (group - 1) / (len(x) - 1)


def _last(embeddings: Mapping[str, Tensor]) -> Tensor:
    return embeddings.get("projector", embeddings["backbone"])


@contextmanager
def _training(module: nn.Module) -> Iterator[None]:
    """Training mode, from which statistics, modes and random numbers come back as they were."""
    modes = {part: part.training for part in module.modules()}
    kept = [(buffer, buffer.clone()) for buffer in module.buffers()]
    devices = {buffer.device for buffer in module.buffers() if buffer.device.type == "cuda"}
    try:
        with torch.random.fork_rng(devices=list(devices)):
            module.train()
            yield
    finally:
        for buffer, value in kept:
            buffer.copy_(value)
        for part, mode in modes.items():
            part.training = mode
