"""LiDAR of planted classes, and against the definition written out with roots and an SVD."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from foveate.core.errors import FoveateError
from foveate.measures.lidar import lidar


def by_definition(x: np.ndarray, delta: float = 1e-4) -> float:
    """exp of the entropy of the eigenvalues of Σw^-½ Σb Σw^-½, every matrix d × d."""
    means = x.mean(1)
    within = (x - means[:, None]).reshape(-1, x.shape[2])
    sigma_w = within.T @ within / len(within) + delta * np.eye(x.shape[2])
    centred = means - means.mean(0)
    sigma_b = centred.T @ centred / len(means)
    values, vectors = np.linalg.eigh(sigma_w)
    root = vectors / np.sqrt(values) @ vectors.T
    found = np.linalg.svd(root @ sigma_b @ root, compute_uv=False)
    share = found / found.sum()
    share = share[share > 1e-14]
    return float(np.exp(-(share * np.log(share)).sum()))


@pytest.mark.parametrize("shape", [(40, 5, 12), (12, 4, 30), (6, 3, 50)], ids=["n > d", "n < d", "n·q < d"])
def test_it_is_the_definition(shape: tuple[int, int, int]) -> None:
    stream = np.random.default_rng(0)
    x = stream.normal(size=(shape[0], 1, shape[2])) * np.linspace(0.1, 2, shape[2]) + 0.5 * stream.normal(size=shape)
    assert lidar(torch.from_numpy(x)) == pytest.approx(by_definition(x), rel=1e-9)


@pytest.mark.parametrize("width", [8, 500])
def test_orthogonal_classes_far_apart_have_one_direction_less_than_classes(width: int) -> None:
    x = torch.eye(8, width, dtype=torch.float64)[:, None].expand(8, 4, width).clone()
    assert lidar(x) == pytest.approx(7, rel=1e-9)
    noise = torch.randn(8, 200, width, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    if width == 8:
        assert lidar(100 * torch.eye(8, dtype=torch.float64)[:, None] + noise) == pytest.approx(7, abs=0.05)


def test_a_direction_in_which_views_differ_counts_less_than_rankme_says() -> None:
    stream = torch.Generator().manual_seed(0)
    images = torch.randn(2000, 1, 4, generator=stream, dtype=torch.float64)
    views = torch.randn(2000, 10, 4, generator=stream, dtype=torch.float64) * torch.tensor([0.1, 0.1, 30.0, 30.0])
    assert lidar(images.expand(-1, 10, -1) + 0.1 * views.sign()) == pytest.approx(4, abs=0.05)
    assert lidar(images + views) == pytest.approx(2, abs=0.1)


def test_images_that_are_all_the_same_have_no_direction_and_nan_is_named() -> None:
    x = torch.ones(5, 3, 4)
    assert lidar(x) == 0.0
    with pytest.raises(FoveateError, match="NaN"):
        lidar(x * float("nan"))
