from __future__ import annotations

import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from foveate.core.errors import FoveateError
from foveate.core.run import read_log
from foveate.encoders.load import load
from foveate.pretraining import verb
from foveate.pretraining.config import Pretrain
from foveate.reporting.numbers import number
from foveate.reporting.record import Report


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Ninety small images of two kinds, in class folders: bright above, or bright below."""
    root = tmp_path_factory.mktemp("photos")
    stream = np.random.default_rng(0)
    for i in range(90):
        pixels = stream.integers(0, 120, (16, 20, 3))
        pixels[slice(0, 8) if i % 2 else slice(8, 16)] += 120
        folder = root / ("above" if i % 2 else "below")
        folder.mkdir(exist_ok=True)
        Image.fromarray(pixels.astype(np.uint8)).save(folder / f"{i:03d}.png")
    return f"folder:{root}"


def config(data: str, out: Path, **changes: Any) -> Pretrain:
    settings: dict[str, Any] = {
        "objective": "simclr", "encoder": "foveate:resnet18-narrow", "epochs": 2, "image_size": 16, "batch": 16,
        "device": "cpu", "set": ("projector=16,8",), "out": str(out), **changes,
    }  # fmt: skip
    return Pretrain(data=data, **settings)


def weights(out: Path, epoch: int = 2) -> dict[str, torch.Tensor]:
    return load_file(out / f"checkpoints/epoch-{epoch:04d}/model.safetensors")


def test_the_whole_verb(photos: str, tmp_path: Path) -> None:
    report = verb.run(config(photos, tmp_path / "run"))
    keys = {f"{method}.{kind}" for method in ("knn", "ridge") for kind in ("accuracy", "untrained", "pixels", "gain")}
    assert set(report.metrics) == keys
    assert report.metrics["knn.accuracy"].n == 18
    assert [section.title for section in report.sections] == [
        "What came of it", "How it went", "Layer by layer", "What it saw", "How it was set",
    ]  # fmt: skip
    assert Report.read(tmp_path / "run").to_json() == json.loads((tmp_path / "run/report.json").read_text())
    encoder = load(f"run:{tmp_path / 'run'}")
    assert "projector" in encoder.taps()
    saved = weights(tmp_path / "run")
    for name, value in encoder.module.state_dict().items():
        assert torch.equal(value, saved[f"backbone.{name}"])
    record = json.loads((tmp_path / "run/rows.json").read_text())
    assert record["trained"] + len(record["left"]) == 90
    first = load(f"run:{tmp_path / 'run'}@0")
    torch.testing.assert_close(
        first.module.state_dict(), load("foveate:resnet18-narrow", image_size=16).module.state_dict()
    )


def test_a_run_that_goes_on_from_weights_is_held_against_them(photos: str, tmp_path: Path) -> None:
    first = verb.run(config(photos, tmp_path / "first", epochs=1))
    second = verb.run(config(photos, tmp_path / "second", epochs=1, encoder=f"run:{tmp_path / 'first'}"))
    for method in ("knn", "ridge"):
        assert second.metrics[f"{method}.start"].value == first.metrics[f"{method}.accuracy"].value
        assert second.metrics[f"{method}.untrained"].value == first.metrics[f"{method}.untrained"].value
    before = number(second.metrics["knn.start"].value)
    assert f"before training {before}" in second.answer


def test_images_that_changed_since_the_interruption_are_noticed(photos: str, tmp_path: Path) -> None:
    data = tmp_path / "photos"
    shutil.copytree(photos.removeprefix("folder:"), data)
    address, out = f"folder:{data}", tmp_path / "run"
    assert verb.run(config(address, out)).metrics
    (out / "report.json").unlink()
    left = set(json.loads((out / "rows.json").read_text())["left"])
    file = next(path for path in sorted(data.rglob("*.png")) if str(path.relative_to(data)) not in left)
    whole = file.read_bytes()
    Image.new("RGB", (20, 16), "red").save(file)
    with pytest.raises(FoveateError, match="have changed since"):
        verb.run(config(address, out, resume=True))
    file.write_bytes(whole)
    assert verb.run(config(address, out, resume=True)).metrics


def test_test_rows_and_held_out_rows_are_not_trained_on(photos: str, tmp_path: Path) -> None:
    """Their pixels may be anything: the weights are the same."""
    a = Path(photos.removeprefix("folder:"))
    b = tmp_path / "photos"
    shutil.copytree(a, b)
    verb.run(config(photos, tmp_path / "a"))
    left = json.loads((tmp_path / "a/rows.json").read_text())["left"]
    from foveate.data.load import load_pair

    assert set(load_pair(photos).test["id"]) < set(left)
    for name in left:
        Image.new("RGB", (20, 16), "red").save(b / name)
    verb.run(config(f"folder:{b}", tmp_path / "b"))
    one, two = weights(tmp_path / "a"), weights(tmp_path / "b")
    assert all(torch.equal(one[key], two[key]) for key in one)


@pytest.mark.parametrize("objective", ["vicreg", "supervised"])
def test_other_objectives_run(photos: str, tmp_path: Path, objective: str) -> None:
    knobs = ("projector=16,16",) if objective == "vicreg" else ()
    report = verb.run(config(photos, tmp_path / "run", objective=objective, set=knobs))
    assert report.metrics["knn.accuracy"].value is not None
    epoch = [line for line in read_log(tmp_path / "run") if line["event"] == "epoch"][-1]
    assert {"vicreg": {"invariance", "variance", "covariance"}, "supervised": {"accuracy"}}[objective] <= set(epoch)
    assert ("projector" in load(f"run:{tmp_path / 'run'}").taps()) == (objective == "vicreg")


def test_vicreg_without_its_variance_term_is_named_and_a_healthy_one_is_not(
    photos: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    common: dict[str, Any] = {"objective": "vicreg", "epochs": 12, "lr": 0.003, "lr_rule": "none"}
    healthy = verb.run(config(photos, tmp_path / "healthy", **common, set=("projector=32,32",)))
    assert "collapse" not in capsys.readouterr().err
    assert "collapse" not in healthy.answer
    assert "no sign of collapse" in healthy.sections[1].lead
    knobs = ("projector=32,32", "variance=0", "covariance=0")
    sick = verb.run(config(photos, tmp_path / "sick", **common, set=knobs))
    assert "collapsed: embeddings draw together at the projector" in capsys.readouterr().err
    assert "collapsed" in sick.sections[1].lead


def test_unlabelled_images_are_enough(photos: str, tmp_path: Path) -> None:
    flat = tmp_path / "flat"
    flat.mkdir()
    for file in Path(photos.removeprefix("folder:")).rglob("*.png"):
        shutil.copy(file, flat)
    report = verb.run(config(f"folder:{flat}", tmp_path / "run"))
    assert report.metrics == {}
    assert "no labelled test rows" in report.sections[0].blocks[0].text  # type: ignore[union-attr]
    with pytest.raises(FoveateError, match="needs labels"):
        verb.run(config(f"folder:{flat}", tmp_path / "other", objective="supervised", set=()))
    assert not (tmp_path / "other").exists()


def test_a_finished_run_is_read_and_another_configuration_refused(photos: str, tmp_path: Path) -> None:
    first = verb.run(config(photos, tmp_path / "run"))
    again = verb.run(config(photos, tmp_path / "run", resume=True))
    assert again.metrics == first.metrics
    with pytest.raises(FoveateError, match="resume"):
        verb.run(config(photos, tmp_path / "run"))
    with pytest.raises(FoveateError, match="epochs"):
        verb.run(config(photos, tmp_path / "run", resume=True, epochs=3))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"set": ("temprature=1",)}, "temperature"),
        ({"set": ("view3.blur=1",)}, "view1 to view2"),
        ({"set": ("projector=0",)}, "at least 1"),
        ({"encoder": "foveate:resnet8"}, "resnet9"),
        ({"engine": "torchrun"}, "torchrun --nproc-per-node"),
        ({"engine": "ray"}, "torchrun"),
        ({"device": "cuda:77"}, "--device auto"),
    ],
)
def test_what_cannot_be_leaves_nothing_behind(photos: str, tmp_path: Path, changes: dict, words: str) -> None:
    with pytest.raises(FoveateError) as caught:
        verb.run(config(photos, tmp_path / "run", **changes))
    assert words in f"{caught.value.what} {caught.value.remedy}"
    assert not (tmp_path / "run").exists()


def test_a_group_of_torchrun_needs_the_engine(photos: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("RANK", "0")
    with pytest.raises(FoveateError, match="add --engine torchrun"):
        verb.run(config(photos, tmp_path / "run"))


EPOCHS = ("--epochs", "4")


def command(data: str, out: Path, *more: str) -> list[str]:
    return [
        *(sys.executable, "-m", "foveate.cli", "pretrain", data, "--out", str(out), "--objective", "simclr"),
        *("--encoder", "foveate:resnet18-narrow", "--image-size", "16", "--batch", "16"),
        *("--device", "cpu", "--checkpoint-minutes", "0.0001", *(more or EPOCHS)),
    ]


@pytest.mark.slow
def test_killed_at_any_moment_it_ends_with_the_same_weights(photos: str, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    subprocess.run(command(photos, whole), check=True, capture_output=True)
    cut = tmp_path / "cut"
    kills = 0
    for wait in (0.02, 0.3):
        process = subprocess.Popen(
            command(photos, cut, *EPOCHS, "--resume"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        seen = len(read_log(cut))
        deadline = time.monotonic() + 60
        while len(read_log(cut)) <= seen and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(wait)
        if process.poll() is None:
            process.kill()
            kills += 1
        process.wait()
    assert kills
    done = subprocess.run(command(photos, cut, *EPOCHS, "--resume"), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    one, two = weights(whole, 4), weights(cut, 4)
    assert all(torch.equal(one[key], two[key]) for key in one)
    assert {p.relative_to(whole) for p in whole.rglob("*")} == {p.relative_to(cut) for p in cut.rglob("*")}


@pytest.mark.slow
def test_ctrl_c_is_one_line_and_130(photos: str, tmp_path: Path) -> None:
    process = subprocess.Popen(
        command(photos, tmp_path / "run"), stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while not read_log(tmp_path / "run") and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, words = process.communicate(timeout=60)
    assert process.returncode == 130, words
    assert "everything is saved" in words
    assert "--resume" in words
    assert "Traceback" not in words


@pytest.mark.slow
def test_torchrun_trains_what_one_process_trains(photos: str, tmp_path: Path) -> None:
    runner = Path(sys.executable).parent / "torchrun"
    launch = [str(runner), "--nproc-per-node", "2", "--master-port", str(29000 + os.getpid() % 900), "-m"]
    # Small clipped steps: this loss is steep at the start, and rounding would grow a hundredfold with each large one.
    more = ["--engine", "torchrun", "--parallel", "fsdp", "--precision", "fp32", "--optimizer", "sgd"]
    more += ["--lr", "0.01", "--clip", "1", "--epochs", "1"]
    done = subprocess.run(
        [*launch, *command(photos, tmp_path / "two", *more)[2:]], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    verb.run(config(photos, tmp_path / "one", epochs=1, set=(), optimizer="sgd", lr=0.01, clip=1.0, precision="fp32"))
    one, two = weights(tmp_path / "one", 1), weights(tmp_path / "two", 1)
    start = weights(tmp_path / "one", 0)
    names = [key for key in start if key.endswith(("weight", "bias"))]
    assert one.keys() == two.keys()
    apart, moved = (
        torch.cat([(a[key] - b[key]).flatten() for key in names]).norm() for a, b in ((one, two), (one, start))
    )
    assert moved > 0.005
    assert apart < 0.05 * moved
    assert (tmp_path / "two/report.json").exists()


def test_a_run_without_out_says_where_it_is_and_goes_on_there(
    photos: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = dataclasses.replace(config(photos, tmp_path, epochs=1), out=None)
    verb.run(asked)
    (folder,) = Path("runs").iterdir()
    said = capsys.readouterr().err
    assert f"--resume --out {folder}" in said
    (folder / "report.json").unlink()
    verb.run(dataclasses.replace(asked, resume=True, out=str(folder)))
    assert (folder / "report.json").exists()
    assert list(Path("runs").iterdir()) == [folder]
