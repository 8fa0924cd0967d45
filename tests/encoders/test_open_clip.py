"""Image towers of open_clip from a folder: equal to its own forward pass."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from foveate.core.errors import FoveateError
from foveate.encoders.load import load

pytest.importorskip("open_clip")

_TOWERS = {
    "vit": {"image_size": 32, "layers": 3, "width": 32, "patch_size": 8, "head_width": 8},
    "vit-scaled": {"image_size": 32, "layers": 2, "width": 32, "patch_size": 8, "head_width": 8, "ls_init_value": 0.1},
    "vit-mean": {"image_size": 32, "layers": 2, "width": 32, "patch_size": 8, "head_width": 8, "pool_type": "avg"},
    "resnet": {"image_size": 64, "layers": [1, 1, 1, 1], "width": 8, "patch_size": None, "head_width": 8},
    "timm-vit": {"image_size": 160, "timm_model_name": "test_vit", "timm_pool": "", "timm_proj": "linear"},
    "timm-cnn": {"image_size": 160, "timm_model_name": "test_resnet", "timm_pool": "avg", "timm_proj": "mlp"},
}


@pytest.fixture
def folder_of(tmp_path: Path):
    from open_clip.model import _build_vision_tower

    def make(name: str) -> tuple[Path, torch.nn.Module]:
        torch.manual_seed(0)
        tower = _build_vision_tower(16, dict(_TOWERS[name])).eval()
        path = tmp_path / name
        path.mkdir()
        state = {f"visual.{key}": value.contiguous() for key, value in tower.state_dict().items()}
        save_file(
            state | {"logit_scale": torch.ones(()), "token_embedding.weight": torch.ones(3, 3)},
            path / "open_clip_model.safetensors",
        )
        config = {
            "model_cfg": {"embed_dim": 16, "vision_cfg": _TOWERS[name], "text_cfg": {"width": 8}},
            "preprocess_cfg": {"mean": [0.5, 0.4, 0.3], "std": [0.2, 0.2, 0.3], "interpolation": "bilinear"},
        }
        (path / "open_clip_config.json").write_text(json.dumps(config))
        return path, tower

    return make


@pytest.mark.parametrize("name", _TOWERS)
def test_equals_open_clip(folder_of, name, noise):
    folder, tower = folder_of(name)
    encoder = load(f"local-dir:{folder}")
    images = noise(2, encoder.preprocess.size[0])
    with torch.inference_mode():
        expected = tower(images)
    outputs = encoder(images, encoder.taps())
    final = outputs["projector" if "projector" in outputs else "pooled"]
    assert torch.allclose(final, expected, atol=1e-6)
    assert outputs["pooled"].shape == (2, encoder.width)
    assert encoder.preprocess.mean == (0.5, 0.4, 0.3)
    assert encoder.preprocess.interpolation == "bilinear"
    assert encoder.untrained(1).taps() == encoder.taps()


@pytest.mark.parametrize("name", ["vit", "vit-scaled"])
def test_the_stream_is_the_sum_of_its_branches(folder_of, name, noise):
    encoder = load(f"local-dir:{folder_of(name)[0]}")
    names = ["blocks.0", "blocks.1.attn", "blocks.1.mlp", "blocks.1"]
    before, attention, mlp, after = encoder(noise(), [f"{tap}:tokens" for tap in names]).values()
    assert torch.allclose(before + attention + mlp, after, atol=1e-5)
    assert encoder.grid == (4, 4)
    assert after.shape == (2, 16, 32)


def test_another_size_interpolates_the_positions(folder_of, noise):
    folder, _ = folder_of("vit")
    encoder = load(f"local-dir:{folder}", image_size=64)
    assert encoder.grid == (8, 8)
    assert encoder(noise(1, 64), ["blocks.2:tokens"])["blocks.2:tokens"].shape == (1, 64, 32)
    own = load(f"local-dir:{folder}").module.positional_embedding
    assert torch.equal(encoder.module.positional_embedding[0], own[0])


def test_wrong_folders(folder_of):
    folder, _ = folder_of("vit")
    save_file({"text.weight": torch.ones(2)}, folder / "open_clip_model.safetensors")
    with pytest.raises(FoveateError, match=r"visual\."):
        load(f"local-dir:{folder}")
    (folder / "open_clip_config.json").write_text("{}")
    with pytest.raises(FoveateError, match="no configuration of open_clip"):
        load(f"local-dir:{folder}")
    (folder / "open_clip_config.json").write_text(
        json.dumps({"model_cfg": {"embed_dim": 4, "vision_cfg": {"nonsense": 1}}})
    )
    with pytest.raises(FoveateError, match="nonsense"):
        load(f"local-dir:{folder}")
