"""The hub, played by a folder laid out as its cache."""

from __future__ import annotations

import shutil
from pathlib import Path

import huggingface_hub.constants
import pytest
import torch

from foveate.core.errors import FoveateError
from foveate.encoders.load import load

_COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def hub(tmp_path: Path, monkeypatch):
    """``hub(name, folder)`` puts a folder into the cache, as if it had been downloaded."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))

    def put(name: str, folder: Path) -> None:
        repo = tmp_path / "hub" / f"models--{name.replace('/', '--')}"
        shutil.copytree(folder, repo / "snapshots" / _COMMIT)
        (repo / "refs").mkdir()
        (repo / "refs" / "main").write_text(_COMMIT)

    return put


def test_a_folder_of_the_hub(hub, timm_folder, noise):
    folder = timm_folder("test_vit")
    hub("someone/small", folder)
    encoder = load("hf-hub:someone/small")
    assert encoder.fingerprint == load(f"local-dir:{folder}").fingerprint
    assert encoder.address == "hf-hub:someone/small"


def test_timms_names_come_from_the_hub(hub, timm_folder, noise):
    folder = timm_folder("test_resnet")
    hub("timm/test_resnet.r160_in1k", folder)
    encoder = load("timm:test_resnet.r160_in1k")
    assert torch.equal(encoder(noise(1, 160))["pooled"], load(f"local-dir:{folder}")(noise(1, 160))["pooled"])


def test_pickles_of_the_hub_are_not_read(hub, timm_folder):
    folder = timm_folder("test_resnet")
    (folder / "model.safetensors").unlink()
    torch.save({"a": torch.ones(1)}, folder / "pytorch_model.bin")
    hub("timm/test_resnet.r160_in1k", folder)
    with pytest.raises(FoveateError):
        load("timm:test_resnet.r160_in1k")
    with pytest.raises(FoveateError, match="foveate convert"):
        load("hf-hub:timm/test_resnet.r160_in1k")


def test_out_of_reach(hub):
    with pytest.raises(FoveateError, match="not on this machine"):
        load("hf-hub:someone/else")
