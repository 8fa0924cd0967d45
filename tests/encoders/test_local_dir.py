"""Folders of timm, and everything that can be wrong with a folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import timm
import torch
from safetensors.torch import load_file, save_file

from foveate.core.errors import FoveateError
from foveate.encoders.load import load


@pytest.mark.parametrize("name", ["test_vit", "test_resnet", "test_efficientnet", "test_convnext", "test_vit3"])
def test_equals_timm(timm_folder, name, noise):
    folder = timm_folder(name)
    encoder = load(f"local-dir:{folder}")
    theirs = timm.create_model(f"local-dir:{folder}", pretrained=True).eval()
    images = noise(2, encoder.preprocess.size[0])
    with torch.inference_mode():
        assert torch.equal(encoder(images, ["logits"])["logits"], theirs(images))
        pooled = theirs.forward_head(theirs.forward_features(images), pre_logits=True)
    assert torch.equal(encoder(images)["pooled"], pooled)


def test_model_args_are_read(timm_folder):
    folder = timm_folder("test_vit", num_classes=0, img_size=64, class_token=False, global_pool="avg")
    encoder = load(f"local-dir:{folder}")
    assert encoder.check("blocks.0") == "blocks.0:mean"
    assert "logits" not in encoder.taps()
    assert encoder.grid == (4, 4)
    assert encoder.untrained(0).grid == (4, 4)


def test_half_precision_files_load_as_float32(timm_folder):
    half = load(f"local-dir:{timm_folder(folder='half', dtype=torch.float16)}")
    assert {p.dtype for p in half.module.parameters()} == {torch.float32}
    full = load(f"local-dir:{timm_folder(folder='full')}")
    assert half.fingerprint != full.fingerprint


def _change(folder: Path, change) -> None:
    file = folder / "model.safetensors"
    state = load_file(file)
    change(state)
    save_file(state, file)


def _cut(state):
    state["patch_embed.proj.weight"] = state["patch_embed.proj.weight"][:, :, :8].contiguous()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda state: state.pop("blocks.1.attn.qkv.weight"), "blocks.1.attn.qkv.weight"),
        (lambda state: state.update({"extra.weight": torch.ones(2)}), "extra.weight"),
        (lambda state: state["norm.bias"].fill_(float("nan")), "norm.bias"),
        (lambda state: state["norm.weight"].fill_(float("inf")), "norm.weight"),
        (_cut, "patch_embed.proj.weight"),
        (lambda state: state.update({"norm.bias": torch.zeros(3)}), "norm.bias"),
    ],
)
def test_weights_that_do_not_fit_name_file_and_key(timm_folder, change, said):
    folder = timm_folder("test_vit", num_classes=0)
    _change(folder, change)
    with pytest.raises(FoveateError) as caught:
        load(f"local-dir:{folder}")
    assert said in caught.value.what
    assert "model.safetensors" in caught.value.what


@pytest.mark.parametrize("keep", [0, 4, 100, 5000])
def test_a_torn_file(timm_folder, keep):
    folder = timm_folder()
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:keep])
    with pytest.raises(FoveateError, match="cut short"):
        load(f"local-dir:{folder}")


def test_garbage_and_pickles_under_the_right_name(timm_folder):
    folder = timm_folder()
    (folder / "model.safetensors").write_bytes(b"\x93" * 4096)
    with pytest.raises(FoveateError, match="no safetensors"):
        load(f"local-dir:{folder}")
    torch.save({"a": torch.ones(2)}, folder / "model.safetensors")
    with pytest.raises(FoveateError, match="no safetensors"):
        load(f"local-dir:{folder}")


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pth", "last.ckpt"])
def test_a_pickle_is_refused_with_the_remedy(timm_folder, name):
    folder = timm_folder()
    (folder / "model.safetensors").unlink()
    torch.save({"a": torch.ones(2)}, folder / name)
    for address in (f"local-dir:{folder}", f"local-dir:{folder / name}"):
        with pytest.raises(FoveateError) as caught:
            load(address)
        assert f"foveate convert {folder / name}" in caught.value.remedy


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "not valid JSON"),
        ("[]", "no JSON object"),
        ("{}", "no known format"),
        (json.dumps({"architecture": "resnet5O"}), "resnet50"),
        (json.dumps({"architecture": "test_vit", "model_args": {"nonsense": 1}, "pretrained_cfg": {}}), "nonsense"),
        (json.dumps({"model_type": "nonsense"}), "transformers cannot read"),
    ],
)
def test_a_wrong_configuration(timm_folder, content, said):
    folder = timm_folder()
    (folder / "config.json").write_text(content)
    with pytest.raises(FoveateError) as caught:
        load(f"local-dir:{folder}")
    assert said in str(caught.value)


def test_folders_that_are_no_encoders(timm_folder, tmp_path):
    with pytest.raises(FoveateError, match="no weights"):
        load(f"local-dir:{tmp_path}")
    folder = timm_folder()
    (folder / "config.json").unlink()
    with pytest.raises(FoveateError, match="--as timm:NAME"):
        load(f"local-dir:{folder}")
    with pytest.raises(FoveateError, match="is a file"):
        load(f"local-dir:{folder / 'model.safetensors'}")
    (tmp_path / "run" / "checkpoints").mkdir(parents=True)
    (tmp_path / "run" / "config.json").write_text("{}")
    with pytest.raises(FoveateError, match=r"did you mean run:"):
        load(f"local-dir:{tmp_path / 'run'}")


@pytest.mark.real
@pytest.mark.parametrize(
    "name", ["mobilenetv2_100.coral_in1k", "tf_efficientnet_lite0.in1k", "vit_small_patch14_saliency"]
)
def test_real_encoders_equal_timm(real_data, name, noise):
    folder = real_data / "encoders" / name
    encoder = load(f"local-dir:{folder}")
    theirs = timm.create_model(f"local-dir:{folder}", pretrained=True).float().eval()
    images = noise(2, 224)
    with torch.inference_mode():
        pooled = theirs.forward_head(theirs.forward_features(images), pre_logits=True)
    assert (encoder(images)["pooled"] - pooled).abs().max() <= 1e-6
    read = encoder(images, encoder.taps())
    assert all(torch.isfinite(value).all() for value in read.values())
    if encoder.grid:
        assert encoder.grid == (16, 16)
        blocks = theirs.get_intermediate_layers(images, n=[7])[0]
        assert (encoder(images, ["blocks.7:mean"])["blocks.7:mean"] - blocks.mean(1)).abs().max() <= 1e-5
