"""Views that published recipes use, with their smaller defaults for small images. Nothing heavy is imported here."""

from __future__ import annotations

from dataclasses import replace

from foveate.core.errors import FoveateError
from foveate.data.views.config import View

SMALL = 64
"""Up to this many pixels a view is not blurred, and a crop keeps at least a fifth of the image: what is left would be
too little to tell images apart. This is how CIFAR and Tiny-ImageNet recipes differ from ImageNet's."""


def _least(size: int) -> float:
    return 0.2 if size <= SMALL else 0.08


def simclr_views(size: int, strength: float | None = None) -> tuple[View, View]:
    """Two equal views after SimCLR: crop, flip, jitter, grayscale, and blur above 64 px.

    Args:
        size: side in pixels.
        strength: of the colour jitter, (.8, .8, .8, .2) at 1. None: SimCLR's own choices, 1, and .5 up to 64 px.
    """
    small = size <= SMALL
    s = strength if strength is not None else (0.5 if small else 1.0)
    view = View(
        size=size,
        scale=(_least(size), 1.0),
        jitter=(0.8 * s, 0.8 * s, 0.8 * s, min(0.2 * s, 0.5)),
        blur=0.0 if small else 0.5,
    )
    return view, view


def vicreg_views(size: int) -> tuple[View, View]:
    """Two unequal views after BYOL and VICReg: the first always blurred, the second seldom blurred but at times solarised.

    Up to 64 px neither is blurred.
    """
    small = size <= SMALL
    first = View(size=size, scale=(_least(size), 1.0), jitter=(0.4, 0.4, 0.2, 0.1), blur=0.0 if small else 1.0)
    return first, replace(first, blur=0.0 if small else 0.1, solarize=0.2)


def crop_gray_views(size: int) -> tuple[View, View]:
    """Two cheap views, crop + flip + grayscale only: most of the gain for a fraction of the work."""
    view = View(size=size, scale=(_least(size), 1.0), jitter_p=0.0)
    return view, view


def multicrop_views(size: int, *, small: int | None = None, count: int = 6) -> tuple[View, ...]:
    """SwAV's multi-crop: two large views and ``count`` small ones.

    Args:
        size: side of the large views.
        small: side of the small ones; None: 3/7 of the large, rounded to a multiple of 8 (96 beside 224).
        count: how many small ones.
    """
    return with_crops(simclr_views(size), count, small)


def mim_view(size: int) -> View:
    """A crop and a flip, no colours: what masked objectives need, the mask being the disturbance (He et al. 2022)."""
    return View(size=size, scale=(0.2, 1.0), jitter_p=0.0, grayscale=0.0)


def with_crops(large: tuple[View, View], count: int, size: int | None = None) -> tuple[View, ...]:
    """Multi-crop (Caron et al. 2020): two large views, then ``count`` small ones that show less of the image.

    Args:
        large: the two views as they are without small ones; their own smallest share becomes that of the large crops.
        size: side of the small ones, px. None: 3/7 of the large, to a multiple of 8 (96 beside 224).

    Raises:
        FoveateError: small ones that are larger than the large ones.
    """
    side = large[0].size
    least, cut = (0.05, 0.14) if side > SMALL else (0.1, 0.3)
    size = size if size is not None else min(side, max(8, round(side * 3 / 56) * 8))
    if size > side:
        raise FoveateError(
            f"small crops of {size} px (crop_size) are larger than the views of {side} px beside them.",
            f"give crop_size={max(1, side // 2)} or so, or larger views (--image-size)",
        )
    little = replace(large[1], size=size, scale=(least, cut), blur_kernel=None)
    return (*(replace(view, scale=(cut, 1.0)) for view in large), *(little,) * count)


def eval_view(size: int) -> View:
    """Nothing drawn: the largest centred square, resized."""
    return View(size=size, scale=None, flip=0.0, jitter_p=0.0, grayscale=0.0)
