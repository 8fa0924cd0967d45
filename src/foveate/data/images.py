"""Encoded images to RGB arrays, with one decided answer for every odd file (the table stands in docs/data.md)."""

from __future__ import annotations

import functools
import io
import os
import warnings
from typing import TYPE_CHECKING

import numpy as np
from PIL import ExifTags, Image, ImageFile, ImageOps

from foveate.core.errors import FoveateError

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_PIXELS = 178_956_970
"""Larger images are refused before they are decoded; ``FOVEATE_MAX_PIXELS`` sets another bound."""

# No EPS, PDF or the like: what Pillow hands to other programs is not opened.
_FORMATS = ("JPEG", "MPO", "PNG", "GIF", "WEBP", "BMP", "TIFF", "PPM", "AVIF", "JPEG2000")
_SWAPS_SIDES = {5, 6, 7, 8}  # EXIF orientations that turn by a quarter


class Unreadable(ValueError):  # noqa: N818  (what the image is, not what went wrong here)
    """An image that cannot be read; the message is the reason in a few words."""


def decode_bytes(data: bytes, *, max_pixels: int | None = None) -> NDArray[np.uint8]:
    """Decode one image file.

    EXIF orientation is applied, transparency is laid on white, 16-bit grey is scaled, colour profiles are ignored,
    and of an animation the first frame is taken.

    Args:
        data: the encoded file.
        max_pixels: refuse larger ones undecoded. Default: ``FOVEATE_MAX_PIXELS``, else ``MAX_PIXELS``.

    Returns:
        uint8 RGB, [height width 3], writable.

    Raises:
        Unreadable: with the reason, e.g. ``truncated``. A partly decoded image is never returned.
    """
    return np.array(_to_rgb(data, max_pixels or pixel_limit())[0])


def decode_squashed(data: bytes, height: int, width: int) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    """Decode and resize to exactly height × width (bicubic, antialiased), whatever the aspect.

    A JPEG of more than twice that size is decoded at a half, a quarter or an eighth, which is several times faster.

    Returns:
        uint8 RGB [height width 3], and the image's own (height, width) as seen upright.

    Raises:
        Unreadable: as ``decode_bytes``.
    """
    image, size = _to_rgb(data, pixel_limit(), at_least=2 * max(height, width))
    if image.size != (width, height):
        image = image.resize((width, height), Image.Resampling.BICUBIC)
    return np.array(image), size


def pixel_limit() -> int:
    """The bound on width × height that is in force.

    Raises:
        FoveateError: ``FOVEATE_MAX_PIXELS`` is not a positive whole number.
    """
    text = os.environ.get("FOVEATE_MAX_PIXELS")
    if not text:
        return MAX_PIXELS
    if not text.isdecimal() or int(text) == 0:
        raise FoveateError(
            f"FOVEATE_MAX_PIXELS is '{text}'.", "set a whole number of pixels, e.g. 400000000, or unset it"
        )
    return int(text)


def _to_rgb(data: bytes, limit: int, at_least: int | None = None) -> tuple[Image.Image, tuple[int, int]]:
    if not data:
        raise Unreadable("empty file")
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # other libraries switch it on: half-grey images would pass
    too_large = f"more than {limit:,} pixels"
    try:
        image: Image.Image = Image.open(io.BytesIO(data), formats=_formats(limit))
        width, height = image.size
        if width * height > limit:
            raise Unreadable(too_large)
        if at_least is not None and image.format == "JPEG":
            image.draft(None, (at_least, at_least))
        image.load()
        orientation = _orientation(image)
        if orientation != 1:
            image = ImageOps.exif_transpose(image)
        image = _eight_bit(image)
    except Unreadable:
        raise
    except Image.DecompressionBombError:
        raise Unreadable(too_large) from None
    except Image.UnidentifiedImageError:
        raise Unreadable(_name_content(data)) from None
    except MemoryError:
        raise Unreadable("more memory needed than there is") from None
    except Exception as error:  # Pillow's readers raise whatever the broken bytes lead them to
        text = str(error)
        raise Unreadable("truncated" if "truncat" in text.lower() else f"damaged: {text[:80]}") from None
    return image, (width, height) if orientation in _SWAPS_SIDES else (height, width)


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 (upright) where there is none or its block is damaged."""
    if not {"exif", "xmp", "Raw profile type exif"} & image.info.keys():
        return 1  # TIFF files are set upright by Pillow itself
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # a damaged EXIF block says nothing about the pixels
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _eight_bit(image: Image.Image) -> Image.Image:
    """Any of Pillow's modes as 8-bit RGB."""
    mode = image.mode
    if mode == "RGB" and "transparency" not in image.info:
        return image
    if mode.startswith("I"):
        values = np.asarray(image).astype(np.int64)
        if values.min() < 0 or values.max() > 65535:
            raise Unreadable("32-bit integers of unknown range")
        return Image.fromarray(((values * 255 + 32767) // 65535).astype(np.uint8)).convert("RGB")
    if mode == "F":
        real = np.asarray(image)
        if not (np.isfinite(real).all() and real.min() >= 0 and real.max() <= 1):
            raise Unreadable("floating-point pixels outside 0 … 1")
        return Image.fromarray(np.rint(real * 255).astype(np.uint8)).convert("RGB")
    if mode in {"RGBA", "LA", "PA", "RGBa", "La"} or "transparency" in image.info:
        upper = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", upper.size, "white"), upper).convert("RGB")
    return image.convert("RGB")


@functools.lru_cache
def _formats(limit: int) -> tuple[str, ...]:
    """The formats that this Pillow can read, with its own guard against huge images set no lower than ours."""
    Image.init()
    warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
    warnings.filterwarnings("ignore", module=r"PIL\..*")
    if limit > MAX_PIXELS and Image.MAX_IMAGE_PIXELS is not None:
        Image.MAX_IMAGE_PIXELS = max(Image.MAX_IMAGE_PIXELS, limit // 2 + 1)
    return tuple(name for name in _FORMATS if name in Image.OPEN)


def _name_content(data: bytes) -> str:
    """What a file that is no image we read seems to be."""
    head = data[:512]
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        if brand in {b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"heis"}:
            return "HEIC is not supported: convert it to JPEG"
        return "AVIF is not supported by this Pillow" if brand in {b"avif", b"avis"} else "a video, not an image"
    if head.startswith(b"%PDF"):
        return "a PDF, not an image"
    if b"<svg" in head:
        return "an SVG drawing, not an image"
    if head.startswith(b"PK\x03\x04"):
        return "a zip archive, not an image"
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF", b"II*\x00", b"MM\x00*")):
        return "damaged: its header cannot be read"
    printable = sum(byte in b"\t\n\r" or 32 <= byte < 127 for byte in head)
    return "text, not an image" if printable >= 0.9 * len(head) else "not an image of a known format"
