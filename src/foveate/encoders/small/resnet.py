"""Residual nets with a CIFAR stem: a 3×3 convolution, no max pooling, stages that halve the map."""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn


class BasicBlock(nn.Module):
    """Two 3×3 convolutions and a shortcut; the last normalisation starts at zero, so that a block starts as identity."""

    def __init__(self, inputs: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(width)
        self.downsample = (
            nn.Sequential(nn.Conv2d(inputs, width, 1, stride, bias=False), nn.BatchNorm2d(width))
            if stride != 1 or inputs != width
            else nn.Identity()
        )

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b d i j"]:
        y = F.relu(self.norm1(self.conv1(x)))
        y = self.norm2(self.conv2(y))
        return F.relu(y + self.downsample(x))


class Stage(nn.Module):
    """Blocks of one width; the first one halves the map where ``stride`` is 2."""

    def __init__(self, inputs: int, width: int, depth: int, stride: int) -> None:
        super().__init__()
        self.blocks = nn.Sequential(
            *(BasicBlock(inputs if i == 0 else width, width, stride if i == 0 else 1) for i in range(depth))
        )

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b d i j"]:
        return self.blocks(x)


class SmallResNet(nn.Module):
    """A residual net for small images; its output is the mean of the last map.

    Args:
        stem: channels of the stem.
        widths: channels of each stage; the last is the feature's width.
        depths: blocks of each stage.
        stem_stride: 1 keeps the resolution in the stem; 2 halves it, which costs a quarter.
    """

    def __init__(self, *, stem: int, widths: Sequence[int], depths: Sequence[int], stem_stride: int = 1) -> None:
        super().__init__()
        self.num_features = widths[-1]
        self.stem = nn.Sequential(
            nn.Conv2d(3, stem, 3, stem_stride, 1, bias=False), nn.BatchNorm2d(stem), nn.ReLU(inplace=True)
        )
        inputs = [stem, *widths[:-1]]
        self.stages = nn.Sequential(
            *(
                Stage(before, width, depth, 1 if i == 0 else 2)
                for i, (before, width, depth) in enumerate(zip(inputs, widths, depths, strict=True))
            )
        )
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, images: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b d"]:
        return self.stages(self.stem(images)).mean((2, 3))
