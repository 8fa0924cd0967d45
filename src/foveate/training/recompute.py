"""Activation checkpointing (Chen et al. 2016): blocks keep what enters them, and run again in the backward pass."""

from __future__ import annotations

from contextlib import nullcontext
from functools import cache, partial
from typing import Any

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from foveate.core.errors import FoveateError
from foveate.encoders.blocks import block_paths
from foveate.encoders.encoder import Encoder
from foveate.training.chunks import frozen_statistics


def recompute_blocks(encoder: Encoder) -> int:
    """Make every block of an encoder run again in the backward pass; returns their number.

    Gradients, running statistics and random numbers stay what they were; a step takes one more forward pass. It works on any
    encoder whose blocks have taps, since it changes their class and not their names: state, hooks and copies go on as before.

    Raises:
        FoveateError: it has no blocks that are known.
    """
    blocks = [encoder.module.get_submodule(path) for path in block_paths(encoder)]
    if not blocks:
        raise FoveateError(
            f"--checkpointing runs blocks again, and {encoder.address} has none that are known.",
            "leave it out, and use --micro-batch, which keeps fewer images in memory",
        )
    for block in blocks:
        kind: Any = type(block)
        block.__class__ = _recomputed(kind)
    return len(blocks)


@cache
def _recomputed(kind: Any) -> Any:
    """A kind of block with another forward pass, as FSDP makes its own."""

    def forward(self: nn.Module, *inputs: Any, **named: Any) -> Any:
        run = partial(kind.forward, self)
        if not torch.is_grad_enabled():
            return run(*inputs, **named)
        contexts = lambda: (nullcontext(), frozen_statistics(self))  # noqa: E731
        return checkpoint(run, *inputs, use_reentrant=False, context_fn=contexts, **named)

    return type(kind.__name__, (kind,), {"forward": forward, "__module__": kind.__module__, "__doc__": kind.__doc__})
