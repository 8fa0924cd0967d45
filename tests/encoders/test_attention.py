"""Attention of the class token against what each family says itself when it is made to keep its weights."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from foveate.encoders.architecture import Architecture
from foveate.encoders.attention import cls_attention
from foveate.encoders.encoder import Encoder
from foveate.encoders.load import load


def images(encoder: Encoder) -> torch.Tensor:
    return torch.randn(2, 3, *encoder.preprocess.size, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    "address", ["foveate:vit-mini", "random:vit_tiny_patch16_224", "random:deit_tiny_distilled_patch16_224"]
)
def test_timm_without_fusion_says_the_same(address: str) -> None:
    encoder = load(address)
    found = cls_attention(encoder, images(encoder))
    assert found is not None
    attention: Any = encoder.module.blocks[-1].attn  # type: ignore[index,union-attr]
    caught: list[torch.Tensor] = []
    attention.attn_drop.register_forward_hook(lambda _, inputs, output: caught.append(output.detach()))
    attention.fused_attn = False
    encoder(images(encoder))
    prefix = encoder.anatomy.places["blocks.0"].prefix
    rows, columns = encoder.grid or (0, 0)
    expected = caught[0][:, :, 0, prefix:].reshape(2, -1, rows, columns)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-6)
    assert (found.sum((2, 3)) < 1).all()


def test_transformers_with_eager_attention_says_the_same() -> None:
    config = {
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 64,
        "image_size": 32,
        "patch_size": 8,
    }
    recipe = Architecture(kind="transformers", name="vit", args={"config": config})
    encoder = Encoder(address="tiny", architecture=recipe, body=recipe.build())
    found = cls_attention(encoder, images(encoder))
    module: Any = encoder.module
    module.set_attn_implementation("eager")
    with torch.inference_mode():
        weights = module(images(encoder), output_attentions=True).attentions[-1]
    assert found is not None
    torch.testing.assert_close(found, weights[:, :, 0, 1:].reshape(2, 4, 4, 4), rtol=1e-4, atol=1e-6)


def test_open_clip_asked_for_its_weights_says_the_same() -> None:
    vision = {"image_size": 32, "layers": 2, "width": 32, "head_width": 8, "patch_size": 8}
    recipe = Architecture(kind="open_clip", name="visual", args={"model": {"embed_dim": 16, "vision_cfg": vision}})
    encoder = Encoder(address="tiny", architecture=recipe, body=recipe.build())
    found = cls_attention(encoder, images(encoder))
    block: Any = encoder.module.transformer.resblocks[-1]  # type: ignore[index,union-attr]
    caught: list[torch.Tensor] = []
    block.ln_1.register_forward_hook(lambda _, inputs, output: caught.append(output.detach()))
    encoder(images(encoder))
    with torch.inference_mode():
        _, weights = block.attn(caught[0], caught[0], caught[0], need_weights=True, average_attn_weights=False)
    assert found is not None
    torch.testing.assert_close(found, weights[:, :, 0, 1:].reshape(2, 4, 4, 4), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    "address", ["foveate:resnet9", "random:vit_medium_patch16_gap_240", "random:swin_tiny_patch4_window7_224"]
)
def test_without_a_class_token_there_is_none(address: str) -> None:
    encoder = load(address)
    assert cls_attention(encoder, images(encoder)[:1]) is None


def test_it_leaves_modes_and_gradients_alone() -> None:
    encoder = load("foveate:vit-mini")
    encoder.module.train()
    found = cls_attention(encoder, images(encoder))
    assert found is not None
    assert not found.requires_grad
    assert encoder.module.training
    assert all(weight.grad is None for weight in encoder.module.parameters())
