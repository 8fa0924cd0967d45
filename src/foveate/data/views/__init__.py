"""Views: random crops, colours and blurs of whole batches on the device, with torchvision's semantics per image.

A ``View`` says what may happen to an image; ``draw`` decides it for each image of a batch from one CPU generator;
``apply`` does it on the device where the pixels are. ``augment`` is both, ``augment_views`` several views of one batch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from foveate.data.views.boxes import CORNERS, center_box, corner_box
from foveate.data.views.config import View
from foveate.data.views.presets import (
    crop_gray_views,
    eval_view,
    mim_view,
    multicrop_views,
    simclr_views,
    vicreg_views,
    with_crops,
)

if TYPE_CHECKING:
    from foveate.data.views.apply import apply, augment, augment_views
    from foveate.data.views.draw import Parameters, draw

_LAZY = {"apply": "apply", "augment": "apply", "augment_views": "apply", "Parameters": "draw", "draw": "draw"}

__all__ = [
    "CORNERS",
    "Parameters",
    "View",
    "apply",
    "augment",
    "augment_views",
    "center_box",
    "corner_box",
    "crop_gray_views",
    "draw",
    "eval_view",
    "mim_view",
    "multicrop_views",
    "simclr_views",
    "vicreg_views",
    "with_crops",
]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # Importing the submodules `apply` and `draw` binds the modules to these very names here; the functions must win.
    for function, module in _LAZY.items():
        globals()[function] = getattr(import_module(f"{__name__}.{module}"), function)
    return globals()[name]
