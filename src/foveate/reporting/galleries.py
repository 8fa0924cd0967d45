"""Pictures for a report: small, inside the file, with boxes drawn over them by the page."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from jaxtyping import UInt8

from foveate.reporting.sections import Box, Picture

if TYPE_CHECKING:
    import numpy as np

Corners = tuple[float, float, float, float]


def picture(
    pixels: UInt8[np.ndarray, "h w 3"],
    *,
    caption: str = "",
    note: str = "",
    alt: str = "",
    box: Corners | None = None,
    boxes: Sequence[tuple[Corners, str]] = (),
    group: str = "",
    side: int = 192,
) -> Picture:
    """A picture from pixels.

    Args:
        pixels: uint8 RGB, height × width × 3.
        caption, note: below it, in ink and in grey. alt: the image in words; the caption if empty.
        box: ``x0, y0, x1, y1`` in pixels of ``pixels``, drawn over it. boxes: several, each with a label.
        group: the name under which an exhibit puts it.
        side: the longer side in the report at most, px; smaller images keep their size and every pixel.
    """
    from PIL import Image

    image = Image.fromarray(pixels)
    height, width = pixels.shape[:2]
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    if max(image.size) <= 64:  # small scans and icons: lossless is as small, and no pixel is invented
        image.save(stream, "PNG", optimize=True)
        kind = "png"
    else:
        image.save(stream, "WEBP", quality=80, method=4)
        kind = "webp"
    drawn = [*([(box, "")] if box is not None else []), *boxes]
    return Picture(
        src=f"data:image/{kind};base64,{base64.b64encode(stream.getvalue()).decode()}",
        width=image.width,
        height=image.height,
        caption=caption,
        note=note,
        alt=alt or caption or "image",
        boxes=tuple(Box(x0 / width, y0 / height, x1 / width, y1 / height, label) for (x0, y0, x1, y1), label in drawn),
        group=group,
    )
