"""The patch probe: planted token maps whose IoU is known exactly, the whole task, and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from foveate.core.errors import FoveateError
from foveate.measures.segmentation import VOID
from foveate.probing.config import Probe
from foveate.probing.patches import truth
from foveate.probing.patches.measure import Images, _Task
from foveate.probing.verb import run
from foveate.reporting.record import Report

GRID, CLASSES = (4, 4), 3


def planted(count: int, seed: int) -> Images:
    """Maps of 8 × 8 pixels on 4 × 4 patches: patches of one class, but for one pixel of each image's first patch."""
    random = np.random.default_rng(seed)
    cells = random.integers(0, CLASSES, (count, 16))
    cells[:, 0] = 0
    maps = np.stack([truth.spread(each, GRID, (8, 8)) for each in cells])
    maps[:, 0, 0] = 1
    maps[0, 7, 7] = VOID
    labels = np.stack([truth.majority(each, GRID, CLASSES) for each in maps])
    assert (labels == cells).all()
    return Images(rows=np.arange(count), ids=[str(i) for i in range(count)], maps=maps, labels=labels)


def tokens(images: Images, seed: int, *, noise: float = 0.05) -> np.ndarray:
    random = np.random.default_rng(seed)
    return (np.eye(CLASSES)[images.labels] + noise * random.normal(size=(*images.labels.shape, CLASSES))).astype(
        np.float32
    )


def task(train: Images, test: Images) -> _Task:
    chosen = np.flatnonzero(train.labels.ravel() != VOID)
    config = Probe(encoder="", data="", k=5)
    return _Task(config, train, test, chosen, GRID, CLASSES, torch.device("cpu"))


def test_clear_tokens_are_read_to_the_ceiling_exactly() -> None:
    train, test = planted(30, 0), planted(20, 1)
    one = task(train, test)
    predicted, setting = one.linear(tokens(train, 2), tokens(test, 3))
    assert (predicted == test.labels).all()
    assert setting.startswith("C = ")
    assert (one.knn(tokens(train, 2), tokens(test, 3)) == test.labels).all()
    # All pixels are right but one an image: it is of class 1 and read as 0. One pixel is void.
    sizes = np.bincount(test.maps[test.maps != VOID], minlength=CLASSES)
    expected = np.array([(sizes[0]) / (sizes[0] + 20), (sizes[1] - 20) / sizes[1], 1.0])
    assert one.score(predicted).miou.value == pytest.approx(expected.mean())


def test_tokens_without_the_class_read_no_more_than_a_constant() -> None:
    train, test = planted(30, 0), planted(20, 1)
    one = task(train, test)
    random = np.random.default_rng(5)
    empty = [random.normal(size=(*each.labels.shape, CLASSES)).astype(np.float32) for each in (train, test)]
    predicted, _ = one.linear(*empty)
    assert one.score(predicted).miou.value < 0.35


def test_choices_are_made_on_other_images() -> None:
    """Tokens that name their image: read by heart, they must not be what the strength is chosen by."""
    train, test = planted(25, 0), planted(20, 1)
    one = task(train, test)
    names = np.zeros((25, 16, 25 * 16), np.float32)
    names.reshape(25 * 16, -1)[:] = np.eye(25 * 16)
    _, setting = one.linear(names, np.zeros((20, 16, 25 * 16), np.float32))
    assert setting == "C = 0.0001", "nothing carries over to another image, and of equal strengths the least is taken"


def test_a_rare_class_is_not_given_up_for_accuracy() -> None:
    """One patch in sixteen is an object and hard to tell: the least strength would call all of it background."""
    random = np.random.default_rng(0)
    parts = []
    for count in (60, 40):
        cells = np.zeros((count, 16), int)
        cells[np.arange(count), random.integers(0, 16, count)] = 1
        maps = np.stack([truth.spread(each, GRID, (8, 8)) for each in cells])
        parts.append(Images(rows=np.arange(count), ids=[""] * count, maps=maps, labels=cells))
    one = task(*parts)
    read = [
        (2.0 * each.labels[..., None] + random.normal(size=(*each.labels.shape, 4))).astype(np.float32)
        for each in parts
    ]
    predicted, _ = one.linear(*read)
    constant = one.score(np.zeros_like(parts[1].labels)).miou.value
    assert one.score(predicted).miou.value > constant + 0.1


SETTINGS: dict[str, Any] = {
    "encoder": "random:foveate:vit-mini-patch8",
    "data": "builtin:tabletop@train[0:60]",
    "test": "builtin:tabletop@test[0:30]",
    "task": "patches",
    "masks": "foreground",
}


def test_the_whole_task(tmp_path) -> None:
    report = Report.read(run(Probe(**SETTINGS, out=str(tmp_path / "out"))).folder)
    assert set(report.metrics) == {
        "linear.miou", "linear.untrained", "linear.pixels", "linear.position", "linear.gain",
        "knn.miou", "knn.untrained", "knn.pixels", "ceiling.miou",
    }  # fmt: skip
    for key in ("linear.miou", "ceiling.miou"):
        one = report.metrics[key]
        assert one.low < one.value < one.high
        assert (one.n, one.over) == (30, "images")
    assert report.metrics["linear.miou"].value < report.metrics["ceiling.miou"].value
    gain = report.metrics["linear.miou"].value - report.metrics["linear.untrained"].value
    assert report.metrics["linear.gain"].value == pytest.approx(gain)
    assert "[0:60]" in report.title


def test_cells_of_a_convolutional_net_by_label(tmp_path) -> None:
    changes = {"encoder": "random:foveate:resnet9", "taps": ("stages.1",), "masks": "labels", "controls": False}
    report = run(Probe(**SETTINGS | changes, out=str(tmp_path / "out")))
    assert report.inputs["encoder"]["tap"] == "stages.1:tokens"
    assert report.inputs["train"]["classes"] > 10


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"data": "builtin:shapes", "test": None}, "no column 'mask'"),
        ({"taps": ("blocks.1", "blocks.2")}, "one tap"),
        ({"taps": ("blocks.77",)}, "blocks.77"),
        ({"taps": ("blocks.1:mean",)}, "blocks.1:tokens"),
        ({"taps": ("logits",)}, "logits"),
        ({"k": 0}, "--k 0"),
        ({"k": 100_000}, "--k 100000"),
    ],
)
def test_a_mistake_has_a_remedy(changes: dict[str, Any], words: str, tmp_path) -> None:
    with pytest.raises(FoveateError) as caught:
        run(Probe(**SETTINGS | changes, out=str(tmp_path / "out")))
    assert words in str(caught.value)
    assert caught.value.remedy
    assert not (tmp_path / "out").exists()
