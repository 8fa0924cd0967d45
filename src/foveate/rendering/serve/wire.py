"""An observation as a page gets it: JSON, with pixels in base64."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from foveate.rendering.scene import Array

if TYPE_CHECKING:
    from foveate.rendering.environment import Observation

FAR = 0xFFFF  # of the depth's 16 bits: further than 655 m, such as the sky


def message(seen: Observation) -> dict[str, Any]:
    """Image as PNG; mask as bytes, one a pixel; depth as little-endian 16-bit centimetres, ``FAR`` where there is none."""
    height, width = seen.mask.shape
    return {
        "width": width,
        "height": height,
        "image": _text(_png(seen.image)),
        "mask": _text(seen.mask.tobytes()),
        "depth": _text(centimetres(seen.depth).tobytes()),
        "objects": [
            {key: one[key] for key in ("label", "box", "mask_id", "caption", "area", "visibility")}
            for one in seen.objects
        ],
        "relations": seen.relations,
        "caption": seen.caption,
        "factors": seen.factors,
        "seconds": round(seen.seconds, 3),
        "fault": seen.fault,
    }


def centimetres(depth: Array) -> Array:
    """(h, w) float32 metres → uint16, rounded."""
    near = np.nan_to_num(depth * 100, nan=FAR, posinf=FAR)
    return np.rint(near).clip(0, FAR).astype("<u2")


def _png(pixels: Array) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", compress_level=1)
    return stream.getvalue()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
