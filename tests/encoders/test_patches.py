"""A transformer on some of its patches: the same numbers as running its parts by hand."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from foveate.core.errors import FoveateError
from foveate.encoders.load import load
from foveate.encoders.patches import Patches

ADDRESSES = [
    ("foveate:vit-mini", {}),
    ("foveate:vit-mini", {"global_pool": "avg"}),
    ("random:vit_tiny_patch16_224", {}),
    ("random:vit_small_patch14_reg4_dinov2", {}),
]


def made(address: str, args: dict[str, Any]) -> tuple[Any, Patches, torch.Tensor]:
    encoder = load(
        address, args=args, image_size=32 if address.startswith("foveate") else 56 if "14" in address else 64
    )
    height, width = encoder.preprocess.size
    return encoder, Patches(encoder, wanted_by="the test"), torch.randn(2, 3, height, width)


@pytest.mark.parametrize(("address", "args"), ADDRESSES)
def test_all_patches_give_the_encoder_s_own_output(address: str, args: dict[str, Any]) -> None:
    encoder, patches, images = made(address, args)
    every = torch.arange(patches.count).expand(2, -1)
    with torch.no_grad():
        for tokens in (patches(encoder.module, images), patches(encoder.module, images, keep=every)):
            torch.testing.assert_close(tokens.pooled, encoder.pooled(images), rtol=1e-4, atol=1e-5)
            assert tokens.patches.shape == (2, patches.count, patches.width)


@pytest.mark.parametrize(("address", "args"), ADDRESSES)
def test_tokens_are_those_of_the_taps(address: str, args: dict[str, Any]) -> None:
    """After the last norm; with ``last``, the mean of so many last blocks' outputs, each of mean 0 and deviation 1."""
    encoder, patches, images = made(address, args)
    last = len(encoder.module.blocks) - 1
    with torch.no_grad():
        taps = encoder(images, [f"blocks.{last - 1}:tokens", f"blocks.{last}:tokens"])
        # Where patches are averaged the last norm follows the pooling; here each token has it by itself.
        own: Any = encoder.module
        expected = (own.fc_norm if patches.pools_mean else own.norm)(taps[f"blocks.{last}:tokens"])
        torch.testing.assert_close(patches(own, images).patches, expected, rtol=1e-4, atol=1e-5)
        if not patches.pools_mean:
            torch.testing.assert_close(encoder(images, ["norm:tokens"])["norm:tokens"], expected)
        ends = [taps[f"blocks.{n}:tokens"].double() for n in (last - 1, last)]
        ends = [(z - z.mean(-1, keepdim=True)) / (z.var(-1, keepdim=True, correction=0) + 1e-5).sqrt() for z in ends]
        mean = patches(encoder.module, images, last=2).patches.double()
    torch.testing.assert_close(mean, (ends[0] + ends[1]) / 2, rtol=1e-3, atol=1e-4)


def test_patches_come_in_the_order_that_they_were_asked_for() -> None:
    encoder, patches, images = made("foveate:vit-mini", {})
    keep = torch.stack([torch.randperm(64)[:10] for _ in range(2)])
    with torch.no_grad():
        tokens = patches(encoder.module, images, keep=keep)
        turned = patches(encoder.module, images, keep=keep.flip(1))
    torch.testing.assert_close(turned.patches.flip(1), tokens.patches, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(turned.pooled, tokens.pooled, rtol=1e-4, atol=1e-5)


def test_gradients_reach_the_shown_pixels_and_the_token_alone() -> None:
    encoder, patches, images = made("foveate:vit-mini", {})
    images.requires_grad_()
    keep = torch.tensor([[0, 9], [9, 63]])
    patches(encoder.module, images, keep=keep).pooled.square().sum().backward()
    touched = patches.pixels(images.grad).abs().sum(-1) > 0
    assert touched.nonzero().tolist() == [[0, 0], [0, 9], [1, 9], [1, 63]]
    token = torch.zeros(patches.width, requires_grad=True)
    hide = torch.ones(2, 64, dtype=torch.bool)
    images.grad = None
    patches(encoder.module, images, hide=hide, token=token).pooled.square().sum().backward()
    assert bool(token.grad.any())
    assert not bool(images.grad.any())


def test_some_patches_are_run_as_if_there_were_no_others() -> None:
    encoder, patches, images = made("foveate:vit-mini", {})
    keep = torch.stack([torch.randperm(64)[:10].sort().values for _ in range(2)])
    vit: Any = encoder.module
    with torch.no_grad():
        x = vit._pos_embed(vit.patch_embed(images))
        for i in range(2):
            shown = torch.cat([x[i : i + 1, :1], x[i : i + 1, 1:][:, keep[i]]], dim=1)
            expected = vit.norm(vit.blocks(shown))
            tokens = patches(vit, images, keep=keep)
            torch.testing.assert_close(tokens.patches[i], expected[0, 1:], rtol=1e-4, atol=1e-5)
            torch.testing.assert_close(tokens.pooled[i], expected[0, 0], rtol=1e-4, atol=1e-5)


def test_a_hidden_patch_keeps_its_place_and_loses_its_content() -> None:
    encoder, patches, images = made("foveate:vit-mini", {})
    hide = torch.zeros(2, 64, dtype=torch.bool)
    hide[:, 9] = True
    token = torch.randn(patches.width)
    changed = images.clone()
    changed[:, :, 4:8, 4:8] = 5.0  # patch 9 of an 8 × 8 grid
    with torch.no_grad():
        one, two = (patches(encoder.module, x, hide=hide, token=token).patches for x in (images, changed))
        assert torch.equal(one, two)
        elsewhere = hide.roll(1, 1)
        other = patches(encoder.module, images, hide=elsewhere, token=token).patches
        assert float((other[:, 10] - one[:, 9]).abs().max()) > 1e-4
        both = patches.hiding(encoder.module, images, hide, token)
    assert torch.equal(both[:, 1:], one)


def test_pixels_are_the_patches_row_by_row() -> None:
    _, patches, images = made("foveate:vit-mini", {})
    cut = patches.pixels(images)
    assert cut.shape == (2, 64, 48)
    for n in (0, 7, 8, 63):
        y, x = n // 8 * 4, n % 8 * 4
        torch.testing.assert_close(cut[1, n].view(4, 4, 3), images[1, :, y : y + 4, x : x + 4].permute(1, 2, 0))


@pytest.mark.parametrize("address", ["foveate:resnet9", "random:resnet18", "random:swin_tiny_patch4_window7_224"])
def test_other_networks_are_refused(address: str) -> None:
    with pytest.raises(FoveateError, match="none that can be left out") as error:
        Patches(load(address), wanted_by="MAE")
    assert "vit-mini" in error.value.remedy
