"""The images that monitors look at: some with labels, and a few of which several views are made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from foveate.core.seeds import torch_stream
from foveate.data.views import View, apply, draw


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Images that monitors embed, with their labels where there are some: decoded squares, or what ``prepare`` takes."""

    pixels: UInt8[Tensor, "n 3 s s"] | Float[Tensor, "n 3 s s"]
    labels: Int[Tensor, " n"] | None

    def __len__(self) -> int:
        return len(self.pixels)


@dataclass(frozen=True, kw_only=True)
class Surrogates:
    """A few images and several views of each: LiDAR's surrogate classes. The same views whenever it is looked at.

    Attributes:
        sample: the images. sizes: [n 2], the originals' height and width. view: what is made of them.
        count: views of each. seed: of the draws. mean, std: of the encoder's preprocessing.
    """

    sample: Sample
    sizes: Int[Tensor, "n 2"]
    view: View
    count: int = 8
    seed: int = 0
    mean: Sequence[float] | None = None
    std: Sequence[float] | None = None

    @property
    def images(self) -> int:
        """How many images there are, each with ``count`` views."""
        return len(self.sample)

    def blocks(self, device: torch.device) -> Iterator[Float[Tensor, "n 3 h w"]]:
        """One view of every image after the other, normalised."""
        stream = torch_stream(self.seed, "surrogates")
        pixels = self.sample.pixels.to(device)
        for _ in range(self.count):
            yield apply(pixels, draw(self.view, self.sizes, stream), self.view, mean=self.mean, std=self.std)
