from __future__ import annotations

import pytest
import torch

from foveate.training.decoder import PixelDecoder


@pytest.mark.parametrize("size", [4, 8, 17, 28, 32, 64, 224])
def test_it_paints_images_of_any_size(size: int) -> None:
    painted = PixelDecoder(6, size, width=4)(torch.randn(2, 6))
    assert painted.shape == (2, 3, size, size)


def test_an_image_is_painted_from_its_own_features_alone() -> None:
    decoder = PixelDecoder(6, 16, width=4).eval()
    features = torch.randn(3, 6)
    painted = decoder(features)
    features[1] += 1
    changed = (decoder(features) != painted).flatten(1).any(1)
    assert changed.tolist() == [False, True, False]


@pytest.mark.parametrize(("size", "doublings"), [(4, 0), (8, 1), (17, 3), (32, 3), (224, 6)])
def test_each_step_doubles_the_side(size: int, doublings: int) -> None:
    """From a square of at most 4 cells; the last step has so many channels as was asked for."""
    decoder = PixelDecoder(6, size, width=4)
    assert sum(isinstance(each, torch.nn.Upsample) for each in decoder.steps) == doublings
    assert decoder.side <= 4
    assert decoder.side * 2**doublings >= size
    assert decoder.steps[-1].in_channels == 4


def test_its_gradient_reaches_every_weight_and_the_features() -> None:
    decoder = PixelDecoder(6, 16, width=4)
    features = torch.randn(4, 6, requires_grad=True)
    decoder(features).square().mean().backward()
    assert bool((features.grad != 0).any(1).all())
    assert all(p.grad is not None for p in decoder.parameters())
