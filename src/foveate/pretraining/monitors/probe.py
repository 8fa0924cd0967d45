"""The online probe: a linear classifier that learns beside the encoder."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn


class OnlineProbe(nn.Module):
    """A linear classifier trained along the way on detached features: what a reader of the features could do so far.

    Features are normalised by running moments; one step of momentum SGD on the cross-entropy a batch, by its own
    formula, so that no graph is built. All state is in buffers: it resumes with the run.

    Args:
        width: of the features. classes: of the labels. rate: learning rate.
    """

    weight: Tensor
    bias: Tensor
    mean: Tensor
    variance: Tensor

    def __init__(self, width: int, classes: int, *, rate: float = 0.1, momentum: float = 0.9) -> None:
        super().__init__()
        self.rate, self.momentum = rate, momentum
        shapes = {"weight": (width, classes), "bias": (classes,), "mean": (width,), "pull_w": (width, classes)}
        for name, shape in {**shapes, "pull_b": (classes,)}.items():
            self.register_buffer(name, torch.zeros(shape))
        self.register_buffer("variance", torch.ones(width))

    @torch.no_grad()
    def learn(self, features: Float[Tensor, "b d"], labels: Int[Tensor, " b"]) -> Float[Tensor, ""]:
        """One step; returns the share of the batch that was right before it."""
        x = features.float()
        self.mean.lerp_(x.mean(0), 0.1)
        self.variance.lerp_(x.var(0, correction=0), 0.1)
        x = self._normalised(x)
        logits = torch.addmm(self.bias, x, self.weight)
        error = torch.softmax(logits, 1)
        error[torch.arange(len(x), device=x.device), labels] -= 1
        error /= len(x)
        for value, pull, gradient in (
            (self.weight, self.get_buffer("pull_w"), x.T @ error),
            (self.bias, self.get_buffer("pull_b"), error.sum(0)),
        ):
            value.sub_(pull.mul_(self.momentum).add_(gradient), alpha=self.rate)
        return (logits.argmax(1) == labels).float().mean()

    @torch.no_grad()
    def predict(self, features: Float[Tensor, "b d"]) -> Int[Tensor, " b"]:
        """The class of each row."""
        return torch.addmm(self.bias, self._normalised(features.float()), self.weight).argmax(1)

    def _normalised(self, x: Tensor) -> Tensor:
        return (x - self.mean) * torch.rsqrt(self.variance + 1e-5)
