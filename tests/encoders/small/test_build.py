"""Our small encoders: sizes, widths and the sameness of their parts."""

from __future__ import annotations

import pytest
import torch

from foveate.encoders.load import load

_EXPECTED = {
    "resnet9": (256, 1.2e6),
    "resnet18": (512, 11.2e6),
    "resnet18-narrow": (128, 0.7e6),
    "vit-mini": (128, 1.2e6),
    "vit-mini-patch8": (128, 1.2e6),
    "vit-tiny": (192, 5.4e6),
    "vit-tiny-patch8": (192, 5.4e6),
    "vit-small": (384, 21.3e6),
}


@pytest.mark.parametrize(("name", "expected"), _EXPECTED.items())
def test_width_and_weights(name, expected):
    encoder = load(f"foveate:{name}")
    assert encoder.width == expected[0]
    assert sum(p.numel() for p in encoder.module.parameters()) == pytest.approx(expected[1], rel=0.05)


def test_the_list_is_complete():
    from foveate.encoders.registry import SMALL

    assert set(SMALL.names()) == set(_EXPECTED)


@pytest.mark.parametrize("name", ["resnet9", "resnet18-narrow", "vit-mini"])
@pytest.mark.parametrize("size", [32, 48, 64])
def test_sizes(name, size, noise):
    encoder = load(f"foveate:{name}", image_size=size)
    assert encoder.preprocess.size == (size, size)
    assert encoder(noise(1, size))["pooled"].shape == (1, encoder.width)


def test_patches_of_eight_have_the_tokens_of_four():
    assert load("foveate:vit-tiny").grid == load("foveate:vit-tiny-patch8").grid == (8, 8)
    assert load("foveate:vit-tiny-patch8").preprocess.size == (64, 64)


def test_native_images_are_not_resized():
    import numpy as np

    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    preprocess = load("foveate:resnet9").preprocess
    assert np.array_equal(preprocess.crop(pixels), pixels)


@pytest.mark.parametrize("name", ["resnet9", "vit-mini"])
def test_a_few_steps_fit_eight_images(name, noise):
    torch.manual_seed(0)
    encoder = load(f"foveate:{name}")
    head = torch.nn.Linear(encoder.width, 2)
    optimizer = torch.optim.AdamW([*encoder.module.parameters(), *head.parameters()], lr=1e-3)
    encoder.module.train()
    images, labels = noise(8), torch.arange(8) % 2
    losses = []
    for _ in range(20):
        loss = torch.nn.functional.cross_entropy(head(encoder.pooled(images)), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]
