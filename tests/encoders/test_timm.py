"""timm: preprocessing as its own, and what a network of it is known by."""

from __future__ import annotations

import pytest
import timm

from foveate.encoders import timm as ours
from foveate.encoders.load import load


@pytest.mark.parametrize(
    "name", ["resnet50", "vit_base_patch16_224", "vit_small_patch14_dinov2", "test_efficientnet", "mixer_s32_224"]
)
def test_preprocessing_is_timms_configuration(name):
    model = timm.create_model(name)
    config = timm.data.resolve_model_data_config(model)
    found = ours.preprocessing(model)
    assert (found.size, found.crop_pct, found.interpolation) == (
        tuple(config["input_size"][1:]),
        config["crop_pct"],
        config["interpolation"],
    )
    assert (found.mean, found.std) == (tuple(config["mean"]), tuple(config["std"]))


def test_class_token_decides_the_default_readout():
    assert load("random:test_vit", image_size=64).check("blocks.0") == "blocks.0:cls"
    assert load("random:vit_medium_patch16_gap_240").check("blocks.0") == "blocks.0:mean"
    assert load("random:test_resnet").check("stages.0") == "stages.0:mean"


def test_width_is_what_pooled_gives(noise):
    for name in ("mobilenetv3_small_050", "test_vit", "test_convnext", "test_mambaout"):
        encoder = load(f"random:{name}")
        assert encoder(noise(1, encoder.preprocess.size[0]))["pooled"].shape == (1, encoder.width), name
