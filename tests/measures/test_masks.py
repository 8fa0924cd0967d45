"""J and F against a slow NumPy form of the official definition, and masks whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from foveate.measures.masks import boundary, contour, region, statistics


def slow_boundary(mask: np.ndarray) -> np.ndarray:
    """Pixel by pixel: 1 where it differs from its right, lower or lower right neighbour; what lies outside is no neighbour."""
    height, width = mask.shape
    found = np.zeros((height, width), bool)
    for y in range(height):
        for x in range(width):
            for dy, dx in ((0, 1), (1, 0), (1, 1)):
                if y + dy < height and x + dx < width and mask[y, x] != mask[y + dy, x + dx]:
                    found[y, x] = True
    return found


def slow_dilation(mask: np.ndarray, radius: int) -> np.ndarray:
    """By a disk: all offsets with dy² + dx² ≤ r²."""
    found = np.zeros_like(mask)
    height, width = mask.shape
    for y, x in zip(*np.nonzero(mask), strict=True):
        for dy in range(-radius, radius + 1):
            for dx in range(-radius, radius + 1):
                if dy * dy + dx * dx <= radius * radius and 0 <= y + dy < height and 0 <= x + dx < width:
                    found[y + dy, x + dx] = True
    return found


def slow_contour(predicted: np.ndarray, truth: np.ndarray, tolerance: float) -> float:
    radius = int(np.ceil(tolerance * np.linalg.norm(truth.shape)))
    ours, theirs = slow_boundary(predicted), slow_boundary(truth)
    n_ours, n_theirs = ours.sum(), theirs.sum()
    if n_ours == 0 and n_theirs == 0:
        precision = recall = 1.0
    elif n_ours == 0:
        precision, recall = 1.0, 0.0
    elif n_theirs == 0:
        precision, recall = 0.0, 1.0
    else:
        precision = (ours & slow_dilation(theirs, radius)).sum() / n_ours
        recall = (theirs & slow_dilation(ours, radius)).sum() / n_theirs
    return 0.0 if precision + recall == 0 else 2 * precision * recall / (precision + recall)


def masks(kind: str, random: np.random.Generator) -> np.ndarray:
    height, width = random.integers(5, 40, 2)
    if kind in ("empty", "full"):
        return np.full((height, width), kind == "full")
    mask = np.zeros((height, width), bool)
    if kind == "pixel":
        mask[random.integers(height), random.integers(width)] = True
    elif kind == "noise":
        mask = random.random((height, width)) < random.random()
    else:  # blobs, some over the edge
        y, x = np.mgrid[:height, :width]
        for _ in range(random.integers(1, 4)):
            centre, size = random.uniform((0, 0), (height, width)), random.uniform(2, 10)
            mask |= (y - centre[0]) ** 2 + (x - centre[1]) ** 2 < size**2
    return mask


KINDS = ("empty", "full", "pixel", "noise", "blobs", "blobs", "blobs")


def test_200_random_masks_score_as_by_the_slow_form() -> None:
    random = np.random.default_rng(0)
    seen = set()
    for _ in range(200):
        truth = masks(KINDS[random.integers(len(KINDS))], random)
        other = KINDS[random.integers(len(KINDS))]
        shifted = np.roll(truth, random.integers(-3, 4, 2), (0, 1))
        predicted = shifted if other == "blobs" else masks(other, random)
        predicted = np.resize(predicted, truth.shape)
        union = (predicted | truth).sum()
        assert region(predicted, truth) == (1.0 if union == 0 else (predicted & truth).sum() / union)
        tolerance = random.choice([0.008, 0.03, 0.1])
        found = contour(predicted, truth, tolerance=tolerance)
        assert found == pytest.approx(slow_contour(predicted, truth, tolerance), abs=1e-12)
        assert (boundary(truth) == slow_boundary(truth)).all()
        seen.add(round(found, 1))
    assert len(seen) > 5, "scores of all sizes"


def test_known_answers() -> None:
    truth = np.zeros((100, 100), bool)
    truth[20:40, 20:40] = True
    empty = np.zeros_like(truth)
    assert (region(truth, truth), contour(truth, truth)) == (1, 1)
    assert (region(empty, truth), contour(empty, truth)) == (0, 0)
    assert (region(truth, empty), contour(truth, empty)) == (0, 0)
    assert (region(empty, empty), contour(empty, empty)) == (1, 1)
    half = truth.copy()
    half[30:40] = False
    assert region(half, truth) == 0.5
    # The tolerance is ⌈.008 · 141.4⌉ = 2 pixels: a contour 2 pixels off matches, one 3 pixels off only at the corners of its sides.
    assert contour(np.roll(truth, 2, 0), truth) == 1
    assert contour(np.roll(truth, 3, 0), truth) < 0.8


def test_recall_and_decay() -> None:
    found = statistics(np.array([1.0, 1.0, 0.9, 0.6, 0.5, 0.4, 0.2, 0.0]))
    assert found.mean == pytest.approx(0.575)
    assert found.recall == 0.5, "a frame at exactly .5 is not recalled"
    # Ends 1, 2.75, 4.5, 6.25, 8 round to 1, 3, 5 (4.5 + 1e-10), 6, 8: frames 1-3 and 6-8.
    assert found.decay == pytest.approx((1 + 1 + 0.9) / 3 - (0.4 + 0.2 + 0) / 3)
    assert statistics(np.array([0.7])) == (0.7, 1.0, 0.0)


def test_a_long_video_decays_like_a_short_one() -> None:
    """The official evaluator's 8-bit frame numbers would take the last quarter of 300 frames from somewhere else."""
    falling = np.linspace(1, 0, 300)
    assert statistics(falling).decay == pytest.approx(0.75, abs=0.01)
