"""Crops and blurs as matrices against torchvision, and what the tiles must not change."""

from __future__ import annotations

import pytest
import torch
from torchvision.transforms.v2 import functional

from foveate.data.views import resample as module
from foveate.data.views.resample import blur_bands, crop_bands, enlarge, resample


def boxes(n: int, h: int, w: int, seed: int = 0) -> torch.Tensor:
    """Whole boxes [top, left, height, width] of every size, the whole image and single pixels among them."""
    generator = torch.Generator().manual_seed(seed)
    high = (torch.rand(n, generator=generator) * h).long() + 1
    wide = (torch.rand(n, generator=generator) * w).long() + 1
    high[0], wide[0], high[1], wide[1] = h, w, 1, 1
    top = (torch.rand(n, generator=generator) * (h - high + 1)).long()
    left = (torch.rand(n, generator=generator) * (w - wide + 1)).long()
    return torch.stack([top, left, high, wide], dim=1)


def expected(pixels: torch.Tensor, box: torch.Tensor, flip: torch.Tensor, size: int) -> torch.Tensor:
    out = []
    for image, where, mirrored in zip(pixels, box.tolist(), flip, strict=True):
        crop = functional.resized_crop(image.float() / 255, *where, [size, size], antialias=True)
        out.append(functional.horizontal_flip(crop) if mirrored else crop)
    return torch.stack(out)


def cropped(pixels: torch.Tensor, box: torch.Tensor, flip: torch.Tensor, size: int) -> torch.Tensor:
    h, w = pixels.shape[2:]
    b = box.float()
    no = torch.zeros_like(flip)
    rows = crop_bands(b[:, 0], b[:, 2], no, longest=float(b[:, 2].max()), source=h, target=size, gain=1 / 255)
    columns = crop_bands(b[:, 1], b[:, 3], flip, longest=float(b[:, 3].max()), source=w, target=size)
    return resample(pixels, rows, columns)


@pytest.mark.parametrize(
    ("canvas", "size"),
    [((32, 32), 32), ((40, 64), 24), ((160, 160), 112), ((200, 150), 101), ((96, 96), 13), ((9, 9), 70)],
)
def test_crop_is_torchvisions_antialiased_resized_crop(canvas: tuple[int, int], size: int):
    n = 12
    pixels = torch.randint(0, 256, (n, 3, *canvas), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    box, flip = boxes(n, *canvas), torch.arange(n) % 2 == 0
    torch.testing.assert_close(cropped(pixels, box, flip, size), expected(pixels, box, flip, size), atol=5e-5, rtol=0)


@pytest.mark.parametrize(("canvas", "size"), [((32, 32), 32), ((20, 28), 28), ((8, 8), 50)])
def test_enlarge_is_the_same_by_looking_up(canvas: tuple[int, int], size: int):
    n = 12
    pixels = torch.randint(0, 256, (n, 3, *canvas), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    box, flip = boxes(n, *canvas), torch.arange(n) % 2 == 0
    looked_up = enlarge(pixels, box[:, :2].float(), box[:, 2:].float(), flip, size)
    torch.testing.assert_close(looked_up, expected(pixels, box, flip, size), atol=5e-5, rtol=0)


def test_both_ways_agree_on_crops_that_are_not_whole_pixels():
    pixels = torch.randint(0, 256, (3, 3, 16, 16), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    box = torch.tensor([[0.3, 2.7, 9.2, 11.9], [5.5, 0.0, 10.5, 15.25], [3.9, 7.1, 0.4, 0.2]])
    flip = torch.tensor([False, True, False])
    torch.testing.assert_close(
        enlarge(pixels, box[:, :2], box[:, 2:], flip, 16), cropped(pixels, box, flip, 16), atol=5e-5, rtol=0
    )


def test_shrinking_does_not_alias():
    # Stripes one pixel wide: a look-up of four pixels gives black or white, antialiasing gives the mean gray.
    pixels = torch.zeros(1, 3, 128, 128, dtype=torch.uint8)
    pixels[..., ::2] = 255
    whole = torch.tensor([[0, 0, 128, 128]])
    assert (cropped(pixels, whole, torch.tensor([False]), 16) - 0.5).abs().max() < 0.02
    looked_up = enlarge(pixels, torch.zeros(1, 2), torch.tensor([[128.0, 101.0]]), torch.tensor([False]), 16)
    assert (looked_up - 0.5).abs().max() > 0.2, "the test image no longer shows aliasing"


@pytest.mark.parametrize(("size", "kernel"), [(32, 3), (20, 23), (12, 23), (112, 11), (101, 23)])
def test_blur_is_torchvisions_with_reflected_edges(size: int, kernel: int):
    x = torch.rand(4, 3, size, size, generator=torch.Generator().manual_seed(2))
    sigma = torch.tensor([0.1, 0.7, 1.3, 2.0])
    bands = blur_bands(sigma, kernel=kernel, size=size)
    wanted = torch.stack(
        [functional.gaussian_blur(i, [kernel] * 2, [float(s)] * 2) for i, s in zip(x, sigma, strict=True)]
    )
    torch.testing.assert_close(resample(x, bands, bands), wanted, atol=2e-6, rtol=0)


def test_tiles_change_nothing(monkeypatch: pytest.MonkeyPatch):
    pixels = torch.randint(0, 256, (6, 3, 150, 150), dtype=torch.uint8, generator=torch.Generator().manual_seed(3))
    box, flip = boxes(6, 150, 150), torch.arange(6) % 2 == 0
    tiled = cropped(pixels, box, flip, 100)
    bands = blur_bands(torch.full((6,), 1.5), kernel=9, size=100)
    assert bands.first is not None, "this case is meant to be cut into tiles"
    blurred = resample(tiled, bands, bands)
    monkeypatch.setattr(module, "TILE", 1000)
    dense = cropped(pixels, box, flip, 100)
    bands = blur_bands(torch.full((6,), 1.5), kernel=9, size=100)
    assert bands.first is None
    torch.testing.assert_close(tiled, dense, atol=1e-5, rtol=0)
    torch.testing.assert_close(blurred, resample(dense, bands, bands), atol=1e-5, rtol=0)
