"""Spectra whose ranks and exponents are known by construction."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from foveate.measures.spectrum import alpha_req, feature_std, rankme, singular_values


def with_spectrum(values: np.ndarray, n: int, seed: int = 0) -> np.ndarray:
    """A matrix [n, len(values)] with exactly these singular values, whose columns sum to 0."""
    random = np.random.default_rng(seed)
    left = random.normal(size=(n, len(values)))
    left = np.linalg.qr(left - left.mean(axis=0))[0]
    return left * values @ np.linalg.qr(random.normal(size=(len(values),) * 2))[0]


@pytest.mark.parametrize("shape", [(200, 30), (30, 200)])
@pytest.mark.parametrize("center", [False, True])
def test_singular_values_are_numpys(shape: tuple[int, int], center: bool) -> None:
    x = np.random.default_rng(1).normal(2, 1, shape)
    expected = np.linalg.svd(x - x.mean(axis=0) if center else x, compute_uv=False)
    assert np.allclose(singular_values(x, center=center).numpy(), expected, atol=1e-6)


def test_a_stream_is_the_whole() -> None:
    x = torch.randn(100, 12, generator=torch.Generator().manual_seed(0))
    for center in (False, True):
        streamed = singular_values((part for part in x.split(7)), center=center)
        assert torch.allclose(streamed, singular_values(x, center=center))


def test_rankme_of_known_spectra() -> None:
    assert rankme(with_spectrum(np.ones(24), 100)) == pytest.approx(24, rel=1e-6)
    assert rankme(np.outer(np.arange(1, 50), np.ones(512)).astype(np.float32)) == pytest.approx(1, abs=0.01)
    shares = np.array([0.5, 0.25, 0.25])
    assert rankme(with_spectrum(shares, 40)) == pytest.approx(math.exp(1.5 * math.log(2)), rel=1e-6)
    assert rankme(np.zeros((10, 4))) == 0.0
    gaussian = torch.randn(20000, 32, generator=torch.Generator().manual_seed(0))
    assert rankme(gaussian) == pytest.approx(32, abs=0.05)


@pytest.mark.parametrize("alpha", [0.5, 1.0, 2.0])
def test_alpha_of_a_power_law(alpha: float) -> None:
    values = np.arange(1, 61) ** (-alpha / 2)
    assert alpha_req(with_spectrum(values, 300)) == pytest.approx(alpha, rel=1e-6)
    assert alpha_req(with_spectrum(values, 300) + 100) == pytest.approx(alpha, rel=1e-4)


def test_alpha_needs_eigenvalues() -> None:
    assert math.isnan(alpha_req(with_spectrum(np.ones(6), 30)))
    assert math.isnan(alpha_req(np.ones((30, 64))))


def test_feature_std_between_collapse_and_even_spread() -> None:
    random = torch.Generator().manual_seed(0)
    even = torch.randn(4000, 64, generator=random)
    assert feature_std(even) == pytest.approx(1, abs=0.02)
    assert feature_std(even * torch.rand(4000, 1, generator=random)) == pytest.approx(1, abs=0.02)
    assert feature_std(torch.ones(100, 64) * torch.rand(100, 1, generator=random)) == pytest.approx(0, abs=1e-6)
    assert 0.05 < feature_std(torch.ones(4000, 64) + 0.1 * even) < 0.15
