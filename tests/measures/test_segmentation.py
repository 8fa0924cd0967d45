from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import jaccard_score

from foveate.measures.segmentation import VOID, counts, iou, mean_iou


def test_a_case_counted_by_hand() -> None:
    truth = np.array([[0, 0, 1], [0, 1, 1], [VOID, VOID, 2]])
    said = np.array([[0, 1, 1], [0, 1, 0], [2, 1, 2]])
    found = counts(said, truth, 4)
    assert found.tolist() == [[2, 2, 1, 0], [4, 4, 1, 0]]
    np.testing.assert_array_equal(iou(found), [0.5, 0.5, 1.0, np.nan])
    assert mean_iou(found[None]) == pytest.approx(2 / 3)


def test_images_are_summed_before_the_ratio_as_scikit_learn_does() -> None:
    random = np.random.default_rng(0)
    truth, said = random.integers(0, 4, (2, 5, 8, 9))
    each = np.stack([counts(a, b, 4) for a, b in zip(said, truth, strict=True)])
    expected = jaccard_score(truth.ravel(), said.ravel(), average=None)
    np.testing.assert_allclose(iou(each.sum(0)), expected)
    assert mean_iou(each) == pytest.approx(expected.mean())


def test_nothing_to_score_is_nan() -> None:
    nothing = counts(np.zeros((2, 2), int), np.full((2, 2), VOID), 3)
    assert np.isnan(mean_iou(nothing[None]))
