"""Crop rules against brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foveate.auditing import crops


def brute_force(free: np.ndarray) -> tuple[int, int] | None:
    """(shorter side, area) of the best rectangle of True cells, by trying all."""
    height, width = free.shape
    best = None
    for y0 in range(height):
        for y1 in range(y0 + 1, height + 1):
            for x0 in range(width):
                for x1 in range(x0 + 1, width + 1):
                    if free[y0:y1, x0:x1].all():
                        rank = (min(x1 - x0, y1 - y0), (x1 - x0) * (y1 - y0))
                        best = rank if best is None or rank > best else best
    return best


SIDE = 9
box = st.tuples(*[st.integers(-2, SIDE + 1)] * 2, *[st.integers(1, 6)] * 2).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)


@settings(max_examples=40, deadline=None)
@given(st.lists(box, max_size=4))
def test_outside_boxes_finds_the_best_rectangle(boxes):
    free = np.ones((SIDE, SIDE), dtype=bool)
    for x0, y0, x1, y1 in boxes:
        free[max(y0, 0) : max(y1, 0), max(x0, 0) : max(x1, 0)] = False
    found = crops.outside_boxes(SIDE, SIDE, boxes)
    if found is None:
        assert not free.any()
        return
    x0, y0, x1, y1 = found
    assert free[y0:y1, x0:x1].all()
    assert (min(x1 - x0, y1 - y0), (x1 - x0) * (y1 - y0)) == brute_force(free)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.booleans(), min_size=48, max_size=48))
def test_outside_mask_finds_the_best_rectangle(cells):
    mask = np.array(cells).reshape(6, 8).astype(int) * 7
    found = crops.outside_mask(mask)
    if found is None:
        assert mask.all()
        return
    x0, y0, x1, y1 = found
    assert (mask[y0:y1, x0:x1] == 0).all()
    assert (min(x1 - x0, y1 - y0), (x1 - x0) * (y1 - y0)) == brute_force(mask == 0)


def test_outside_mask_of_a_large_image_never_touches_the_object():
    mask = np.zeros((301, 457), dtype=np.int32)
    mask[100:140, 200:203] = 5
    x0, y0, x1, y1 = crops.outside_mask(mask, cells=32)
    assert (mask[y0:y1, x0:x1] == 0).all()
    assert min(x1 - x0, y1 - y0) >= 240  # the best is 254 = 457 - 203 wide


def test_fractional_boxes_are_rounded_outwards():
    assert crops.outside_boxes(10, 10, [[4.2, 0, 10, 10]]) == (0, 0, 4, 10)
    assert crops.outside_boxes(10, 10, [[0, 0, 4.2, 10]]) == (5, 0, 10, 10)


def test_corner_is_the_lower_left_third():
    assert crops.corner(100, 50) == (0, 35, 30, 50)
    assert crops.corner(1, 1) == (0, 0, 1, 1)


@pytest.mark.parametrize(
    ("box", "enough"), [((0, 0, 20, 90), True), ((0, 0, 19, 90), False), (None, False), ((0, 0, 100, 100), True)]
)
def test_large_enough(box, enough):
    assert crops.large_enough(box, 300, 100, share=0.2) is enough
