"""``foveate convert`` on checkpoints in each published layout, written here with random weights of known origin."""

from __future__ import annotations

import argparse
import json
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import timm
import torch
import torchvision
from safetensors.torch import save_file

from foveate.core.errors import FoveateError
from foveate.encoders import convert
from foveate.encoders.convert_config import Convert
from foveate.encoders.load import load


def _vit(seed: int, **args) -> dict[str, torch.Tensor]:
    torch.manual_seed(seed)
    return timm.create_model("vit_small_patch16_224", num_classes=args.pop("num_classes", 0), **args).state_dict()


def _resnet(seed: int, name: str = "resnet18", **args) -> dict[str, torch.Tensor]:
    torch.manual_seed(seed)
    return getattr(torchvision.models, name)(**args).state_dict()


def _under(prefix: str, state: dict[str, torch.Tensor], **more: torch.Tensor) -> dict[str, torch.Tensor]:
    return {f"{prefix}{key}": value for key, value in state.items()} | more


def _without(state: dict[str, torch.Tensor], *prefixes: str) -> dict[str, torch.Tensor]:
    return {key: value for key, value in state.items() if not key.startswith(prefixes)}


_ONE = torch.ones(1)


def _dino():
    student, teacher = (_under("module.backbone.", _vit(seed)) for seed in (1, 2))
    head = {"module.head.mlp.0.weight": torch.ones(4, 384), "module.head.last_layer.weight_v": torch.ones(8, 4)}
    return {"student": student | head, "teacher": {k.replace("module.", ""): v for k, v in (teacher | head).items()},
            "optimizer": {"state": {0: {"exp_avg": _ONE}}}, "epoch": 3, "args": argparse.Namespace(arch="vit_small"), "dino_loss": {"center": _ONE}}  # fmt: skip


def _mae():
    decoder = {"decoder_embed.weight": torch.ones(512, 384), "mask_token": _ONE, "decoder_blocks.0.norm1.weight": _ONE}
    return {"model": _vit(1) | decoder, "args": argparse.Namespace(lr=1e-3), "scaler": {"scale": 1.0}}


def _ijepa():
    encoder, target = (
        _under("module.", _vit(seed, class_token=False, global_pool="avg", fc_norm=False)) for seed in (1, 2)
    )
    predictor = {"module.predictor_embed.weight": torch.ones(4, 384), "module.mask_token": _ONE}
    return {"encoder": encoder, "predictor": predictor, "target_encoder": target, "opt": {"state": {}}, "loss": 0.3}


def _moco_vit():
    base, momentum = _vit(2, num_heads=12), _vit(1, num_heads=12)
    head = {"module.base_encoder.head.0.weight": torch.ones(8, 384), "module.predictor.0.weight": _ONE}
    return {
        "state_dict": _under("module.base_encoder.", base) | _under("module.momentum_encoder.", momentum) | head,
        "arch": "vit_small",
    }


def _moco_resnet():
    base, momentum = (_without(_resnet(seed, "resnet50"), "fc") for seed in (2, 1))
    head = {"module.base_encoder.fc.0.weight": torch.ones(8, 2048)}
    return {"state_dict": _under("module.base_encoder.", base) | _under("module.momentum_encoder.", momentum) | head}


def _byol():
    online, target = (_without(_resnet(seed), "fc") for seed in (2, 1))
    return {"online_encoder": online, "target_encoder": target, "online_projector": {"0.weight": torch.ones(4, 512)}}


def _solo():
    state = _without(_resnet(2), "fc")
    return {"state_dict": _under("backbone.", state) | _under("momentum_backbone.", _without(_resnet(1), "fc"))
            | {"projector.0.weight": torch.ones(4, 512), "classifier.weight": torch.ones(10, 512), "classifier.bias": torch.ones(10)},
            "pytorch-lightning_version": "1.6", "hyper_parameters": {"method": "byol"}}  # fmt: skip


def _solo_old():
    return {"state_dict": _under("encoder.", _without(_resnet(2), "fc"))}


def _lightly():
    numbers = {"conv1": "0", "bn1": "1", "layer1": "4", "layer2": "5", "layer3": "6", "layer4": "7"}
    state = {}
    for key, value in _without(_resnet(2), "fc").items():
        first, _, rest = key.partition(".")
        state[f"backbone.{numbers[first]}.{rest}"] = value
    momentum = {key.replace("backbone", "backbone_momentum"): torch.zeros_like(value) for key, value in state.items()}
    return {"state_dict": state | momentum | {"projection_head.layers.0.weight": torch.ones(4, 512)}}


def _torchvision_vit():
    torch.manual_seed(2)
    return torchvision.models.VisionTransformer(224, 16, 12, 6, 384, 1536, num_classes=9).state_dict()


# layout → (content, the state that must come out, part, spelling, architecture as it is found)
_LAYOUTS = {
    "dino": (_dino, lambda: _vit(2), "teacher.backbone", "timm", "timm:vit_small_patch16_224"),
    "mae": (_mae, lambda: _vit(1), "model", "timm", "timm:vit_small_patch16_224"),
    "ijepa": (_ijepa, lambda: _vit(2, class_token=False, global_pool="avg", fc_norm=False), "target_encoder.module", "timm",
              "timm:vit_small_patch16_224 with class_token=False, global_pool=avg, fc_norm=False"),
    "mocov3-vit": (_moco_vit, lambda: _vit(2), "state_dict.module.base_encoder", "timm", "timm:vit_small_patch16_224 with num_heads=12"),
    "mocov3-resnet": (_moco_resnet, lambda: _without(_resnet(2, "resnet50"), "fc"), "state_dict.module.base_encoder", "timm", "timm:resnet50"),
    "byol": (_byol, lambda: _without(_resnet(2), "fc"), "online_encoder", "timm", "timm:resnet18"),
    "solo-learn": (_solo, lambda: _without(_resnet(2), "fc"), "state_dict.backbone", "timm", "timm:resnet18"),
    "solo-learn-old": (_solo_old, lambda: _without(_resnet(2), "fc"), "state_dict.encoder", "timm", "timm:resnet18"),
    "lightly": (_lightly, lambda: _without(_resnet(2), "fc"), "state_dict.backbone", "lightly", "timm:resnet18"),
    "torchvision": (lambda: _resnet(2, num_classes=7), lambda: _resnet(2, num_classes=7), "", "timm", "timm:resnet18"),
    "timm": (lambda: _vit(2, num_classes=5), lambda: _vit(2, num_classes=5), "", "timm", "timm:vit_small_patch16_224"),
}  # fmt: skip


@pytest.mark.parametrize("layout", _LAYOUTS)
def test_layouts(tmp_path, layout):
    make, expected, part, spelling, architecture = _LAYOUTS[layout]
    file = tmp_path / "checkpoint.pth"
    torch.save(make(), file)
    done = convert.run(Convert(file=str(file), out=str(tmp_path / "out")))
    assert (done.part, done.spelling, done.architecture) == (part, spelling, architecture)
    encoder = load(done.address)
    state = encoder.module.state_dict()
    wanted = expected()
    assert state.keys() == wanted.keys()
    assert all(torch.equal(state[key], wanted[key]) for key in wanted)
    assert encoder.fingerprint == done.fingerprint
    assert f"use it as local-dir:{tmp_path / 'out'}" in done.summary()
    json.dumps(done.to_json())


def test_torchvisions_vit_computes_the_same(tmp_path, noise):
    torch.manual_seed(2)
    theirs = torchvision.models.VisionTransformer(224, 16, 12, 6, 384, 1536, num_classes=9).eval()
    torch.nn.init.normal_(theirs.heads.head.weight)  # it starts at zero
    torch.save(theirs.state_dict(), tmp_path / "vit.pth")
    done = convert.run(Convert(file=str(tmp_path / "vit.pth"), out=str(tmp_path / "out")))
    assert (done.spelling, done.dropped) == ("torchvision", ())
    with torch.inference_mode():
        expected = theirs(noise(1, 224))
    assert torch.allclose(load(done.address)(noise(1, 224), ["logits"])["logits"], expected, atol=1e-4)


def test_timms_resnet_computes_what_torchvisions_does(tmp_path, noise):
    torch.manual_seed(2)
    theirs = torchvision.models.resnet18(num_classes=7).eval()
    torch.save(theirs.state_dict(), tmp_path / "resnet.pth")
    done = convert.run(Convert(file=str(tmp_path / "resnet.pth"), out=str(tmp_path / "out")))
    with torch.inference_mode():
        assert torch.allclose(load(done.address)(noise(1, 64), ["logits"])["logits"], theirs(noise(1, 64)), atol=1e-5)


def test_a_part_can_be_chosen(tmp_path):
    torch.save(_dino(), tmp_path / "dino.pth")
    done = convert.run(Convert(file=str(tmp_path / "dino.pth"), out=str(tmp_path / "out"), part="student"))
    assert done.part == "student.module.backbone"
    assert torch.equal(load(done.address).module.state_dict()["cls_token"], _vit(1)["cls_token"])
    with pytest.raises(FoveateError, match=r"teacher\.backbone"):
        convert.run(Convert(file=str(tmp_path / "dino.pth"), out=str(tmp_path / "out2"), part="studnt"))


def test_what_is_dropped_is_said(tmp_path):
    torch.save(_mae(), tmp_path / "mae.pth")
    done = convert.run(Convert(file=str(tmp_path / "mae.pth"), out=str(tmp_path / "out")))
    assert done.dropped == ("decoder_blocks.0.norm1.weight", "decoder_embed.weight", "mask_token")
    assert "dropped" in done.summary()
    assert "mask_token" in done.summary()


def test_other_sizes_are_read_off_the_positions(tmp_path):
    torch.save(_vit(1, img_size=96), tmp_path / "small.pth")
    done = convert.run(Convert(file=str(tmp_path / "small.pth"), out=str(tmp_path / "out")))
    encoder = load(done.address)
    assert encoder.preprocess.size == (96, 96)
    assert encoder.grid == (6, 6)


def test_a_named_architecture(tmp_path):
    torch.manual_seed(0)
    torch.save(timm.create_model("test_vit", num_classes=0).state_dict(), tmp_path / "test.pth")
    with pytest.raises(FoveateError, match="--as timm:NAME"):
        convert.run(Convert(file=str(tmp_path / "test.pth"), out=str(tmp_path / "a")))
    done = convert.run(Convert(file=str(tmp_path / "test.pth"), out=str(tmp_path / "b"), architecture="timm:test_vit"))
    assert load(done.address).width == 64
    with pytest.raises(FoveateError, match="does not fit timm:resnet18"):
        convert.run(Convert(file=str(tmp_path / "test.pth"), out=str(tmp_path / "c"), architecture="timm:resnet18"))
    with pytest.raises(FoveateError, match="resnet18"):
        convert.run(Convert(file=str(tmp_path / "test.pth"), out=str(tmp_path / "c"), architecture="timm:resnet_18"))
    with pytest.raises(FoveateError, match="--as timm:NAME"):
        convert.run(
            Convert(file=str(tmp_path / "test.pth"), out=str(tmp_path / "c"), architecture="open_clip:ViT-B-32")
        )


def test_a_tag_gives_its_preprocessing(tmp_path):
    torch.save(_vit(1, num_classes=1000), tmp_path / "x.pth")
    name = "timm:vit_small_patch16_224.augreg_in1k"
    done = convert.run(Convert(file=str(tmp_path / "x.pth"), out=str(tmp_path / "a"), architecture=name))
    assert load(done.address).preprocess.mean == (0.5, 0.5, 0.5)
    done = convert.run(Convert(file=str(tmp_path / "x.pth"), out=str(tmp_path / "b")))
    assert load(done.address).preprocess.mean == (0.485, 0.456, 0.406)


def test_safetensors_of_another_spelling(tmp_path):
    save_file(
        {key: value.contiguous() for key, value in _lightly()["state_dict"].items()}, tmp_path / "lightly.safetensors"
    )
    assert (
        convert.run(Convert(file=str(tmp_path / "lightly.safetensors"), out=str(tmp_path / "out"))).architecture
        == "timm:resnet18"
    )


def test_numpy_scalars_and_paths_beside_the_tensors(tmp_path):
    content = {"state_dict": _resnet(1), "best": np.float64(0.5), "where": Path("/somewhere")}
    torch.save(content, tmp_path / "x.pth")
    assert convert.run(Convert(file=str(tmp_path / "x.pth"), out=str(tmp_path / "out"))).kept > 50


class _Evil:
    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


class _Model(torch.nn.Linear):
    pass


@pytest.mark.parametrize("writer", ["torch", "legacy", "plain"])
def test_code_is_refused_and_does_not_run(tmp_path, writer):
    touched = tmp_path / "it-ran"
    content = {"state_dict": _resnet(1), "hook": _Evil(f"touch {touched}")}
    file = tmp_path / "evil.pth"
    if writer == "plain":
        file.write_bytes(pickle.dumps({"hook": _Evil(f"touch {touched}")}))
    else:
        torch.save(content, file, _use_new_zipfile_serialization=writer == "torch")
    with pytest.raises(FoveateError) as caught:
        convert.run(Convert(file=str(file), out=str(tmp_path / "out")))
    assert not touched.exists()
    assert not (tmp_path / "out").exists()
    if writer != "plain":
        assert "more than tensors" in caught.value.what
        assert "system" in caught.value.what


def test_whole_modules_are_refused(tmp_path):
    torch.save(_Model(2, 2), tmp_path / "module.pth")
    with pytest.raises(FoveateError, match="state_dict"):
        convert.run(Convert(file=str(tmp_path / "module.pth"), out=str(tmp_path / "out")))
    torch.jit.script(torch.nn.Linear(2, 2)).save(tmp_path / "script.pt")
    with pytest.raises(FoveateError, match="TorchScript"):
        convert.run(Convert(file=str(tmp_path / "script.pt"), out=str(tmp_path / "out")))


@pytest.mark.parametrize("content", [b"", b"hello", b"\x80\x04N.", b"PK\x03\x04" + b"\0" * 50])
def test_what_is_no_checkpoint(tmp_path, content):
    file = tmp_path / "x.pth"
    file.write_bytes(content)
    with pytest.raises(FoveateError):
        convert.run(Convert(file=str(file), out=str(tmp_path / "out")))
    assert not (tmp_path / "out").exists()


def test_a_torn_checkpoint(tmp_path):
    torch.save(_resnet(1), tmp_path / "x.pth")
    content = (tmp_path / "x.pth").read_bytes()
    (tmp_path / "x.pth").write_bytes(content[: len(content) // 2])
    with pytest.raises(FoveateError, match="damaged"):
        convert.run(Convert(file=str(tmp_path / "x.pth"), out=str(tmp_path / "out")))


def test_nan_weights_are_refused(tmp_path):
    state = _resnet(1)
    state["layer1.0.conv1.weight"][0] = float("nan")
    torch.save(state, tmp_path / "x.pth")
    with pytest.raises(FoveateError, match="not finite"):
        convert.run(Convert(file=str(tmp_path / "x.pth"), out=str(tmp_path / "out")))


def test_the_folder_must_be_new(tmp_path):
    torch.save(_resnet(1), tmp_path / "x.pth")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(FoveateError, match="exists"):
        convert.run(Convert(file=str(tmp_path / "x.pth"), out=str(tmp_path / "out")))
    assert (tmp_path / "out" / "mine.txt").read_text() == "mine"
    with pytest.raises(FoveateError, match="not there"):
        convert.run(Convert(file=str(tmp_path / "y.pth")))


def test_the_default_folder_is_the_files_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save(_resnet(1), tmp_path / "resnet.pth.tar")
    assert convert.run(Convert(file="resnet.pth.tar")).address == "local-dir:resnet"
    assert sorted(entry.name for entry in (tmp_path / "resnet").iterdir()) == ["config.json", "model.safetensors"]
    assert not list(tmp_path.glob(".*tmp"))
