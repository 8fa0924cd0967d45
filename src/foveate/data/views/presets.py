"""Views that published recipes use, with their smaller defaults for small images. Nothing heavy is imported here."""

from __future__ import annotations

from dataclasses import replace

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
    large = simclr_views(size)[0]
    cut = 0.14 if size > SMALL else 0.3
    small = small if small is not None else max(8, round(size * 3 / 56) * 8)
    little = replace(large, size=small, scale=(0.05 if size > SMALL else 0.1, cut), blur_kernel=None)
    return (replace(large, scale=(cut, 1.0)),) * 2 + (little,) * count


def eval_view(size: int) -> View:
    """Nothing drawn: the largest centred square, resized."""
    return View(size=size, scale=None, flip=0.0, jitter_p=0.0, grayscale=0.0)
