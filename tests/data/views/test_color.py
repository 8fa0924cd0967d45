"""Colour operators against torchvision.transforms.v2.functional on float images, one image and factor at a time."""

from __future__ import annotations

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchvision.transforms.v2 import functional

from foveate.data.views.color import blends, hue_, jitter_, luma, solarized

ADJUST = (
    functional.adjust_brightness,
    functional.adjust_contrast,
    functional.adjust_saturation,
    functional.adjust_hue,
)


def images(n: int, seed: int = 0) -> torch.Tensor:
    """Random images whose first pixels are black, white, gray and the six pure hues: where HSV has its corners."""
    x = torch.rand(n, 3, 6, 7, generator=torch.Generator().manual_seed(seed))
    x[:, :, 0, 0], x[:, :, 0, 1], x[:, :, 0, 2] = 0, 1, 0.4
    for i, pure in enumerate([(1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 1, 1), (0, 0, 1), (1, 0, 1)]):
        x[:, :, 1, i] = torch.tensor(pure, dtype=torch.float32)
    return x


def test_luma_is_torchvisions_gray():
    x = images(3)
    torch.testing.assert_close(luma(x), functional.rgb_to_grayscale(x))


@given(turn=st.floats(-0.5, 0.5), seed=st.integers(0, 1000))
@settings(deadline=None, max_examples=60)
def test_hue_is_torchvisions_at_every_angle(turn: float, seed: int):
    x = images(1, seed)
    turned = x.clone()
    hue_(turned, torch.tensor([turn]))
    torch.testing.assert_close(turned, functional.adjust_hue(x, turn), atol=2e-5, rtol=0)


@pytest.mark.parametrize("turn", [-1 / 6, -0.1, 0.0, 0.05, 1 / 6])
def test_small_turns_need_no_wrapping(turn: float):
    x = images(3)
    short = x.clone()
    hue_(short, torch.full((3,), turn), small=True)
    torch.testing.assert_close(short, functional.adjust_hue(x, turn), atol=2e-5, rtol=0)


def test_hue_leaves_gray_and_the_extremes_of_a_pixel_alone():
    x = images(4)
    turned = x.clone()
    hue_(turned, torch.tensor([0.3, -0.2, 0.5, 0.0]))
    torch.testing.assert_close(turned[:, :, 0, :3], x[:, :, 0, :3])
    torch.testing.assert_close(turned.amax(1), x.amax(1), atol=1e-6, rtol=0)
    torch.testing.assert_close(turned.amin(1), x.amin(1), atol=1e-6, rtol=0)
    torch.testing.assert_close(turned[3], x[3], atol=1e-6, rtol=0)
    assert (turned[0] - x[0]).abs().max() > 0.1


@pytest.mark.parametrize("hue_step", range(4))
def test_jitter_takes_each_images_own_factors_in_its_own_order(hue_step: int):
    orders = [p for p in itertools.permutations(range(4)) if p[hue_step] == 3]
    order = torch.tensor(orders)
    n = len(orders)
    # Strong factors: most pixels are clamped between the steps, which is where a shortcut would show.
    factors = torch.rand(n, 4, generator=torch.Generator().manual_seed(3)) * 1.8
    factors[:, 3] = torch.linspace(-0.5, 0.5, n)
    x = images(n)
    expected = []
    for image, own, steps in zip(x, factors, orders, strict=True):
        for op in steps:
            image = ADJUST[op](image, float(own[op]))
        expected.append(image)
    steps = blends(factors, order)
    jitter_(x, steps, steps.any(dim=0).tolist(), factors[:, 3], hue_step)
    torch.testing.assert_close(x, torch.stack(expected), atol=3e-5, rtol=0)


def test_without_hue_images_may_mix_all_orders():
    orders = list(itertools.permutations(range(4)))
    factors = torch.rand(24, 4, generator=torch.Generator().manual_seed(4)) * 2
    factors[:, 3] = 0
    x = images(24)
    expected = []
    for image, own, steps in zip(x, factors, orders, strict=True):
        for op in steps:
            image = ADJUST[op](image, float(own[op]))
        expected.append(image)
    steps = blends(factors, torch.tensor(orders))
    jitter_(x, steps, steps.any(dim=0).tolist(), factors[:, 3], None)
    torch.testing.assert_close(x, torch.stack(expected), atol=3e-5, rtol=0)


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.5, 1.0])
def test_solarized_is_torchvisions(threshold: float):
    x = images(2)
    torch.testing.assert_close(solarized(x, threshold), functional.solarize(x, threshold), atol=0, rtol=0)
