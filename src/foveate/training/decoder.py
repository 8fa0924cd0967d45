"""A decoder from pooled features to pixels, which an autoencoder is trained with."""

from __future__ import annotations

import math
from itertools import pairwise

from jaxtyping import Float
from torch import Tensor, nn


class PixelDecoder(nn.Module):
    """Features [b d] → normalised images [b 3 size size].

    A linear map to a small square of channels, then steps of nearest upsampling and convolution, each doubling the side.

    Args:
        inputs: width of the features. size: side of the images, px. width: channels of the last step.
    """

    def __init__(self, inputs: int, size: int, *, width: int = 32) -> None:
        super().__init__()
        doublings = max(0, math.ceil(math.log2(size / 4)))
        self.side, self.size = math.ceil(size / 2**doublings), size
        channels = [width * 2 ** min(doublings - i, 3) for i in range(doublings + 1)]
        self.channels = channels[0]
        self.enter = nn.Linear(inputs, channels[0] * self.side**2)
        steps: list[nn.Module] = []
        for before, after in pairwise(channels):
            steps += [nn.Upsample(scale_factor=2), nn.Conv2d(before, after, 3, padding=1, bias=False)]
            steps += [nn.BatchNorm2d(after), nn.ReLU()]
        self.steps = nn.Sequential(*steps, nn.Conv2d(channels[-1], 3, 3, padding=1))

    def forward(self, x: Float[Tensor, "b d"]) -> Float[Tensor, "b 3 s s"]:
        grown = self.steps(self.enter(x).view(len(x), self.channels, self.side, self.side))
        return grown[..., : self.size, : self.size]
