"""What happens to each image of a batch: drawn on the CPU, so that one seed gives the same views on every device."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from foveate.core.errors import FoveateError
from foveate.data.views.config import View

BRIGHTNESS, CONTRAST, SATURATION, HUE = range(4)
TRIES = 10  # of RandomResizedCrop, before it falls back to a central crop

# One image's uniform numbers, by column. All are drawn whatever is switched on, so that a switch of one step leaves
# what is drawn for the others as it was: two views that differ in blur alone have the same crops.
_AREA, _RATIO = slice(0, TRIES), slice(TRIES, 2 * TRIES)
_TOP, _LEFT, _FLIP, _JITTER, _GRAY, _BLUR, _SIGMA, _SOLARIZE, _ROTATION = range(2 * TRIES, 2 * TRIES + 9)
_FACTORS, _ORDER = slice(2 * TRIES + 9, 2 * TRIES + 13), slice(2 * TRIES + 13, 2 * TRIES + 17)
_COLUMNS = 2 * TRIES + 17


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """The drawn decisions for a batch of b images, one row each.

    Attributes:
        size: height and width of the original image, px.
        box: top, left, height, width of the crop, px of the original image.
        flip: mirrored left-right. jitter: colours jittered.
        factors: brightness, contrast, saturation factors and the hue shift in turns.
        order: the jitter's steps in the order taken, 0 … 3 as in factors.
        gray: colour dropped. sigma: of the blur in output px, 0 = not blurred. solarize: inverted above the threshold.
        rotation: quarter turns counter-clockwise, 0 … 3: the label of a rotation objective.
    """

    size: Int[Tensor, "b 2"]
    box: Int[Tensor, "b 4"]
    flip: Bool[Tensor, " b"]
    jitter: Bool[Tensor, " b"]
    factors: Float[Tensor, "b 4"]
    order: Int[Tensor, "b 4"]
    gray: Bool[Tensor, " b"]
    sigma: Float[Tensor, " b"]
    solarize: Bool[Tensor, " b"]
    rotation: Int[Tensor, " b"]

    def __len__(self) -> int:
        return len(self.flip)

    def __getitem__(self, rows: slice | Tensor) -> Parameters:
        """The decisions for some of the images."""
        return Parameters(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    def to(self, device: torch.device) -> Parameters:
        """The same on a device."""
        if self.flip.device == device:
            return self
        return Parameters(**{f.name: getattr(self, f.name).to(device, non_blocking=True) for f in fields(self)})


def draw(view: View, sizes: Int[Tensor, "b 2"], generator: torch.Generator) -> Parameters:
    """Draws what happens to each of b images.

    Distributions are torchvision's: crops are those of RandomResizedCrop.get_params (ten tries, whole pixels, central
    fall-back) in the original image's true aspect; jitter factors and their random order are ColorJitter's.

    Args:
        view: what may happen.
        sizes: height and width of each original image, px; keep it on the CPU, else each call waits for the device.
        generator: a CPU generator; one call takes the same count of numbers per image whatever the view.
    """
    if generator.device.type != "cpu":
        raise FoveateError(
            f"views are drawn on the CPU, and the generator is on {generator.device}.",
            "give a CPU generator: the same seed then gives the same views on every device",
        )
    sizes = sizes.to(device="cpu", dtype=torch.int64)
    u = torch.rand(len(sizes), _COLUMNS, generator=generator, dtype=torch.float64)
    strength = torch.tensor(view.jitter, dtype=torch.float64)
    low = torch.cat([(1 - strength[:3]).clamp_(min=0), -strength[3:]])
    high = torch.cat([1 + strength[:3], strength[3:]])
    sigma_low, sigma_high = view.blur_sigma
    return Parameters(
        size=sizes,
        box=_boxes(view, sizes, u),
        flip=u[:, _FLIP] < view.flip,
        jitter=u[:, _JITTER] < (view.jitter_p if any(view.jitter) else 0.0),
        factors=(low + (high - low) * u[:, _FACTORS]).float(),
        order=u[:, _ORDER].argsort(dim=1),
        gray=u[:, _GRAY] < view.grayscale,
        sigma=torch.where(u[:, _BLUR] < view.blur, sigma_low + (sigma_high - sigma_low) * u[:, _SIGMA], 0.0).float(),
        solarize=u[:, _SOLARIZE] < view.solarize,
        rotation=(4 * u[:, _ROTATION]).long() if view.rotation else torch.zeros(len(sizes), dtype=torch.int64),
    )


def _boxes(view: View, sizes: Tensor, u: Tensor) -> Tensor:
    if view.corner is None and view.scale is not None:
        return _random_boxes(view.scale, view.ratio, sizes, u)
    if view.corner is None:  # center_box for all images
        sides = sizes.amin(dim=1, keepdim=True).expand(-1, 2)
        corner = (sizes - sides) // 2
    else:  # corner_box for all images
        sides = (sizes.double() * view.share).round_().long().clamp_(min=1)
        away = torch.tensor([view.corner.startswith("lower"), view.corner.endswith("right")])
        corner = (sizes - sides) * away
    return torch.cat([corner, sides], dim=1)


def _random_boxes(scale: tuple[float, float], ratio: tuple[float, float], sizes: Tensor, u: Tensor) -> Tensor:
    """RandomResizedCrop's boxes for all images at once: every try is made, the first that fits is taken."""
    height, width = sizes[:, :1].double(), sizes[:, 1:].double()
    area = height * width * (scale[0] + (scale[1] - scale[0]) * u[:, _AREA])
    low, high = math.log(ratio[0]), math.log(ratio[1])
    aspect = torch.exp(low + (high - low) * u[:, _RATIO])
    w, h = (area * aspect).sqrt_().round_(), (area / aspect).sqrt_().round_()
    fits = (w > 0) & (w <= width) & (h > 0) & (h <= height)
    first = fits.int().argmax(dim=1, keepdim=True)
    found = fits.gather(1, first)[:, 0]
    w, h, width, height = w.gather(1, first)[:, 0], h.gather(1, first)[:, 0], width[:, 0], height[:, 0]

    shape = width / height
    fallback_w = torch.where(shape > max(ratio), (height * max(ratio)).round(), width)
    fallback_h = torch.where(shape < min(ratio), (width / min(ratio)).round(), height)
    w, h = torch.where(found, w, fallback_w), torch.where(found, h, fallback_h)
    # u < 1, but u * n may round up to n.
    top = torch.minimum((u[:, _TOP] * (height - h + 1)).floor_(), height - h)
    left = torch.minimum((u[:, _LEFT] * (width - w + 1)).floor_(), width - w)
    top = torch.where(found, top, ((height - h) / 2).floor())
    left = torch.where(found, left, ((width - w) / 2).floor())
    return torch.stack([top, left, h, w], dim=1).long()
