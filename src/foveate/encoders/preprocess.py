"""From pixels to what a network expects: resize, crop and normalise exactly as its own evaluation transform does."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from jaxtyping import Float, UInt8
from PIL import Image
from torch import Tensor

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
Mode = Literal["center", "squash", "border"]
_RESAMPLE = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
    "box": Image.Resampling.BOX,
    "hamming": Image.Resampling.HAMMING,
}


@dataclass(frozen=True, kw_only=True)
class Preprocess:
    """Resize → crop → scale to [0, 1] → normalise.

    Attributes:
        size: (h, w) that the network sees.
        crop_pct: the share of the resized side that the crop keeps: a side is resized to ⌊size / crop_pct⌋.
        interpolation: nearest, bilinear, bicubic, lanczos, box or hamming, as PIL does them (antialiased).
        mean, std: per channel, on the scale [0, 1].
        mode: ``center`` resizes the shorter side and crops; ``squash`` resizes both sides, ignoring the aspect, and crops;
            ``border`` resizes the longer side and pads with the mean.
        resize: (h, w) to resize to, where it does not follow from ``crop_pct``.
        fill: the padding's grey value of mode ``border``; None is the mean.
    """

    size: tuple[int, int]
    crop_pct: float = 1.0
    interpolation: str = "bicubic"
    mean: tuple[float, ...] = IMAGENET_MEAN
    std: tuple[float, ...] = IMAGENET_STD
    mode: Mode = "center"
    resize: tuple[int, int] | None = None
    fill: int | None = None

    def __post_init__(self) -> None:
        assert self.interpolation in _RESAMPLE, self.interpolation
        assert self.mode in ("center", "squash", "border"), self.mode

    @property
    def key(self) -> str:
        """Everything that changes the numbers, in one line: part of the key of stored features."""
        return ",".join(f"{field.name}={getattr(self, field.name)!r}" for field in dataclasses.fields(self))

    def at(self, size: tuple[int, int] | None) -> Preprocess:
        """The same for another input size, with the same share cropped away."""
        if size is None or size == self.size:
            return self
        crop_pct = self.crop_pct if self.resize is None else self.size[0] / self.resize[0]
        return dataclasses.replace(self, size=size, crop_pct=crop_pct, resize=None)

    def __call__(self, pixels: UInt8[np.ndarray, "h w 3"]) -> Float[Tensor, "3 h2 w2"]:
        """One image, ready to be stacked."""
        return self.batch([pixels])[0]

    def batch(self, images: Sequence[UInt8[np.ndarray, "_ _ 3"]]) -> Float[Tensor, "b 3 h w"]:
        """Several images of any sizes; equal to stacking single ones, bit for bit."""
        return self.normalize(torch.from_numpy(np.stack([self.crop(pixels) for pixels in images])))

    def normalize(self, pixels: UInt8[Tensor, "b h w 3"]) -> Float[Tensor, "b 3 h w"]:
        """The last step alone, on the pixels' own device: a loader can send bytes and let this run there."""
        scaled = pixels.permute(0, 3, 1, 2).contiguous().to(torch.float32).div_(255)
        mean = torch.tensor(self.mean, device=pixels.device).view(1, -1, 1, 1)
        std = torch.tensor(self.std, device=pixels.device).view(1, -1, 1, 1)
        return scaled.sub_(mean).div_(std)

    def crop(self, pixels: UInt8[np.ndarray, "h w 3"]) -> UInt8[np.ndarray, "h2 w2 3"]:
        """Resized and cropped pixels; the array itself where it has the size already."""
        height, width = pixels.shape[:2]
        target = self.resize or (math.floor(self.size[0] / self.crop_pct), math.floor(self.size[1] / self.crop_pct))
        new = self._scaled(height, width, target)
        if new == (height, width) == self.size:
            return np.ascontiguousarray(pixels)
        if new != (height, width):
            image = Image.fromarray(np.ascontiguousarray(pixels))
            pixels = np.asarray(image.resize((new[1], new[0]), _RESAMPLE[self.interpolation]))
        return self._center(pixels)

    def _scaled(self, height: int, width: int, target: tuple[int, int]) -> tuple[int, int]:
        """The size after resizing. Each mode rounds as the library it stands for does."""
        if self.mode == "squash":
            return target
        if self.mode == "border" or target[0] != target[1]:
            ratios = (height / target[0], width / target[1])
            ratio = max(ratios) if self.mode == "border" else min(ratios)
            return max(round(height / ratio), 1), max(round(width / ratio), 1)
        short, long = min(height, width), max(height, width)
        longer = int(target[0] * long / short)
        return (target[0], longer) if height <= width else (longer, target[0])

    def _center(self, pixels: UInt8[np.ndarray, "h w 3"]) -> UInt8[np.ndarray, "h2 w2 3"]:
        height, width = self.size
        missing = max(height - pixels.shape[0], 0), max(width - pixels.shape[1], 0)
        if any(missing):
            grey = [round(255 * value) for value in self.mean] if self.mode == "border" else [0, 0, 0]
            if self.fill is not None:
                grey = [self.fill] * 3
            canvas = np.empty((pixels.shape[0] + missing[0], pixels.shape[1] + missing[1], 3), np.uint8)
            canvas[:] = grey
            top, left = missing[0] // 2, missing[1] // 2
            canvas[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
            pixels = canvas
        top = round((pixels.shape[0] - height) / 2)
        left = round((pixels.shape[1] - width) / 2)
        return np.ascontiguousarray(pixels[top : top + height, left : left + width])

    def to_json(self) -> dict[str, Any]:
        """All fields, as ``from_json`` reads them."""
        return {
            key: list(value) if isinstance(value, tuple) else value for key, value in dataclasses.asdict(self).items()
        }

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> Preprocess:
        fields: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in record.items()
        }
        return cls(**fields)
