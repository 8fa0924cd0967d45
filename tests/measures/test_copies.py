"""Planted copies are found, however they were saved and with a tenth cut off at each edge; other pictures are left alone."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from foveate.measures import copies as module
from foveate.measures.copies import copies
from foveate.measures.duplicates import near, thumbnails

SIDE = 48


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    """120 smooth random pictures, uint8 [n 48 48 3], of which the second half look much like one of the first."""
    random = np.random.default_rng(0)
    rough = random.integers(0, 256, (120, 6, 6, 3)).astype(np.float64)
    rough[60:] = rough[:60] * 0.8 + rough[60:] * 0.2
    return np.stack(
        [np.asarray(Image.fromarray(x.astype(np.uint8)).resize((SIDE, SIDE), Image.BICUBIC)) for x in rough]
    )


def saved(pixels: np.ndarray, *, quality: int = 80, crop: tuple[float, ...] = (0, 0, 1, 1)) -> np.ndarray:
    image = Image.fromarray(pixels).resize((SIDE, SIDE), Image.BICUBIC, box=tuple(SIDE * edge for edge in crop))
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality)
    return np.asarray(Image.open(stream).convert("RGB"))


def found(pictures: np.ndarray, planted: list[np.ndarray]) -> list[tuple[int, int]]:
    images = np.concatenate([pictures, np.stack(planted)]).transpose(0, 3, 1, 2)
    return [(each.row, each.of) for each in copies(np.ascontiguousarray(images))]


def test_pictures_that_look_alike_are_no_copies(pictures: np.ndarray) -> None:
    assert found(pictures[:119], [pictures[119]]) == []


def test_exact_reencoded_and_cropped_copies_are_left_out_and_the_first_stays(pictures: np.ndarray) -> None:
    crops = [(0.05, 0.02, 1, 0.98), (0, 0, 0.9, 0.93), (0.1, 0.06, 0.97, 1)]
    planted = [pictures[3], saved(pictures[7]), *(saved(pictures[20 + i], crop=crop) for i, crop in enumerate(crops))]
    assert found(pictures, planted) == [(120, 3), (121, 7), (122, 20), (123, 21), (124, 22)]
    small = thumbnails(np.stack([*pictures, *planted]).transpose(0, 3, 1, 2))
    assert near(small[120:], small[:120]).tolist() == [3, 7, -1, -1, -1], "thumbnails alone do not know crops"


def test_a_crop_that_comes_first_is_what_stays(pictures: np.ndarray) -> None:
    images = np.concatenate([saved(pictures[5], crop=(0.08, 0.08, 1, 1))[None], pictures])
    rows = copies(np.ascontiguousarray(images.transpose(0, 3, 1, 2)))
    assert [(each.row, each.of) for each in rows] == [(6, 0)]
    assert rows[0].distance <= module.CROPPED


def test_many_copies_of_one_picture_leave_one(pictures: np.ndarray) -> None:
    planted = [saved(pictures[9], quality=quality) for quality in range(70, 95, 2)]
    assert [row for row, _ in found(pictures, planted)] == list(range(120, 133))


def test_dull_pictures_must_lie_nearer() -> None:
    random = np.random.default_rng(1)
    flat = (120 + random.integers(0, 6, (40, 1, 4, 4))).astype(np.uint8).repeat(3, 1).repeat(4, 2).repeat(4, 3)
    assert copies(flat) == []
    assert copies(flat[:1]) == []
