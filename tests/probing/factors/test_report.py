"""The exam through the verb: planted encoders that know exactly some factors, and every mistake a user can make with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from foveate import cli
from foveate.core.errors import FoveateError
from foveate.probing.config import Probe
from foveate.probing.verb import run
from foveate.reporting.record import Report

from .conftest import LABELS, Namer, encoder, grid, paint, write


def exam(address: str, data: str, out: Path, **changes: Any) -> Report:
    return run(Probe(encoder=address, data=data, task="factors", out=str(out), **changes))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write(tmp_path_factory.mktemp("data") / "grid.parquet", grid(repeats=3))


@pytest.mark.slow
def test_what_is_known_is_found_and_nothing_else(pictures: str, reading: Callable[..., str], tmp_path: Path) -> None:
    """Reads colour, place and label, knows no tilt, and is a sum of them by construction."""
    report = exam(reading("colour", "place", "label"), pictures, tmp_path / "out", held_out="place")
    metric = report.metrics
    for known in ("colour", "place"):
        assert metric[f"decode.accuracy/{known}"].value == 1
        assert metric[f"translation.r2/{known}"].low > 0.95
        assert metric[f"invariance.distance/{known}"].low > 0.2
    tilt = metric["decode.accuracy/tilt"]
    assert tilt.low < 1 / 3 < tilt.high + 0.05
    assert metric["invariance.distance/tilt"].high < 0.01
    assert abs(metric["translation.r2/tilt"].value) < 0.05, "pixel noise alone moves it"
    assert metric["decode.pixels/tilt"].value == 1, "it is there to be seen"
    assert metric["additive.r2"].low > 0.95
    assert abs(metric["pairwise.gain"].value) < 0.02
    assert metric["linear.accuracy"].value == 1
    assert [key for key in metric if key.startswith("heldout.accuracy/")] == [
        f"heldout.accuracy/place={k}" for k in (1, 2)
    ]
    assert metric["heldout.accuracy/place=2"].n == 2 * 3 * 4 * 3 * 3
    again = Report.read(report.folder)
    assert set(again.metrics) == set(metric)
    titles = {section.title for section in again.sections}
    assert {"Accuracy by factor value", "What can be read", "Values never seen"} <= titles
    assert "Where it fails" not in titles, "it does not"
    assert {finding.id for finding in again.findings} == {"gain-linear", "more-values"}


def test_where_it_fails_is_found_and_shown(reading: Callable[..., str], tmp_path: Path) -> None:
    """Where tilt is t2 no label is painted."""
    data = write(tmp_path / "blind.parquet", grid(repeats=3, blind_at="t2"))
    report = exam(reading("label"), data, tmp_path / "out", controls=False)
    for clear in ("t0", "t1"):
        assert report.metrics[f"linear.accuracy/tilt={clear}"].value == 1
    blind = report.metrics["linear.accuracy/tilt=t2"]
    assert blind.low < 1 / 3 < blind.high
    assert "least at tilt = t2" in report.answer
    (gallery,) = next(section for section in report.sections if section.title == "Where it fails").blocks
    assert gallery.items[0].title == "tilt = t2"
    assert all(picture.caption[3:] != picture.note[8:] for item in gallery.items for picture in item.pictures)


@pytest.mark.slow
def test_every_accuracy_has_interval_chance_and_controls(
    pictures: str, reading: Callable[..., str], tmp_path: Path
) -> None:
    metrics = exam(reading("colour", "label"), pictures, tmp_path / "out").metrics
    for key, one in metrics.items():
        assert one.value is None or one.low <= one.value <= one.high, key
        method, _, rest = key.partition(".")
        quantity, _, slice = rest.partition("/")
        if method in ("linear", "decode", "invariance", "translation", "additive") and quantity in (
            "accuracy",
            "distance",
            "r2",
        ):
            for control in ("untrained", "pixels"):
                assert f"{method}.{control}{'/' + slice if slice else ''}" in metrics, key
    assert metrics["linear.accuracy"].chance == pytest.approx(1 / 3, abs=0.05)
    assert metrics["decode.accuracy/colour"].chance == pytest.approx(1 / 4, abs=0.1)
    unmoved = metrics["translation.r2/place"]
    assert unmoved.value is None or abs(unmoved.value) < 0.05, "what is not read moves by pixel noise alone"


def test_a_product_of_factors_is_no_sum(pictures: str, reading: Callable[..., str], tmp_path: Path) -> None:
    sum_, product = (
        exam(reading("colour", "place", multiply=multiply), pictures, tmp_path / str(multiply), controls=False).metrics
        for multiply in (False, True)
    )
    assert sum_["additive.r2"].low > 0.95
    assert abs(sum_["pairwise.gain"].value) < 0.02
    assert sum_["translation.r2/place"].low > 0.95
    # Of 4 · 5 cells main effects hold 3 + 4 of 19 parts of the variance.
    assert product["additive.r2"].value == pytest.approx(7 / 19, abs=0.06)
    assert product["pairwise.r2"].low > 0.9
    assert product["translation.r2/place"].high < 0.5
    assert product["linear-map.r2/place"].low > 0.9
    assert product["decode.accuracy/place"].value == 1, "readable all the same"
    assert "linear.untrained" not in sum_


def named(rows_varied: tuple[str, ...] = ("default", "tilt")) -> list[dict[str, Any]]:
    random, rows = np.random.default_rng(0), []
    for code, label in enumerate(LABELS):
        for asset in range(6):
            for scene in range(2):
                for varied, tilt in (("default", 0), ("tilt", 1), ("tilt", 2)):
                    if varied not in rows_varied:
                        continue
                    codes = {"label": -1 if tilt == 2 or asset == 5 else code, "tilt": tilt}
                    factors = {"object": label, "asset": f"{label}#{asset}", "scene": f"w#{scene}", "tilt": f"t{tilt}"}
                    rows.append({"image": paint(codes, random), "label": label, "factors": factors, "varied": varied})
    return rows


def test_a_classifier_is_asked_itself(reading: Callable[..., str], tmp_path: Path) -> None:
    rows = named()
    data = write(
        tmp_path / "t.parquet",
        rows,
        varied=[row["varied"] for row in rows],
        imagenet=[[10 * LABELS.index(row["label"])] for row in rows],
    )
    model = encoder(Namer(), len(LABELS), outputs=("pooled", "logits"))
    report = exam(reading(module=model), data, tmp_path / "out", controls=False)
    metrics = report.metrics
    assert metrics["imagenet.top1/tilt=t0"].value == metrics["imagenet.top1/tilt=t1"].value == 1
    assert metrics["imagenet.top1/tilt=t2"].value == 0
    assert metrics["imagenet.drop/tilt=t2"].value == -1
    assert metrics["imagenet.drop/tilt=t1"].low < 0 < metrics["imagenet.drop/tilt=t1"].high
    assert metrics["imagenet.top1/tilt=t2"].n == 30
    assert sorted(id for id, why in report.skipped if "floor effect" in why) == [
        "asset ant#5",
        "asset bee#5",
        "asset cat#5",
    ]
    assert "imagenet.top1/object=ant" not in metrics


@pytest.mark.slow
def test_an_untrained_head_is_at_the_floor_and_other_heads_are_left_out(tmp_path: Path) -> None:
    rows = named()
    data = write(tmp_path / "t.parquet", rows, imagenet=[[10 * LABELS.index(row["label"])] for row in rows])
    metrics = exam("random:test_resnet", data, tmp_path / "a").metrics
    assert metrics["imagenet.top1"].low < 0.05
    assert metrics["imagenet.untrained"].low < 0.05
    assert metrics["imagenet.top1"].chance == 0.001
    other = exam("random:foveate:resnet9", data, tmp_path / "b", controls=False)
    assert "imagenet.top1" not in other.metrics
    assert [id for id, _ in other.skipped if id == "ImageNet classes"]


@pytest.mark.slow
def test_the_same_exam_gives_the_same_numbers(pictures: str, tmp_path: Path) -> None:
    first, second = (exam("random:foveate:resnet9", f"{pictures}[0:300]", tmp_path / name) for name in "ab")
    assert first.metrics == second.metrics
    assert [section.to_json() for section in first.sections] == [section.to_json() for section in second.sections]


def unlabelled(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row | {"label": None} for row in rows]


def constant(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row | {"factors": {"fog": 0.0}} for row in rows]


@pytest.mark.parametrize(
    ("change", "arguments", "words"),
    [
        (None, (), "factors"),
        (unlabelled, (), "label"),
        (constant, (), "one value"),
        (list, ("--held-out", "colr"), "colour"),
        (list, ("--held-out", "tilt"), "3 values"),
        (list, ("--ignore", "colr"), "colr"),
        (list, ("--taps", "pooled", "stages.1"), "one tap"),
    ],
)
def test_a_mistake_has_a_remedy(
    change: Callable[..., Any] | None,
    arguments: tuple[str, ...],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    data = write(tmp_path / "t.parquet", change(grid(repeats=1))) if change else "builtin:shapes"
    assert cli.main(["probe", "random:foveate:resnet9", data, "--task", "factors", "--out", "out", *arguments]) == 2
    lines = capfd.readouterr().err.strip().splitlines()
    assert len(lines) <= 6
    assert lines[-2].startswith("error: ")
    assert lines[-1].startswith("remedy: ")
    assert words in f"{lines[-2]} {lines[-1]}"
    assert not (tmp_path / "out").exists()


def test_a_held_out_factor_of_one_value_is_refused(tmp_path: Path) -> None:
    rows = [row | {"factors": row["factors"] | {"world": "meadow"}} for row in grid(repeats=1)]
    data = write(tmp_path / "t.parquet", rows)
    with pytest.raises(FoveateError, match="world is no factor: it has one value"):
        exam("random:foveate:resnet9", data, tmp_path / "out", held_out="world")
