"""Each odd image has one decided answer; the same table stands in docs/data.md."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageFile

from foveate.core.errors import FoveateError
from foveate.data.images import MAX_PIXELS, Unreadable, decode_bytes, decode_squashed


def encode(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def noise(height: int = 10, width: int = 14, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def smooth(height: int, width: int) -> np.ndarray:
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([255 * y / height, 255 * x / width, np.full_like(x, 128, dtype=float)], axis=2).astype(np.uint8)


def reason(data: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        decode_bytes(data)
    return str(caught.value)


def big_png(width: int, height: int) -> bytes:
    """The header of a PNG of that size with next to nothing behind it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "PPM"])
def test_lossless_formats_give_the_pixels_back_and_they_can_be_written_to(kind: str) -> None:
    decoded = decode_bytes(encode(Image.fromarray(noise()), kind))
    assert decoded.dtype == np.uint8
    assert np.array_equal(decoded, noise())
    decoded[0] = 0


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP"])
def test_a_truncated_file_is_unreadable_and_never_half_grey(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = encode(Image.fromarray(noise(64, 64)), kind)
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)  # as other libraries set it
    for share in (0.95, 0.5, 0.1):
        assert reason(data[: int(share * len(data))])


def test_a_truncated_jpeg_says_so() -> None:
    assert reason(encode(Image.fromarray(noise(64, 64)), "JPEG")[:-400]) == "truncated"


def test_an_empty_file() -> None:
    assert reason(b"") == "empty file"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"this is a note about a photo, not the photo itself\n" * 4, "text, not an image"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing"),
        (b"%PDF-1.7\n" + bytes(200), "a PDF"),
        (b"PK\x03\x04" + bytes(200), "a zip archive"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(64), "HEIC is not supported"),
        (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(64), "a video"),
        (bytes(range(256)) * 4, "not an image of a known format"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "text, not an image"),  # never handed to Ghostscript
    ],
)
def test_what_is_no_image_is_named(data: bytes, words: str) -> None:
    assert reason(data).startswith(words)


def test_a_bomb_is_refused_without_decoding() -> None:
    assert reason(big_png(60_000, 60_000)) == f"more than {MAX_PIXELS:,} pixels"
    assert reason(big_png(14_000, 13_000)) == f"more than {MAX_PIXELS:,} pixels"  # below Pillow's own bound times two


def test_the_pixel_bound_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encode(Image.fromarray(noise(10, 14)))
    with pytest.raises(Unreadable, match="more than 139 pixels"):
        decode_bytes(data, max_pixels=139)
    monkeypatch.setenv("FOVEATE_MAX_PIXELS", "139")
    assert reason(data) == "more than 139 pixels"
    monkeypatch.setenv("FOVEATE_MAX_PIXELS", "140")
    assert decode_bytes(data).shape == (10, 14, 3)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)  # put back after the test
    monkeypatch.setenv("FOVEATE_MAX_PIXELS", "4000000000")
    assert "pixels" not in reason(big_png(60_000, 60_000))  # allowed now, so its missing rows are what is found
    monkeypatch.setenv("FOVEATE_MAX_PIXELS", "lots")
    with pytest.raises(FoveateError, match="FOVEATE_MAX_PIXELS is 'lots'"):
        decode_bytes(data)


def test_exif_orientation_is_applied_and_the_size_is_the_upright_one() -> None:
    pixels = smooth(40, 80)
    for orientation, turned in {3: np.rot90(pixels, 2), 6: np.rot90(pixels, -1), 8: np.rot90(pixels)}.items():
        exif = Image.Exif()
        exif[0x0112] = orientation
        data = encode(Image.fromarray(pixels), "PNG", exif=exif)
        assert np.array_equal(decode_bytes(data), turned)
        assert decode_squashed(data, 8, 8)[1] == turned.shape[:2]


def test_a_damaged_exif_block_does_not_lose_the_picture() -> None:
    data = encode(Image.fromarray(noise()), "JPEG", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff" + bytes(10))
    assert decode_bytes(data).shape == (10, 14, 3)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_is_laid_on_white(mode: str) -> None:
    image = Image.new("RGBA", (4, 2), (0, 0, 0, 0))
    image.putpixel((0, 0), (0, 0, 0, 255))
    decoded = decode_bytes(encode(image.convert(mode)))
    assert decoded[0, 0].tolist() == [0, 0, 0]
    assert (decoded[1] == 255).all()


def test_half_transparent_red_on_white() -> None:
    assert decode_bytes(encode(Image.new("RGBA", (1, 1), (255, 0, 0, 128))))[0, 0].tolist() == [255, 127, 127]


def test_a_transparent_colour_of_an_rgb_image_is_white() -> None:
    image = Image.new("RGB", (2, 1), (10, 20, 30))
    image.putpixel((1, 0), (1, 2, 3))
    assert decode_bytes(encode(image, transparency=(10, 20, 30)))[0].tolist() == [[255, 255, 255], [1, 2, 3]]


def test_sixteen_bit_grey_is_scaled_not_clipped() -> None:
    values = np.array([[0, 257, 32896, 65535]], np.uint16)
    expected = [0, 1, 128, 255]
    for kind in ("PNG", "TIFF"):
        assert decode_bytes(encode(Image.fromarray(values), kind))[0, :, 0].tolist() == expected


def test_integers_and_fractions_of_unknown_range_are_unreadable() -> None:
    assert (
        reason(encode(Image.fromarray(np.array([[70_000, 1]], np.int32)), "TIFF")) == "32-bit integers of unknown range"
    )
    assert reason(encode(Image.fromarray(np.array([[-1, 1]], np.int32)), "TIFF")) == "32-bit integers of unknown range"
    for bad in (1.5, -0.1, np.nan):
        data = encode(Image.fromarray(np.array([[bad, 0.5]], np.float32)), "TIFF")
        assert reason(data) == "floating-point pixels outside 0 … 1"


def test_fractions_between_0_and_1_are_scaled() -> None:
    data = encode(Image.fromarray(np.array([[0, 0.5, 1]], np.float32)), "TIFF")
    assert decode_bytes(data)[0, :, 1].tolist() == [0, 128, 255]


def test_one_bit_grey_and_palette() -> None:
    assert decode_bytes(encode(Image.fromarray(np.array([[True, False]]))))[0].tolist() == [[255] * 3, [0] * 3]
    assert decode_bytes(encode(Image.new("L", (3, 2), 77))).tolist() == [[[77] * 3] * 3] * 2
    colours = Image.new("RGB", (2, 1), (200, 10, 60))
    assert decode_bytes(encode(colours.convert("P", palette=Image.Palette.ADAPTIVE)))[0, 0].tolist() == [200, 10, 60]


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_is_converted_and_adobe_inversion_undone(kind: str) -> None:
    red = Image.new("RGB", (16, 16), (220, 30, 30))
    decoded = decode_bytes(encode(red.convert("CMYK"), kind))
    assert np.abs(decoded.astype(int) - [220, 30, 30]).max() < 12


def test_of_an_animation_the_first_frame_is_taken() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ((255, 0, 0), (0, 255, 0))]
    for kind, options in (("GIF", {}), ("WEBP", {"lossless": True}), ("PNG", {})):
        data = encode(frames[0], kind, save_all=True, append_images=frames[1:], **options)
        assert decode_bytes(data)[4, 4].tolist() == [255, 0, 0]


def test_colour_profiles_are_ignored() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert np.array_equal(decode_bytes(encode(Image.fromarray(noise()), icc_profile=profile)), noise())


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 3000), (3000, 1)])
def test_one_pixel_and_extreme_aspects_are_images(height: int, width: int) -> None:
    data = encode(Image.fromarray(noise(height, width)))
    assert decode_bytes(data).shape == (height, width, 3)
    squashed, size = decode_squashed(data, 32, 24)
    assert squashed.shape == (32, 24, 3)
    assert size == (height, width)


def test_the_content_counts_not_the_name() -> None:
    assert decode_bytes(encode(Image.fromarray(noise()), "WEBP", lossless=True)).tolist() == noise().tolist()


def test_a_large_jpeg_squashed_by_halves_looks_as_when_squashed_whole() -> None:
    data = encode(Image.fromarray(smooth(640, 960)), "JPEG", quality=95)
    whole = np.asarray(Image.fromarray(decode_bytes(data)).resize((32, 32), Image.Resampling.BICUBIC)).astype(int)
    squashed, size = decode_squashed(data, 32, 32)
    assert size == (640, 960)
    assert np.abs(squashed.astype(int) - whole).max() <= 3


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP"]), st.data())
def test_whatever_the_bytes_the_answer_is_an_image_or_unreadable(kind: str, data: st.DataObject) -> None:
    broken = bytearray(encode(Image.fromarray(noise(16, 16)), kind))
    for place in data.draw(st.lists(st.integers(0, len(broken) - 1), max_size=6)):
        broken[place] = data.draw(st.integers(0, 255))
    try:
        decoded = decode_bytes(bytes(broken), max_pixels=1 << 20)
    except Unreadable:
        return  # anything else that is raised fails the test
    assert decoded.ndim == 3
    assert decoded.shape[2] == 3
