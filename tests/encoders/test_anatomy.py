"""A tap means the same in every family: what the branches add is what the stream gains, and stages end where stages end."""

from __future__ import annotations

import pytest
import torch

from foveate.encoders.load import load

_VITS = [
    "test_vit",  # class token, plain
    "test_vit2",  # register tokens, LayerScale
    "test_vit3",
    "test_vit4",
    "test_vit_relpos",
    "deit_tiny_distilled_patch16_224",
    "eva02_tiny_patch14_224",
    "foveate:vit-mini",
]
_STAGED = {
    "test_resnet": "layer",
    "test_efficientnet": "blocks",
    "test_convnext": "stages",
    "test_byobnet": "stages",
    "test_nfnet": "stages",
    "regnetx_002": "s",
    "foveate:resnet9": "stages",
}


def _size(name: str) -> int:
    return {"eva02_tiny_patch14_224": 224, "test_vit4": 64, "foveate:vit-mini": 32}.get(name, 64)


@pytest.mark.parametrize("name", _VITS)
def test_the_stream_is_the_sum_of_its_branches(name, noise):
    encoder = load(f"random:{name}", image_size=_size(name))
    read = encoder(
        noise(2, _size(name)), [f"{tap}:tokens" for tap in encoder.taps() if tap.startswith(("stem", "blocks"))]
    )
    depth = 1 + max(int(tap.split(".")[1].split(":")[0]) for tap in read if tap.startswith("blocks"))
    for index in range(depth):
        before = read["stem:tokens" if index == 0 else f"blocks.{index - 1}:tokens"]
        block = f"blocks.{index}"
        gained = read[f"{block}.attn:tokens"] + read[f"{block}.mlp:tokens"]
        assert torch.allclose(before + gained, read[f"{block}:tokens"], atol=1e-5), index
        assert gained.abs().max() > 0


@pytest.mark.parametrize("name", _VITS)
def test_tokens_are_the_patch_grid_and_nothing_else(name, noise):
    encoder = load(f"random:{name}", image_size=_size(name))
    tokens = encoder(noise(1, _size(name)), ["blocks.0:tokens"])["blocks.0:tokens"]
    rows, columns = encoder.grid
    assert tokens.shape == (1, rows * columns, encoder.module.blocks[0].norm1.weight.shape[0])


def test_layer_scale_is_inside_the_branch(noise):
    encoder = load("random:test_vit2", image_size=64)
    block = encoder.module.blocks[0]
    assert type(block.ls1).__name__ == "LayerScale"
    before = encoder(noise(1, 64), ["blocks.0.attn:mean"])["blocks.0.attn:mean"]
    with torch.no_grad():
        block.ls1.gamma.mul_(3)
    after = encoder(noise(1, 64), ["blocks.0.attn:mean"])["blocks.0.attn:mean"]
    assert torch.allclose(after, 3 * before, atol=1e-5)


@pytest.mark.parametrize(("name", "prefix"), _STAGED.items())
def test_stages_are_timms_own(name, prefix, noise):
    """The last stage is what the network's own forward pass makes of the image before its head."""
    encoder = load(f"random:{name}", image_size=64)
    stages = [tap for tap in encoder.taps() if tap.count(".") == 1 and tap.startswith("stages")]
    read = encoder(noise(2, 64), ["stem:tokens", *(f"{tap}:tokens" for tap in stages)])
    sides = [int(read[f"{tap}:tokens"].shape[1] ** 0.5) for tap in stages]
    assert sides == sorted(sides, reverse=True)
    assert sides[0] > sides[-1]
    # each stage's first block reads what the stage before gave
    module = {"layer": "layer2", "s": "s2"}.get(prefix, f"{prefix}.1")
    caught = []
    hook = encoder.module.get_submodule(module).register_forward_pre_hook(lambda _, inputs: caught.append(inputs[0]))
    again = encoder(noise(2, 64), ["pooled", "stages.0:tokens"])
    hook.remove()
    assert torch.equal(caught[0].flatten(2).transpose(1, 2), again["stages.0:tokens"])


def test_parts_of_a_bottleneck_are_named_in_order(noise):
    encoder = load("random:test_resnet", image_size=64)
    parts = [tap for tap in encoder.taps() if tap.startswith("stages.2.blocks.0")]
    assert parts == [f"stages.2.blocks.0.{part}" for part in ("conv1", "norm1", "conv2", "norm2", "conv3", "norm3")] + [
        "stages.2.blocks.0"
    ]
    read = encoder(noise(2, 64), ["stages.2.blocks.0.conv1:tokens", "stages.2.blocks.0.norm1:tokens"])
    block = encoder.module.layer3[0]
    conv, norm = (value.clone().transpose(1, 2).unflatten(2, (8, 8)) for value in read.values())
    assert torch.allclose(block.bn1(conv), norm, atol=1e-5)


def test_a_norm_with_its_activation_inside_is_read_before_it(noise):
    encoder = load("random:test_efficientnet", image_size=64)
    norm = encoder(noise(2, 64), ["stages.1.blocks.0.norm1:tokens"])["stages.1.blocks.0.norm1:tokens"]
    # SiLU never goes below -0.28; a normalised value does
    assert norm.min() < -0.4


@pytest.mark.parametrize("name", ["cait_xxs24_224", "hiera_tiny_224"])
def test_families_without_a_class_token_in_the_stream_offer_none(name):
    encoder = load(f"random:{name}")
    assert not any(place.cls for tap, place in encoder.anatomy.places.items() if tap.startswith("blocks"))


def test_swin_maps_have_channels_last(noise):
    encoder = load("random:swin_tiny_patch4_window7_224", image_size=56)
    read = encoder(
        noise(1, 56),
        [
            "stages.1:tokens",
            "stages.1.blocks.0.attn:tokens",
            "stages.1.blocks.0.mlp:tokens",
            "stages.1.blocks.0:tokens",
        ],
    )
    assert {tuple(value.shape) for value in read.values()} == {(1, 49, 192)}


def test_every_tap_of_every_family_gives_one_vector_an_image(noise):
    for name in ("test_convnext2", "test_coatnet", "test_maxvit", "test_mambaout", "densenet121", "ghostnet_050"):
        encoder = load(f"random:{name}")
        read = encoder(noise(1, *encoder.preprocess.size), encoder.taps())
        assert all(value.ndim == 2 and value.dtype == torch.float32 for value in read.values()), name
        assert read["pooled"].shape[1] == encoder.width, name
