from __future__ import annotations

import re

import pytest
import torch

from foveate.encoders.architecture import Architecture
from foveate.encoders.depth import depths, rate_factors, top
from foveate.encoders.encoder import Encoder
from foveate.encoders.load import load


def test_a_vit_from_patches_to_the_last_norm() -> None:
    encoder = load("foveate:vit-mini")
    found = depths(encoder)
    assert top(encoder) == 7
    assert set(found) == {name for name, _ in encoder.module.named_parameters()}
    for name, depth in found.items():
        head, _, rest = name.partition(".")
        truth = 1 + int(rest.partition(".")[0]) if head == "blocks" else 7 if head in {"norm", "fc_norm"} else 0
        assert depth == truth, name


@pytest.mark.parametrize("address", ["foveate:resnet9", "random:resnet10t"])
def test_a_residual_net_stage_by_stage(address: str) -> None:
    encoder = load(address)
    found = depths(encoder)
    stages = (
        ("stages.0", "stages.1", "stages.2", "stages.3")
        if "foveate" in address
        else ("layer1", "layer2", "layer3", "layer4")
    )
    for name, depth in found.items():
        inside = [i + 1 for i, stage in enumerate(stages) if name.startswith(stage + ".")]
        assert depth == (inside[0] if inside else 5 if name.startswith("fc.") else 0), name
    assert top(encoder) == 5


@pytest.mark.parametrize(
    "address", ["random:convnext_atto", "random:swin_tiny_patch4_window7_224", "random:mobilenetv3_small_050"]
)
def test_every_family_has_weights_at_every_depth(address: str) -> None:
    encoder = load(address)
    found = depths(encoder)
    assert sorted(set(found.values())) == list(range(top(encoder) + 1))
    # along the path of the forward pass the depth never falls where names are numbered
    numbered = [(name, depth) for name, depth in found.items() if name.startswith(("stages.", "layers.", "blocks."))]
    assert all(depth == 1 + int(name.split(".")[1]) for name, depth in numbered)


def test_it_leaves_the_encoder_as_it_was() -> None:
    encoder = load("foveate:vit-mini")
    encoder.module.train()
    encoder.module.norm.requires_grad_(False)  # type: ignore[union-attr]
    encoder.module.blocks[1].eval()  # type: ignore[index]
    before = encoder.fingerprint
    assert depths(encoder)["norm.weight"] == 7  # frozen or not
    assert encoder.fingerprint == before
    assert not encoder.module.norm.weight.requires_grad  # type: ignore[union-attr]
    assert encoder.module.training
    assert not encoder.module.blocks[1].training  # type: ignore[index]
    assert all(weight.grad is None for weight in encoder.module.parameters())
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in encoder.module.modules())


def test_a_weight_stands_where_it_first_takes_part() -> None:
    encoder = load("foveate:vit-mini")
    blocks = encoder.module.blocks
    blocks[4].norm1.weight = blocks[2].norm1.weight  # type: ignore[index]
    assert depths(encoder)["blocks.2.norm1.weight"] == 3


def test_factors_are_powers_of_the_decay() -> None:
    encoder = load("foveate:vit-mini")
    factors = rate_factors(encoder, 0.75)
    assert factors["norm.weight"] == 1.0
    assert factors["blocks.5.mlp.fc1.weight"] == 0.75
    assert factors["blocks.0.norm1.bias"] == pytest.approx(0.75**6)
    assert factors["pos_embed"] == factors["patch_embed.proj.weight"] == pytest.approx(0.75**7)
    assert set(rate_factors(encoder, 1.0).values()) == {1.0}
    assert torch.is_grad_enabled()


def test_other_libraries_name_their_weights_otherwise() -> None:
    config = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 64}
    vision = {"image_size": 32, "layers": 3, "width": 32, "head_width": 8, "patch_size": 8}
    recipes = [
        Architecture(kind="transformers", name="vit", args={"config": config | {"image_size": 32, "patch_size": 8}}),
        Architecture(kind="open_clip", name="visual", args={"model": {"embed_dim": 16, "vision_cfg": vision}}),
    ]
    for recipe in recipes:
        encoder = Encoder(address="tiny", architecture=recipe, body=recipe.build())
        found = depths(encoder)
        assert top(encoder) == 4
        assert sorted(set(found.values())) == [0, 1, 2, 3, 4]
        for name, depth in found.items():
            numbered = re.search(r"(?:layers?|resblocks)\.(\d)\.", name)
            last = re.search(r"ln_post|^layernorm|^proj$|^norm", name)
            assert depth == (1 + int(numbered[1]) if numbered else 4 if last else 0), name
