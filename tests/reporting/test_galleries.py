from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

from foveate.core.seeds import numpy_stream
from foveate.reporting.galleries import picture


def decoded(src: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(src.partition(",")[2])))


def noise(height: int, width: int) -> np.ndarray:
    return numpy_stream(0, "pixels").integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_a_small_image_keeps_every_pixel() -> None:
    pixels = noise(32, 28)
    shown = picture(pixels, caption="a digit")
    assert np.array_equal(np.asarray(decoded(shown.src).convert("RGB")), pixels)
    assert (shown.width, shown.height, shown.alt) == (28, 32, "a digit")


def test_a_large_image_is_made_small_in_its_own_proportions() -> None:
    shown = picture(noise(300, 1000))
    assert (shown.width, shown.height) == (192, 58)
    assert decoded(shown.src).size == (192, 58)
    assert len(shown.src) < 20_000


def test_boxes_are_given_in_pixels_of_the_original() -> None:
    shown = picture(noise(300, 1000), box=(100, 30, 500, 300), boxes=[((0, 0, 1000, 300), "all")])
    assert [(box.x0, box.y0, box.x1, box.y1, box.label) for box in shown.boxes] == [
        (0.1, 0.1, 0.5, 1.0, ""),
        (0.0, 0.0, 1.0, 1.0, "all"),
    ]
