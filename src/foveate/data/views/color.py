"""Colour operators on batches in [0, 1], each with its own factor per image, in place.

The formulas are torchvision's for float images, clamping included; only its rounding to bytes between steps is left out.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor

from foveate.data.views.draw import CONTRAST, HUE, SATURATION

_LUMA = (0.2989, 0.587, 0.114)
_TINY = 1e-12


def luma(x: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 1 h w"]:
    """Gray values by ITU-R 601-2 weights, as torchvision and PIL have them."""
    r, g, b = x.split(1, dim=1)
    return r.mul(_LUMA[0]).add_(g, alpha=_LUMA[1]).add_(b, alpha=_LUMA[2])


def blends(factors: Float[Tensor, "b 4"], order: Int[Tensor, "b 4"]) -> Float[Tensor, "b 4 3"]:
    """What brightness, contrast and saturation do at each of an image's four steps, as x ← f x + m mean + g gray.

    Each is a blend f x + (1 - f) r, with r black, the image's mean gray, or each pixel's gray. At the step of the hue
    it is the identity (1, 0, 0).

    Args:
        factors, order: as in Parameters.
    """
    factor = factors.gather(1, order).masked_fill_(order == HUE, 1.0)
    rest = 1 - factor
    return torch.stack([factor, rest * (order == CONTRAST), rest * (order == SATURATION)], dim=2)


def jitter_(
    x: Float[Tensor, "b 3 h w"],
    steps: Float[Tensor, "b 4 3"],
    present: list[list[bool]],
    turns: Float[Tensor, " b"],
    hue_step: int | None,
    small_hue: bool = False,
) -> None:
    """Brightness, contrast, saturation, each image in its own order, and hue at one step for all.

    Args:
        steps: from ``blends``. present: for each step and each of its three numbers, whether any image has it above or
            below zero (known on the host, so that nothing waits for the device).
        turns: of the hue. hue_step: when it is turned; None: not at all. small_hue: none by more than a sixth.
    """
    for step in range(4):
        if step == hue_step:
            hue_(x, turns, small=small_hue)
            continue
        factor, mean_share, gray_share = steps[:, step, :, None, None, None].unbind(1)
        _, contrast, saturation = present[step]
        if not (contrast or saturation):  # only brightness
            x.mul_(factor).clamp_(0, 1)
            continue
        rest = luma(x)
        mean = rest.mean(dim=(2, 3), keepdim=True).mul_(mean_share)
        rest = rest.mul_(gray_share).add_(mean) if saturation else mean
        x.mul_(factor).add_(rest).clamp_(0, 1)


def hue_(x: Float[Tensor, "b 3 h w"], turns: Float[Tensor, " b"], *, small: bool = False) -> None:
    """Turns the HSV hue, exactly, without branches or tables.

    Let C be max - min of a pixel. Its angle from red, in sextants, is ±(1 - (r - g - b + min) / C), with the sign of
    g - b: on the hue hexagon r - g - b falls evenly from red to cyan. A channel then is min + C · clamp(2 - its
    distance on the circle of 6 sextants, 0, 1), with red, green and blue at 0, 2 and -2.

    Args:
        small: no image turns by more than a sixth; one step is then not needed.
    """
    r, g, b = x.split(1, dim=1)
    low = torch.minimum(r, g)
    torch.minimum(low, b, out=low)
    high = torch.maximum(r, g)
    torch.maximum(high, b, out=high)
    chroma = high.sub_(low).clamp_(min=_TINY)  # of gray pixels, so that 0 / 0 is 0
    angle = (r - g).sub_(b).add_(low).div_(chroma)
    angle.neg_().add_(1).copysign_(g - b).add_(6 * turns[:, None, None, None])
    if not small:  # back onto one turn: 3 - | |t| - 3 | is the distance on the circle only up to |t| = 6
        angle.sub_(angle.div(6).round_().mul_(6))
    away = angle - torch.tensor([0.0, 2.0, -2.0], device=x.device).view(3, 1, 1)
    # clamp(2 - distance, 0, 1) = clamp(| |t| - 3 |, 1, 2) - 1; the last - 1 goes with C into the constant term.
    away.abs_().sub_(3).abs_().clamp_(1, 2)
    torch.addcmul(low.sub_(chroma), away, chroma, out=x)


def solarized(x: Float[Tensor, "b 3 h w"], threshold: float) -> Float[Tensor, "b 3 h w"]:
    """Values at or above the threshold inverted."""
    return torch.where(x >= threshold, 1 - x, x)
