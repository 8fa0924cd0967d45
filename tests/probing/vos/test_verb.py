"""The task ``vos`` end to end on squares whose masks are known, its files, its resumption, and every mistake one can make with it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from foveate.core.errors import FoveateError
from foveate.measures.masks import statistics
from foveate.probing.config import Probe
from foveate.probing.verb import run
from foveate.probing.vos.files import palette
from foveate.reporting.record import Report
from tests.probing.vos import squares

Asked = Callable[..., Probe]


def test_colours_are_followed_as_finely_as_the_tokens_are(asked: Asked) -> None:
    report = run(asked())
    metrics = report.metrics
    assert metrics["vos.jf"].value == pytest.approx(metrics["vos.jf.ceiling"].value, abs=1e-9)
    assert metrics["vos.j"].value > 0.9
    assert metrics["vos.f"].value > 0.98
    assert metrics["vos.jf.copy"].value < 0.4
    assert metrics["vos.jf"].n == 6, "the unit is the object, not the video"
    assert metrics["vos.jf"].over == "objects"
    assert metrics["vos.jf"].low <= metrics["vos.jf"].value <= metrics["vos.jf"].high
    assert metrics["vos.j-recall"].value == 1
    assert abs(metrics["vos.j-decay"].value) < 0.05
    assert metrics["vos.j-decay.copy"].value > 0.2
    # A random table tells colours apart as well as ours does.
    assert {f.id: f.verdict for f in report.findings} == {"gain-copy": "reproduced", "gain-untrained": "not reproduced"}
    again = Report.read(report.folder)
    assert again.metrics == metrics
    assert [h.metric for h in again.headlines] == ["vos.jf"]
    assert [s.title for s in again.sections] == [
        "J, F and their controls", "Video by video", "Over time", "To look at", "How it was measured"
    ]  # fmt: skip


def test_the_mean_is_over_objects_and_without_first_and_last_frames(asked: Asked) -> None:
    """Against the scores of the frames, put together anew."""
    report = run(asked(encoder="lookup:blind", controls=False))
    objects, by_video = [], {}
    for name, count in (("one", 1), ("two", 2), ("three", 3)):
        record = json.loads((report.folder / "scores" / f"{name}.json").read_text())
        scores = np.array([record["scores"]["norm:tokens"][key] for key in ("j", "f")])
        assert scores.shape == (2, count, 6)
        assert record["frames"] == [1, 2, 3, 4, 5, 6]
        objects += [scores[:, index].mean() for index in range(count)]
        by_video[name] = scores.mean()
        # What was written is what was scored: J anew from the files.
        for frame in range(1, 7):
            guess, truth = (
                np.asarray(Image.open(folder / f"{frame:05d}.png"))
                for folder in (
                    report.folder / "masks" / name,
                    Path(report.config["data"].removeprefix("davis:")) / "Annotations" / "480p" / name,
                )
            )
            both = [
                ((guess == i) & (truth == i)).sum() / ((guess == i) | (truth == i)).sum() for i in range(1, count + 1)
            ]
            assert scores[0, :, frame - 1] == pytest.approx(both)
    assert report.metrics["vos.jf"].value == pytest.approx(np.mean(objects))
    assert report.metrics["vos.jf"].value != pytest.approx(np.mean(list(by_video.values())), abs=1e-4)
    for name, value in by_video.items():
        assert report.metrics[f"vos.jf/{name}"].value == pytest.approx(value)
        assert report.metrics[f"vos.jf/{name}"].over == "frames"
    assert "vos.jf.untrained" not in report.metrics


def test_an_encoder_that_sees_nothing_does_not_beat_the_first_mask(asked: Asked) -> None:
    report = run(asked(encoder="lookup:blind"))
    assert report.metrics["vos.jf"].value <= report.metrics["vos.jf.copy"].value
    assert all(finding.verdict != "reproduced" for finding in report.findings)


def test_masks_are_written_as_the_official_evaluator_reads_them(asked: Asked) -> None:
    folder = run(asked(controls=False)).folder / "masks"
    assert sorted(path.name for path in folder.iterdir()) == ["one", "three", "two"]
    files = sorted((folder / "three").iterdir())
    assert [file.name for file in files] == [f"{i:05d}.png" for i in range(8)]
    for file in files:
        with Image.open(file) as image:
            assert (image.mode, image.size) == ("P", (squares.WIDTH, squares.HEIGHT))
            assert image.getpalette()[:12] == [0, 0, 0, 128, 0, 0, 0, 128, 0, 128, 128, 0]
            assert set(np.unique(image)) <= {0, 1, 2, 3}


def test_the_palette_is_davis() -> None:
    colours = palette()
    assert colours.shape == (256, 3)
    known = {4: (0, 0, 128), 7: (128, 128, 128), 9: (191, 0, 0), 18: (0, 191, 0), 21: (128, 64, 128), 22: (22, 22, 22)}
    assert {index: tuple(colours[index].tolist()) for index in known} == known


def test_a_run_goes_on_where_it_was_stopped(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run(asked())
    kept = whole.folder.with_name("kept")
    shutil.copytree(whole.folder, kept)
    (kept / "scores" / "three.json").unlink()  # as if killed in its third video
    (kept / "masks" / "three" / "00007.png").unlink()
    (kept / "report.json").unlink()
    followed = []
    from foveate.probing.vos import measure

    follow = measure.follow
    monkeypatch.setattr(measure, "follow", lambda video, *rest: followed.append(video.name) or follow(video, *rest))
    again = run(asked(out=str(kept), resume=True))
    assert followed == ["three"]
    assert again.metrics == whole.metrics
    for folder in ("masks", "scores"):
        files = sorted(path.relative_to(kept) for path in (kept / folder).rglob("*.*"))
        assert files == sorted(path.relative_to(whole.folder) for path in (whole.folder / folder).rglob("*.*"))
        assert all((kept / file).read_bytes() == (whole.folder / file).read_bytes() for file in files)


def test_one_video_is_told_with_an_interval_over_its_frames(asked: Asked) -> None:
    report = run(asked(videos=("two",), controls=False))
    one = report.metrics["vos.jf"]
    assert (one.over, one.n) == ("frames", 6)
    assert one.low <= one.value <= one.high
    assert one.value == report.metrics["vos.jf/two"].value
    assert "vos.j-decay" not in report.metrics
    assert [finding.verdict for finding in report.findings] == ["inconclusive"]


def test_masks_of_0_and_255_are_one_object(asked: Asked, tmp_path: Path) -> None:
    root = squares.write(tmp_path / "binary", {"a": 1, "b": 2}, binary=True)
    report = run(asked(data=f"davis:{root}", controls=False, encoder="lookup:blind"))
    assert report.metrics["vos.jf"].n == 2
    with Image.open(report.folder / "masks" / "b" / "00003.png") as image:
        assert set(np.unique(image)) <= {0, 1}


@pytest.mark.parametrize(
    ("encoder", "tap"),
    [
        ("random:foveate:vit-mini-patch8", "norm:tokens"),
        ("random:foveate:resnet9", "stages.3:tokens"),
    ],
)
def test_other_encoders_are_read_where_tokens_are(asked: Asked, encoder: str, tap: str) -> None:
    report = run(asked(encoder=encoder, controls=False, videos=("one", "two")))
    assert report.inputs["encoder"]["tap"] == tap
    assert 0 <= report.metrics["vos.jf"].value <= 1


def test_several_taps_are_told_apart(asked: Asked) -> None:
    encoder = "random:foveate:resnet9"
    report = run(asked(encoder=encoder, taps=("stages.1", "pooled"), controls=False, videos=("one", "two")))
    assert report.inputs["encoder"]["tap"] == "stages.1:tokens"
    assert report.metrics["vos.jf@stages.1:tokens"] == report.metrics["vos.jf"]
    assert "vos.jf@stages.3:tokens" in report.metrics
    assert "Tap by tap" in [section.title for section in report.sections]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"frame_size": 8}, "--frame-size"),
        ({"context": -1}, "--context"),
        ({"radius": -1}, "--radius"),
        ({"topk": 0}, "--topk"),
        ({"temperature": 0.0}, "--temperature"),
        ({"taps": ()}, "--taps"),
        ({"taps": ("norm:mean",)}, "norm:tokens"),
        ({"taps": ("blocks.3",)}, "blocks.3"),
        ({"videos": ("thre",)}, "three"),
        ({"data": "builtin:shapes"}, "davis:"),
        ({"data": "davis:nowhere"}, "nowhere"),
        ({"encoder": "lookup"}, "scheme"),
    ],
)
def test_a_mistake_has_a_remedy(asked: Asked, changes: dict[str, Any], words: str) -> None:
    config = asked(**changes)
    with pytest.raises(FoveateError) as caught:
        run(config)
    assert words in str(caught.value)
    assert not Path(config.out).exists()


def test_videos_that_cannot_be_scored_are_refused(asked: Asked, tmp_path: Path) -> None:
    short = squares.write(tmp_path / "short", {"brief": 1}, frames=2)
    empty = squares.write(tmp_path / "empty", {"nothing": 1})
    Image.new("L", (squares.WIDTH, squares.HEIGHT)).save(empty / "Annotations" / "480p" / "nothing" / "00000.png")
    colour = squares.write(tmp_path / "colour", {"rainbow": 1})
    Image.new("RGB", (squares.WIDTH, squares.HEIGHT), "red").save(colour / "Annotations/480p/rainbow/00002.png")
    for root, words in ((short, "2 frames"), (empty, "no object"), (colour, "object numbers")):
        with pytest.raises(FoveateError, match=words):
            run(asked(data=f"davis:{root}"))
    with pytest.raises(FoveateError, match="single frames"):
        run(asked(data=f"davis:{short}[0:2]"))


def test_the_decay_in_the_report_is_that_of_the_measure(asked: Asked) -> None:
    report = run(asked(encoder="lookup:blind", controls=False))
    files = [json.loads((report.folder / "scores" / f"{name}.json").read_text()) for name in ("one", "two", "three")]
    decays = [statistics(np.array(j)).decay for each in files for j in each["scores"]["norm:tokens"]["j"]]
    assert report.metrics["vos.j-decay"].value == pytest.approx(np.mean(decays))
