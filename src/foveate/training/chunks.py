"""Exact accumulation for losses that couple the images of a batch: embed in chunks, keep only the embeddings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint


def in_chunks(
    embed: Callable[..., Tensor], images: Tensor, chunk: int | None, module: nn.Module, *others: Tensor
) -> Tensor:
    """``embed(images, *others)`` with the activations of ``chunk`` images in memory at a time.

    The whole batch's embeddings come out, so any loss over them has its exact gradient (the idea of GradCache); the
    price is one more forward pass, in which each chunk is embedded again just before its backward pass. Batch norm
    normalises within a chunk, as it does within one process of a distributed run, and its running statistics move
    once, not twice.

    Args:
        embed: images [b …] → embeddings [b …].
        images: the batch of one view.
        chunk: images at a time; None or at least b: all at once, nothing recomputed.
        module: where the batch norms are.
        others: [b …], what belongs to each image, such as its mask.
    """
    if chunk is None or chunk >= len(images):
        return embed(images, *others)
    parts = [
        checkpoint(embed, *parts, use_reentrant=False, context_fn=lambda: (nullcontext(), frozen_statistics(module)))
        for parts in zip(*(each.split(chunk) for each in (images, *others)), strict=True)
    ]
    return torch.cat(parts)


def frozen_statistics(module: nn.Module) -> AbstractContextManager[None]:
    """A context in which batch norms normalise by the batch, as ever, and running statistics stay as they were."""
    norms = [m for m in module.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm) and m.track_running_stats]
    return _without_update(norms)


@contextmanager
def _without_update(norms: list[nn.modules.batchnorm._BatchNorm]) -> Iterator[None]:
    """Batch statistics are used, running ones are put back: the recomputation must leave no trace."""
    kept = [
        (norm, {name: value.clone() for name, value in norm.named_buffers(recurse=False)})
        for norm in norms
        if norm.training
    ]
    try:
        yield
    finally:
        for norm, buffers in kept:
            for name, value in buffers.items():
                getattr(norm, name).copy_(value)
