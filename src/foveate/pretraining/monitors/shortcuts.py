"""Two things that an objective may be met by instead of by what images show: their colours, and their batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from foveate.measures.neighbours import nearest

_LAMBDA = 1e-3  # of the ridge, in multiples of the mean eigenvalue


def colour_share(
    x: Float[Tensor, "n d"], images: Float[Tensor, "n 3 h w"], y: Float[Tensor, "m d"], others: Float[Tensor, "m 3 h w"]
) -> float:
    """The share of the variance of unit-length embeddings ``y`` that the images' mean colour explains.

    Mean and deviation of each channel, their squares and products predict the embedding by ridge, fitted on ``x``. At most
    1; about 0 where colour says nothing, and below where the fit does not carry over.
    """
    known, unknown = _histogram(images), _histogram(others)
    centre, scale = known.mean(0), known.std(0).clamp_min(1e-6)
    a, b = (known - centre) / scale, (unknown - centre) / scale
    fitted, wanted = (F.normalize(each.double(), dim=1) for each in (x, y))
    mean = fitted.mean(0)
    gram = a.T @ a
    gram.diagonal().add_(_LAMBDA * gram.diagonal().mean())
    weight = torch.linalg.solve(gram, a.T @ (fitted - mean))
    left = (wanted - mean - b @ weight).square().sum()
    return float(1 - left / (wanted - mean).square().sum().clamp_min(1e-300))


def _histogram(images: Tensor) -> Tensor:
    x = images.double().flatten(2)
    first = torch.cat([x.mean(2), x.std(2)], dim=1)
    i, j = torch.triu_indices(first.shape[1], first.shape[1])
    return torch.cat([first, first[:, i] * first[:, j]], dim=1)


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
