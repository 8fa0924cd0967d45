"""Roles of images: crops by every rule, and pictures that stand in two roles."""

from __future__ import annotations

import io

import numpy as np
import pytest
from datasets import ClassLabel, Dataset, Features, Image, Value
from PIL import Image as Pillow

from foveate.auditing.sets import Labelled, cut, open_set, same_pictures
from foveate.core.errors import FoveateError

N, HEIGHT, WIDTH = 12, 40, 60


def png(pixels: np.ndarray) -> dict[str, bytes | None]:
    stream = io.BytesIO()
    Pillow.fromarray(pixels).save(stream, "PNG")
    return {"bytes": stream.getvalue(), "path": None}


def labelled(masks: list[np.ndarray]) -> Labelled:
    random = np.random.default_rng(0)
    pictures = random.integers(0, 255, (len(masks), HEIGHT, WIDTH, 3), np.uint8)
    dataset = Dataset.from_dict(
        {
            "image": [png(p) for p in pictures],
            "id": [str(i) for i in range(len(masks))],
            "label": [i % 2 for i in range(len(masks))],
            "mask": [png(mask) for mask in masks],
        },
        features=Features(
            {"image": Image(), "id": Value("string"), "label": ClassLabel(names=["a", "b"]), "mask": Image()}
        ),
    )
    return Labelled(
        role="members",
        address="planted",
        dataset=dataset,
        labels=np.arange(len(masks)) % 2,
        classes=("a", "b"),
        sizes=np.array([[HEIGHT, WIDTH]] * len(masks), dtype=np.int32),
        small=np.ascontiguousarray(pictures[:, :32, :32].transpose(0, 3, 1, 2)),
    )


def test_masks_leave_the_object_out_and_images_without_room_are_named():
    left = np.zeros((HEIGHT, WIDTH), np.uint8)
    left[:, :20] = 3
    full = np.full((HEIGHT, WIDTH), 1, np.uint8)
    crops = cut(labelled([left] * N + [full, full]), "masks", share=0.3)
    assert len(crops) == N
    assert (crops.boxes == [20, 0, 60, 40]).all()
    assert [id for id, reason in crops.images.left_out if "crop" in reason] == ["12", "13"]


def test_corner_needs_no_column():
    crops = cut(labelled([np.zeros((HEIGHT, WIDTH), np.uint8)] * N), "corner", share=0.5)
    assert (crops.boxes == [0, 20, 30, 40]).all()


def test_boxes_leave_the_digit_out():
    crops = cut(open_set("members", "builtin:dejavu@members-a[0:40]"), "boxes", share=0.3)
    for (x0, y0, x1, y1), row in zip(crops.boxes.tolist(), crops.images.dataset["objects"], strict=True):
        a, b, c, d = row[0]["box"]
        assert x1 <= a or c <= x0 or y1 <= b or d <= y0
        assert min(x1 - x0, y1 - y0) == 16
        assert max(x1 - x0, y1 - y0) == 32


def test_a_mask_of_another_size_is_refused():
    with pytest.raises(FoveateError, match="mask of 30×30"):
        cut(labelled([np.zeros((30, 30), np.uint8)] * N), "masks", share=0.3)


def test_same_pictures_are_found_exactly_and_nearly():
    one, other = labelled([np.zeros((HEIGHT, WIDTH), np.uint8)] * N), open_set("x", "builtin:dejavu@public[0:30]")
    identical, near = same_pictures(one, one)
    assert identical.all()
    assert near.all()
    assert not same_pictures(one, other)[1].any()
    train, test = (open_set(part, f"builtin:duplicates@{part}") for part in ("train", "test"))
    identical, near = same_pictures(test, train)
    assert identical.sum() == 10, "the same file"
    assert near.sum() == 20, "and encoded again"
