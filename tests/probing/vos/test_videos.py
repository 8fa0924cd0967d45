from __future__ import annotations

import numpy as np
import pytest
from datasets import Dataset

from foveate.core.errors import FoveateError
from foveate.probing.vos.videos import Video


def video(*masks: np.ndarray) -> Video:
    dataset = Dataset.from_dict({"mask": [mask.tolist() for mask in masks]})
    rows = tuple(range(len(masks)))
    return Video("clip", dataset, rows, rows)


def test_masks_are_numbered_as_the_first_frame_shows_them() -> None:
    first, later = np.array([[0, 1], [2, 255]]), np.array([[3, 1], [0, 255]])
    assert video(first, later).masks().tolist() == [[[0, 1], [2, 0]], [[0, 1], [0, 0]]]
    assert video(np.array([[0, 255]]), np.array([[255, 0]])).masks().tolist() == [[[0, 1]], [[1, 0]]]


def test_masks_of_two_sizes_are_refused() -> None:
    with pytest.raises(FoveateError, match="masks of 3×2 and of 3×4"):
        video(np.ones((2, 3), int), np.ones((2, 3), int), np.ones((4, 3), int)).masks()


def test_a_first_frame_without_an_object_is_refused() -> None:
    with pytest.raises(FoveateError, match="shows no object"):
        video(np.zeros((2, 3), int), np.ones((2, 3), int)).masks()
