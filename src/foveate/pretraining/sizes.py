"""Sides of views: square, taken by the encoder, and grown through the run where that is asked for."""

from __future__ import annotations

from collections.abc import Iterable

import torch

from foveate.core.errors import FoveateError
from foveate.encoders.encoder import Encoder
from foveate.pretraining.objective import Objective
from foveate.training.growth import Growth


def check_sizes(encoder: Encoder, sides: Iterable[int]) -> None:
    """Refuse views that the encoder cannot take, such as small crops that its patch does not divide.

    Raises:
        FoveateError: there is one.
    """
    weight = next(encoder.module.parameters())
    for side in sorted({*sides} - {encoder.preprocess.size[0]}):
        try:
            with torch.no_grad():
                encoder.pooled(torch.zeros(2, 3, side, side, dtype=weight.dtype, device=weight.device))
        except (AssertionError, RuntimeError, ValueError) as error:
            patch = patch_of(encoder)
            if patch is None:
                remedy = "use larger views"
            elif side % patch:
                remedy = f"choose a multiple of its patch of {patch} px"
            else:
                remedy = "add --encoder-set dynamic_img_size=true"
            raise FoveateError(f"{encoder.address} cannot take views of {side} px.", remedy) from error


def growth_of(objective: Objective, start: float | None) -> Growth | None:
    """How views grow, in steps of a ViT's patch, else of an eighth of the side to 4 px; None: they do not.

    Raises:
        FoveateError: the objective foretells a grid of fixed size.
    """
    if start is None:
        return None
    if not objective.any_size:
        raise FoveateError(
            "--progressive changes the size of views, and this objective predicts on a grid of fixed size.",
            "leave it out, or use an objective that compares whole views, e.g. --objective simclr",
        )
    side = objective.setting.image_size
    return Growth(start=start, unit=patch_of(objective.encoder) or max(4, side // 32 * 4))


def patch_of(encoder: Encoder) -> int | None:
    """Side of a ViT's patch, px; None where there are none."""
    size = getattr(getattr(encoder.module, "patch_embed", None), "patch_size", None)
    return None if size is None else int(size[0] if isinstance(size, tuple | list) else size)


def square(encoder: Encoder) -> int:
    """The side of what an encoder takes, px.

    Raises:
        FoveateError: it takes images that are not square.
    """
    height, width = encoder.preprocess.size
    if height != width:
        raise FoveateError(
            f"{encoder.address} takes images of {height} × {width}; views are square.",
            f"give it square ones: --image-size {min(height, width)} where there is that flag, or another encoder",
        )
    return int(height)
