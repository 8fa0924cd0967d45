"""Colour operators on batches in [0, 1], each with its own factor per image, in place.

The formulas are torchvision's for float images, clamping included; only its rounding to bytes between steps is left out.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor

from foveate.data.views.draw import BRIGHTNESS, CONTRAST, HUE, SATURATION

_LUMA = (0.2989, 0.587, 0.114)
_TINY = 1e-12


def luma(x: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 1 h w"]:
    """Gray values by ITU-R 601-2 weights, as torchvision and PIL have them."""
    r, g, b = x.split(1, dim=1)
    return r.mul(_LUMA[0]).add_(g, alpha=_LUMA[1]).add_(b, alpha=_LUMA[2])


def jitter_(
    x: Float[Tensor, "b 3 h w"],
    factors: Float[Tensor, "b 4"],
    order: Int[Tensor, "b 4"],
    host_order: Int[Tensor, "b 4"],
    active: tuple[bool, ...] = (True,) * 4,
) -> None:
    """Brightness, contrast, saturation and hue, each image in its own order.

    Args:
        factors: as in Parameters. order: steps of each image, on the device. host_order: the same on the CPU;
            if any hue is to be turned, all images must turn it at the same step.
        active: which of the four may differ from the identity.
    """
    for step in range(4):
        ops = host_order[:, step]
        if active[HUE] and ops[0] == HUE:
            hue_(x, factors[:, HUE])
            continue
        present = [active[op] and bool((ops == op).any()) for op in (BRIGHTNESS, CONTRAST, SATURATION)]
        if any(present):
            _blend_(x, factors, order[:, step], contrast=present[CONTRAST], saturation=present[SATURATION])


def _blend_(x: Tensor, factors: Tensor, ops: Tensor, *, contrast: bool, saturation: bool) -> None:
    """x ← f x + (1 - f) r, clamped, where r is black (brightness), the mean gray (contrast) or the gray (saturation).

    Images whose step here is hue (switched off, so that it was not sorted by) have f = 1.
    """
    factor = factors.gather(1, ops[:, None])[:, :, None, None]
    factor = torch.where((ops == HUE)[:, None, None, None], 1.0, factor)
    rest = None
    if contrast or saturation:
        gray = luma(x)
        to_mean = (1 - factor) * (ops == CONTRAST)[:, None, None, None]
        rest = gray.mean(dim=(2, 3), keepdim=True).mul_(to_mean) if contrast else None
        if saturation:
            gray.mul_((1 - factor) * (ops == SATURATION)[:, None, None, None])
            rest = gray.add_(rest) if rest is not None else gray
    x.mul_(factor)
    if rest is not None:
        x.add_(rest)
    x.clamp_(0, 1)


def hue_(x: Float[Tensor, "b 3 h w"], turns: Float[Tensor, " b"]) -> None:
    """Turns the HSV hue, exactly, without branches or tables.

    Let C be max - min of a pixel. Its angle from red, in sextants, is ±(1 - (r - g - b + min) / C), with the sign of
    g - b: on the hue hexagon r - g - b falls evenly from red to cyan. A channel then is min + C · clamp(2 - its
    distance on the circle of 6 sextants, 0, 1), with red, green and blue at 0, 2 and -2.
    """
    r, g, b = x.split(1, dim=1)
    low = torch.minimum(r, g)
    torch.minimum(low, b, out=low)
    high = torch.maximum(r, g)
    torch.maximum(high, b, out=high)
    chroma = high.sub_(low)
    angle = (r - g).sub_(b).add_(low).div_(chroma.clamp(min=_TINY)).neg_().add_(1).copysign_(g - b)
    angle.add_(6 * turns[:, None, None, None])
    angle.sub_(angle.div(6).round_().mul_(6))  # back onto one turn, so that 3 - | |t| - 3 | below is the distance
    away = angle - torch.tensor([0.0, 2.0, -2.0], device=x.device).view(3, 1, 1)
    # clamp(2 - distance, 0, 1) = clamp(| |t| - 3 |, 1, 2) - 1; the last - 1 goes with C into the constant term.
    away.abs_().sub_(3).abs_().clamp_(1, 2)
    torch.addcmul(low.sub_(chroma), away, chroma, out=x)


def solarized(x: Float[Tensor, "b 3 h w"], threshold: float) -> Float[Tensor, "b 3 h w"]:
    """Values at or above the threshold inverted."""
    return torch.where(x >= threshold, 1 - x, x)
