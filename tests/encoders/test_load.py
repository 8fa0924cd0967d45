"""Addresses to encoders: every way to be wrong has its words."""

from __future__ import annotations

import pytest

from foveate.core.errors import FoveateError
from foveate.encoders.load import load


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "empty"),
        ("resnet50", "timm:resnet50"),
        ("tim:resnet50", "timm"),
        ("timm:", "nothing stands after"),
        ("timm:resnet5O", "resnet50"),
        ("timm:resnet50.a1_in1", "a1_in1k"),
        ("random:resnett18", "resnet18"),
        ("random:hf-hub:x/y", "random:foveate:NAME"),
        ("random:foveate:resnet-9", "resnet9"),
        ("foveate:resnet", "resnet9"),
        ("foveate:vit-tin", "vit-tiny"),
        ("local-dir:/nowhere/at/all", "not there"),
        ("run:/nowhere/at/all", "not there"),
        ("torchhub:owner/repo:entry", "--trust-code"),
        ("torchhub:entry", "torchhub:OWNER/REPO:ENTRY"),
        ("open_clip:ViT-B-33/openai", "ViT-B-32"),
        ("open_clip:ViT-B-32/opena", "openai"),
        ("open_clip:ViT-B-32", "open_clip:ViT-B-32/TAG"),
        ("hf-hub:one/two/three", "hf-hub:ORG/NAME"),
    ],
)
def test_wrong_addresses_name_what_was_meant(address, said):
    with pytest.raises(FoveateError) as caught:
        load(address)
    assert said in str(caught.value)


@pytest.mark.parametrize("size", [0, -3, (32, 0)])
def test_an_image_size_must_be_one(size):
    with pytest.raises(FoveateError, match="image size"):
        load("foveate:resnet9", image_size=size)


@pytest.mark.parametrize("name", ["foveate:vit-mini", "random:test_vit"])
def test_a_size_that_patches_do_not_fit_is_refused(name):
    with pytest.raises(FoveateError, match="multiple of its patch"):
        load(name, image_size=35)


@pytest.mark.parametrize("name", ["foveate:resnet9", "foveate:vit-mini", "random:test_vit", "random:test_convnext"])
def test_another_image_size(name, noise):
    encoder = load(name, image_size=(64, 96))
    assert encoder.preprocess.size == (64, 96)
    assert encoder(noise(1, 64, 96))["pooled"].shape == (1, encoder.width)
    if encoder.grid:
        assert (
            encoder(noise(1, 64, 96), ["blocks.0:tokens"])["blocks.0:tokens"].shape[1]
            == encoder.grid[0] * encoder.grid[1]
        )


def test_offline_timm_names_the_ways_that_need_no_network(monkeypatch, tmp_path):
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(FoveateError) as caught:
        load("timm:resnet18")
    assert "random:resnet18" in caught.value.remedy
    assert "local-dir:" in caught.value.remedy
    with pytest.raises(FoveateError, match="local-dir:"):
        load("hf-hub:timm/resnet18.a1_in1k")
    with pytest.raises(FoveateError, match="local-dir:"):
        load("open_clip:ViT-B-32/openai")
