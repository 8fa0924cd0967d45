"""What the paired gain says heads the report, in words: gained, lost, or not shown to differ."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from foveate.core.estimate import Estimate
from foveate.pretraining import verb
from foveate.pretraining.config import Pretrain
from foveate.pretraining.evaluate import Evaluated
from foveate.pretraining.result import doubts, gains
from foveate.reporting.record import Report

GAINED = Estimate(0.105, 0.080, 0.130, 540)
LOST = Estimate(-0.085, -0.138, -0.030, 540)
LEVEL = Estimate(0.012, -0.030, 0.054, 540)


def planted(knn: Estimate, ridge: Estimate, **changes: Any) -> Evaluated:
    some = {"knn": Estimate(0.5, 0.4, 0.6, 540), "ridge": Estimate(0.6, 0.5, 0.7, 540)}
    settings: dict[str, Any] = {
        "accuracy": some, "untrained": some, "gain": {"knn": knn, "ridge": ridge}, "start": {}, "since_start": {}, "k": 20,
        "pixels": dict.fromkeys(some, Estimate(0.3, 0.2, 0.4, 540)), "over_pixels": dict.fromkeys(some, GAINED),
        "chance": 0.1, "images": (2000, 540), "repeated": [], **changes,
    }  # fmt: skip
    return Evaluated(**settings)


@pytest.mark.parametrize(
    ("knn", "ridge", "words", "doubted"),
    [
        (GAINED, LEVEL, "kNN gained .105 [.080, .130]; ridge is not shown to differ (.012", False),
        (LOST, GAINED, "kNN lost (−.085 [−.138, −.030]); ridge gained .105", True),
        (LEVEL, LEVEL, "kNN is not shown to differ (.012 [−.030, .054]); ridge is not", True),
        (GAINED, LOST, "kNN gained", True),
    ],
)  # fmt: skip
def test_the_gain_in_words(knn: Estimate, ridge: Estimate, words: str, doubted: bool) -> None:
    evaluated = planted(knn, ridge)
    assert gains(evaluated).startswith(f"Against the same network untrained, {words}")
    assert bool(doubts(evaluated)) == doubted


def test_a_run_that_went_on_from_weights_is_held_against_these() -> None:
    start = {"knn": Estimate(0.6, 0.5, 0.7, 540)}
    evaluated = planted(
        GAINED, GAINED, start=start | {"ridge": start["knn"]}, since_start={"knn": LOST, "ridge": LEVEL}
    )
    assert gains(evaluated).startswith("Against the weights that it went on from, kNN lost (−.085")
    assert doubts(evaluated)


def told(out: Path, monkeypatch: pytest.MonkeyPatch, evaluated: Evaluated, **changes: Any) -> Report:
    monkeypatch.setattr(verb, "evaluate", lambda *_, **__: evaluated)
    settings: dict[str, Any] = {
        "encoder": "foveate:resnet18-narrow", "epochs": 1, "image_size": 16, "batch": 32, "device": "cpu",
        "set": ("projector=16,8",), "out": str(out), **changes,
    }  # fmt: skip
    return verb.run(Pretrain(data="builtin:digits[0:120]", **settings))


def test_a_run_that_lost_says_so_first_and_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = told(tmp_path / "run", monkeypatch, planted(LOST, LEVEL))
    assert report.answer.startswith("Against the same network untrained, kNN lost (−.085 [−.138, −.030]); ridge is not")
    came, went = report.sections[:2]
    assert came.lead == report.answer
    first = came.blocks[0]
    assert getattr(first, "tone", "") == "warning"
    for words in ("took away", "`--set view.flip=0`", "view.jitter=", "view.scale=0.5,1", "made 3 steps", "--lr"):
        assert words in str(first)
    assert "monitors" not in str(first)
    assert went.lead.startswith("Against the same network untrained, kNN lost")


def test_views_that_are_off_are_not_blamed_and_a_gain_needs_no_advice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    off = ("projector=16,8", "view.flip=0", "view.grayscale=0", "view.jitter_p=0", "view.scale=0.6,1")
    report = told(tmp_path / "off", monkeypatch, planted(LEVEL, LEVEL), set=off)
    assert "Nothing shows that training helped" in str(report.sections[0].blocks[0])
    assert "view.flip" not in str(report.sections[0].blocks[0])
    report = told(tmp_path / "on", monkeypatch, planted(GAINED, LEVEL))
    assert report.answer.startswith("Against the same network untrained, kNN gained .105")
    assert report.sections[1].lead == "1 epochs, no sign of collapse, of a shortcut or of instability."
    assert not [block for block in report.sections[0].blocks if getattr(block, "tone", "") == "warning"]


def test_gained_by_one_reading_and_lost_by_the_other_is_not_told_as_a_loss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = told(tmp_path / "run", monkeypatch, planted(LOST, GAINED)).sections[0].blocks[0]
    assert "moved, not made better or worse" in str(first)
    assert "took away" not in str(first)


def test_pixels_that_tell_more_are_said_even_where_training_gained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = {"knn": Estimate(0.4, 0.3, 0.5, 540), "ridge": Estimate(0.9, 0.85, 0.95, 540)}
    report = told(
        tmp_path / "run", monkeypatch, planted(GAINED, GAINED, pixels=bare, over_pixels={"knn": GAINED, "ridge": LOST})
    )
    assert "bare pixels .400 and .900" in report.answer
    assert "Bare pixels tell more than this encoder: ridge .900" in str(report.sections[0].blocks[0])
    assert report.metrics["ridge.pixels"].value == 0.9


def test_pixels_are_read_where_they_tell_everything(tmp_path: Path) -> None:
    """Dark and light images: 16 × 16 colours part them, whatever the network does."""
    for label, level in (("dark", 40), ("light", 200)):
        for number in range(30):
            file = tmp_path / "images" / label / f"{number}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.full((16, 16, 3), level + number, np.uint8)).save(file)
    report = verb.run(
        Pretrain(
            data=f"folder:{tmp_path / 'images'}", encoder="foveate:resnet18-narrow", epochs=1, image_size=16, batch=16,
            device="cpu", set=("projector=16,8",), out=str(tmp_path / "run"),
        )
    )  # fmt: skip
    assert report.metrics["ridge.pixels"].value == 1.0
