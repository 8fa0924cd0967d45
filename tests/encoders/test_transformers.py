"""Folders of transformers: the same taps, the model's own features."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from PIL import Image

from foveate.core.errors import FoveateError
from foveate.encoders.load import load

transformers = pytest.importorskip("transformers")

_SMALL = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "image_size": 32,
    "patch_size": 8,
}
_VITS = {
    "ViT": (1, True),
    "DeiT": (2, True),
    "Dinov2": (1, True),
    "Dinov2WithRegisters": (5, True),
    "IJepa": (0, False),
    "ViTMAE": (1, True),
    "DINOv3ViT": (1, True),
    "CLIP": (1, True),
    "Siglip": (0, False),
}


def _model(name: str):
    torch.manual_seed(0)
    if name == "CLIP":
        return transformers.CLIPVisionModelWithProjection(
            transformers.CLIPVisionConfig(projection_dim=8, **_SMALL)
        ).eval()
    if name == "Siglip":
        return transformers.SiglipVisionModel(transformers.SiglipVisionConfig(**_SMALL)).eval()
    return transformers.AutoModel.from_config(getattr(transformers, f"{name}Config")(**_SMALL)).eval()


def _save(model, path) -> str:
    transformers.utils.logging.disable_progress_bar()
    model.save_pretrained(path)
    return f"local-dir:{path}"


@pytest.mark.parametrize(("name", "layout"), _VITS.items())
def test_the_stream_is_the_sum_of_its_branches(tmp_path, name, layout, noise):
    encoder = load(_save(_model(name), tmp_path))
    read = encoder(
        noise(),
        [
            f"{tap}:tokens"
            for tap in (
                "stem",
                "blocks.0.attn",
                "blocks.0.mlp",
                "blocks.0",
                "blocks.1.attn",
                "blocks.1.mlp",
                "blocks.1",
            )
        ],
    )
    stem, attention, mlp, block, attention1, mlp1, block1 = read.values()
    assert torch.allclose(stem + attention + mlp, block, atol=1e-5)
    assert torch.allclose(block + attention1 + mlp1, block1, atol=1e-5)
    place = encoder.anatomy.places["blocks.0"]
    assert (place.prefix - (4 if name == "DINOv3ViT" and place.prefix == 5 else 0), place.cls) == layout
    assert block.shape == (2, 16, 16)
    assert encoder.grid == (4, 4)
    assert all(torch.isfinite(value).all() for value in encoder(noise(), encoder.taps()).values())


@pytest.mark.parametrize("name", ["ViT", "Dinov2", "IJepa"])
def test_features_are_the_models(tmp_path, name, noise):
    model = _model(name)
    encoder = load(_save(model, tmp_path))
    with torch.inference_mode():
        tokens = model(noise()).last_hidden_state
    expected = tokens.mean(1) if name == "IJepa" else tokens[:, 0]
    assert torch.allclose(encoder(noise())["pooled"], expected, atol=1e-6)
    assert torch.allclose(
        encoder(noise(), ["norm:mean"])["norm:mean"],
        tokens[:, encoder.anatomy.places["norm"].prefix :].mean(1),
        atol=1e-6,
    )


def test_clip_pools_before_its_projection(tmp_path, noise):
    model = _model("CLIP")
    encoder = load(_save(model, tmp_path))
    read = encoder(noise(), ["pooled", "projector"])
    with torch.inference_mode():
        assert torch.allclose(read["projector"], model(noise()).image_embeds, atol=1e-6)
    assert (encoder.width, read["pooled"].shape[1], read["projector"].shape[1]) == (16, 16, 8)


def test_mae_sees_every_patch_in_place(tmp_path, noise):
    encoder = load(_save(_model("ViTMAE"), tmp_path))
    first, second = (encoder(noise(), ["blocks.1:tokens"])["blocks.1:tokens"] for _ in range(2))
    assert torch.equal(first, second)
    other = noise()
    other[:, :, 8:16, 8:16] = 0  # the patch in row 1, column 1
    changed = encoder(other, ["stem:tokens"])["stem:tokens"] - encoder(noise(), ["stem:tokens"])["stem:tokens"]
    assert changed.abs().sum(2).nonzero()[:, 1].unique().tolist() == [5]


def test_a_classifier_has_logits(tmp_path, noise):
    torch.manual_seed(0)
    model = transformers.ViTForImageClassification(transformers.ViTConfig(num_labels=5, **_SMALL)).eval()
    encoder = load(_save(model, tmp_path))
    read = encoder(noise(), ["pooled", "logits", "blocks.1"])
    with torch.inference_mode():
        assert torch.allclose(read["logits"], model(noise()).logits, atol=1e-6)
        assert torch.allclose(model.classifier(read["pooled"]), read["logits"], atol=1e-6)


@pytest.mark.parametrize("kind", ["ResNet", "ConvNext", "Swin"])
def test_staged_networks(tmp_path, kind, noise):
    settings = {
        "ResNet": {"embedding_size": 8, "hidden_sizes": [8, 16], "depths": [1, 2]},
        "ConvNext": {"hidden_sizes": [8, 16], "depths": [1, 2], "num_stages": 2},
        "Swin": {
            "embed_dim": 8,
            "depths": [1, 2],
            "num_heads": [1, 1],
            "image_size": 32,
            "patch_size": 4,
            "window_size": 4,
        },
    }[kind]
    model = transformers.AutoModel.from_config(getattr(transformers, f"{kind}Config")(**settings)).eval()
    encoder = load(_save(model, tmp_path), image_size=32)
    read = encoder(noise(), ["stages.0:mean", "stages.1:mean", "stages.1.blocks.1:mean", "pooled"])
    assert [value.shape[1] for value in read.values()] == [8, 16, 16, 16]
    assert torch.equal(read["stages.1:mean"], read["stages.1.blocks.1:mean"])
    assert encoder.check("stages.0") == "stages.0:mean"
    with torch.inference_mode():
        assert torch.allclose(read["pooled"], model(noise()).pooler_output.flatten(1), atol=1e-6)


def test_an_absent_weight_is_not_made_up(tmp_path):
    from safetensors.torch import load_file, save_file

    address = _save(_model("Dinov2"), tmp_path)
    state = load_file(tmp_path / "model.safetensors")
    save_file(
        {key: value for key, value in state.items() if "layer.1.norm1.weight" not in key},
        tmp_path / "model.safetensors",
        {"format": "pt"},
    )
    with pytest.raises(FoveateError, match=r"layer\.1\.norm1\.weight"):
        load(address)
    save_file(state | {"layernorm.weight": torch.ones(3)}, tmp_path / "model.safetensors", {"format": "pt"})
    with pytest.raises(FoveateError, match=r"layernorm\.weight"):
        load(address)
    (tmp_path / "model.safetensors").write_bytes(b"")
    with pytest.raises(FoveateError, match="cut short"):
        load(address)


def test_language_models_and_foreign_code_are_refused(tmp_path):
    (tmp_path / "config.json").write_text(
        json.dumps({"model_type": "new", "auto_map": {"AutoConfig": "x.Y", "AutoModel": "x.Z"}})
    )
    with pytest.raises(FoveateError, match="transformers cannot read"):
        load(f"local-dir:{tmp_path}")


@pytest.mark.parametrize(
    "settings",
    [
        {
            "size": {"shortest_edge": 40},
            "crop_size": {"height": 32, "width": 32},
            "do_center_crop": True,
            "resample": 3,
        },
        {"size": {"height": 32, "width": 32}, "do_center_crop": False, "resample": 2},
        {
            "size": {"height": 40, "width": 36},
            "crop_size": {"height": 32, "width": 32},
            "do_center_crop": True,
            "resample": 2,
        },
        {
            "size": {"shortest_edge": 48},
            "crop_size": {"height": 32, "width": 32},
            "do_center_crop": True,
            "do_normalize": False,
            "resample": 3,
        },
    ],
)
def test_preprocessing_is_the_slow_processors(tmp_path, settings):
    address = _save(_model("ViT"), tmp_path)
    kind = "CLIPImageProcessorPil" if hasattr(transformers, "CLIPImageProcessorPil") else "CLIPImageProcessor"
    processor = getattr(transformers, kind)(image_mean=[0.5] * 3, image_std=[0.25] * 3, do_convert_rgb=True, **settings)
    processor.save_pretrained(tmp_path)
    preprocess = load(address).preprocess
    pixels = np.random.default_rng(0).integers(0, 256, (53, 77, 3), dtype=np.uint8)
    theirs = torch.as_tensor(np.asarray(processor(Image.fromarray(pixels))["pixel_values"][0]))
    assert preprocess(pixels).shape == theirs.shape
    assert (preprocess(pixels) - theirs).abs().max() < 0.02 / 0.25
