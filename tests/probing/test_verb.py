"""``foveate probe`` end to end on built-in sets, its controls, and every mistake a user can make with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from foveate.core.errors import FoveateError
from foveate.probing.classify.measure import measure
from foveate.probing.config import Probe
from foveate.probing.verb import run
from foveate.reporting.record import Report

ENCODER = "random:foveate:resnet9"
TRAIN, TEST = "builtin:digits@train[0:240]", "builtin:digits@test[0:120]"


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> Report:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOVEATE_CACHE", str(tmp_path_factory.mktemp("cache")))
        out = tmp_path_factory.mktemp("runs") / "probe"
        return run(
            Probe(encoder=ENCODER, data=TRAIN, test=TEST, taps=("stages.2", "pooled"), shots=(1, 5, 200), out=str(out))
        )


def test_the_report_is_whole_and_reads_back(saved):
    again = Report.read(saved.folder)
    assert set(again.metrics) == set(saved.metrics)
    assert [headline.metric for headline in again.headlines] == ["knn.accuracy", "linear.accuracy"]
    titles = [section.title for section in again.sections]
    assert titles[:3] == ["Accuracy and its controls", "Layer by layer", "With few labels"]
    assert titles[-1] == "How it was measured"
    assert ("200 shots", "the smallest class has 20 training images") in again.skipped or any(
        id == "200 shots" for id, _ in again.skipped
    )


def test_the_promised_metrics_are_there(saved):
    metrics = saved.metrics
    for method in ("knn", "linear"):
        for quantity in ("accuracy", "untrained", "pixels", "shuffled"):
            one = metrics[f"{method}.{quantity}"]
            assert one.low <= one.value <= one.high
            assert (one.n, one.over) == ((5, "seeds") if quantity == "shuffled" else (120, "images"))
            assert one.chance == pytest.approx(metrics["knn.accuracy"].chance)
    assert metrics["knn.accuracy@stages.2:mean"].value == metrics["knn.accuracy"].value, "the first tap is the headline"
    assert {"ridge.accuracy@pooled", "ridge.accuracy@stages.2:mean", "linear.accuracy/3"} <= set(metrics)
    assert metrics["lowshot.accuracy/5"].over == "seeds"
    assert metrics["lowshot.accuracy/5"].n == 5
    assert "lowshot.accuracy/200" not in metrics


def test_classes_add_up_to_the_whole(saved):
    classes = [metric for key, metric in saved.metrics.items() if key.startswith("linear.accuracy/")]
    assert sum(one.n for one in classes) == 120
    assert sum(one.n * one.value for one in classes) == pytest.approx(120 * saved.metrics["linear.accuracy"].value)


def test_controls_say_what_they_should(saved):
    metrics = saved.metrics
    assert metrics["knn.pixels"].value > 0.8, "digits are solved by pixels: what an encoder must be read against"
    for method in ("knn", "linear"):
        assert metrics[f"{method}.shuffled"].low <= metrics[f"{method}.shuffled"].chance
    # An untrained encoder is no better than its untrained twin, which is another draw.
    assert {finding.id for finding in saved.findings} == {"gain-knn", "gain-linear"}
    assert all(finding.verdict != "reproduced" for finding in saved.findings)


def test_the_same_probe_gives_the_same_numbers(tmp_path):
    settings: dict[str, Any] = {"encoder": ENCODER, "data": TRAIN, "test": TEST, "shots": (1,), "shot_seeds": 2}
    first, second = (run(Probe(**settings, out=str(tmp_path / name))).metrics for name in "ab")
    assert first == second
    fresh = run(Probe(**settings, seed=5, out=str(tmp_path / "c"))).metrics
    assert fresh["knn.untrained"] != first["knn.untrained"]


def test_shares_of_the_labels_and_an_mlp_are_there_when_asked_for(tmp_path):
    asked: dict[str, Any] = {"label_shares": (0.1, 0.5), "mlp": 32, "shots": (), "shot_seeds": 2}
    report = run(Probe(encoder=ENCODER, data=TRAIN, test=TEST, **asked, out=str(tmp_path / "out")))
    metrics = Report.read(report.folder).metrics
    assert metrics["lowshot.accuracy/10%"].value < metrics["lowshot.accuracy/50%"].value
    assert metrics["lowshot.accuracy/10%"].over == "seeds"
    gap = metrics["mlp.accuracy"].value - metrics["linear.accuracy"].value
    assert metrics["mlp.gap"].value == pytest.approx(gap)
    assert {"mlp.untrained", "mlp.pixels", "mlp.gap/untrained"} <= set(metrics)
    titles = [section.title for section in report.sections]
    assert {"Beyond a linear readout", "With a share of the labels"} <= set(titles)
    assert "Best epoch on held-out rows" in report.sections[titles.index("Beyond a linear readout")].lead
    assert [finding.id for finding in report.findings] == ["gain-knn", "gain-linear"]


def test_overlap_is_counted_and_taken_out(tmp_path):
    report = run(Probe(encoder=ENCODER, data="builtin:duplicates", shots=(1,), controls=False, out=str(tmp_path / "o")))
    assert report.metrics["knn.accuracy"].n == 100
    assert report.metrics["knn.accuracy/without-overlap"].n == 80
    section = next(s for s in report.sections if s.title.startswith("Test rows"))
    assert section.lead.startswith("20 of 100 test rows")
    assert "knn.untrained" not in report.metrics


def test_a_class_that_train_lacks_is_an_error_and_one_that_test_lacks_a_note(tmp_path: Path):
    folder(tmp_path / "train", {"a": 20, "b": 20, "c": 20})
    folder(tmp_path / "fewer", {"a": 9, "b": 9})
    folder(tmp_path / "other", {"a": 9, "d": 9})
    config = Probe(encoder=ENCODER, data=f"folder:{tmp_path}/train", test=f"folder:{tmp_path}/fewer", k=5, shots=(1,))
    found = measure(config)
    assert set(found.rows.test.tolist()) == {0, 1}
    from foveate.probing.classify import report

    text = report.write(found).sections[-1].blocks[0].text
    assert "No test row is of: c" in text
    with pytest.raises(FoveateError, match="d"):
        measure(Probe(encoder=ENCODER, data=f"folder:{tmp_path}/train", test=f"folder:{tmp_path}/other", k=5))


def test_unreadable_images_are_named(tmp_path: Path):
    folder(tmp_path / "photos", {"a": 60, "b": 60})
    (tmp_path / "photos" / "a" / "7.png").write_bytes(b"")
    report = run(
        Probe(
            encoder=ENCODER, data=f"folder:{tmp_path}/photos", k=5, shots=(1,), controls=False, out=str(tmp_path / "o")
        )
    )
    assert [id for id, _ in report.skipped if "7.png" in id]


def folder(path: Path, classes: dict[str, int]) -> Path:
    from PIL import Image

    random = np.random.default_rng(len(str(path)))
    for name, count in classes.items():
        (path / name).mkdir(parents=True)
        for i in range(count):
            Image.fromarray(random.integers(0, 255, (20, 24, 3), np.uint8)).save(path / name / f"{i}.png")
    return path


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"k": 0}, "--k 0"),
        ({"k": 5000}, "--k"),
        ({"taps": ()}, "--taps"),
        ({"taps": ("stagez.1",)}, "tap"),
        ({"taps": ("stages.1:tokens",)}, "tokens"),
        ({"taps": ("projector",)}, "projector"),
        ({"task": "classifie"}, "classify"),
        ({"shots": (500,)}, "--shots 500"),
        ({"shots": (-1,)}, "--shots -1"),
        ({"shot_seeds": 1}, "--shot-seeds"),
        ({"label_shares": (0.1, 1.5)}, "--label-shares 1.5"),
        ({"mlp": -1}, "--mlp -1"),
        ({"set": ("lr=1",)}, "--task finetune"),
        ({"mlp": 8, "task": "heads"}, "--mlp is nothing to --task heads"),
        ({"encoder": "random:foveate:resnet99"}, "resnet9"),
        ({"encoder": "resnet18"}, "scheme"),
        ({"data": "folder:nowhere"}, "nowhere"),
        ({"test": "builtin:shapes"}, "class"),
        ({"device": "abacus"}, "device"),
    ],
)
def test_a_mistake_has_a_remedy(changes: dict[str, Any], words: str, tmp_path):
    settings: dict[str, Any] = {"encoder": ENCODER, "data": TRAIN, "test": TEST, "out": str(tmp_path / "out")}
    with pytest.raises(FoveateError) as caught:
        run(Probe(**settings | changes))
    assert words in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_sets_that_cannot_be_probed_are_refused(tmp_path: Path):
    flat, one, few = tmp_path / "flat", folder(tmp_path / "one", {"a": 40}), folder(tmp_path / "few", {"a": 6, "b": 6})
    (folder(flat, {"x": 30}) / "x").rename(tmp_path / "images")
    for data, words in ((tmp_path / "images", "labels"), (one, "one class"), (few, "training images")):
        with pytest.raises(FoveateError, match=words):
            measure(Probe(encoder=ENCODER, data=f"folder:{data}"))
