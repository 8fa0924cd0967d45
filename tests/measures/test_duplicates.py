"""Planted duplicates are found in every form, and different pictures that look alike are not."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sklearn.datasets import load_digits

from foveate.measures import duplicates
from foveate.measures.duplicates import Match, Prints, near, overlap, thumbnail, thumbnails


def jpeg(pixels: np.ndarray, quality: int = 90, scale: float = 1.0) -> np.ndarray:
    image = Image.fromarray(pixels)
    if scale != 1:
        image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.BICUBIC)
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality)
    return np.asarray(Image.open(stream).convert("RGB"))


@pytest.fixture(scope="module")
def digits() -> np.ndarray:
    """The 1,797 scanned digits at 32 px, uint8 [n 32 32 3]: real pictures, many of which look alike."""
    grey = [
        Image.fromarray((image * 15.9).astype(np.uint8)).resize((32, 32), Image.Resampling.BILINEAR)
        for image in load_digits().images
    ]
    return np.stack([np.asarray(image.convert("RGB")) for image in grey])


def pixels_digest(pixels: np.ndarray) -> bytes:
    return hashlib.blake2b(pixels.tobytes(), digest_size=16).digest()


def test_a_thumbnail_is_the_mean_luma_of_each_cell() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (24, 40, 3), dtype=np.uint8)
    luma = pixels.astype(float) @ [0.299, 0.587, 0.114]
    expected = np.rint(luma.reshape(8, 3, 8, 5).mean(axis=(1, 3)))
    ours = np.frombuffer(thumbnail(pixels), dtype=np.uint8).reshape(8, 8)
    assert np.abs(ours - expected).max() <= 1
    assert (ours == expected).mean() > 0.95


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 70), st.integers(1, 70), st.integers(0, 255))
def test_any_size_and_flat_pictures(height: int, width: int, level: int) -> None:
    assert set(thumbnail(np.full((height, width, 3), level, dtype=np.uint8))) == {level}


def test_uneven_cells_share_their_edge_pixels() -> None:
    weights = duplicates.averages(13)
    assert np.allclose(weights.sum(axis=1), 1)
    assert np.allclose(weights.sum(axis=0), 8 / 13)


def test_batches_are_the_single_ones(digits: np.ndarray) -> None:
    batch = thumbnails(digits[:20].transpose(0, 3, 1, 2))
    assert [row.tobytes() for row in batch] == [thumbnail(pixels) for pixels in digits[:20]]


def test_near_is_the_literal_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "_BLOCK", 7)
    random = np.random.default_rng(1)
    base = random.integers(0, 256, (40, 64), dtype=np.uint8)
    queries = np.concatenate([base[[3, 30, 17]], random.integers(0, 256, (10, 64), dtype=np.uint8)])
    queries[1, :32] ^= 3
    distance = np.sqrt(((queries[:, None].astype(float) - base[None].astype(float)) ** 2).mean(-1))
    expected = np.where(distance.min(1) <= 2.5, distance.argmin(1), -1)
    assert near(queries, base).tolist() == expected.tolist()
    assert near(queries, base).tolist()[:3] == [3, 30, 17]
    assert near(queries, base[:0]).tolist() == [-1] * 13


@pytest.mark.parametrize(("quality", "scale"), [(90, 1.0), (75, 1.0), (90, 0.75)])
def test_reencoded_digits_are_found(digits: np.ndarray, quality: int, scale: float) -> None:
    some = range(0, 1797, 6)
    base = thumbnails(digits.transpose(0, 3, 1, 2))
    queries = np.stack([np.frombuffer(thumbnail(jpeg(digits[i], quality, scale)), np.uint8) for i in some])
    found = near(queries, base)
    assert np.mean(found == np.array(some)) > 0.98


def test_digits_that_only_look_alike_are_not(digits: np.ndarray) -> None:
    marks = thumbnails(digits.transpose(0, 3, 1, 2))
    half = len(digits) // 2
    assert (near(marks[half:], marks[:half]) >= 0).mean() < 0.005


def test_dull_pictures_must_lie_nearer() -> None:
    random = np.random.default_rng(2)
    dull = (128 + random.integers(-1, 2, (30, 64))).astype(np.uint8)
    assert (near(dull[:15], dull[15:]) == -1).all(), "within 2.5 levels of each other, and all different"
    assert near(dull, dull).tolist() == list(range(30))


def test_overlap_names_the_strictest_likeness(digits: np.ndarray) -> None:
    train = digits[:200]
    copies = [train[5], train[9], jpeg(train[20]), digits[700], train[5]]
    encoded = [b"file 5", b"another file of 9", b"jpeg", b"new", b"file 5"]
    test = Prints(
        encoded=encoded,
        pixels=[pixels_digest(pixels) for pixels in copies],
        thumbnails=np.stack([np.frombuffer(thumbnail(pixels), np.uint8) for pixels in copies]),
    )
    known = Prints(
        encoded=[f"file {i}".encode() for i in range(200)],
        pixels=[pixels_digest(pixels) for pixels in train],
        thumbnails=thumbnails(train.transpose(0, 3, 1, 2)),
    )
    assert overlap(known, test) == [
        Match(0, 5, "bytes"),
        Match(1, 9, "pixels"),
        Match(2, 20, "thumbnail"),
        Match(4, 5, "bytes"),
    ]
    assert [match.how for match in overlap(Prints(thumbnails=known.thumbnails), test)] == ["thumbnail"] * 4
    assert overlap(Prints(), test) == []
    assert overlap(known, Prints(encoded=[], pixels=[], thumbnails=np.zeros((0, 64), np.uint8))) == []


@pytest.mark.real
def test_clothing_photographs(real_data: Path) -> None:
    files = sorted((real_data / "clothing10" / "train").rglob("*.jpg"))[:150]
    photos = [np.asarray(Image.open(file).convert("RGB")) for file in files]
    marks = np.stack([np.frombuffer(thumbnail(photo), np.uint8) for photo in photos])
    again = np.stack([np.frombuffer(thumbnail(jpeg(photo, 85, 0.8)), np.uint8) for photo in photos[:60]])
    assert (near(again, marks) == np.arange(60)).mean() > 0.98
    assert (near(marks[:75], marks[75:]) >= 0).mean() < 0.02
