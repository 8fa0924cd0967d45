"""``--task finetune`` end to end: a label that only training can reach, rates by depth, resuming, and every mistake."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from foveate.core.errors import FoveateError
from foveate.core.run import read_log
from foveate.encoders.depth import depths, top
from foveate.encoders.load import load
from foveate.encoders.run import describe, training_rows
from foveate.probing.config import Probe
from foveate.probing.finetune.classifier import Classifier
from foveate.probing.verb import run
from foveate.reporting.record import Report
from foveate.training import loop
from foveate.training.checkpoints import Checkpoints


@pytest.fixture(scope="module")
def blue(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Images whose class is how blue they are; red and green are noise."""
    root, random = tmp_path_factory.mktemp("blue"), np.random.default_rng(0)
    for split, count in (("train", 60), ("test", 40)):
        for label, name in enumerate(("dull", "blue")):
            (root / split / name).mkdir(parents=True)
            for i in range(count):
                pixels = random.integers(0, 256, (8, 8, 3))
                pixels[..., 2] = 60 + 120 * label + random.integers(-20, 20)
                Image.fromarray(pixels.astype(np.uint8)).save(root / split / name / f"{i}.png")
    return f"folder:{root}"


@pytest.fixture(scope="module")
def blind(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An encoder whose stem has no weight on blue: nothing of the class can be read from what it gives."""
    folder = tmp_path_factory.mktemp("blind")
    encoder = load("foveate:resnet9", seed=3)
    with torch.no_grad():
        encoder.module.stem[0].weight[:, 2] = 0  # type: ignore[index,operator,union-attr]
    weights = {f"backbone.{key}": value for key, value in encoder.module.state_dict().items()}
    record = describe(encoder, projector=None, epoch=0, objective="none")
    Checkpoints(folder / "checkpoints").save_epoch(0, weights=weights, encoder=record, state=None, lines=0)
    (folder / "config.json").write_text("{}")
    return f"run:{folder}"


def config(encoder: str, data: str, out: Path, **changes: Any) -> Probe:
    settings: dict[str, Any] = {
        "task": "finetune",
        "epochs": 4,
        "device": "cpu",
        "set": ("layer_decay=1", "lr=0.003"),
        **changes,
    }
    return Probe(encoder=encoder, data=f"{data}@train", test=f"{data}@test", out=str(out), **settings)


@pytest.fixture(scope="module")
def tuned(blue: str, blind: str, tmp_path_factory: pytest.TempPathFactory) -> Report:
    return run(config(blind, blue, tmp_path_factory.mktemp("runs") / "tuned"))


def test_a_label_that_only_training_can_reach(tuned: Report, blue: str) -> None:
    metrics = tuned.metrics
    assert set(metrics) == {
        "finetune.accuracy", "finetune.scratch", "linear.accuracy", "finetune.over-linear", "finetune.over-scratch"
    }  # fmt: skip
    assert metrics["linear.accuracy"].low < 0.5 < metrics["linear.accuracy"].high, "frozen, it is blind"
    assert metrics["finetune.accuracy"].low > 0.9
    gain = metrics["finetune.accuracy"].value - metrics["linear.accuracy"].value
    assert metrics["finetune.over-linear"].value == pytest.approx(gain)
    assert "One run" in tuned.answer
    assert not tuned.findings, "one run is no verdict on training"


def test_what_it_leaves_is_a_run_that_loads(tuned: Report, blue: str) -> None:
    assert tuned.folder is not None
    encoder = load(f"run:{tuned.folder}")
    assert encoder.taps()[-1] == "projector", "the scores of the classes"
    assert load(f"run:{tuned.folder}@0").fingerprint != encoder.fingerprint
    assert load(f"run:{tuned.folder}/scratch").fingerprint != encoder.fingerprint
    assert [each.count for each in training_rows(f"{tuned.folder}/scratch")] == [108]
    assert json.loads((tuned.folder / "rows.json").read_text())["encoder"].startswith("run:")
    lines = [line for line in read_log(tuned.folder) if line["event"] == "epoch"]
    assert [line["epoch"] for line in lines] == [0, 1, 2, 3, 4]
    assert lines[-1]["validation_accuracy"] > 0.9
    again = run(Probe(encoder=f"run:{tuned.folder}", data=f"{blue}@train", test=f"{blue}@test", shots=(), controls=False,
                      out=str(tuned.folder.parent / "again")))  # fmt: skip
    assert again.metrics["linear.accuracy"].value > 0.9


def test_rates_fall_with_depth_and_not_from_scratch(blue: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, float]] = []
    original = loop.Loop.__post_init__

    def spy(self: Any) -> None:
        original(self)
        names = {id(p): n for n, p in self.module.named_parameters()}
        groups = self.optimizer.param_groups
        seen.append({names[id(p)]: group["rate_factor"] for group in groups for p in group["params"]})

    monkeypatch.setattr(loop.Loop, "__post_init__", spy)
    run(config("random:foveate:vit-mini", f"{blue}", tmp_path / "run", epochs=1, set=("layer_decay=0.5", "batch=64")))
    encoder = load("random:foveate:vit-mini")
    expected = {f"backbone.{name}": 0.5 ** (top(encoder) - depth) for name, depth in depths(encoder).items()}
    mine, scratch = seen
    head = {name: factor for name, factor in mine.items() if name.startswith("head.")}
    assert set(head.values()) == {1.0}
    assert {name: factor for name, factor in mine.items() if name not in head} == expected
    assert set(scratch.values()) == {1.0}


def test_an_interrupted_run_goes_on_to_the_same_weights(
    blind: str, blue: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings: dict[str, Any] = {"epochs": 2, "controls": False, "set": ("mixup=0.4", "cutmix=0.4", "batch=32")}
    run(config(blind, blue, tmp_path / "whole", **settings))
    with monkeypatch.context() as patch:

        def stop(self: Any, progress: Any) -> None:
            if progress.done == 4:
                raise KeyboardInterrupt

        patch.setattr(Classifier, "after_step", stop)
        with pytest.raises(KeyboardInterrupt):
            run(config(blind, blue, tmp_path / "cut", **settings))
    resumed = run(config(blind, blue, tmp_path / "cut", **settings, resume=True))
    one, two = (load_file(tmp_path / name / "checkpoints/epoch-0002/model.safetensors") for name in ("whole", "cut"))
    assert all(torch.equal(one[key], two[key]) for key in one)
    assert resumed.metrics == Report.read(tmp_path / "whole").metrics


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"epochs": 0}, "--epochs 0"),
        ({"taps": ("stages.1",)}, "pooled"),
        ({"set": ("lr=0",)}, "lr"),
        ({"set": ("depth_decay=0.5",)}, "depth_decay"),
        ({"set": ("layer_decay",)}, "layer_decay=VALUE"),
        ({"set": ("view.twist=1",)}, "twist"),
        ({"set": ("lr=1e30",), "controls": False}, "--set lr="),
    ],
)
def test_a_mistake_has_a_remedy(changes: dict[str, Any], words: str, blue: str, tmp_path: Path) -> None:
    with pytest.raises(FoveateError) as caught:
        run(config("random:foveate:resnet9", blue, tmp_path / "out", **changes))
    assert words in str(caught.value)
    assert caught.value.remedy


def test_a_set_of_other_images_is_not_gone_on_with(blind: str, blue: str, tmp_path: Path) -> None:
    run(config(blind, blue, tmp_path / "run", epochs=1, controls=False))
    (tmp_path / "run/rows.json").write_text('{"fingerprint": "another"}')
    with pytest.raises(FoveateError, match="have changed"):
        run(config(blind, blue, tmp_path / "run", epochs=1, controls=False, resume=True))
