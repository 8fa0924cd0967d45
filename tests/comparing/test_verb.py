"""``foveate compare`` end to end on built-in images."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from foveate.comparing.config import Compare
from foveate.comparing.verb import depth_taps, run
from foveate.core.errors import FoveateError
from foveate.encoders.load import load
from foveate.reporting.record import Report

RESNET, VIT = "random:foveate:resnet9", "random:foveate:vit-mini"
DATA = "builtin:digits@train[0:80]"


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> Report:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOVEATE_CACHE", str(tmp_path_factory.mktemp("cache")))
        out = tmp_path_factory.mktemp("runs") / "compare"
        return run(Compare(encoders=(RESNET, VIT, RESNET), data=DATA, out=str(out), device="cpu"))


def test_the_report_is_whole_and_reads_back(saved):
    again = Report.read(saved.folder)
    assert set(again.metrics) == set(saved.metrics)
    titles = [section.title for section in again.sections]
    assert titles[0] == "The encoders among one another"
    assert titles[1:4] == ["A and B, layer by layer", "A and C, layer by layer", "B and C, layer by layer"]


def test_an_encoder_with_itself_is_one_at_every_tap(saved):
    metrics = saved.metrics
    for letter in "ABC":
        assert metrics[f"cka.self/{letter}"].value == pytest.approx(1, abs=1e-5)
    same = [
        key
        for key in metrics
        if key.startswith("cka.similarity@") and key.endswith("/A~C") and "~" not in key.split("/")[0]
    ]
    assert len(same) == 6
    for key in same:
        assert metrics[key].value == pytest.approx(1, abs=1e-5)
    assert metrics["mutual-knn.similarity/A~C"].value == 1


def test_every_pair_of_taps_is_a_metric_and_controls_are_near_zero(saved):
    metrics = saved.metrics
    assert (
        "cka.similarity@stages.1:mean~blocks.0:cls/A~B" in metrics
        or "cka.similarity@stages.1:mean~blocks.0:mean/A~B" in metrics
    )
    for pair in ("A~B", "A~C", "B~C"):
        control = metrics[f"cka.independent/{pair}"]
        assert control.low < 0.05
        assert abs(control.value) < 0.1
        assert metrics[f"cka.similarity@pooled/{pair}"].n == 80
    assert metrics["cka.similarity"].value == metrics["cka.similarity@pooled/A~B"].value


def test_twins_of_one_architecture_are_not_the_same_draw(saved):
    assert saved.metrics["cka.untrained/A~C"].value < 0.999


def test_the_sample_is_fair_and_bounded(tmp_path):
    report = run(
        Compare(encoders=(RESNET, RESNET), data=DATA, taps=("pooled",), n=30, untrained=False, out=str(tmp_path / "o"))
    )
    assert report.metrics["cka.similarity"].n == 30
    assert report.metrics["cka.similarity"].value == pytest.approx(1, abs=1e-5)
    assert not [key for key in report.metrics if "untrained" in key]


def test_all_means_every_stage_or_block_then_pooled():
    assert depth_taps(load(RESNET), ("all",)) == (
        "stem:mean", "stages.0:mean", "stages.1:mean", "stages.2:mean", "stages.3:mean", "pooled",
    )  # fmt: skip
    taps = depth_taps(load(VIT), ("all",))
    assert taps[0] == "stem:mean"
    assert all(tap.startswith("blocks.") and tap.count(".") == 1 for tap in taps[1:-1])
    assert taps[-1] == "pooled"
    assert depth_taps(load(RESNET), ("pooled", "stages.-1", "stages.3:mean")) == ("pooled", "stages.3:mean")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"encoders": (RESNET,)}, "two encoders"),
        ({"encoders": (RESNET,) * 30}, "too many"),
        ({"encoders": (RESNET, "random:foveate:resnet99")}, "resnet9"),
        ({"taps": ("bloks.1",)}, "tap"),
        ({"taps": ("stages.1:tokens",)}, "tokens"),
        ({"taps": ()}, "tap"),
        ({"data": "builtin:digits[0:3]"}, "3 images"),
        ({"n": 3}, "--n 3"),
        ({"k": 0}, "--k 0"),
        ({"data": "folder:nowhere"}, "nowhere"),
    ],
)
def test_a_mistake_has_a_remedy(changes: dict[str, Any], words: str, tmp_path):
    settings: dict[str, Any] = {"encoders": (RESNET, VIT), "data": DATA, "out": str(tmp_path / "out"), "device": "cpu"}
    with pytest.raises(FoveateError) as caught:
        run(Compare(**settings | changes))
    assert words in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_a_collapsed_encoder_is_said_to_be_one(monkeypatch, tmp_path):
    """All features equal: no similarity, no crash, and no NaN in the record."""
    from foveate.features import embed as embedding

    class Collapsed:
        def __init__(self, rows: int) -> None:
            self.ids, self.digests = [str(i) for i in range(rows)], []

        def array(self, tap: str) -> np.ndarray:
            return np.ones((len(self.ids), 8), np.float32)

    monkeypatch.setattr(embedding, "embed", lambda encoder, dataset, taps, **_: Collapsed(len(dataset)))
    report = run(Compare(encoders=(RESNET, VIT), data=DATA, taps=("pooled",), out=str(tmp_path / "o")))
    assert report.metrics["cka.similarity"].value is None
    assert ("A at pooled", "its features are the same for every image: similarity is not defined") in report.skipped


def test_planted_independent_encoders_read_zero_through_the_verb(monkeypatch, tmp_path):
    """Features that have nothing to do with the images or with one another."""
    from foveate.features import embed as embedding

    class Nothing:
        def __init__(self, seed: int, rows: int) -> None:
            self.ids = [str(i) for i in range(rows)]
            self.digests = [i.to_bytes(16, "big") for i in range(rows)]
            self._array = np.random.default_rng(seed).normal(size=(rows, 192)).astype(np.float32)

        def array(self, tap: str) -> np.ndarray:
            return self._array

    seeds = iter(range(100))
    monkeypatch.setattr(embedding, "embed", lambda encoder, dataset, taps, **_: Nothing(next(seeds), len(dataset)))
    report = run(
        Compare(encoders=(RESNET, VIT), data="builtin:digits@train[0:500]", taps=("pooled",), out=str(tmp_path / "o"))
    )
    for key in ("cka.similarity", "cka.independent/A~B", "cka.untrained/A~B"):
        assert abs(report.metrics[key].value) < 0.02
    assert report.metrics["mutual-knn.similarity/A~B"].value == pytest.approx(10 / 499, abs=0.01)
