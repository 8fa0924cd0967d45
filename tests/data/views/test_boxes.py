"""Corner and centre boxes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foveate.core.errors import FoveateError
from foveate.data.views.boxes import CORNERS, center_box, corner_box


def test_the_corners_of_a_landscape():
    size = (100, 200)
    assert corner_box(size, "lower-left", 0.3) == (0, 70, 60, 100)
    assert corner_box(size, "lower-right", 0.3) == (140, 70, 200, 100)
    assert corner_box(size, "upper-left", 0.3) == (0, 0, 60, 30)
    assert corner_box(size, "upper-right", 0.3) == (140, 0, 200, 30)
    assert center_box(size) == (50, 0, 150, 100)


@given(h=st.integers(1, 5000), w=st.integers(1, 5000), share=st.floats(1e-6, 1), corner=st.sampled_from(CORNERS))
def test_a_corner_is_inside_never_empty_and_touches_its_corner(h: int, w: int, share: float, corner: str):
    x0, y0, x1, y1 = corner_box((h, w), corner, share)
    assert 0 <= x0 < x1 <= w
    assert 0 <= y0 < y1 <= h
    assert (y1 == h) if "lower" in corner else (y0 == 0)
    assert (x1 == w) if "right" in corner else (x0 == 0)
    assert abs((x1 - x0) - share * w) <= max(1, 0.5)


def test_wrong_corners_and_shares_say_what_is_meant():
    with pytest.raises(FoveateError, match="lower-left"):
        corner_box((10, 10), "lower-lef", 0.3)
    for share in (0.0, -1.0, 1.01):
        with pytest.raises(FoveateError, match="share"):
            corner_box((10, 10), "lower-left", share)
