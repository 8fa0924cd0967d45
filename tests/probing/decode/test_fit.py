"""The decoder on planted features: of the pixels, of their mean colour, and of nothing."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from foveate.probing.decode.fit import Decoded, Images, coloured, decode

CELLS = 4


def planted(seed: int, count: int) -> np.ndarray:
    """Squares of 8 × 8 px in 4 × 4 cells: each cell two thirds its own colour, one third the image's."""
    random = np.random.default_rng(seed)
    cells = (2 * random.random((count, CELLS, CELLS, 3)) + random.random((count, 1, 1, 3))) / 3
    return (255 * cells).round().astype(np.uint8).repeat(2, axis=1).repeat(2, axis=2)


TRAIN, TEST = planted(0, 500), planted(1, 120)
IMAGES = Images(train=TRAIN, test=TEST, fit=np.arange(400), held=np.arange(400, 500), seed=0)


def cells(images: np.ndarray) -> np.ndarray:
    return images[:, ::2, ::2].reshape(len(images), -1).astype(np.float32)


def colour(images: np.ndarray) -> np.ndarray:
    return images.mean((1, 2)).astype(np.float32)


def nothing(images: np.ndarray) -> np.ndarray:
    return np.random.default_rng(len(images)).normal(size=(len(images), 48)).astype(np.float32)


def test_pixels_are_painted_back_almost_all() -> None:
    found = decode(cells(TRAIN), cells(TEST), IMAGES, epochs=40)
    assert found.r2.low > 0.9
    assert found.r2.low < found.r2.value < found.r2.high
    assert found.psnr.value > 20
    assert found.curve[0] == pytest.approx(0, abs=0.02), "before the first pass it is the mean image"
    assert found.curve[found.best] == max(found.curve)
    assert found.gain(coloured(IMAGES)).low > 0.5


def test_the_mean_colour_gives_the_mean_colour_and_no_more() -> None:
    found, ceiling = decode(colour(TRAIN), colour(TEST), IMAGES, epochs=30), coloured(IMAGES)
    assert 0.1 < ceiling.r2.value < 0.5
    assert found.r2.value == pytest.approx(ceiling.r2.value, abs=0.03)


def test_features_that_tell_nothing_end_at_the_mean_image() -> None:
    found = decode(nothing(TRAIN), nothing(TEST), IMAGES, epochs=30)
    assert abs(found.r2.value) < 0.01
    assert len(found.curve) < 31, "it stops where held-out images get no better"


def test_scores_are_those_of_their_definitions() -> None:
    random = np.random.default_rng(2)
    painted, mean = random.random((5, 8, 8, 3)).astype(np.float32), IMAGES.mean
    truth = TEST[:5]
    found = Decoded.of(painted, truth, mean)
    real = truth.astype(np.float64) / 255
    errors = ((real - painted) ** 2).sum((1, 2, 3))
    assert found.r2.value == pytest.approx(1 - errors.sum() / ((real - mean) ** 2).sum(), rel=1e-5)
    assert found.psnr.value == pytest.approx(np.mean(10 * np.log10(192 / errors)), rel=1e-5)
    same = Decoded.of(real.astype(np.float32), truth, mean)
    assert same.r2.value == 1
    assert same.psnr.value == pytest.approx(58.92, abs=0.01), "8 bits tell no more"
    assert Decoded.of(np.broadcast_to(mean, truth.shape), truth, mean).r2.value == 0


def test_the_same_seed_paints_the_same() -> None:
    one, other = (decode(colour(TRAIN), colour(TEST), IMAGES, epochs=2).pictures for _ in range(2))
    assert (one == other).all()
    torch.manual_seed(7)
    before = torch.rand(3)
    torch.manual_seed(7)
    decode(colour(TRAIN), colour(TEST), IMAGES, epochs=1)
    assert torch.equal(torch.rand(3), before), "the caller's stream is left alone"
