"""``--auto``: choices follow from facts, what is given stays, and every choice has a reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import foveate
from foveate.pretraining import auto
from foveate.pretraining.auto import Facts, choose, look
from foveate.pretraining.config import Pretrain
from foveate.pretraining.settings import resolve

PLAIN = {"images": 50_000, "side": 32, "gray": False, "classes": 10, "skew": 1.0, "device": "cpu"}


def chosen(monkeypatch: pytest.MonkeyPatch, given: dict[str, Any] | None = None, **facts: Any) -> tuple[Pretrain, str]:
    monkeypatch.setattr(auto, "look", lambda data, device: Facts(**(PLAIN | facts)))
    config, reasons = choose(Pretrain(data="folder:x", **(given or {})))
    assert all(reason for _, reason in reasons)
    return config, " ".join(" ".join(each) for each in reasons)


def test_small_images_on_a_laptop(monkeypatch: pytest.MonkeyPatch) -> None:
    config, _ = chosen(monkeypatch)
    assert (config.objective, config.encoder, config.image_size, config.minutes) == (
        "simclr", "foveate:resnet9", 32, 20.0,
    )  # fmt: skip
    assert resolve(config).epochs is None


@pytest.mark.parametrize(
    ("facts", "size", "encoder"),
    [
        ({"side": 480}, 64, "foveate:resnet9"),
        ({"side": 480, "device": "cuda", "images": 200_000}, 224, "random:resnet50"),
        ({"side": 480, "device": "cuda", "images": 4_000}, 224, "random:resnet18"),
        ({"side": 64, "device": "cuda"}, 64, "foveate:resnet18"),
        ({"side": 128, "device": "cuda"}, 128, "random:resnet50"),
    ],
)
def test_pixels_and_the_device_decide_the_encoder(
    monkeypatch: pytest.MonkeyPatch, facts: dict[str, Any], size: int, encoder: str
) -> None:
    config, _ = chosen(monkeypatch, **facts)
    assert (config.image_size, config.encoder) == (size, encoder)


def test_what_is_given_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"epochs": 3, "encoder": "foveate:resnet18", "set": ("temperature=0.5",), "batch": 64}
    config, words = chosen(monkeypatch, given)
    assert (config.epochs, config.minutes, config.encoder, config.batch) == (3, None, "foveate:resnet18", 64)
    assert config.set == ("temperature=0.5",)
    assert "--encoder" not in words


def test_another_objective_keeps_its_own_rates_and_its_own_kind_of_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    byol, _ = chosen(monkeypatch, {"objective": "byol"}, gray=True)
    assert byol.set == ("view.jitter=0.4,0.4,0.0,0.0", "view.grayscale=0")
    assert (byol.lr, byol.encoder) == (None, "foveate:resnet9")
    assert resolve(byol).lr == 1.5e-3
    mae, _ = chosen(monkeypatch, {"objective": "mae"})
    assert mae.encoder is None
    assert (resolve(mae).encoder, resolve(mae).encoder_set) == ("foveate:vit-mini", ("global_pool=avg",))


def test_few_gray_and_skewed_sets_are_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    config, words = chosen(monkeypatch, images=40, gray=True, skew=12.0)
    assert {"view.grayscale=0", "view.jitter=0.4,0.4,0.0,0.0"} <= set(config.set)
    assert "hardly train an encoder" in words
    assert "12-fold" in words
    assert config.minutes == 2.0
    assert "fold" not in chosen(monkeypatch)[1]


@pytest.mark.parametrize("given", [{}, {"minutes": 5.0}, {"epochs": 30}])
@pytest.mark.parametrize(
    ("images", "words"), [(40, "hardly train an encoder"), (1200, "1,200 images are few"), (5000, "")]
)
def test_too_few_images_are_told_whoever_chose_the_time(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], images: int, words: str
) -> None:
    said = chosen(monkeypatch, given, images=images)[1]
    assert words in said
    assert ("trained weights" in said) == bool(words)


def test_skewed_classes_are_not_sent_to_what_hurts_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """PMSN (Assran et al. 2023): equal shares are what skewed data suffers from."""
    said = chosen(monkeypatch, skew=45.0)[1]
    stay, _, hurts = said.partition("swav")
    assert "45-fold" in stay
    assert "does not spread images evenly over prototypes (simclr" in stay
    assert "cut across large classes" in hurts
    assert "--class-skew 1" in hurts


def test_it_looks_at_the_images(tmp_path: Path) -> None:
    stream = np.random.default_rng(0)
    for number in range(24):
        gray = np.repeat(stream.integers(0, 255, (20, 30, 1)), 3, axis=2).astype(np.uint8)
        folder = tmp_path / ("many" if number < 20 else "few")
        folder.mkdir(exist_ok=True)
        Image.fromarray(gray).save(folder / f"{number}.png")
    facts = look(f"folder:{tmp_path}", "cpu")
    assert facts == Facts(images=24, side=20, gray=True, classes=2, skew=5.0, device="cpu")


def test_it_runs_within_its_minutes_and_says_how_to_repeat_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = foveate.pretrain("builtin:digits[0:200]", auto=True, minutes=0.02, out=str(tmp_path / "run"), device="cpu")
    said = capsys.readouterr().err
    assert "auto: --encoder foveate:resnet9" in said
    assert "repeats this run" in said
    assert "an estimate, from a few steps" in said
    assert "in the views images are mirrored (--set view.flip=0 if the labels are letters" in said
    assert "steps, and little is learned" in said
    (told,) = [block for section in report.sections for block in section.blocks if getattr(block, "id", "") == "auto"]
    assert "view.flip=0" in str(told)
    assert (tmp_path / "run/epochs.json").exists()
