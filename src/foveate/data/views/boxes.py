"""Crops that are not drawn: a named corner and the centred square, as pixel boxes [x0, y0, x1, y1]."""

from __future__ import annotations

from foveate.core.errors import FoveateError, nearest

CORNERS = ("lower-left", "lower-right", "upper-left", "upper-right")

Box = tuple[int, int, int, int]


def check_corner(corner: str) -> None:
    """Raises FoveateError unless ``corner`` is one of CORNERS."""
    if corner not in CORNERS:
        raise FoveateError(f"unknown corner '{corner}'.", nearest(corner, CORNERS))


def corner_box(size_hw: tuple[int, int], corner: str, share: float) -> Box:
    """The box [x0, y0, x1, y1] px at a named corner that spans ``share`` of *each side* (so share² of the area).

    Sides are rounded to whole pixels, half to even, and never below one. The déjà vu test's box-free crop is
    ``corner_box(size, "lower-left", 0.3)``.

    Args:
        size_hw: the image's height and width in pixels.
        corner: one of CORNERS.
        share: in (0, 1].
    """
    check_corner(corner)
    if not 0 < share <= 1:
        raise FoveateError(f"a corner crop cannot span {share:g} of a side.", "give a share above 0 and at most 1")
    height, width = size_hw
    h, w = max(1, round(share * height)), max(1, round(share * width))
    top = height - h if corner.startswith("lower") else 0
    left = width - w if corner.endswith("right") else 0
    return left, top, left + w, top + h


def center_box(size_hw: tuple[int, int]) -> Box:
    """The largest centred square, [x0, y0, x1, y1] px."""
    height, width = size_hw
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return left, top, left + side, top + side
