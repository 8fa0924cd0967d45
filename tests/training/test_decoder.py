from __future__ import annotations

import pytest
import torch

from foveate.training.decoder import PixelDecoder


@pytest.mark.parametrize("size", [4, 8, 17, 28, 32, 64, 224])
def test_it_paints_images_of_any_size(size: int) -> None:
    painted = PixelDecoder(6, size, width=4)(torch.randn(2, 6))
    assert painted.shape == (2, 3, size, size)
