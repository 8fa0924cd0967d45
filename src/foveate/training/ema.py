"""A slow copy of a module: the teacher of self-distillation, or an average of weights for use."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from foveate.training.contract import Progress
from foveate.training.schedule import cosine


class EMA(nn.Module):
    """An exponential moving average of a module's weights, without gradients.

    After each step ``weights = momentum · weights + (1 − momentum) · source``. In training it drops nothing (dropout and
    stochastic depth are the source's), but batch norms normalise by the batch and keep running statistics of their own: the
    source's belong to other weights. The momentum rises on half a cosine from ``momentum`` towards ``final`` (Grill et al. 2020).

    Args:
        source: what is followed; it is not registered here, so it is neither saved nor trained twice.
        momentum: at the first step, 0 (copy) … 1 (frozen). final: where the run ends; None keeps it constant.
    """

    def __init__(self, source: nn.Module, *, momentum: float = 0.996, final: float | None = 1.0) -> None:
        super().__init__()
        assert 0.0 <= momentum <= 1.0
        self.module = copy.deepcopy(source).requires_grad_(False)
        self.momentum, self.final = momentum, momentum if final is None else final
        self._source = (source,)  # in a tuple: a module must not become our child

    def momentum_at(self, progress: Progress) -> float:
        """The momentum of the update after step ``progress.done``."""
        return cosine(progress.done - 1, progress.total, start=self.momentum, end=self.final)

    def train(self, mode: bool = True) -> EMA:
        super().train(mode)
        for module in self.module.modules() if mode else ():
            module.training = isinstance(module, nn.modules.batchnorm._BatchNorm)
        return self

    @torch.no_grad()
    def update(self, progress: Progress) -> None:
        """Move towards the source; call it once after each optimiser step."""
        keep = self.momentum_at(progress)
        mine: list[Tensor] = list(self.module.parameters())
        theirs = [p.detach() for p in self._source[0].parameters()]
        if mine:
            torch._foreach_lerp_(mine, [t.to(m.dtype) for m, t in zip(mine, theirs, strict=True)], 1.0 - keep)

    def forward(self, *args, **kwargs):  # type: ignore[no-untyped-def]
        """The slow copy's own forward."""
        return self.module(*args, **kwargs)
