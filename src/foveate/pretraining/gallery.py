"""Some training images and what the network is shown of them."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from foveate.core.seeds import torch_stream
from foveate.data.views import View, apply, draw
from foveate.pretraining.material import Material
from foveate.reporting.galleries import picture
from foveate.reporting.sections import Exhibit


def exhibits(
    material: Material, views: Sequence[View], *, seed: int, images: int = 6, again: int | None = None
) -> list[Exhibit]:
    """An image and its views in a line, for images that lie evenly among those that are trained on.

    Args:
        again: number of a further draw of views; None is the report's.
    """
    rows = material.train[torch.linspace(0, len(material.train) - 1, min(images, len(material.train))).round().long()]
    sample = material.sample(rows)
    stream = torch_stream(seed, "gallery") if again is None else torch_stream(seed, "gallery", again)
    made = [apply(sample.pixels, draw(view, material.sizes[rows], stream), view) for view in views]
    found = []
    for i in range(len(rows)):
        pictures = [picture(sample.pixels[i].permute(1, 2, 0).contiguous().numpy(), caption="image")]
        for which, view in enumerate(made, 1):
            pixels = (view[i].clamp(0, 1) * 255).round().byte().permute(1, 2, 0).contiguous().cpu().numpy()
            pictures.append(picture(pixels, caption=f"view {which}"))
        label = material.classes[int(sample.labels[i])] if sample.labels is not None and material.classes else ""
        found.append(Exhibit(title=label or f"image {i + 1}", pictures=pictures))
    return found


def pairs(material: Material, *, most: int = 8) -> list[Exhibit]:
    """Images that were left out as copies, each beside the one that stays; the least alike first."""
    found = []
    for each in sorted(material.copies, key=lambda copy: -copy.distance)[:most]:
        sample = material.sample(torch.tensor([each.row, each.of]))
        left, stays = (pixels.permute(1, 2, 0).contiguous().numpy() for pixels in sample.pixels)
        pictures = [picture(left, caption="left out"), picture(stays, caption="stays")]
        found.append(Exhibit(title=f"{each.distance:.1f} levels", pictures=pictures))
    return found
