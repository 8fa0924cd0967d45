"""An encoder that sees whole frames: at which size, through which taps, on which grid of tokens."""

from __future__ import annotations

import dataclasses
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from jaxtyping import Float, UInt8
from PIL import Image
from torch import Tensor

from foveate.core.errors import FoveateError
from foveate.encoders.preprocess import IMAGENET_MEAN, IMAGENET_STD
from foveate.probing.labelled import encoder_of, twin_of

if TYPE_CHECKING:
    from foveate.encoders.encoder import Encoder
    from foveate.encoders.preprocess import Preprocess
    from foveate.probing.config import Probe

Grid = tuple[int, int]
STRIDE = 16
"""Of a convolutional network the last stage is read whose cells are no further apart, in pixels."""
_LONG = 64  # the longer side is cut to a multiple of it, as published
_CELL = 4  # the control ``pixels`` has 4 × 4 colours a token


@dataclass(frozen=True)
class Sight:
    """An encoder at one size of frame.

    Attributes:
        frame: (h, w) that it sees. encoder, twin: with weights for that size; the twin is untrained, None without controls.
        grids: tap → (rows, columns) of its tokens, the headline first.
    """

    frame: tuple[int, int]
    encoder: Encoder
    twin: Encoder | None
    grids: dict[str, Grid]

    @property
    def headline(self) -> str:
        return next(iter(self.grids))

    def __call__(self, pixels: UInt8[np.ndarray, "height width 3"]) -> dict[str, Float[Tensor, "h w d"]]:
        """The tokens of one frame: of each tap, and of ``untrained`` and ``pixels`` where there are controls."""
        ready = whole(self.encoder.preprocess, self.frame)(pixels)[None].to(self.encoder.device)
        read = self.encoder(ready, tuple(self.grids))
        found = {tap: read[tap][0].unflatten(0, grid) for tap, grid in self.grids.items()}
        if self.twin is not None:
            grid = self.grids[self.headline]
            found["untrained"] = self.twin(ready, (self.headline,))[self.headline][0].unflatten(0, grid)
            found["pixels"] = colours(pixels, grid).to(self.encoder.device)
        return found


class Eyes:
    """One encoder at as many sizes as the videos ask for.

    Raises:
        FoveateError: as ``load``; a tap that is not there or has no tokens.
    """

    def __init__(self, config: Probe, device: torch.device) -> None:
        self._config, self._device = config, device
        self.native = self._load(None)
        self._sights: dict[tuple[int, int], Sight] = {}
        grid, size = self.native.grid, self.native.preprocess.size
        self.patch = size[0] // grid[0] if grid else 1
        for tap in config.taps:
            if tap not in ("pooled", "all"):
                self._tokens(tap)

    def at(self, height: int, width: int) -> Sight:
        """The encoder for frames of this size."""
        frame = frame_size(height, width, short=self._config.frame_size, patch=self.patch)
        if frame not in self._sights:
            encoder = self._load(frame)
            twin = twin_of(self._config, encoder) if self._config.controls else None
            self._sights[frame] = Sight(frame, encoder, twin, self._grids(encoder, frame))
        return self._sights[frame]

    def _load(self, frame: tuple[int, int] | None) -> Encoder:
        return encoder_of(self._config, self._device, image_size=frame)

    def _tokens(self, tap: str) -> str:
        """The tap read token by token."""
        point, _, readout = tap.partition(":")
        if readout not in ("", "tokens"):
            raise FoveateError(f"'{tap}' is one vector an image, and a mask needs one a token.", f"use {point}:tokens")
        return self.native.check(f"{point}:tokens")

    def _grids(self, encoder: Encoder, frame: tuple[int, int]) -> dict[str, Grid]:
        deep = [f"{name}:tokens" for name in encoder.taps() if re.fullmatch(r"(blocks|stages)\.\d+", name)]
        taps = self._config.taps
        default = "pooled" in taps or "all" in taps
        wanted = [self._tokens(tap) for tap in taps if tap not in ("pooled", "all")]
        if default and "norm" in encoder.anatomy.places:
            wanted.insert(taps.index("pooled") if "pooled" in taps else 0, "norm:tokens")
        elif default and not deep:
            raise FoveateError(f"{encoder.address} has no blocks or stages to read tokens from.", "name a tap: --taps")
        blank = torch.zeros(1, 3, *frame, device=encoder.device)
        asked = [*wanted, *(deep if default else ())]
        counts = {tap: tokens.shape[1] for tap, tokens in encoder(blank, asked).items()}
        if default and "norm:tokens" not in wanted:
            fine = [tap for tap in deep if frame[0] * frame[1] <= counts[tap] * STRIDE**2]
            wanted.insert(taps.index("pooled") if "pooled" in taps else 0, (fine or deep)[-1])
        wanted += deep if "all" in taps else []
        return {tap: _grid(counts[tap], frame, tap, encoder.address) for tap in dict.fromkeys(wanted)}


def frame_size(height: int, width: int, *, short: int, patch: int) -> tuple[int, int]:
    """(h, w) at which a frame is seen: its shorter side ``short``, the aspect kept but for cutting down to multiples.

    The shorter side is a multiple of the patch, the longer one of 64, or of the patch where that does not divide 64.
    """
    small = max(short // patch, 1) * patch
    step = _LONG if _LONG % patch == 0 else patch
    long = max(int(small * max(height, width) / min(height, width)) // step, 1) * step
    return (long, small) if height > width else (small, long)


def whole(preprocess: Preprocess, frame: tuple[int, int]) -> Preprocess:
    """The same resampling and normalisation, of the whole frame and not of a crop."""
    return dataclasses.replace(preprocess, size=frame, crop_pct=1.0, resize=None, mode="squash")


def colours(pixels: UInt8[np.ndarray, "height width 3"], grid: Grid) -> Float[Tensor, "h w d"]:
    """A frame without an encoder: 4 × 4 normalised colours for each token."""
    rows, columns = grid
    small = Image.fromarray(pixels).resize((columns * _CELL, rows * _CELL), Image.Resampling.BOX)
    values = (torch.from_numpy(np.array(small)).float() / 255 - torch.tensor(IMAGENET_MEAN)) / torch.tensor(
        IMAGENET_STD
    )
    return values.view(rows, _CELL, columns, _CELL, 3).transpose(1, 2).reshape(rows, columns, -1).contiguous()


def _grid(count: int, frame: tuple[int, int], tap: str, encoder: str) -> Grid:
    stride = math.sqrt(frame[0] * frame[1] / count)
    grid = max(round(frame[0] / stride), 1), max(round(frame[1] / stride), 1)
    if grid[0] * grid[1] != count:
        raise FoveateError(
            f"{tap} of {encoder} gives {count} tokens for frames of {frame[0]}×{frame[1]}, which is no grid.",
            "choose another tap",
        )
    return grid
