"""Which part of an image is shown to the encoder: a corner, or the largest rectangle that no object touches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

Box = tuple[int, int, int, int]


def corner(width: int, height: int, *, share: float = 0.3) -> Box:
    """The lower-left corner: ``share`` of each side, as pixels ``x0, y0, x1, y1`` (half-open)."""
    return 0, height - max(1, round(share * height)), max(1, round(share * width)), height


def outside_boxes(width: int, height: int, boxes: Float[np.ndarray, "m 4"] | Sequence[Sequence[float]]) -> Box | None:
    """The largest rectangle outside all boxes: by its shorter side, then by its area.

    Args:
        boxes: ``x0, y0, x1, y1`` in pixels; parts beyond the image are ignored.

    Returns:
        Whole pixels, or None when the boxes leave nothing.
    """
    inside = np.asarray(boxes, dtype=np.float64).reshape(-1, 4)
    low, high = np.floor(inside[:, :2]), np.ceil(inside[:, 2:])
    low, high = np.clip(low, 0, [width, height]).astype(int), np.clip(high, 0, [width, height]).astype(int)
    keep = (high > low).all(1)
    low, high = low[keep], high[keep]
    lefts = sorted({0, *high[:, 0].tolist()})
    rights = sorted({width, *low[:, 0].tolist()}, reverse=True)
    best: Box | None = None
    for left in lefts:
        for right in rights:
            # The widest strips come first: once a strip is narrower than the best shorter side, so are the rest.
            if right <= left or (best is not None and right - left < _rank(best)[0]):
                break
            across = (low[:, 0] < right) & (high[:, 0] > left)
            for top, bottom in _gaps(low[across, 1], high[across, 1], height):
                box = (left, top, right, bottom)
                if best is None or _rank(box) > _rank(best):
                    best = box
    return best


def outside_mask(mask: Int[np.ndarray, "h w"], *, cells: int = 96) -> Box | None:
    """The largest rectangle in which ``mask`` is 0 (background): by its shorter side, then by its area.

    The mask is first reduced to at most ``cells`` a side; a cell that holds one object pixel counts as object, so the
    rectangle never touches an object but may miss up to a cell at each edge.
    """
    height, width = mask.shape
    rows, columns = min(height, cells), min(width, cells)
    # edges[i] is where cell i begins: reduceat takes the maximum of each cell.
    y, x = np.arange(rows) * height // rows, np.arange(columns) * width // columns
    filled = np.maximum.reduceat(np.maximum.reduceat(mask != 0, y, axis=0), x, axis=1)
    ys, xs = [*y.tolist(), height], [*x.tolist(), width]
    best: Box | None = None
    free_above = np.zeros(columns, dtype=int)
    for row in range(rows):
        free_above = np.where(filled[row], 0, free_above + 1)
        for left, right, tall in _bars(free_above.tolist()):
            box = (xs[left], ys[row + 1 - tall], xs[right], ys[row + 1])
            if best is None or _rank(box) > _rank(best):
                best = box
    return best


def large_enough(box: Box | None, width: int, height: int, *, share: float) -> bool:
    """Whether the crop's shorter side is at least ``share`` of the image's shorter side (and two pixels)."""
    return box is not None and min(box[2] - box[0], box[3] - box[1]) >= max(2.0, share * min(width, height))


def _rank(box: Box) -> tuple[int, int]:
    across, down = box[2] - box[0], box[3] - box[1]
    return min(across, down), across * down


def _gaps(tops: np.ndarray, bottoms: np.ndarray, height: int) -> list[tuple[int, int]]:
    """What intervals leave free of ``0 … height``."""
    free, reached = [], 0
    for top, bottom in sorted(zip(tops.tolist(), bottoms.tolist(), strict=True)):
        if top > reached:
            free.append((reached, top))
        reached = max(reached, bottom)
    if reached < height:
        free.append((reached, height))
    return free


def _bars(heights: list[int]) -> list[tuple[int, int, int]]:
    """All maximal rectangles under a histogram, as ``left, right, height``: one pass with a stack."""
    found, stack = [], [(0, 0)]  # (where a bar of this height may begin, height)
    for position, height in enumerate([*heights, 0]):
        begin = position
        while stack and stack[-1][1] > height:
            begin, tall = stack.pop()
            found.append((begin, position, tall))
        if not stack or stack[-1][1] < height:
            stack.append((begin, height))
    return found
