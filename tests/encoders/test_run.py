"""Runs: what training writes is what loading reads, and nothing half-written is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from foveate.core.errors import FoveateError
from foveate.encoders import run
from foveate.encoders.load import load
from foveate.encoders.preprocess import Preprocess
from foveate.pretraining.export import export
from foveate.pretraining.objective import Setting
from foveate.pretraining.objectives.simclr import SimCLR
from foveate.training.checkpoints import Checkpoints


def _write(
    folder: Path, epoch: int, *, name: str = "foveate:resnet9", seed: int = 0, projector: bool = True, **options
):
    encoder = load(name, seed=seed, **options)
    setting = Setting(image_size=encoder.preprocess.size[0], images=8, batch=8, steps=1)
    knobs = SimCLR.Config(projector=(64, 32, 16) if projector else ())
    weights, record = export(SimCLR(knobs, encoder, setting), encoder, "simclr", epoch)
    Checkpoints(folder / "checkpoints", keep=1).save_epoch(epoch, weights=weights, encoder=record, state=None, lines=0)
    (folder / "config.json").write_text("{}")
    head = load(f"run:{folder}@{epoch}").projector
    return encoder, head


def as_run(preprocess: Preprocess) -> Preprocess:
    """The whole centred square, whatever share of it the upstream recommends."""
    return Preprocess(size=preprocess.size, interpolation="bilinear", mean=preprocess.mean, std=preprocess.std)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for epoch in (0, 5, 12):
        _write(tmp_path / "simclr", epoch, seed=epoch)
    return tmp_path / "simclr"


@pytest.mark.parametrize("name", ["foveate:resnet9", "foveate:vit-mini", "random:test_vit", "random:test_efficientnet"])
def test_round_trip(tmp_path, name, noise):
    encoder, head = _write(tmp_path, 3, name=name)
    again = load(f"run:{tmp_path}")
    assert again.preprocess == as_run(encoder.preprocess)
    assert again.architecture.spelling == encoder.architecture.spelling
    assert again.grid == encoder.grid
    images = noise(2, encoder.preprocess.size[0])
    pooled = encoder(images)["pooled"]
    assert torch.equal(again(images)["pooled"], pooled)
    with torch.inference_mode():
        assert torch.equal(again(images, ["projector"])["projector"], head.eval()(pooled))


def test_a_trained_local_folder_is_read_back(tmp_path, timm_folder, noise):
    encoder, _ = _write(
        tmp_path / "run",
        1,
        name=f"local-dir:{timm_folder('test_vit', num_classes=0, class_token=False, global_pool='avg')}",
    )
    again = load(f"run:{tmp_path / 'run'}")
    images = noise(2, encoder.preprocess.size[0])
    assert torch.equal(again(images)["pooled"], encoder(images)["pooled"])
    assert again.preprocess == as_run(encoder.preprocess)


def test_epochs(folder):
    def weight(address):
        return load(address).module.stem[0].weight

    assert torch.equal(weight(f"run:{folder}"), weight(f"run:{folder}@12"))
    assert torch.equal(weight(f"run:{folder}@0"), load("foveate:resnet9", seed=0).module.stem[0].weight)
    assert not torch.equal(weight(f"run:{folder}@0"), weight(f"run:{folder}@5"))
    assert list(run.epochs(folder)) == [0, 5, 12]


def test_projector_taps(folder, noise):
    encoder = load(f"run:{folder}")
    assert encoder.taps()[-4:] == ["pooled", "projector.0", "projector.1", "projector"]
    read = encoder(noise(), ["projector", "projector.1", "stages.0"])
    assert {tap: value.shape[1] for tap, value in read.items()} == {"projector": 16, "projector.1": 32, "stages.0": 32}
    with pytest.raises(FoveateError, match="projector"):
        encoder.check("projector.2")


def test_a_run_that_kept_no_projector(tmp_path):
    _write(tmp_path, 1, projector=False)
    encoder = load(f"run:{tmp_path}")
    assert encoder.projector is None
    assert encoder.fingerprint == load("foveate:resnet9").fingerprint
    with pytest.raises(FoveateError, match="no projector"):
        encoder.check("projector")


def test_the_projector_is_part_of_the_identity(tmp_path):
    _write(tmp_path, 1)
    assert load(f"run:{tmp_path}").fingerprint != load("foveate:resnet9").fingerprint


@pytest.mark.parametrize(
    ("suffix", "said"),
    [("@7", "epochs 0, 5, 12"), ("@last", "epochs 0, 5, 12"), ("@-1", "epochs 0, 5, 12"), ("@", "epochs 0, 5, 12")],
)
def test_no_such_epoch(folder, suffix, said):
    with pytest.raises(FoveateError) as caught:
        load(f"run:{folder}{suffix}")
    assert said in str(caught.value)


def test_what_is_no_run(tmp_path, timm_folder):
    (tmp_path / "empty").mkdir()
    with pytest.raises(FoveateError, match="no run"):
        load(f"run:{tmp_path / 'empty'}")
    with pytest.raises(FoveateError, match="local-dir:"):
        load(f"run:{timm_folder()}")
    (tmp_path / "new" / "checkpoints").mkdir(parents=True)
    with pytest.raises(FoveateError, match="--resume"):
        load(f"run:{tmp_path / 'new'}")


@pytest.mark.parametrize("gone", ["model.safetensors", "encoder.json"])
def test_an_incomplete_checkpoint_is_passed_over(folder, gone):
    (folder / "checkpoints" / "epoch-0012" / gone).unlink()
    assert torch.equal(load(f"run:{folder}").module.stem[0].weight, load(f"run:{folder}@5").module.stem[0].weight)
    with pytest.raises(FoveateError, match="incomplete"):
        load(f"run:{folder}@12")


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ("{", "not valid JSON"),
        ("[]", "no description"),
        ("{}", "no known architecture"),
        (json.dumps({"architecture": "foveate:resnet9"}), "damaged"),
        (json.dumps({"architecture": "foveate:resnet8", "image_size": 32, "mean": [0] * 3, "std": [1] * 3}), "resnet9"),
        (
            json.dumps({"architecture": "foveate:resnet18", "image_size": 32, "mean": [0] * 3, "std": [1] * 3}),
            "stem.0.weight",
        ),
    ],
)
def test_a_wrong_description(folder, record, said):
    (folder / "checkpoints" / "epoch-0012" / "encoder.json").write_text(record)
    with pytest.raises(FoveateError) as caught:
        load(f"run:{folder}")
    assert said in str(caught.value)


def test_size_mean_and_deviation_come_from_the_description(folder):
    file = folder / "checkpoints" / "epoch-0012" / "encoder.json"
    record = json.loads(file.read_text())
    del record["epoch"], record["objective"]
    file.write_text(json.dumps(record | {"mean": [0.1, 0.2, 0.3], "std": [0.5] * 3, "image_size": 48}))
    preprocess = load(f"run:{folder}").preprocess
    assert (preprocess.mean, preprocess.std, preprocess.size) == ((0.1, 0.2, 0.3), (0.5,) * 3, (48, 48))


def test_weights_that_are_wrong(folder):
    file = folder / "checkpoints" / "epoch-0012" / "model.safetensors"
    state = load_file(file)
    broken = {key: value for key, value in state.items() if key != "projector.steps.0.0.weight"}
    save_file(broken, file)
    with pytest.raises(FoveateError, match=r"projector\.steps\.0\.0\.weight"):
        load(f"run:{folder}")
    save_file(state | {"backbone.stem.0.weight": torch.full_like(state["backbone.stem.0.weight"], float("nan"))}, file)
    with pytest.raises(FoveateError, match="not finite"):
        load(f"run:{folder}")
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(FoveateError, match="cut short"):
        load(f"run:{folder}")


@pytest.mark.parametrize("name", ["foveate:resnet9", "foveate:vit-mini", "random:test_vit"])
def test_another_image_size(tmp_path, name, noise):
    _write(tmp_path, 1, name=name, image_size=32)
    encoder = load(f"run:{tmp_path}", image_size=64)
    assert encoder.preprocess.size == (64, 64)
    read = encoder(noise(1, 64), encoder.taps())
    assert read["pooled"].shape == (1, encoder.width)
    if encoder.grid:
        assert (
            encoder(noise(1, 64), ["blocks.0:tokens"])["blocks.0:tokens"].shape[1] == encoder.grid[0] * encoder.grid[1]
        )


def test_an_at_in_the_folders_name(tmp_path):
    _write(tmp_path / "simclr@home", 2)
    assert load(f"run:{tmp_path / 'simclr@home'}").width == 256
    assert load(f"run:{tmp_path / 'simclr@home'}@2").width == 256
